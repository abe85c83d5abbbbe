"""Counts are remembered until their tables change: seen at once by whoever changed something, and by everybody."""

from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from sqlalchemy import insert

from portal.models.article import Article, ArticleStatus
from portal.services.articles import ArticleService
from portal.services.query import Count, ListQuery
from portal.web.site import Site
from tests.pages.browser import PARTIAL, Browser
from tests.pages.content import article, articles, tag
from tests.portals import Add, CountStatements, MakeBrowser

pytestmark = pytest.mark.anyio


def counting(statements: Sequence[str]) -> list[str]:
    return [sql for sql in statements if "count(" in sql.lower() and "fastor_" not in sql]


async def badge(client: Browser) -> str:
    answer = await client.get("/badges")
    assert answer.status == 200
    return answer.page.one(tag="hx-partial", hx_target="#badge-articles").text


async def count(client: Browser, query: str = "") -> str:
    return (await client.get(f"/articles/count{query}", PARTIAL)).page.one("count").text


@pytest.fixture
def another(site: Site) -> Iterator[Any]:
    """Puts rows into the database behind everybody's back."""

    async def another(model: type, **values: Any) -> None:
        async with site.database.write() as session:
            await session.execute(insert(model).values(**values))
            await session.commit()

    yield another


async def test_a_badge_is_counted_once_and_again_after_a_change(
    client: Browser, add: Add, statements: CountStatements
) -> None:
    await add(*articles(3))
    with statements() as seen:
        assert [await badge(client) for _ in range(3)] == ["3", "3", "3"]
    assert len(counting(seen)) == 1
    assert (await client.post("/articles", title="Tea")).status == 303
    assert await badge(client) == "4"


async def test_every_way_to_change_rows_counts_anew(client: Browser, add: Add) -> None:
    await add(*(rows := articles(5)))
    key = str(rows[0].id)
    assert await badge(client) == "5"
    assert (await client.post(f"/articles/{key}", title="x", status="published")).status == 303
    assert await badge(client) == "4"
    assert (await client.post(f"/articles/{rows[1].id}/delete")).status in (200, 303)
    assert await badge(client) == "3"


async def test_a_change_of_something_else_counts_nothing_anew(
    client: Browser, add: Add, statements: CountStatements
) -> None:
    await add(*articles(3))
    await badge(client)
    assert (await client.post("/tags", name="hot")).status == 303
    with statements() as seen:
        assert await badge(client) == "3"
    assert not counting(seen)


async def test_lists_are_counted_by_what_they_search_and_filter(
    client: Browser, add: Add, statements: CountStatements
) -> None:
    hot = tag("hot")
    await add(article("Green tea", tags=[hot]), article("Black tea"), article("Coffee", tags=[hot]))
    queries = {"": "3", "?q=tea": "2", f"?tags={hot.id}": "2", f"?q=tea&tags={hot.id}": "1", "?status=published": "0"}
    assert {query: await count(client, query) for query in queries} == queries
    with statements() as seen:
        assert {query: await count(client, query) for query in queries} == queries
        assert await count(client, "?q=tea&sort=title&size=100&page=2") == "2"  # the same rows in another order
    assert not counting(seen)


async def test_a_count_depends_on_the_tables_of_its_filters_too(client: Browser, add: Add, site: Site) -> None:
    await add(article("Tea", tags=[hot := tag("hot")]))
    assert await count(client, f"?tags={hot.id}") == "1"
    async with site.database.write() as session:
        await session.execute(Article.__table__.metadata.tables["article_tag"].delete())
        await session.commit()
    assert await count(client, f"?tags={hot.id}") == "1"  # nobody told
    await site.cache.invalidate("article_tag")
    assert await count(client, f"?tags={hot.id}") == "0"


async def test_people_with_the_same_permissions_share_a_count_and_others_are_refused(
    portal_app: Any, browse: MakeBrowser, add: Add, statements: CountStatements
) -> None:
    await add(*articles(3))
    ada = await browse(portal_app, "ada", ["articles.view"])
    ben = await browse(portal_app, "ben", ["articles.view"])
    eve = await browse(portal_app, "eve", ["tags.view"])
    with statements() as seen:
        assert [await badge(ada), await badge(ben), await count(ben, "?status=draft")] == ["3", "3", "3"]
    assert len(counting(seen)) == 1
    assert not (await eve.get("/badges")).page.all(tag="hx-partial")
    assert (await eve.get("/articles/count")).status == 403


class MineOnly(ArticleService):
    """Counts what only the person who asks has written."""

    async def count(self, query: ListQuery) -> Count:
        mine = Article.created_by == self.work.actor.name
        return await self._listing.count(ListQuery(where=(*query.where, mine)))


async def test_what_a_service_counts_for_one_person_is_nobody_elses(
    portal_app: Any, browse: MakeBrowser, add: Add, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    await add(article("Tea", created_by="ada"), article("Milk", created_by="ada"), article("Rum", created_by="ben"))
    object.__setattr__(site.resources["articles"], "service_class", MineOnly)
    try:
        ada = await browse(portal_app, "ada", ["articles.view"])
        ben = await browse(portal_app, "ben", ["articles.view"])
        assert [await badge(ada), await badge(ben), await badge(ada)] == ["2", "1", "2"]
    finally:
        object.__setattr__(site.resources["articles"], "service_class", ArticleService)


async def test_where_processes_do_not_hear_of_each_other_nothing_is_remembered(
    client: Browser, add: Add, another: Any, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    await add(*articles(1))
    values = {"title": "Milk", "slug": "milk", "status": ArticleStatus.draft, "body": ""}
    assert await badge(client) == "1"
    monkeypatch.setattr(site.cache, "exact", False)
    await another(Article, **values)
    assert await badge(client) == "2"
