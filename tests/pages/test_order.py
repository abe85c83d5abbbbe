"""Rows in an order of their own: moved between neighbours, by words, at once, and never from a stale list."""

import asyncio
import itertools
import random
from typing import Any

import pytest
from sqlalchemy import select, update

from portal.models.banner import Banner, Placement
from portal.models.category import Category
from tests.pages.browser import PARTIAL, Browser
from tests.pages.content import article, banners, category
from tests.pages.lab import Step
from tests.portals import Add, CountStatements, Read

pytestmark = pytest.mark.anyio

HOME = {**PARTIAL, "HX-Current-URL": "http://localhost/banners?placement=home"}


async def order(read: Read, placement: Placement = Placement.home) -> str:
    statement = select(Banner.title).where(Banner.placement == placement).order_by(Banner.position, Banner.id)
    return "".join(await read(statement))


async def keys(read: Read) -> dict[str, str]:
    return {title: str(key) for title, key in await read(select(Banner.title, Banner.id))}


async def test_a_row_lands_between_its_new_neighbours(client: Browser, add: Add, read: Read) -> None:
    await add(*banners("abcde"))
    key = await keys(read)
    answer = await client.post("/banners/order", HOME, id=key["e"], after=key["a"], before=key["b"])
    assert answer.status == 200
    assert answer.column("title") == list("aebcd")
    assert await order(read) == "aebcd"
    assert (await client.post("/banners/order", HOME, id=key["c"], before=key["a"])).status == 200
    assert await order(read) == "caebd"
    assert (await client.post("/banners/order", HOME, id=key["a"], after=key["d"])).status == 200
    assert await order(read) == "cebda"


async def test_one_update_moves_one_row_and_no_version(
    client: Browser, add: Add, read: Read, statements: CountStatements
) -> None:
    await add(*banners("abcde"))
    key = await keys(read)
    before = await read(select(Banner.title, Banner.version, Banner.updated_at).order_by(Banner.id))
    positions = dict(await read(select(Banner.title, Banner.position)))
    with statements() as seen:
        await client.post("/banners/order", HOME, id=key["e"], after=key["a"], before=key["b"])
    assert len([sql for sql in seen if sql.startswith("UPDATE banner")]) == 1
    assert await read(select(Banner.title, Banner.version, Banner.updated_at).order_by(Banner.id)) == before
    now = dict(await read(select(Banner.title, Banner.position)))
    assert {title for title in now if now[title] != positions[title]} == {"e"}


async def test_words_move_without_scripts(client: Browser, add: Add, read: Read) -> None:
    await add(*banners("abcde"), *banners("xyz", Placement.app))
    key = await keys(read)
    for to, title, expected in (
        ("up", "c", "acbde"),
        ("up", "c", "cabde"),
        ("up", "c", "cabde"),
        ("down", "d", "cabed"),
        ("down", "d", "cabed"),
        ("top", "e", "ecabd"),
        ("bottom", "c", "eabdc"),
        ("bottom", "c", "eabdc"),
        ("top", "e", "eabdc"),
    ):
        referer = {"Referer": "http://localhost/banners/order?placement=home"}
        answer = await client.post("/banners/order", referer, move=f"{to} {key[title]}")
        assert (answer.status, answer.location) == (303, "/banners/order?placement=home")
        assert await order(read) == expected, (to, title)
    for number, expected in (("1", "ceabd"), ("3", "eacbd"), ("5", "eabdc"), ("999", "eabdc"), ("0", "ceabd")):
        answer = await client.post("/banners/order", id=key["c"], to="to", number=number)
        assert answer.status == 303
        assert await order(read) == expected, number
    assert await order(read, Placement.app) == "xyz"


async def test_a_stale_list_is_refused_and_shown_fresh(client: Browser, add: Add, read: Read) -> None:
    await add(*banners("abcde"))
    key = await keys(read)
    await client.post("/banners/order", HOME, id=key["c"], before=key["a"])
    stale = [
        ("e", "b", "c"),
        ("d", "a", "a"),
        ("d", "b", "a"),
        ("a", "a", "b"),
        ("d", "", "a"),
        ("a", "b", ""),
        ("d", "", ""),
    ]
    for moved, after, before in stale:
        sent = {"id": key[moved], "after": key.get(after, ""), "before": key.get(before, "")}
        answer = await client.post("/banners/order", HOME, **sent)
        assert answer.status == 409, (moved, after, before)
        assert answer.column("title") == list("cabde")
        assert await order(read) == "cabde"
    back = await client.post("/banners/order", id=key["e"], after=key["b"], before=key["c"])
    assert back.status == 303
    assert "order has changed" in (await client.follow(back)).toasts()[0]


async def test_forged_ids_change_nothing(client: Browser, add: Add, read: Read) -> None:
    await add(*banners("abc"), *banners("xyz", Placement.app), category("Drinks"))
    key = await keys(read)
    before = await read(select(Banner.id, Banner.position, Banner.placement).order_by(Banner.id))
    forged: list[dict[str, Any]] = [
        {"id": key["a"], "after": key["x"], "before": key["y"]},
        {"id": key["a"], "after": key["b"], "before": key["y"]},
        {"id": key["x"], "after": key["a"], "before": key["b"]},
        {"id": key["a"], "after": "999999"},
        {"id": key["a"], "before": "abc"},
        {"id": key["a"], "after": "1 OR 1=1"},
        {"id": key["a"], "after": b"\xff"},
        {"id": key["a"], "after": "\0"},
        {"id": "999999", "after": key["a"], "before": key["b"]},
        {"id": "x", "to": "top"},
        {"move": "up 999999"},
        {"move": "up"},
        {"move": ""},
        {"id": ""},
        {},
        {"id": key["a"], "to": "sideways"},
        {"id": key["a"], "to": "to", "number": "x"},
        {"id": key["a"], "to": "to", "number": "-1"},
        {"id": key["a"], "to": "to", "number": "٣"},
        {"id": key["a"], "to": "to", "number": "9" * 40},
    ]
    for fields in forged:
        answer = await client.post("/banners/order", HOME, **fields)
        assert answer.status in (403, 409, 422), (fields, answer)
        answer = await client.post("/banners/order", **fields)
        assert answer.status in (303, 409, 422), (fields, answer)
    assert await read(select(Banner.id, Banner.position, Banner.placement).order_by(Banner.id)) == before


async def test_a_noun_without_order_has_no_such_page(client: Browser, add: Add) -> None:
    await add(row := article("Tea"))
    assert (await client.get("/articles/order")).status == 404
    assert (await client.post("/articles/order", id=str(row.id), to="top")).status == 404


async def test_gaps_that_are_used_up_are_made_anew(client: Browser, add: Add, read: Read) -> None:
    await add(*banners("abcdef", gap=1))
    key = await keys(read)
    answer = await client.post("/banners/order", HOME, id=key["f"], after=key["a"], before=key["b"])
    assert answer.status == 200
    assert await order(read) == "afbcde"
    positions = await read(select(Banner.position).order_by(Banner.position))
    assert len(set(positions)) == 6 and min(b - a for a, b in itertools.pairwise(positions)) > 1


async def test_rows_that_were_never_ordered_can_be(client: Browser, add: Add, read: Read) -> None:
    """All at position 0, as a table that got its position column later."""
    await add(*banners("abcde", gap=0))
    key = await keys(read)
    for moved, after, before, expected in (
        ("e", "a", "b", "aebcd"),
        ("a", "d", None, "ebcda"),
        ("c", None, "e", "cebda"),
    ):
        sent = (
            {"id": key[moved]} | ({"after": key[after]} if after else {}) | ({"before": key[before]} if before else {})
        )
        assert (await client.post("/banners/order", HOME, **sent)).status == 200
        assert await order(read) == expected


async def test_two_hundred_random_moves_agree_with_a_list(client: Browser, add: Add, read: Read) -> None:
    titles = "abcdefghijkl"
    await add(*banners(titles, gap=3))
    key, chance, model = await keys(read), random.Random(11), list(titles)
    for step in range(200):
        moved = chance.choice(model)
        model.remove(moved)
        place = chance.randint(0, len(model))
        model.insert(place, moved)
        if step % 3:
            sent = {"id": key[moved]}
            sent |= {"after": key[model[place - 1]]} if place else {}
            sent |= {"before": key[model[place + 1]]} if place + 1 < len(model) else {}
        else:
            sent = {"id": key[moved], "to": "to", "number": str(place + 1)}
        assert (await client.post("/banners/order", **sent)).status == 303
        if step % 20 == 19:
            assert await order(read) == "".join(model), step
    assert await order(read) == "".join(model)


async def test_moves_at_once_end_in_one_of_the_two_orders(client: Browser, add: Add, read: Read, database: Any) -> None:
    await client.token()
    await add(*banners("abcdef"))
    key = await keys(read)
    for round_number in range(12):
        async with database.write() as session:
            for n, title in enumerate("abcdef"):
                await session.execute(
                    update(Banner)
                    .where(Banner.title == title)
                    .values(position=(n + 1) * (2 if round_number % 2 else 1024))
                )
            await session.commit()
        answers = await asyncio.gather(
            client.post("/banners/order", HOME, id=key["e"], after=key["b"], before=key["c"]),
            client.post("/banners/order", HOME, id=key["f"], after=key["b"], before=key["c"]),
        )
        statuses = sorted(answer.status for answer in answers)
        assert statuses == [200, 409], statuses
        assert await order(read) in ("abecdf", "abfcde")
        answers = await asyncio.gather(
            *[client.post("/banners/order", HOME, id=key[title], to="top") for title in "ad"],
            client.post("/banners/order", HOME, id=key["b"], to="bottom"),
        )
        assert all(answer.status in (200, 409) for answer in answers), answers
        found = await order(read)
        assert sorted(found) == list("abcdef")


async def test_an_order_without_scope_is_dragged_in_the_list(client: Browser, add: Add, read: Read) -> None:
    await add(*[category(name, (n + 1) * 1024) for n, name in enumerate("ABC")])
    answer = await client.get("/categories")
    assert len(answer.page.all("grip")) == 3
    first, second, third = answer.rows()
    moved = await client.post(
        "/categories/order",
        {**PARTIAL, "HX-Current-URL": "http://localhost/categories"},
        id=third,
        after=first,
        before=second,
    )
    assert moved.status == 200 and moved.rows() == [first, third, second]
    assert await read(select(Category.name).order_by(Category.position)) == ["A", "C", "B"]


async def test_across_pages_the_neighbours_beyond_the_edge_are_known(client: Browser, add: Add, read: Read) -> None:
    await add(*[category(f"C{n:02}", (n + 1) * 1024) for n in range(45)])
    second = await client.get("/categories?page=2")
    table = second.page.one(tag="table")
    first = await client.get("/categories")
    third = await client.get("/categories?page=3")
    assert table["data-before-first"] == first.rows()[-1]
    assert table["data-after-last"] == third.rows()[0]
    moved = await client.post(
        "/categories/order",
        {**PARTIAL, "HX-Current-URL": "http://localhost/categories?page=2"},
        id=third.rows()[2],
        after=first.rows()[-1],
        before=second.rows()[0],
    )
    assert moved.rows() == [third.rows()[2], *second.rows()[:19]]


async def test_the_reorder_page_shows_one_scope_at_a_time(lab: Browser, client: Browser, add: Add) -> None:
    await add(*banners("ab"), *banners("xy", Placement.app))
    answer = await client.get("/banners/order?placement=app")
    assert [row.one(tag="a").text for row in answer.page.all("row")] == ["x", "y"]
    assert [scope.text for scope in answer.page.all("scope")] == ["App", "Home page"]
    assert answer.page.one("scope", aria_current="page").text == "App"
    for odd in ("nope", "%00", "%ff", ""):
        assert (await client.get(f"/banners/order?placement={odd}&page=x")).status == 200


async def test_a_scope_may_be_empty(lab: Browser, add: Add, read: Read) -> None:
    await add(*[Step(title=f"{plan}{n}", plan=plan, rank=n) for plan in (None, "a") for n in range(3)])
    answer = await lab.get("/steps/order?plan=")
    assert [row.one(tag="a").text for row in answer.page.all("row")] == ["None0", "None1", "None2"]
    assert "None" not in [scope.text for scope in answer.page.all("scope")]
    first = answer.rows()[0]
    assert (await lab.post("/steps/order", move=f"bottom {first}")).status == 303
    assert await read(select(Step.title).where(Step.plan.is_(None)).order_by(Step.rank)) == ["None1", "None2", "None0"]
    assert await read(select(Step.title).where(Step.plan == "a").order_by(Step.rank)) == ["a0", "a1", "a2"]


async def test_changing_the_scope_goes_to_its_end(client: Browser, add: Add, read: Read) -> None:
    await add(*banners("abc"), *banners("xy", Placement.app))
    key = await keys(read)
    assert (await client.post(f"/banners/{key['a']}", placement="app")).status == 303
    assert (await order(read), await order(read, Placement.app)) == ("bc", "xya")
