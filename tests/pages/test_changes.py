"""What services tell of the changes they make: in the transaction, and after the commit."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from sqlalchemy import select

from portal.auth.actor import Actor
from portal.errors import InputError
from portal.models.article import Article
from portal.models.banner import Banner
from portal.services.articles import ArticleService
from portal.services.changes import Change
from portal.services.resource import ResourceService
from portal.services.unit_of_work import UnitOfWork
from portal.web.site import Site
from tests.pages.content import article
from tests.portals import Add, Read

pytestmark = pytest.mark.anyio

ADA = Actor(id=1, name="ada", superuser=True)


class Listener:
    """Keeps what it is told; fails where it is asked to."""

    def __init__(self, failing: str = "") -> None:
        self.recorded: list[Change] = []
        self.told: list[Change] = []
        self.failing = failing

    async def recording(self, work: UnitOfWork, changes: Sequence[Change]) -> None:
        assert work.session.in_transaction()
        if self.failing == "recording":
            raise InputError({}, "no room")
        self.recorded += changes

    async def committed(self, changes: Sequence[Change]) -> None:
        if self.failing == "committed":
            raise RuntimeError("nobody listens")
        self.told += changes


def service(site: Site, work: UnitOfWork, listener: Listener, name: str = "articles") -> ResourceService:
    return site.resources[name].service(replace(work, observers=(listener,)))


async def test_each_change_is_told_with_its_key(site: Site) -> None:
    listener = Listener()
    async with site.writing(ADA) as work:
        articles = service(site, work, listener)
        row = await articles.create({"title": "Tea"})
        key = str(row.id)
        await articles.save(key, {"title": "Green tea"}, None)
        await articles.save(key, {"status": row.status.published}, None)
        await articles.save(key, {"title": "White tea"}, None)
        await articles.delete(key)
    assert [(change.operation, change.keys) for change in listener.told] == [
        ("create", (key,)),
        ("edit", (key,)),
        ("edit", (key,)),
        ("publish", (key,)),
        ("edit", (key,)),
        ("delete", (key,)),
    ]
    assert listener.recorded == listener.told
    assert {(change.table, change.resource) for change in listener.told} == {("article", "articles")}


async def test_many_at_once_and_the_order(site: Site, add: Add) -> None:
    await add(one := article("one"), two := article("two"))
    await add(first := Banner(title="a", picture="a.png", position=1), Banner(title="b", picture="b.png", position=2))
    listener = Listener()
    async with site.writing(ADA) as work:
        articles = service(site, work, listener)
        assert isinstance(articles, ArticleService)
        await articles.publish(await articles.selected([str(one.id), str(two.id)]))
        await articles.delete_rows(Article.__table__.c.id == one.id)
        await service(site, work, listener, "banners").move(str(first.id), to="bottom")
    told = [(change.table, change.operation, set(change.keys)) for change in listener.told]
    assert told == [
        ("article", "publish", {str(one.id), str(two.id)}),
        ("article", "delete", {str(one.id)}),
        ("banner", "order", {str(first.id)}),
    ]


async def test_what_fails_in_the_transaction_undoes_the_change(site: Site, read: Read) -> None:
    listener = Listener("recording")
    async with site.writing(ADA) as work:
        with pytest.raises(InputError, match="no room"):
            await service(site, work, listener).create({"title": "Tea"})
    assert await read(select(Article.title)) == []
    assert listener.told == []


async def test_what_fails_afterwards_is_only_logged(site: Site, read: Read, caplog: pytest.LogCaptureFixture) -> None:
    async with site.writing(ADA) as work:
        await service(site, work, Listener("committed")).create({"title": "Tea"})
    assert await read(select(Article.title)) == ["Tea"]
    assert "Listener was not told" in caplog.text


async def test_a_refused_change_is_not_told_with_the_next(site: Site) -> None:
    listener = Listener()
    async with site.writing(ADA) as work:
        articles = service(site, work, listener)
        await articles.create({"title": "Tea", "slug": "tea"})
        with pytest.raises(InputError):
            await articles.create({"title": "Tea", "slug": "tea"})
        await articles.create({"title": "Other", "slug": "other"})
    assert [change.operation for change in listener.told] == ["create", "create"]
