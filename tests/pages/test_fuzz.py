"""Odd forms and odd addresses to every route: never an error of ours, and what is refused is not stored.

The same every time: a failure names the request, and the seed draws it again.
"""

import random
import re
from typing import Any
from urllib.parse import quote_from_bytes, urlencode

import pytest
from litestar import Litestar
from sqlalchemy import select

from portal.web.site import Site
from tests.pages.browser import ORIGIN, Answer, Browser
from tests.pages.content import article, articles, banners, category, customer, tag
from tests.pages.lab import Gadget, Owner, Pair, Part, Sample, Step, Word
from tests.portals import Add, MakeBrowser, Read

pytestmark = pytest.mark.anyio

Keys = dict[str, list[str]]
"""Noun -> the keys of its rows."""

SEED = 20260301
FORMS = 150
"""For each database and application."""

VALUES: list[bytes] = [
    b"", b" ", b"0", b"1", b"-1", b"on", b"true", b"null", b"None", b"[]", b"{}", b"x", b"x" * 300,
    b"x" * 70_000, b"\0", b"a\0b", b"\xff\xfe", b"\xed\xa0\x80", b"\xf4\x90\x80\x80",
    "\u202e\u200b\ufeff".encode(), b"\r\n\r\n", b"\x1b[2J", "茶".encode(), "😀".encode() * 255,
    b"<script>alert(1)</script>", b"{{ 7*7 }}", b"%s%n", b"{0.__class__}", b"' OR 1=1 --", b"9" * 19,
    b"9" * 400, b"-" + b"9" * 30, b"1e999", b"1e-999", b"NaN", b"Infinity", b"-0", b"0x10", b"1_000",
    "٣".encode(), b"1.005", b"99999999.99", b"0.001", b"2026-02-30", b"0001-01-01", b"9999-12-31T23:59:59",
    b"2026-03-01T18:30", b"2026-03-01", b"18:30", b"24:00", b"2026-03-01T18:30+14:00",
    b"0001-01-01T00:00+14:00", b"draft", b"published", b"home", b"https://example.com/",
    b"javascript:alert(1)", b"//evil.example", b"http://[", b"https://[::1", b"/ok", b"a@b.example",
    b"covers/a.webp", b"../../etc/passwd", b'{"a": [1, 2]}', b'"\\u0000"', b'"\\ud800"', b"[" * 5000,
    b"1" * 5000, b"up 1", b"top", b"bottom 1", b"to", b"~", b"~~", b"new", b"%", b"%00", b".", b"..", b"1~2",
    b"red", b"admin", b"save",
]  # fmt: skip

SPECIAL = (
    "_version _base _then _return _csrf_token find ids all confirmed move id after before to number next value "
    "username password remember old new repeat theme density language time_zone q sort page size keep"
).split()
"""Names that forms of the portal carry besides the fields of a noun."""

TYPES = [
    "application/x-www-form-urlencoded",
    "application/x-www-form-urlencoded; charset=utf-16",
    "application/json",
    "multipart/form-data",
    "multipart/form-data; boundary=x",
    "text/plain",
    "image/png",
    "",
    "nonsense/\u00ff",
]

PARAMETERS = "q sort page size after before status category publish_time_from publish_time_to placement rows".split()


def routes(app: Litestar, method: str) -> list[str]:
    """The paths of the portal that take this method, with `{key}` where something is to be filled in; those of the
    API refuse in their own way, which `tests/api` look at."""
    return sorted(
        {
            re.sub(r"\{(\w+):\w+\}", r"{\1}", route.path_format if "{" in route.path else route.path)
            for route in app.routes
            if method in getattr(route, "methods", ()) and not route.path.startswith(("/static", "/api"))
        }
    )


class Fuzzer:
    """Draws requests."""

    def __init__(self, seed: int, site: Site, keys: Keys) -> None:
        self.draw = random.Random(seed)
        self.site = site
        self.keys = keys

    def path(self, route: str) -> str:
        noun = route.strip("/").partition("/")[0]

        def fill(_found: re.Match[str]) -> str:
            if self.draw.random() < 0.7 and self.keys.get(noun):
                return quote_from_bytes(self.draw.choice(self.keys[noun]).encode(), safe="~")
            odd = self.draw.choice(VALUES)[:300].replace(b"/", b"")
            return quote_from_bytes(odd, safe="") or "%20"

        def name(found: re.Match[str]) -> str:
            resource = self.site.resources.get(noun)
            names = [field.name for field in resource.fields] if resource else []
            names += [action.name for action in resource.actions] if resource else []
            return self.draw.choice(names) if names and self.draw.random() < 0.9 else fill(found)

        return re.sub(r"\{[a-z]+\}", fill, re.sub(r"\{name\}", name, route))

    def pairs(self, route: str) -> list[tuple[str, bytes]]:
        resource = self.site.resources.get(route.strip("/").partition("/")[0])
        names = [field.name for field in resource.fields] if resource else []
        sent = [name for name in names if self.draw.random() < 0.8] + self.draw.sample(SPECIAL, 4)
        found = [(name, self.value(names, name)) for name in sent]
        if resource and self.draw.random() < 0.5:
            found.append(("ids", self.draw.choice(self.keys.get(resource.name) or ["1"]).encode()))
        found += self.draw.choices(found, k=self.draw.choice((0, 0, 0, 2, 5)))  # repeated
        return found

    def value(self, names: list[str], name: str) -> bytes:
        plain = name in names and self.draw.random() < 0.6
        return self.draw.choice((b"", b"1", b"Plain words", b"1")) if plain else self.draw.choice(VALUES)

    def query(self) -> str:
        names = [*PARAMETERS, *SPECIAL[:6], "\0", "ü"]
        pairs = [(self.draw.choice(names), self.draw.choice(VALUES)[:2000]) for _ in range(self.draw.randint(1, 5))]
        return (
            urlencode(pairs) if self.draw.random() < 0.8 else self.draw.choice(["%", "&&==", "%ff=%ff", "a=%zz", "?"])
        )


class Person:
    """Somebody signed in who comes back whenever a form has thrown them out."""

    def __init__(self, app: Litestar, browse: MakeBrowser, draw: random.Random) -> None:
        self.app, self.browse, self.draw = app, browse, draw
        self.browser: Browser | None = None
        self.times = 0

    async def get(self, path: str) -> Answer:
        browser = await self.signed_in()
        answer = await browser.get(path)
        self._leave(answer)
        return answer

    async def post(self, path: str, pairs: list[tuple[str, bytes]]) -> Answer:
        browser = await self.signed_in()
        token = await browser.token()
        kind = self.draw.choice(TYPES) if self.draw.random() < 0.15 else TYPES[0]
        headers = {"Content-Type": kind.encode("latin-1"), "Origin": ORIGIN.encode(), "X-CSRFToken": token.encode()}
        if self.draw.random() < 0.3:
            headers |= {
                "HX-Request": b"true",
                "HX-Request-Type": b"partial",
                "HX-Current-URL": b"http://localhost/%ff?q=%00",
            }
        answer = Answer(await browser.http.post(browser.path + path, content=urlencode(pairs), headers=headers))
        self._leave(answer)
        return answer

    async def signed_in(self) -> Browser:
        if self.browser is None:
            self.times += 1
            self.browser = await self.browse(self.app, f"fuzz{self.times}")
        return self.browser

    def _leave(self, answer: Answer) -> None:
        if answer.status == 401 or "/sign-in" in answer.location:
            self.browser = None


def rows_of(site: Site, noun: str) -> Any:
    resource = site.resources.get(noun)
    return select(resource.facts.mapping.table) if resource is not None and noun != "users" else None


async def check_forms(app: Litestar, browse: MakeBrowser, read: Read, keys: Keys) -> None:
    site: Site = app.state.portal.site
    fuzzer = Fuzzer(SEED, site, keys)
    person = Person(app, browse, fuzzer.draw)
    seen: dict[int, int] = {}
    paths = [path for path in routes(app, "POST") if path != "/sign-out"]
    assert len(paths) > 30
    for number in range(FORMS):
        route = paths[number % len(paths)]
        noun = route.strip("/").partition("/")[0]
        statement = rows_of(site, noun)
        path, pairs = fuzzer.path(route), fuzzer.pairs(route)
        await person.signed_in()
        before = await read(statement) if statement is not None else []
        answer = await person.post(path, pairs)
        told = f"{number}: POST {path} {pairs!r:.1500} -> {answer!r:.300}"
        assert answer.status < 500, told
        seen[answer.status] = seen.get(answer.status, 0) + 1
        if answer.status >= 400 and statement is not None:
            assert sorted(map(repr, await read(statement))) == sorted(map(repr, before)), told
    assert seen.get(422, 0) > 10 and seen.get(303, 0) > 10, seen
    await check_stored(site, person, read)


async def check_stored(site: Site, person: Person, read: Read) -> None:
    """Every row that is there now obeys its model, and can be looked at."""
    for resource in site.resources.values():
        mapping = resource.facts.mapping
        for row in await read(select(mapping.table)):
            values = dict(zip([column.name for column in mapping.table.columns], row, strict=True))
            for name, column in mapping.columns.items():
                found, value = resource.facts.attributes[name], values[column.name]
                if isinstance(value, str):
                    assert found.max_length is None or len(value) <= found.max_length, (resource.name, name)
                    assert not re.search("[\0\ud800-\udfff]", value), (resource.name, name, value)
                if found.choices and value is not None:
                    assert value in dict(found.choices), (resource.name, name, value)
                assert value is not None or column.nullable, (resource.name, name)
        listed = await person.get(f"/{resource.name}?size=100")
        assert listed.status == 200, resource.name
        for key in listed.rows()[:10]:
            for tail in ("", "/edit", "/delete"):
                path = f"/{resource.name}/{quote_from_bytes(key.encode(), safe='~')}{tail}"
                assert (await person.get(path)).status == 200, path


async def check_addresses(app: Litestar, browse: MakeBrowser, keys: Keys) -> None:
    fuzzer = Fuzzer(SEED, app.state.portal.site, keys)
    person = Person(app, browse, fuzzer.draw)
    for route in routes(app, "GET"):
        for _ in range(3):
            path = f"{fuzzer.path(route)}?{fuzzer.query()}"
            answer = await person.get(path)
            assert answer.status < 500 or (route == "/health/ready"), (path, answer)
            parameters = "{" in route or route == "/uploads/library"  # which is asked for a field
            assert parameters or answer.status in {200, 303}, (path, answer)


@pytest.fixture
async def product_keys(portal_app: Litestar, add: Add) -> Keys:
    rows: dict[str, list[Any]] = {
        "articles": [article("Tea", category=category("Drinks"), tags=[tag("hot")]), *articles(8)],
        "banners": banners("abcd"),
        "customers": [customer("wx/42"), customer("new"), customer("a~b")],
    }
    await add(*[row for found in rows.values() for row in found])
    site: Site = portal_app.state.portal.site
    return {name: [site.resources[name].facts.mapping.key_of(row) for row in found] for name, found in rows.items()}


@pytest.fixture
async def lab_keys(lab_app: Litestar, add: Add) -> Keys:
    rows: dict[str, list[Any]] = {
        "gadgets": [Gadget(title=title, owner=Owner(name="Ada"), parts=[Part(name="Lid")]) for title in ("Pot", "Pan")],
        "pairs": [Pair(region="north", number=1), Pair(region="a~b", number=2)],
        "words": [Word(word=word) for word in ("new", "/", ".", "a b", "%")],
        "steps": [Step(title=title, plan="a", rank=n) for n, title in enumerate("abc")],
        "samples": [Sample(name="x")],
    }
    await add(*[row for found in rows.values() for row in found])
    site: Site = lab_app.state.portal.site
    return {name: [site.resources[name].facts.mapping.key_of(row) for row in found] for name, found in rows.items()}


async def test_odd_forms_to_the_product(
    portal_app: Litestar, browse: MakeBrowser, read: Read, product_keys: Keys
) -> None:
    await check_forms(portal_app, browse, read, product_keys)


async def test_odd_forms_to_columns_of_every_kind(
    lab_app: Litestar, browse: MakeBrowser, read: Read, lab_keys: Keys
) -> None:
    await check_forms(lab_app, browse, read, lab_keys)


async def test_odd_addresses(portal_app: Litestar, browse: MakeBrowser, product_keys: Keys) -> None:
    await check_addresses(portal_app, browse, product_keys)


async def test_odd_addresses_of_odd_keys(lab_app: Litestar, browse: MakeBrowser, lab_keys: Keys) -> None:
    await check_addresses(lab_app, browse, lab_keys)
