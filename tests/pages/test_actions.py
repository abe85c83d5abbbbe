"""Doing something to many rows: to the ticked ones, or to all that match."""

from typing import Any

import pytest
from sqlalchemy import func, select

from portal.models.article import Article, ArticleStatus
from portal.models.customer import Customer
from tests.pages.browser import Browser
from tests.pages.content import NOON, article, articles, category, customer, published, tag
from tests.pages.lab import Gadget, Owner, Pair, Part
from tests.portals import Add, MakeBrowser, Read

pytestmark = pytest.mark.anyio

STATES = select(Article.slug, Article.status).order_by(Article.slug)


async def test_ticked_rows_are_published(client: Browser, add: Add, read: Read) -> None:
    await add(one := article("one"), two := published("two", publish_time=NOON), article("three"))
    answer = await client.post("/articles/actions/publish?q=o&page=1", ids=[str(one.id), str(two.id), str(one.id)])
    assert (answer.status, answer.location) == (303, "/articles?q=o&page=1")
    assert (await client.follow(answer)).toasts() == ["Publish: 2 rows."]
    found = {
        slug: (status, when, by, version)
        for slug, status, when, by, version in await read(
            select(Article.slug, Article.status, Article.publish_time, Article.updated_by, Article.version)
        )
    }
    assert found["one"][0] is ArticleStatus.published and found["one"][1] is not None
    assert found["one"][2:] == ("maria", 2)
    assert found["two"][:2] == (ArticleStatus.published, NOON)
    assert found["three"] == (ArticleStatus.draft, None, None, 1)


async def test_all_that_match_with_filters_and_search(client: Browser, add: Add, read: Read) -> None:
    drinks, hot = category("Drinks"), tag("hot")
    await add(*articles(30), *[article(f"Tea {n}", category=drinks, tags=[hot]) for n in range(30)])
    answer = await client.post(
        f"/articles/actions/publish?q=tea&category={drinks.id}&tags={hot.id}&status=draft&size=20", all="1", ids=["1"]
    )
    assert answer.status == 303
    assert (await client.follow(answer)).toasts() == ["Publish: 30 rows."]
    found = dict(await read(STATES))
    assert all((found[slug] is ArticleStatus.published) == slug.startswith("tea") for slug in found)
    assert (await client.post("/articles/actions/unpublish", all="1")).status == 303
    assert set(dict(await read(STATES)).values()) == {ArticleStatus.offline}


async def test_nothing_ticked_is_said(client: Browser, add: Add, read: Read) -> None:
    await add(article("one"))
    answer = await client.post("/articles/actions/publish")
    assert answer.status == 303
    assert (await client.follow(answer)).toasts() == ["Tick the rows first."]
    assert dict(await read(STATES)) == {"one": ArticleStatus.draft}


async def test_forged_ids_change_nothing(client: Browser, lab: Browser, add: Add, read: Read) -> None:
    await add(one := article("one"), Pair(region="n", number=1), customer("u1"))
    for forged in ("999999", "abc", "1 OR 1=1", "", b"\xff", "\0", "9" * 30, "-1", f"{one.id}~1", f" {one.id}", "٣"):
        answer = await client.post("/articles/actions/publish", ids=[str(one.id), forged])
        assert answer.status == 409, forged
        answer = await client.post("/articles/actions/delete", ids=[str(one.id), forged], confirmed="1")
        assert answer.status == 409, forged
        answer = await client.post("/customers/actions/delete", ids=["u1", forged], confirmed="1")
        assert answer.status == 409, forged
        answer = await lab.post("/pairs/actions/delete", ids=["n~1", forged], confirmed="1")
        assert answer.status == 409, forged
    assert dict(await read(STATES)) == {"one": ArticleStatus.draft}
    assert await read(select(Customer.user_id)) == ["u1"] and await read(select(Pair.number)) == [1]


async def test_too_many_at_once_are_refused(client: Browser, add: Add, read: Read) -> None:
    await add(one := article("one"))
    answer = await client.post("/articles/actions/publish", ids=[str(one.id)] + [str(n) for n in range(10_000, 10_600)])
    assert 400 <= answer.status < 500
    assert dict(await read(STATES)) == {"one": ArticleStatus.draft}


async def test_unknown_actions_do_not_exist(client: Browser, add: Add) -> None:
    await add(one := article("one"))
    for name in ("nope", "update_rows", "delete_rows", "create", "__init__"):
        assert (await client.post(f"/articles/actions/{name}", ids=str(one.id))).status in (404, 405), name
    assert (await client.get("/articles/actions/publish")).status in (404, 405)


async def test_a_dangerous_one_asks_first_where_no_script_asked(client: Browser, add: Add, read: Read) -> None:
    await add(*(rows := articles(3)), article("other"))
    ids = [str(row.id) for row in rows]
    asked = await client.post("/articles/actions/delete?q=Article", ids=ids)
    assert asked.status == 200
    page = asked.page.one("action-page")
    assert page.one(tag="h1").text == "Delete 3 rows for good?"
    assert len(await read(select(Article.id))) == 4
    form = page.form()
    form.pop("_csrf_token")
    answer = await client.post(page.one(tag="form")["action"], **form)
    assert (answer.status, answer.location) == (303, "/articles?q=Article")
    assert await read(select(Article.title)) == ["other"]


async def test_the_question_counts_all_that_match(client: Browser, add: Add, read: Read) -> None:
    await add(*articles(25), article("other"))
    asked = await client.post("/articles/actions/delete?q=Article", all="1")
    assert asked.page.one("action-page").one(tag="h1").text == "Delete 25 rows for good?"
    form = asked.page.one("action-page").form()
    form.pop("_csrf_token")
    await client.post("/articles/actions/delete?q=Article", **form)
    assert await read(select(Article.title)) == ["other"]


async def test_deleting_many_is_refused_as_a_whole_while_one_is_needed(
    client: Browser, lab: Browser, add: Add, read: Read
) -> None:
    await add(article("one", category=(used := category("Used"))), free := category("Free"))
    answer = await client.post("/categories/actions/delete", ids=[str(used.id), str(free.id)], confirmed="1")
    assert answer.status == 409
    assert await read(select(func.count()).select_from(type(used))) == [2]
    await add(gadget := Gadget(title="Kettle", owner=(owner := Owner(name="Ada")), parts=[Part(name="Lid")]))
    assert (await lab.post("/owners/actions/delete", ids=str(owner.id), confirmed="1")).status == 409
    answer = await lab.post("/gadgets/actions/delete", ids=str(gadget.id), confirmed="1")
    assert answer.status in (303, 409)
    assert len(await read(select(Owner.id))) == 1


async def test_scripts_are_not_asked_again(client: Browser, add: Add, read: Read) -> None:
    await add(one := article("one"))
    answer = await client.post("/articles/actions/delete", {"HX-Request": "true"}, ids=str(one.id))
    assert answer.status == 303
    assert await read(select(Article.id)) == []


async def test_a_hosts_own_action_runs(lab: Browser, add: Add, read: Read) -> None:
    await add(one := Gadget(title="one"), Gadget(title="two"))
    assert (await lab.post("/gadgets/actions/paint", ids=str(one.id))).status == 303
    assert [colour is not None for colour in await read(select(Gadget.colour).order_by(Gadget.id))] == [True, False]


async def test_without_permission_nothing_happens(portal_app: Any, browse: MakeBrowser, add: Add, read: Read) -> None:
    await add(one := article("one"))
    viewer = await browse(portal_app, "vera", ["articles.view", "articles.edit"])
    page = await viewer.get("/articles")
    assert not page.page.has("action-publish") and not page.page.has("action-delete")
    for name in ("publish", "unpublish", "delete"):
        for fields in ({"ids": str(one.id)}, {"all": "1"}, {"ids": str(one.id), "confirmed": "1"}):
            assert (await viewer.post(f"/articles/actions/{name}", **fields)).status == 403
    assert dict(await read(STATES)) == {"one": ArticleStatus.draft}
    publisher = await browse(portal_app, "paul", ["articles.view", "articles.publish"])
    assert (await publisher.post("/articles/actions/publish", ids=str(one.id))).status == 303
    assert (await publisher.post("/articles/actions/unpublish", ids=str(one.id))).status == 403
