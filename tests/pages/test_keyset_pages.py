"""Long lists are walked by cursors: every row exactly once, forwards and backwards, in the order that was asked."""

import datetime
import decimal
import random
from typing import Any

import pytest

from portal.models.article import Article
from tests.pages.browser import Browser
from tests.pages.content import articles
from tests.pages.lab import Colour, Sample
from tests.portals import Add

pytestmark = pytest.mark.anyio

ROWS = 47


def samples(seed: int) -> list[Sample]:
    """Many equal values and many empty ones."""
    chance = random.Random(seed)

    def some(*values: Any) -> Any:
        return chance.choice([None, None, *values])

    moment = datetime.datetime(2026, 5, 1, 12, 0, 0, 123456, tzinfo=datetime.UTC)
    return [
        Sample(
            id=n,
            name=some("a", "B", "b", "é", "中文", "z"),
            number=some(-5, 0, 3, 2**31 - 1),
            amount=some(decimal.Decimal("-1.50"), decimal.Decimal("0.00"), decimal.Decimal("999999.99")),
            day=some(datetime.date(1999, 12, 31), datetime.date(2026, 1, 1)),
            hour=some(datetime.time(0, 0), datetime.time(18, 30, 5)),
            moment=some(moment, moment + datetime.timedelta(microseconds=1)),
            ready=some(True, False),
            colour=some(Colour.RED, Colour.DEEP_BLUE),
        )
        for n in chance.sample(range(1, 1000), ROWS)
    ]


def rank(value: Any) -> tuple[Any, ...]:
    """Empty first; text by its code points, as `ExactString` has it; an enum by what is stored."""
    if value is None:
        return (0,)
    return (1, value.name if isinstance(value, Colour) else value)


def sorted_keys(rows: list[Sample], sort: str) -> list[str]:
    found = list(rows)
    steps = [(step.removeprefix("-"), step.startswith("-")) for step in sort.split(",")]
    for name, descending in reversed([*steps, ("id", steps[-1][1])]):
        found.sort(key=lambda row: rank(getattr(row, name)), reverse=descending)
    return [str(row.id) for row in found]


SORTS = [
    "-id",
    "name",
    "-number",
    "amount",
    "-day",
    "-hour",
    "moment",
    "ready",
    "-ready",
    "-colour,name,-day",
    "hour,-moment",
    "-ready,-colour,-name",
]
"""Each kind of column, each direction, and several at once; `test_keyset.py` tries the rest without pages."""


async def walk(client: Browser, path: str, link: str) -> list[str]:
    """All the rows from here on, page by page."""
    found: list[str] = []
    for _ in range(100):
        answer = await client.get(path)
        assert answer.status == 200, path
        found = found + answer.rows() if link == "next" else answer.rows() + found
        if not answer.page.has(link):
            return found
        path = answer.page.one(link)["href"]
    raise AssertionError("it never ends")


async def test_every_row_once_in_both_directions(lab: Browser, add: Add, monkeypatch: pytest.MonkeyPatch) -> None:
    """From the second page on by cursors, as it is from the hundredth."""
    monkeypatch.setattr("portal.pages.pager.LAST_NUMBERED_PAGE", 1)
    monkeypatch.setattr("portal.services.query.PAGE_SIZES", (20, 50, 100))
    await add(*(rows := samples(7)))
    for sort in SORTS:
        expected = sorted_keys(rows, sort)
        forwards = await walk(lab, f"/samples?sort={sort}", "next")
        assert forwards == expected, sort
        answer = await lab.get(f"/samples?sort={sort}")
        while answer.page.has("next"):
            last = answer.page.one("next")["href"]
            answer = await lab.get(last)
        backwards = await walk(lab, last, "previous")
        assert backwards == expected, sort


async def test_numbered_to_a_hundred_and_then_cursors(client: Browser, add: Add) -> None:
    await add(*[Article(title=f"T{n:04}", slug=f"s{n}") for n in range(2045)])
    page = await client.get("/articles?sort=title&page=100")
    assert page.column("title")[0] == "T1980"
    behind = await client.get(page.page.one("next")["href"])
    assert "after=" in page.page.one("next")["href"]
    assert behind.column("title") == [f"T{n}" for n in range(2000, 2020)]
    assert not behind.page.has("page")
    last = await walk(client, page.page.one("next")["href"], "next")
    assert len(last) == 45
    back = await client.get(behind.page.one("previous")["href"])
    assert back.column("title") == page.column("title")
    for beyond in ("101", "5000", "999999999", "99999999999999"):
        shown = (await client.get(f"/articles?sort=title&page={beyond}")).column("title")
        assert shown in (page.column("title"), [f"T{n:04}" for n in range(20)])


async def test_filters_stay_while_walking(client: Browser, add: Add, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("portal.pages.pager.LAST_NUMBERED_PAGE", 1)
    await add(*articles(60))
    found = await walk(client, "/articles?sort=-views,title&pinned=0&q=article&size=20", "next")
    assert len(set(found)) == len(found) == 60
    assert await walk(client, "/articles?q=article+00&sort=title", "next") == found_by_title(found, 9)


def found_by_title(keys: list[str], count: int) -> list[str]:
    return sorted(keys, key=int)[:count]


async def test_a_cursor_of_another_list_or_altered_is_no_cursor(
    lab: Browser, add: Add, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("portal.pages.pager.LAST_NUMBERED_PAGE", 1)
    await add(*samples(3))
    first = await lab.get("/samples?sort=number")
    cursor = first.page.one("next")["href"].partition("after=")[2]
    altered = ("B" if cursor[30] == "A" else "A").join([cursor[:30], cursor[31:]])
    for forged in (
        f"sort=day&after={cursor}",
        f"sort=-number&after={cursor}",
        f"sort=number&after={altered}",
        f"sort=number&before={cursor[:-4]}",
        "sort=number&after=W10",
        f"sort=number&after={cursor}{cursor}",
    ):
        answer = await lab.get(f"/samples?{forged}")
        plain = await lab.get("/samples?" + forged.partition("&")[0])
        assert answer.status == 200
        assert answer.rows() == plain.rows(), forged
