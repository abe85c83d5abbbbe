"""What each noun can do over the API, on each database: rows of every kind, keys of every kind."""

import asyncio
import datetime
import decimal
from typing import Any

import httpx
import pytest
from litestar import Litestar
from sqlalchemy import func, select

from api.plugin import Api
from portal import Portal
from portal.app import find_resources
from portal.auth.actor import Actor
from portal.auth.policy import RolePolicy
from portal.models.article import Article, ArticleStatus, ArticleTag
from portal.models.banner import Banner
from portal.models.tag import Tag
from portal.web.site import Site
from tests.api.conftest import Client
from tests.pages.content import NOON, article, articles, banners, category, customer, tag
from tests.pages.lab import Colour, Gadget, Owner, Pair, Part, Sample, Step
from tests.portals import Add, CountStatements, Read

pytestmark = pytest.mark.anyio

ALL = ("*.*",)


def code(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


async def walk(api: httpx.AsyncClient, path: str) -> list[Any]:
    """Every row of a list, cursor by cursor, and back again the same."""
    pages: list[list[Any]] = []
    answer = (await api.get(path)).json()
    while True:
        pages.append(answer["items"])
        if answer["next"] is None:
            break
        answer = (await api.get(path, params={**dict(httpx.URL(path).params), "after": answer["next"]})).json()
    for page in reversed(pages[:-1]):
        answer = (await api.get(path, params={**dict(httpx.URL(path).params), "before": answer["previous"]})).json()
        assert answer["items"] == page
    return [item for page in pages for item in page]


# -- values of every kind

KETTLE: dict[str, Any] = {
    "title": "Kettle 茶 😀",
    "code": "K-1",
    "notes": "first\nsecond",
    "body": "<p>rich</p>",
    "count": -(2**31),
    "huge": 2**63 - 1,
    "tiny": 32767,
    "price": "999999.99",
    "weight": 0.1,
    "active": True,
    "colour": "deep_blue",
    "level": 2,
    "born": "1999-12-31",
    "opens": "08:30:00",
    "starts": "2026-07-01T12:30:00Z",
    "homepage": "https://example.com/?q=1&r=2",
    "email": "ada@example.com",
    "settings": {"a": [1, 2.5, None, "ü"], "deep": {"er": {"still": True}}},
}


async def test_every_kind_of_value_goes_in_and_comes_out(lab_app: Litestar, client: Client, add: Add) -> None:
    await add(owner := Owner(name="Ada"), part := Part(name="Lid"))
    api = await client(*ALL, app=lab_app)
    sent = {**KETTLE, "owner_id": owner.id, "parts": [part.id], "api_token": "hush"}
    made = await api.post("/api/gadgets", json=sent)
    assert made.status_code == 201, made.text
    shown = made.json()
    expected = {**KETTLE, "owner_id": owner.id, "parts": [part.id], "photo": None, "manual_file": None}
    assert {name: shown[name] for name in expected} == expected
    assert "api_token" not in shown
    row = made.headers["location"]
    again = await api.get(row)
    assert again.json() == shown and again.headers["etag"] == made.headers["etag"]
    listed = (await api.get("/api/gadgets")).json()["items"][0]
    assert not {"body", "settings", "parts", "api_token"} & listed.keys()
    assert listed.items() <= shown.items()
    asked = (await api.get("/api/gadgets?fields=parts,settings,body")).json()["items"]
    assert asked == [{"id": shown["id"], **{name: shown[name] for name in ("parts", "settings", "body")}}]


async def test_null_empties_what_may_be_empty(lab_app: Litestar, client: Client, add: Add) -> None:
    await add(owner := Owner(name="Ada"), part := Part(name="Lid"))
    api = await client(*ALL, app=lab_app)
    sent = {**KETTLE, "owner_id": owner.id, "parts": [part.id]}
    row = (await api.post("/api/gadgets", json=sent)).headers["location"]
    nothing = {name: None for name in sent if name not in ("title", "active")}
    emptied = (await api.patch(row, json=nothing)).json()
    assert {name: emptied[name] for name in nothing} == {**nothing, "parts": []}
    assert (emptied["title"], emptied["active"]) == (KETTLE["title"], True)


async def test_put_sets_what_is_left_out_to_what_a_new_row_has(client: Client, add: Add, read: Read) -> None:
    await add(
        tea := article(
            "Tea", "tea", summary="s", body="<p>b</p>", pinned=True, status=ArticleStatus.offline, publish_time=NOON,
            category=category("Drinks"), tags=[tag("hot")],
        )
    )  # fmt: skip
    api = await client(*ALL)
    shown = (await api.put(f"/api/articles/{tea.id}", json={"title": "Mud"})).json()
    new = (await api.post("/api/articles", json={"title": "Mud"})).json()
    stamps = {"id", "slug", "created_at", "updated_at", "created_by", "updated_by", "version"}
    assert {name: value for name, value in shown.items() if name not in stamps} == {
        name: value for name, value in new.items() if name not in stamps
    }
    assert await read(select(func.count()).select_from(ArticleTag)) == [0]
    refused = await api.put(f"/api/articles/{tea.id}", json={})
    assert code(refused) == (422, "input")


async def test_a_secret_that_is_left_out_stays(lab_app: Litestar, client: Client, add: Add, read: Read) -> None:
    await add(pot := Gadget(title="Pot", api_token="hush"))
    api = await client(*ALL, app=lab_app)
    token = select(Gadget.__table__.c.api_token)
    assert (await api.put(f"/api/gadgets/{pot.id}", json={"title": "Pan"})).status_code == 200
    assert await read(token) == ["hush"]
    assert (await api.patch(f"/api/gadgets/{pot.id}", json={"api_token": "other"})).status_code == 200
    assert await read(token) == ["other"]


# -- keys of every kind

ODD_WORDS = [
    *("tea", "new", "count", "bulk", "order", "~", "~~", "a~b", "a/b", "/", ".", "..", "%", "%2F", "a b"),
    *("茶", "?x=1#y", "+", "A", "a"),
]


async def test_any_text_can_be_a_key(lab_app: Litestar, client: Client) -> None:
    api = await client(*ALL, app=lab_app)
    rows: dict[str, str] = {}
    for word in ODD_WORDS:
        made = await api.post("/api/words", json={"word": word, "meaning": f"means {word}"})
        assert made.status_code == 201, (word, made.text)
        rows[word] = made.headers["location"]
    assert len(set(rows.values())) == len(ODD_WORDS)
    for word, row in rows.items():
        assert (await api.get(row)).json() == {"word": word, "meaning": f"means {word}"}, row
        assert (await api.patch(row, json={"meaning": "changed"})).json()["meaning"] == "changed"
        assert code(await api.patch(row, json={"word": "else"})) == (422, "input")
        assert (await api.delete(row)).status_code == 204, row
        assert code(await api.get(row)) == (404, "not-found")
    assert (await api.get("/api/words/count")).json() == {"count": 0, "capped": False}


async def test_keys_of_two_columns(lab_app: Litestar, client: Client, add: Add) -> None:
    api = await client(*ALL, app=lab_app)
    made = await api.post("/api/pairs", json={"region": "a~b/c", "number": -7, "label": "Odd", "slot": 1})
    assert made.status_code == 201
    row = made.headers["location"]
    assert (await api.get(row)).json()["number"] == -7
    await add(Pair(region="north", number=1), Pair(region="north", number=2))
    assert (await api.get("/api/pairs/north~2")).status_code == 200
    for wrong in ("north", "north~3", "north~x", "north~1~1", "~north~1~"):
        assert code(await api.get(f"/api/pairs/{wrong}")) == (404, "not-found"), wrong
    assert code(await api.post("/api/pairs", json={"region": "north", "number": 2})) == (422, "input")
    done = await api.post("/api/pairs/bulk", json={"action": "delete", "keys": ["north~1", "north~2"]})
    assert done.json() == {"count": 2}


async def test_customers_are_named_by_their_own_ids(client: Client, add: Add) -> None:
    await add(customer("wx/42", "Lin"))
    api = await client(*ALL)
    assert (await api.get("/api/customers/wx%252F42")).json()["nickname"] == "Lin"


# -- lists


@pytest.mark.parametrize("sort", ["", "id", "-views,title", "publish_time", "-publish_time", "status,-pinned,views"])
async def test_a_list_is_walked_whole_by_cursors(client: Client, add: Add, sort: str) -> None:
    found = articles(53)
    for number, row in enumerate(found):
        row.publish_time = None if number % 4 == 0 else row.publish_time
        row.pinned = number % 3 == 0
    await add(*found)
    api = await client("articles.view")
    items = await walk(api, f"/api/articles?size=7&fields=id,title{f'&sort={sort}' if sort else ''}")
    assert sorted(item["id"] for item in items) == sorted(row.id for row in found)
    numbered = [
        item
        for page in range(1, 9)
        for item in (
            await api.get(f"/api/articles?size=7&page={page}&fields=id,title{f'&sort={sort}' if sort else ''}")
        ).json()["items"]
    ]
    assert numbered == items


@pytest.mark.parametrize("column", ["name", "number", "amount", "day", "hour", "moment", "ready", "colour"])
async def test_columns_of_every_kind_are_walked(lab_app: Litestar, client: Client, add: Add, column: str) -> None:
    values: dict[str, list[Any]] = {
        "name": ["b", "a", "B", "茶"],
        "number": [3, -1, 0, 2**31 - 1],
        "amount": [decimal.Decimal("1.50"), decimal.Decimal("-0.01"), decimal.Decimal("1.05"), decimal.Decimal(0)],
        "day": [datetime.date(2026, 1, day) for day in (3, 1, 2, 4)],
        "hour": [datetime.time(hour) for hour in (3, 1, 2, 4)],
        "moment": [NOON + datetime.timedelta(microseconds=n) for n in (3, 1, 2, 4)],
        "ready": [True, False, True, False],
        "colour": [Colour.RED, Colour.DEEP_BLUE, Colour.RED, Colour.DEEP_BLUE],
    }
    await add(
        *[Sample(**({column: value} if value is not None else {})) for value in [*values[column], None, None] * 2]
    )
    api = await client("samples.view", app=lab_app)
    for sort in (column, f"-{column}"):
        items = await walk(api, f"/api/samples?size=2&sort={sort}")
        assert len({item["id"] for item in items}) == len(items) == 12
        empty = [item[column] is None for item in items]
        assert empty == sorted(empty, reverse=not sort.startswith("-")), sort


async def test_lists_are_narrowed_and_counted(client: Client, add: Add) -> None:
    drinks, hot = category("Drinks"), tag("hot")
    await add(
        article("Green tea", category=drinks, tags=[hot], publish_time=NOON),
        article("Black tea", pinned=True, status=ArticleStatus.published, publish_time=NOON),
        article("Coffee", category=drinks, status=ArticleStatus.offline),
    )
    api = await client("articles.view")
    for query, titles in {
        "": ["Coffee", "Black tea", "Green tea"],
        "q=tea": ["Black tea", "Green tea"],
        "q=green%20tea": ["Green tea"],
        "q=100%25": [],
        "status=draft": ["Green tea"],
        "status=draft&status=offline": ["Coffee", "Green tea"],
        f"category={drinks.id}": ["Coffee", "Green tea"],
        f"tags={hot.id}": ["Green tea"],
        "category=999999": [],
        "pinned=1": ["Black tea"],
        "pinned=0&q=tea": ["Green tea"],
        "publish_time_from=2026-03-01&publish_time_to=2026-03-01": ["Black tea", "Green tea"],
        "publish_time_from=2026-03-02": [],
        "sort=title": ["Black tea", "Coffee", "Green tea"],
    }.items():
        answer = await api.get(f"/api/articles?{query}")
        assert [item["title"] for item in answer.json()["items"]] == titles, query
        if "sort" not in query:
            assert (await api.get(f"/api/articles/count?{query}")).json() == {"count": len(titles), "capped": False}


async def test_related_rows_come_along_with_the_same_number_of_statements(
    client: Client, add: Add, statements: CountStatements
) -> None:
    drinks, kinds = category("Drinks"), [tag(name) for name in ("hot", "cold", "new")]
    await add(article("First", category=drinks, tags=kinds))
    api = await client("articles.view", "categories.view", "tags.view")
    path = "/api/articles?include=category,tags&fields=title,tags&size=50"
    await api.get(path)  # the token and its use are known from here on
    with statements() as few:
        (item,) = (await api.get(path)).json()["items"]
    assert item["related"]["category"]["title"] == "Drinks" and item["related"]["category"]["slug"] == "drinks"
    assert [other["name"] for other in item["related"]["tags"]] == ["cold", "hot", "new"]
    assert item["tags"] == [other["id"] for other in item["related"]["tags"]]
    others = [article(f"Row {n}", category=category(f"C{n}"), tags=[tag(f"t{n}"), tag(f"u{n}")]) for n in range(30)]
    await add(*others, article("Alone"))
    with statements() as many:
        items = (await api.get(path)).json()["items"]
    assert len(items) == 32 and len(many) == len(few) <= 8, many
    alone = next(item for item in items if item["title"] == "Alone")
    assert alone["related"] == {"category": None, "tags": []} and alone["tags"] == []
    one = (await api.get(f"/api/articles/{item['id']}?include=tags&fields=title")).json()
    assert one.keys() == {"id", "title", "related"} and len(one["related"]["tags"]) == 3


async def test_related_rows_of_the_laboratory(lab_app: Litestar, client: Client, add: Add) -> None:
    await add(Gadget(title="Pot", owner=Owner(name="Ada"), parts=[Part(name="Lid"), Part(name="Handle")]))
    api = await client(*ALL, app=lab_app)
    (item,) = (await api.get("/api/gadgets?include=owner,parts&fields=title")).json()["items"]
    assert item["related"]["owner"]["name"] == "Ada"
    assert [part["title"] for part in item["related"]["parts"]] == ["Handle", "Lid"]


# -- versions


async def test_of_ten_who_save_one_is_first(client: Client, add: Add, read: Read) -> None:
    await add(tea := article("Tea"))
    api = await client(*ALL)
    row = f"/api/articles/{tea.id}"
    tag_before = (await api.get(row)).headers["etag"]
    answers = await asyncio.gather(
        *[api.patch(row, json={"title": f"By {n}"}, headers={"If-Match": tag_before}) for n in range(10)]
    )
    assert sorted(answer.status_code for answer in answers) == [200] + [412] * 9
    (winner,) = [answer for answer in answers if answer.status_code == 200]
    assert await read(select(Article.title)) == [winner.json()["title"]]
    assert (await api.get(row)).headers["etag"] == winner.headers["etag"] != tag_before


async def test_of_ten_who_delete_one_does(client: Client, add: Add, read: Read) -> None:
    await add(tea := article("Tea"))
    api = await client(*ALL)
    answers = await asyncio.gather(*[api.delete(f"/api/articles/{tea.id}") for _ in range(10)])
    assert sorted(answer.status_code for answer in answers) == [204] + [404] * 9


async def test_tags_of_versions(lab_app: Litestar, client: Client, add: Add) -> None:
    """Also where the model counts none: then the tag is of what the row holds."""
    await add(pot := Gadget(title="Pot"), step := Step(title="First", plan="a"))
    api = await client(*ALL, app=lab_app)
    for row in (f"/api/gadgets/{pot.id}", f"/api/steps/{step.id}"):
        found = await api.get(row)
        etag = found.headers["etag"]
        for known in (etag, f"W/{etag}", f'"x", {etag}', "*"):
            same = await api.get(row, headers={"If-None-Match": known})
            assert (same.status_code, same.content, same.headers["etag"]) == (304, b"", etag), known
        assert (await api.get(row, headers={"If-None-Match": '"x"'})).status_code == 200
        changed = await api.patch(row, json={"title": "Other"}, headers={"If-Match": etag})
        assert changed.status_code == 200 and changed.headers["etag"] != etag
        for match in (etag, f'"x", {etag}'):
            assert code(await api.delete(row, headers={"If-Match": match})) == (412, "precondition")
        now = changed.headers["etag"]
        assert (await api.patch(row, json={"title": "New"}, headers={"If-Match": f'"x", {now}'})).status_code == 200
        assert (await api.delete(row, headers={"If-Match": "*"})).status_code == 204


async def test_saving_nothing_changes_nothing(client: Client, add: Add) -> None:
    await add(tea := article("Tea"))
    api = await client(*ALL)
    row = f"/api/articles/{tea.id}"
    before = (await api.get(row)).json()
    assert (await api.patch(row, json={})).json() == before
    assert (await api.patch(row, json={"title": "Tea"})).json() == before


# -- many at once, and the order


async def test_many_at_once(client: Client, add: Add, read: Read) -> None:
    found = articles(12)
    await add(*found, article("Tea"))
    api = await client(*ALL)
    keys = [str(row.id) for row in found[:3]]
    done = await api.post("/api/articles/bulk", json={"action": "publish", "keys": [*keys, keys[0]]})
    assert (done.status_code, done.json()) == (200, {"count": 3})
    done = await api.post("/api/articles/bulk", json={"action": "unpublish", "matching": "status=published&q=001"})
    assert done.json() == {"count": 1}
    done = await api.post("/api/articles/bulk", json={"action": "delete", "matching": "q=Article"})
    assert done.json() == {"count": 12}
    assert await read(select(Article.title)) == ["Tea"]
    gone = await api.post("/api/articles/bulk", json={"action": "delete", "keys": keys})
    assert code(gone) == (409, "conflict")


async def test_an_action_of_the_noun_itself(lab_app: Litestar, client: Client, add: Add) -> None:
    await add(*[Gadget(title=title) for title in ("Pot", "Pan")])
    api = await client("gadgets.view", "gadgets.paint", app=lab_app)
    assert (await api.post("/api/gadgets/bulk", json={"action": "paint", "matching": "q=P"})).json() == {"count": 2}
    assert {item["colour"] for item in (await api.get("/api/gadgets")).json()["items"]} == {"red"}
    assert code(await api.post("/api/gadgets/bulk", json={"action": "delete", "matching": "q=P"})) == (403, "denied")


async def test_the_order(client: Client, add: Add) -> None:
    await add(*(rows := banners("abcde")))
    api = await client(*ALL)
    keys = {row.title: str(row.id) for row in rows}

    async def titles() -> str:
        items = (await api.get("/api/banners?sort=position&fields=title")).json()["items"]
        return "".join(item["title"] for item in items)

    for body, expected in (
        ({"key": keys["a"], "to": "bottom"}, "bcdea"),
        ({"key": keys["e"], "to": "top"}, "ebcda"),
        ({"key": keys["b"], "to": "up"}, "becda"),
        ({"key": keys["c"], "to": "down"}, "bedca"),
        ({"key": keys["a"], "to": "to", "number": 2}, "baedc"),
        ({"key": keys["c"], "after": keys["b"]}, "bcaed"),
        ({"key": keys["d"], "before": keys["a"]}, "bcdae"),
        ({"key": keys["e"], "after": "", "before": keys["b"]}, "ebcda"),
        ({"key": keys["e"], "after": keys["a"], "before": ""}, "bcdae"),
    ):
        answer = await api.post("/api/banners/order", json=body)
        assert (answer.status_code, answer.content) == (204, b""), answer.text
        assert await titles() == expected, body


async def test_a_new_row_is_the_last_of_its_scope(lab_app: Litestar, client: Client) -> None:
    api = await client(*ALL, app=lab_app)
    made = [
        (await api.post("/api/steps", json={"title": title, "plan": plan})).json()
        for title, plan in (("one", "a"), ("two", "a"), ("three", None), ("four", None))
    ]
    assert made[0]["rank"] < made[1]["rank"] and made[2]["rank"] < made[3]["rank"]
    moved = (await api.patch(f"/api/steps/{made[0]['id']}", json={"plan": None})).json()
    assert moved["rank"] > made[3]["rank"]


# -- rights


async def test_each_scope_opens_its_own_verbs_and_no_other(client: Client, add: Add, read: Read) -> None:
    verbs = {
        "articles.view": [("GET", "", None), ("GET", "/count", None), ("GET", "/{key}", None)],
        "articles.create": [("POST", "", {"title": "New"})],
        "articles.edit": [("PATCH", "/{key}", {"title": "Other"}), ("PUT", "/{key}", {"title": "Other"})],
        "articles.delete": [("DELETE", "/{key}", None)],
    }
    for scope in (*verbs, "articles.publish", "banners.*", "tags.view"):
        await add(tea := article(f"Tea for {scope}", f"tea-{scope}"))
        api = await client(scope, "tags.view", "categories.view")  # what a whole row points at
        for needed, calls in verbs.items():
            for method, tail, body in calls:
                answer = await api.request(method, "/api/articles" + tail.replace("{key}", str(tea.id)), json=body)
                if needed == scope:
                    assert answer.status_code < 300, (scope, method, tail, answer.text)
                else:
                    assert code(answer) == (403, "missing-scope"), (scope, method, tail)


async def test_who_may_write_and_not_read_is_told_nothing_of_the_row(client: Client, add: Add, read: Read) -> None:
    api = await client("articles.create", "articles.edit")
    made = await api.post("/api/articles", json={"title": "Secret plans"})
    assert made.status_code == 204 and made.content == b"" and made.headers["location"].startswith("/api/articles/")
    changed = await api.patch(made.headers["location"], json={"title": "Other plans"})
    assert changed.status_code == 204 and changed.content == b"" and "etag" not in changed.headers
    assert await read(select(Article.title)) == ["Other plans"]


class Locks(RolePolicy):
    """Rows that are called locked can be seen by nobody, and changed by nobody."""

    def allows(self, actor: Actor, operation: str, resource: str, row: object | None = None) -> bool:
        if row is not None and getattr(row, "title", "") == "locked":
            return False
        return super().allows(actor, operation, resource, row)


async def test_rows_that_a_policy_keeps(portal_app: Litestar, client: Client, add: Add, site: Site, read: Read) -> None:
    portal = Portal(find_resources("portal.resources"), policy=Locks(), settings=site.settings)
    app = Litestar(plugins=[portal, Api(portal.site)], openapi_config=None, logging_config=None)
    app.state.portal = portal
    await add(*(rows := [Banner(title=title, position=n) for n, title in enumerate(("locked", "open"))]))
    async with app.lifespan():
        api = await client(*ALL, app=app)
        locked, free = (f"/api/banners/{row.id}" for row in rows)
        for method, body in (("GET", None), ("PATCH", {"title": "x"}), ("PUT", {"title": "x"}), ("DELETE", None)):
            assert code(await api.request(method, locked, json=body)) == (403, "denied"), method
        move = {"key": str(rows[0].id), "to": "bottom"}
        assert code(await api.post("/api/banners/order", json=move)) == (403, "denied")
        assert (await api.get(free)).status_code == 200
        assert (await api.delete(free)).status_code == 204
    assert await read(select(Banner.title)) == ["locked"]


# -- what the services see to


async def test_texts_are_cleaned_and_slugs_made(client: Client, read: Read) -> None:
    api = await client(*ALL)
    body = '<p onclick="x()">Tea<script>alert(1)</script></p>'
    made = (await api.post("/api/articles", json={"title": "Green Tea!", "body": body})).json()
    assert made["slug"] == "green-tea" and made["body"] == "<p>Tea</p>"
    assert (await api.post("/api/articles", json={"title": "Green Tea!"})).json()["slug"] == "green-tea-2"
    published = (await api.post("/api/articles", json={"title": "Now", "status": "published"})).json()
    assert published["publish_time"] is not None


async def test_ten_at_once_make_one_row(client: Client, read: Read) -> None:
    api = await client(*ALL)
    answers = await asyncio.gather(*[api.post("/api/tags", json={"name": "same"}) for _ in range(10)])
    assert sorted(answer.status_code for answer in answers) == [201] + [422] * 9
    assert {answer.json()["errors"][0]["code"] for answer in answers if answer.status_code == 422} == {"taken"}
    assert await read(select(Tag.name)) == ["same"]


async def test_moments_with_any_offset_are_kept_in_utc(lab_app: Litestar, client: Client) -> None:
    api = await client(*ALL, app=lab_app)
    for sent, kept in {
        "2026-07-01T12:30:00+08:00": "2026-07-01T04:30:00Z",
        "2026-07-01T12:30:00Z": "2026-07-01T12:30:00Z",
        "2026-07-01T12:30": "2026-07-01T12:30:00Z",
        "2026-12-31T23:59:59.999999-11:30": "2027-01-01T11:29:59.999999Z",
    }.items():
        made = await api.post("/api/gadgets", json={"title": "Pot", "starts": sent})
        assert made.json()["starts"] == kept, sent
