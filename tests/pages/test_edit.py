"""Changing a row: what is sent is written, what is not sent stays, and nobody's work is lost."""

import asyncio
import datetime
from typing import Any

import pytest
from sqlalchemy import func, select

from portal.models.article import Article, ArticleTag
from portal.models.customer import Customer
from tests.pages.browser import Browser
from tests.pages.content import NOON, article, category, customer, tag
from tests.pages.lab import Gadget, Owner, Pair, Part, Sample
from tests.portals import Add, MakeBrowser, Read

pytestmark = pytest.mark.anyio


async def opened(client: Browser, path: str) -> dict[str, Any]:
    """What a browser would send back from the form of a page."""
    answer = await client.get(path)
    assert answer.status == 200, answer
    form = answer.page.one("form").form()
    form.pop("_csrf_token")
    return {name: values for name, values in form.items() if not name.startswith("find")}


async def stored(read: Read, *columns: Any) -> tuple[Any, ...]:
    (row,) = await read(select(*columns))
    return row


async def test_saves_and_goes_back_to_the_same_list(client: Browser, add: Add, read: Read) -> None:
    await add(row := article("Tea", category=category("Drinks"), tags=[tag("hot")]), cold := tag("cold"))
    answer = await client.get(f"/articles/{row.id}/edit", {"Referer": "http://localhost/articles?q=te&page=2"})
    form = answer.page.one("form").form()
    assert form["_list"] == ["?q=te&page=2"]
    form |= {"title": ["Green tea"], "tags": ["", str(cold.id)], "category": [""]}
    form.pop("_csrf_token")
    answer = await client.post(f"/articles/{row.id}", **form)
    assert (answer.status, answer.location) == (303, "/articles?q=te&page=2")
    found = await stored(read, Article.title, Article.category_id, Article.version, Article.updated_by)
    assert found == ("Green tea", None, 2, "maria")
    assert await read(select(ArticleTag.tag_id)) == [cold.id]
    assert (await client.follow(answer)).toasts() == ["“Green tea” was saved."]


async def test_fields_that_are_not_sent_stay(client: Browser, add: Add, read: Read) -> None:
    drinks = category("Drinks")
    await add(row := article("Tea", body="text", pinned=True, category=drinks, tags=[tag("hot")], publish_time=NOON))
    assert (await client.post(f"/articles/{row.id}", summary="short")).status == 303
    found = await stored(read, Article.title, Article.body, Article.pinned, Article.category_id, Article.summary)
    assert found == ("Tea", "text", True, drinks.id, "short")
    assert len(await read(select(ArticleTag.tag_id))) == 1


async def test_saving_an_untouched_form_changes_nothing(lab: Browser, add: Add, read: Read) -> None:
    """Not even what the form can't show: microseconds, the second pass of an hour, white space at the ends."""
    await add(
        row := Gadget(
            title="Kettle",
            notes="  indented\nline\n",
            weight=1 / 3,
            starts=datetime.datetime(2026, 10, 25, 1, 30, 0, 123456, tzinfo=datetime.UTC),
            settings={"b": 1, "a": [1.0]},
            owner=Owner(name="Ada"),
            parts=[Part(name="Lid"), Part(name="Body")],
            active=True,
            api_token="hush",
        )
    )
    before = await read(select(Gadget.__table__))
    lab.http.cookies.set("fastor_tz", "Europe/Berlin")
    form = await opened(lab, f"/gadgets/{row.id}/edit")
    assert (await lab.post(f"/gadgets/{row.id}", **form)).status == 303
    assert await read(select(Gadget.__table__)) == before


async def test_an_untouched_save_raises_no_version(client: Browser, add: Add, read: Read) -> None:
    await add(row := article("Tea", category=category("Drinks"), publish_time=NOON, pinned=True))
    form = await opened(client, f"/articles/{row.id}/edit")
    assert (await client.post(f"/articles/{row.id}", **form)).status == 303
    assert await stored(read, Article.version, Article.updated_by) == (1, None)


async def test_a_secret_left_blank_stays(lab: Browser, add: Add, read: Read) -> None:
    await add(row := Gadget(title="Kettle", api_token="hush"))
    page = await lab.get(f"/gadgets/{row.id}/edit")
    assert "hush" not in page.html
    form = await opened(lab, f"/gadgets/{row.id}/edit")
    await lab.post(f"/gadgets/{row.id}", **{**form, "title": "Other"})
    assert await stored(read, Gadget.title, Gadget.api_token) == ("Other", "hush")
    await lab.post(f"/gadgets/{row.id}", api_token="  new secret ")
    assert await read(select(Gadget.api_token)) == ["  new secret "]


async def test_a_refused_save_keeps_everything_typed(client: Browser, add: Add, read: Read) -> None:
    hot, cold = tag("hot"), tag("cold")
    drinks, food = category("Drinks"), category("Food")
    await add(row := article("Tea", category=drinks, tags=[hot]), article("Taken", "taken"), cold, food)
    form = await opened(client, f"/articles/{row.id}/edit")
    typed = {
        **form,
        "title": "Typed",
        "slug": "taken",
        "body": "typed body",
        "category": str(food.id),
        "tags": ["", str(cold.id)],
    }
    answer = await client.post(f"/articles/{row.id}", **typed)
    assert answer.status == 422
    assert "“Taken” already has this" in answer.errors()["slug"]
    again = answer.page.one("form").form()
    assert again["title"] == ["Typed"] and again["slug"] == ["taken"] and again["body"] == ["typed body"]
    assert again["category"] == [str(food.id)] and [key for key in again["tags"] if key] == [str(cold.id)]
    assert again["_version"] == form["_version"] and again["_base"] == form["_base"]
    assert await read(select(Article.title).where(Article.id == row.id)) == ["Tea"]
    again.pop("_csrf_token")
    again["slug"] = ["free"]
    assert (
        await client.post(f"/articles/{row.id}", **{k: v for k, v in again.items() if not k.startswith("find")})
    ).status == 303
    assert await read(select(Article.title, Article.category_id).where(Article.slug == "free")) == [("Typed", food.id)]


BAD = [
    ("title", ""),
    ("title", "x" * 201),
    ("title", "\0"),
    ("title", b"\xff"),
    ("publish_time", "x"),
    ("category", "999999"),
    ("category", "x"),
    ("tags", "999999"),
    ("status", "nope"),
    ("pinned", "x"),
    ("slug", "s" * 201),
    ("cover", ".."),
]


async def test_what_can_not_be_taken_changes_nothing(client: Browser, add: Add, read: Read) -> None:
    await add(row := article("Tea", category=category("Drinks"), tags=[tag("hot")]))
    for name, value in BAD:
        answer = await client.post(f"/articles/{row.id}", **{"summary": "typed", name: value})
        assert answer.status == 422 and name in answer.errors(), (name, value)
        assert answer.page.one("field-summary").raw.strip() == "typed"
    assert await stored(read, Article.title, Article.summary, Article.version) == ("Tea", "", 1)


@pytest.mark.parametrize("tail", ["", "/edit", "/delete"])
async def test_unknown_and_malformed_ids_are_not_found(client: Browser, lab: Browser, tail: str) -> None:
    for key in (
        "999999",
        "abc",
        "0",
        "-1",
        "1.5",
        "01",
        "+1",
        "%201",
        "9" * 30,
        "9223372036854775808",
        "1~2",
        "%00x"[3:],
        "%ff",
        "%ED%A0%80",
        "..%2F..",
        "a%2Fb",
        "1%3B",
        "٣",
        "null",
        "~1~",
    ):
        assert (await client.get(f"/articles/{key}{tail}")).status == 404, key
        if tail != "/edit" and "%2F" not in key:
            assert (await client.post(f"/articles/{key}{tail}", title="x")).status == 404, key
        assert (await client.get(f"/customers/{key}{tail}")).status == 404, key
    for key in ("n", "n~", "~n", "n~x", "n~99999999999", "n~1~2", "~", "~~", "n~-2147483649"):
        assert (await lab.get(f"/pairs/{key}{tail}")).status == 404, key
    assert (await client.post("/articles/999999/fields/pinned", pinned="1")).status == 404
    assert (await client.post("/articles/x/fields/pinned", pinned="1")).status == 404


async def test_the_key_can_not_be_changed(client: Browser, lab: Browser, add: Add, read: Read) -> None:
    await add(customer("u1", "Lin"), Pair(region="n", number=1, label="x"))
    page = await client.get("/customers/u1/edit")
    assert page.page.one("field-user_id").get("disabled") is not None
    assert (await client.post("/customers/u1", user_id="u2", nickname="Li")).status == 303
    assert await read(select(Customer.user_id, Customer.nickname)) == [("u1", "Li")]
    assert (await lab.post("/pairs/n~1", region="s", number="2", label="y")).status == 303
    assert await read(select(Pair.region, Pair.number, Pair.label)) == [("n", 1, "y")]


# -- two people at once


async def test_the_second_of_two_editors_gets_both_texts_and_a_choice(
    client: Browser, add: Add, read: Read, portal_app, browse: MakeBrowser
) -> None:
    await add(
        row := article("Tea", body="old body", summary="old summary", category=category("Drinks"), tags=[tag("hot")]),
        food := category("Food"),
    )
    other = await browse(portal_app, "otto")
    form = await opened(client, f"/articles/{row.id}/edit")
    theirs = await opened(other, f"/articles/{row.id}/edit")
    assert (
        await other.post(f"/articles/{row.id}", **{**theirs, "body": "theirs <b>!</b>", "summary": "their summary"})
    ).status == 303
    mine = {**form, "body": "mine\n\nwith <i>!</i>", "title": "My title", "category": str(food.id)}
    answer = await client.post(f"/articles/{row.id}", **mine)
    assert answer.status == 409
    assert await stored(read, Article.body, Article.title, Article.version) == ("theirs <b>!</b>", "Tea", 2)
    found = {item["data-name"]: item for item in answer.page.all("difference")}
    assert set(found) == {"body", "summary", "title", "category"}
    assert (
        found["body"].one("mine").raw == "mine\n\nwith <i>!</i>"
        and found["body"].one("theirs").raw == "theirs <b>!</b>"
    )
    assert found["category"].one("mine").text == "Food" and found["category"].one("theirs").text == "Drinks"
    assert "otto" in answer.page.one("error-summary").text
    chosen = answer.page.one("conflict").form()
    assert (
        chosen["_keep.body"] == ["mine"] and chosen["_keep.summary"] == ["theirs"] and chosen["_keep.title"] == ["mine"]
    )
    chosen.pop("_csrf_token")
    answer = await client.post(f"/articles/{row.id}", **chosen)
    assert answer.status == 303, answer
    found_now = await stored(read, Article.body, Article.title, Article.summary, Article.category_id, Article.version)
    assert found_now == ("mine\n\nwith <i>!</i>", "My title", "their summary", food.id, 3)


async def test_choosing_theirs_leaves_theirs(client: Browser, add: Add, read: Read) -> None:
    await add(row := article("Tea", tags=[tag("hot")]))
    form = await opened(client, f"/articles/{row.id}/edit")
    await client.post(f"/articles/{row.id}", **{**form, "title": "Theirs", "pinned": ["0", "1"]})
    answer = await client.post(f"/articles/{row.id}", **{**form, "title": "Mine"})
    chosen = answer.page.one("conflict").form()
    chosen.pop("_csrf_token")
    chosen["_keep.title"] = ["theirs"]
    assert (await client.post(f"/articles/{row.id}", **chosen)).status == 303
    assert await stored(read, Article.title, Article.pinned) == ("Theirs", True)


async def test_a_third_save_in_between_is_a_conflict_again(client: Browser, add: Add, read: Read) -> None:
    await add(row := article("Tea"))
    form = await opened(client, f"/articles/{row.id}/edit")
    await client.post(f"/articles/{row.id}", title="Second")
    answer = await client.post(f"/articles/{row.id}", **{**form, "title": "Mine"})
    chosen = answer.page.one("conflict").form()
    chosen.pop("_csrf_token")
    await client.post(f"/articles/{row.id}", title="Third")
    answer = await client.post(f"/articles/{row.id}", **chosen)
    assert answer.status == 409
    assert answer.page.one("theirs").text == "Third" and answer.page.one("mine").text == "Mine"


async def test_models_without_a_version_notice_too(lab: Browser, add: Add, read: Read) -> None:
    await add(row := Gadget(title="Kettle", settings={"a": 1}, starts=NOON))
    form = await opened(lab, f"/gadgets/{row.id}/edit")
    assert len(form["_version"][0]) == 16
    await lab.post(f"/gadgets/{row.id}", settings='{"a": 2}')
    answer = await lab.post(f"/gadgets/{row.id}", **{**form, "title": "Mine"})
    assert answer.status == 409
    assert {item["data-name"] for item in answer.page.all("difference")} == {"title", "settings"}
    assert await stored(read, Gadget.title, Gadget.settings) == ("Kettle", {"a": 2})


async def test_of_many_saves_at_once_one_wins_and_no_text_is_lost(client: Browser, add: Add, read: Read) -> None:
    await add(row := article("Tea"))
    form = await opened(client, f"/articles/{row.id}/edit")
    await client.token()
    answers = await asyncio.gather(
        *[client.post(f"/articles/{row.id}", **{**form, "title": f"Try {n}"}) for n in range(8)]
    )
    assert sorted(answer.status for answer in answers) == [303] + [409] * 7
    for n, answer in enumerate(answers):
        assert answer.status == 303 or any(item.text == f"Try {n}" for item in answer.page.all("mine"))
    title, version = await stored(read, Article.title, Article.version)
    assert title.startswith("Try") and version == 2


async def test_a_row_deleted_meanwhile_is_not_found(client: Browser, add: Add, read: Read) -> None:
    await add(row := article("Tea"))
    form = await opened(client, f"/articles/{row.id}/edit")
    await client.post(f"/articles/{row.id}/delete")
    assert (await client.post(f"/articles/{row.id}", **form)).status == 404


# -- deleting


async def test_deleting_asks_first_and_shows_what_depends(client: Browser, add: Add, read: Read) -> None:
    drinks = category("Drinks")
    hot = tag("hot")
    await add(*[article(f"Tea {n}", category=drinks, tags=[hot]) for n in range(5)])
    page = await client.get(f"/categories/{drinks.id}/delete", {"Referer": "http://localhost/categories?q=d"})
    assert "Articles 5 still need it" in page.page.one("dependents").text
    assert "Tea" in page.page.one("dependents").text
    assert not page.page.has("confirm-delete")
    refused = await client.post(f"/categories/{drinks.id}/delete")
    assert refused.status == 409 and refused.page.has("error")
    page = await client.get(f"/tags/{hot.id}/delete", {"Referer": "http://localhost/tags?q=h"})
    assert "Articles 5 lose the link to it" in page.page.one("dependents").text
    assert page.page.one("cancel")["href"] == "/tags?q=h"
    answer = await client.post(f"/tags/{hot.id}/delete", _list="?q=h")
    assert (answer.status, answer.location) == (303, "/tags?q=h")
    assert await read(select(func.count()).select_from(Article)) == [5]
    assert await read(select(ArticleTag.tag_id)) == []
    assert (await client.follow(answer)).toasts() == ["“hot” was deleted."]


async def test_deleting_takes_links_of_the_hosts_own_tables_along(lab: Browser, add: Add, read: Read) -> None:
    await add(row := Gadget(title="Kettle", owner=(owner := Owner(name="Ada")), parts=[Part(name="Lid")]))
    assert (await lab.post(f"/owners/{owner.id}/delete")).status == 409
    assert (await lab.post(f"/gadgets/{row.id}/delete")).status == 303
    assert (await lab.post(f"/owners/{owner.id}/delete")).status == 303
    assert await read(select(Gadget.id)) == [] and len(await read(select(Part.id))) == 1


async def test_why_a_service_refuses_is_said(client: Browser, read: Read) -> None:
    from portal.models.user import User

    (key,) = await read(select(User.id))
    answer = await client.post(f"/users/{key}/delete")
    assert answer.status == 409 and "You can't delete yourself." in answer.page.one("error").text


# -- one value in the list


async def test_a_switch_and_a_choice_in_the_list(client: Browser, add: Add, read: Read) -> None:
    from tests.pages.browser import PARTIAL

    await add(row := article("Tea"))
    path = f"/articles/{row.id}/fields"
    headers = {**PARTIAL, "HX-Current-URL": "http://localhost/articles?sort=title"}
    answer = await client.post(f"{path}/pinned", headers, pinned="1", _version="1")
    assert answer.status == 200 and answer.rows() == [str(row.id)]
    assert answer.page.one("row")["data-version"] == "2"
    assert "portal:toast" in answer.headers["hx-trigger"]
    answer = await client.post(f"{path}/pinned", headers, pinned="0", _version="1")
    assert answer.status == 409
    answer = await client.post(f"{path}/status", {"Referer": "http://localhost/articles?q=t"}, status="published")
    assert (answer.status, answer.location) == (303, "/articles?q=t")
    assert (await stored(read, Article.pinned, Article.status))[0] is True
    for name, value in (("pinned", "x"), ("status", "nope"), ("status", "")):
        assert (await client.post(f"{path}/{name}", headers, **{name: value})).status == 422
    assert (await client.post(f"{path}/pinned", headers)).status == 422
    for name in ("title", "id", "version", "nope", "_version", "category"):
        assert (await client.post(f"{path}/{name}", headers, **{name: "1"})).status == 404
    assert (await stored(read, Article.pinned, Article.status, Article.version))[0] is True


async def test_far_moments_can_be_stored_and_seen_from_everywhere(
    lab: Browser, client: Browser, read: Read, add: Add
) -> None:
    """What one zone can write every other must be able to show."""
    for zone in ("Pacific/Kiritimati", "Pacific/Pago_Pago", "UTC"):
        lab.http.cookies.set("fastor_tz", zone)
        for n, text in enumerate(("9999-12-31T23:59", "0001-01-01T00:00", "0001-01-02T12:00")):
            answer = await lab.post("/samples", name=f"{zone}{n}", moment=text)
            assert answer.status in (303, 422)
    keys = await read(select(Sample.id))
    for zone in ("Pacific/Kiritimati", "Pacific/Pago_Pago", "UTC"):
        lab.http.cookies.set("fastor_tz", zone)
        for path in ("/samples", *[f"/samples/{key}/edit" for key in keys], *[f"/samples/{key}" for key in keys]):
            assert (await lab.get(path)).status == 200, (zone, path)
