"""Forms filled in by a monkey: whatever is sent to whatever address, the portal never breaks."""

import random
from typing import Any

import pytest

from portal.models.banner import Placement
from tests.pages.browser import PARTIAL, Answer, Browser
from tests.pages.conftest import Add
from tests.pages.content import NOON, article, banners, category, customer, tag
from tests.pages.lab import Gadget, Owner, Pair, Part, Sample, Step, Word

pytestmark = pytest.mark.anyio

ODD: list[Any] = [
    "",
    " ",
    "0",
    "-1",
    "1",
    "2",
    "1.5",
    "1e308",
    "1e999",
    "-0",
    "NaN",
    "inf",
    "true",
    "on",
    "null",
    "None",
    "9" * 19,
    "9" * 400,
    "-" + "9" * 19,
    "2147483648",
    "0x10",
    "٣",
    "½",
    "1_000",
    "1,5",
    "\0",
    "a\0b",
    "\x07",
    "\x1f",
    "\x7f",
    "\r\n",
    "\t",
    b"\xff",
    b"\xed\xa0\x80",
    b"\xf4\x90\x80\x80",
    b"\xc0\xaf",
    "🚀" * 300,
    "x" * 70_000,
    "\u202e",
    "\u2028",
    "e\u0301" * 50,
    "ﷺ" * 20,
    "\ufeff",
    "\U0010ffff",
    "2026-01-01",
    "2026-02-30",
    "0000-00-00",
    "9999-12-31",
    "0001-01-01",
    "10000-01-01",
    "2026-W01-1",
    "2026-03-29T02:30",
    "9999-12-31T23:59:59.999999",
    "0001-01-01T00:00+23:59",
    "24:00",
    "23:59:59.9999999",
    "12:00+25:00",
    "<script>alert(1)</script>",
    "' OR 1=1 --",
    '"; DROP TABLE article; --',
    "%s%s%n",
    "{0.__class__}",
    "{{7*7}}",
    "${7*7}",
    "../../etc/passwd",
    "..",
    "/",
    "\\",
    "//x",
    "javascript:alert(1)",
    "http://[",
    "https://a:99999/",
    "a@b",
    "@",
    "a@b.c" * 60,
    "{}",
    "[]",
    "[" * 3000,
    '{"a":' * 500,
    '"\\ud800"',
    "1" * 5000,
    '{"a":1e999}',
    "\\u0000",
    '{"\\u0000":1}',
    "Infinity",
    "~",
    "~~",
    "a~b",
    "new",
    "order",
    "home",
    "published",
    "draft",
    "red",
    "RED",
    "top",
    "up 1",
    "mine",
    "theirs",
]

CONTROLS = [
    "_version",
    "_base",
    "_list",
    "_then",
    "find",
    "_keep.title",
    "_keep.body",
    "id",
    "ids",
    "all",
    "confirmed",
    "move",
    "to",
    "number",
    "after",
    "before",
    "__class__",
    "version",
    "created_by",
]

PRODUCT = {
    "articles": [
        "title",
        "slug",
        "summary",
        "body",
        "status",
        "publish_time",
        "pinned",
        "category",
        "tags",
        "cover",
        "find.category",
        "find.tags",
    ],
    "banners": ["title", "picture", "link", "placement", "is_active", "starts_at", "ends_at"],
    "categories": ["name", "slug"],
    "tags": ["name"],
    "customers": ["user_id", "nickname", "avatar", "sex", "source", "status", "email", "phone", "registered_at"],
    "roles": ["name", "description", "permissions"],
}
"""Users are left out: each of their passwords costs an argon2id hash."""

LAB = {
    "gadgets": [
        "title",
        "code",
        "notes",
        "body",
        "count",
        "huge",
        "tiny",
        "price",
        "weight",
        "active",
        "colour",
        "level",
        "born",
        "opens",
        "starts",
        "homepage",
        "email",
        "api_token",
        "settings",
        "photo",
        "manual_file",
        "owner",
        "parts",
    ],
    "pairs": ["region", "number", "label", "shelf", "slot"],
    "words": ["word", "meaning"],
    "steps": ["title", "plan"],
    "samples": ["name", "number", "amount", "day", "hour", "moment", "ready", "colour"],
}


def odd(chance: random.Random) -> Any:
    return chance.choice(ODD) if chance.random() < 0.9 else [chance.choice(ODD) for _ in range(chance.randint(0, 4))]


def filled(chance: random.Random, names: list[str]) -> dict[str, Any]:
    """A form with some good titles, odd values in some fields, and a control nobody asked for now and then."""
    fields = {name: odd(chance) for name in names if chance.random() < 0.25}
    for name in names[:2]:
        if chance.random() < 0.7:
            fields[name] = f"Good {chance.randint(1, 10**6)}"
    if chance.random() < 0.3:
        fields |= {chance.choice(CONTROLS): odd(chance)}
    return fields


def address(chance: random.Random, noun: str, keys: list[str], names: list[str]) -> str:
    key = chance.choice(keys)
    return "/" + chance.choice(
        [
            noun,
            noun,
            f"{noun}/{key}",
            f"{noun}/{key}",
            f"{noun}/{key}",
            f"{noun}/{key}/fields/{chance.choice(names)}",
            f"{noun}/order",
            f"{noun}/actions/{chance.choice(['publish', 'paint', 'delete', 'nope'])}?sort=-{chance.choice(names)}&q=x",
        ]
    )


async def torment(client: Browser, nouns: dict[str, list[str]], seed: int, times: int) -> None:
    chance = random.Random(seed)
    keys = {}
    for noun in nouns:
        links = [link["href"] for link in (await client.get(f"/{noun}")).page.all("open")]
        keys[noun] = [link.removeprefix(f"/{noun}/").removesuffix("/edit") for link in links] or ["1"]
    for number in range(times):
        noun = chance.choice(list(nouns))
        path, fields = address(chance, noun, keys[noun], nouns[noun]), filled(chance, nouns[noun])
        headers = PARTIAL if chance.random() < 0.3 else {}
        answer = await client.post(path, headers, **fields)
        check(answer, (seed, number, path, fields))
        if number % 10 == 0:
            for shown in (f"/{noun}", f"/{noun}?q=good&sort={chance.choice(nouns[noun])}", "/"):
                check(await client.get(shown), shown)


def check(answer: Answer, what: Any) -> None:
    assert answer.status < 500, (what, answer)
    assert "<script>alert" not in answer.html, what


async def test_the_product_bears_odd_forms(client: Browser, add: Add) -> None:
    drinks, hot = category("Drinks"), tag("hot")
    rows = [article(f"Tea {n}", category=drinks, tags=[hot], publish_time=NOON) for n in range(4)]
    await add(*rows, *banners("abc"), *banners("xy", Placement.app), customer("u/1"), customer("u2"))
    for seed in (1, 2):
        await torment(client, PRODUCT, seed, 80)


async def test_the_laboratory_bears_odd_forms(lab: Browser, add: Add) -> None:
    await add(
        *[Gadget(title=f"Kettle {n}", owner=Owner(name="Ada"), parts=[Part(name="Lid")]) for n in range(3)],
        *[Pair(region="a~/", number=n) for n in range(3)],
        *[Word(word=word) for word in ("new", "a/b", "..")],
        *[Step(title=f"S{n}", plan=None if n % 2 else "a", rank=n) for n in range(6)],
        *[Sample(name=f"N{n}") for n in range(3)],
    )
    for seed in (3, 4):
        await torment(lab, LAB, seed, 80)
