"""One table of mistakes, made on a page and in a call: the same sentence in both languages, and the code for it."""

from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from litestar import Litestar

from portal.models.article import Article
from portal.models.user import User
from portal.web.site import Site
from tests.api.conftest import Client
from tests.pages.browser import Browser
from tests.pages.content import article, banners, category, customer, tag
from tests.pages.lab import Gadget, Owner, Pair, Part, Step, Word
from tests.portals import Add, MakeBrowser, Read

pytestmark = pytest.mark.anyio

LANGUAGES = ("en", "zh-CN")


@dataclass(frozen=True)
class Case:
    """A value that can't be taken: as a form has it, as JSON has it, and the code."""

    noun: str
    field: str
    typed: str | list[str]
    code: str
    sent: Any = ...
    """In JSON; what was typed unless it is something else."""
    name: str = ""
    """In JSON; the field's own unless it is something else."""

    @property
    def value(self) -> Any:
        return self.typed if self.sent is ... else self.sent

    @property
    def pointer(self) -> str:
        return f"/{self.name or self.field}"


def gadget(field: str, typed: str | list[str], code: str, sent: Any = ..., name: str = "") -> Case:
    return Case("gadgets", field, typed, code, sent, name)


BIG, TINY = 2**31, -(2**31) - 1

LABORATORY = [
    gadget("title", "", "required"),
    gadget("title", "   ", "required"),
    gadget("title", "\t\n", "required"),
    gadget("title", "", "required", None),
    gadget("title", "x" * 61, "too-long"),
    gadget("title", "茶" * 61, "too-long"),
    gadget("title", "😀" * 61, "too-long"),
    gadget("title", "nul\0", "characters"),
    gadget("title", "bell\x07", "characters"),
    gadget("title", "del\x7f", "characters"),
    gadget("notes", "line\x0bfeed", "characters"),
    gadget("body", "<p>\0</p>", "characters"),
    gadget("code", "x" * 21, "too-long"),
    gadget("code", "K-1", "taken"),
    gadget("count", str(BIG), "out-of-range", BIG),
    gadget("count", str(TINY), "out-of-range", TINY),
    gadget("count", "9" * 18, "out-of-range", int("9" * 18)),
    gadget("huge", str(2**63), "out-of-range", 2**63),
    gadget("huge", str(-(2**63) - 1), "out-of-range", -(2**63) - 1),
    gadget("tiny", "32768", "out-of-range", 32768),
    gadget("tiny", "-32769", "out-of-range", -32769),
    gadget("price", "12.345", "out-of-range"),
    gadget("price", "12.345", "out-of-range", 12.345),
    gadget("price", "1000000", "out-of-range", 1_000_000),
    gadget("price", "-1000000", "out-of-range"),
    gadget("price", "1e400", "type"),
    gadget("price", "1e-400", "out-of-range"),
    gadget("price", "9" * 40, "out-of-range"),
    gadget("price", "8.139058485034258e+43", "out-of-range", 8.139058485034258e43),
    gadget("price", "0." + "1" * 40, "out-of-range"),
    gadget("price", "NaN", "type"),
    gadget("price", "Infinity", "type"),
    gadget("price", "twelve", "type"),
    gadget("price", "9" * 70, "type"),
    gadget("colour", "green", "choice"),
    gadget("colour", "DEEP_BLUE", "choice"),
    gadget("level", "3", "choice", 3),
    gadget("level", "low", "choice"),
    gadget("born", "2026-02-30", "format"),
    gadget("born", "31.12.2026", "format"),
    gadget("born", "0000-01-01", "format"),
    gadget("born", "10000-01-01", "format"),
    gadget("opens", "25:00", "format"),
    gadget("opens", "noon", "format"),
    gadget("starts", "2026-13-01T00:00", "format"),
    gadget("starts", "yesterday", "format"),
    gadget("starts", "9999-12-31T23:59-14:00", "format"),
    gadget("starts", "0001-01-01T00:00+14:00", "format"),
    gadget("homepage", "javascript:alert(1)", "format"),
    gadget("homepage", "JaVaScRiPt://x/%0aalert(1)", "format"),
    gadget("homepage", "//evil.example", "format"),
    gadget("homepage", "/\\evil.example", "format"),
    gadget("homepage", "data:text/html,x", "format"),
    gadget("homepage", "https://", "format"),
    gadget("homepage", "http://[x", "format"),
    gadget("homepage", "https://example.com/" + "x" * 200, "too-long"),
    gadget("email", "nobody", "format"),
    gadget("email", "a@b@c.de", "format"),
    gadget("email", "a b@c.de", "format"),
    gadget("email", "a" * 65 + "@example.com", "format"),
    gadget("email", "a@" + "b" * 255 + ".de", "too-long"),
    gadget("api_token", "x" * 101, "too-long"),
    gadget("api_token", "a\0b", "characters"),
    gadget("settings", '{"a": "\\u0000"}', "characters", {"a": "\0"}),
    gadget("photo", "../../etc/passwd", "file"),
    gadget("photo", "/etc/passwd", "file"),
    gadget("photo", "javascript:alert(1)", "file"),
    gadget("photo", "2026/01/01/nowhere.webp", "gone"),
    gadget("manual_file", "a\\b", "file"),
    gadget("owner", "999999", "gone", 999999, "owner_id"),
    gadget("owner", "-1", "gone", -1, "owner_id"),
    gadget("owner", str(2**70), "gone", 2**70, "owner_id"),
    gadget("parts", ["999999"], "gone", [999999]),
    gadget("parts", ["x"], "gone", ["x"]),
    Case("pairs", "region", "", "required"),
    Case("pairs", "region", "n", "taken"),
    Case("pairs", "label", "x" * 61, "too-long"),
    Case("words", "word", "tea", "taken"),
    Case("words", "word", "x" * 61, "too-long"),
    Case("steps", "plan", "c", "choice"),
]

PRODUCT = [
    Case("articles", "title", "x" * 201, "too-long"),
    Case("articles", "slug", "tea", "taken"),
    Case("articles", "status", "burnt", "choice"),
    Case("articles", "publish_time", "2026-02-30T10:00", "format"),
    Case("articles", "category", "999999", "gone", 999999, "category_id"),
    Case("articles", "tags", ["999999"], "gone", [999999]),
    Case("articles", "cover", "2026/01/01/nowhere.webp", "gone"),
    Case("articles", "gallery", ["../x"], "file", ["../x"]),
    Case("banners", "placement", "moon", "choice"),
    Case("banners", "link", "mailto:a@b.de", "format"),
    Case("banners", "ends_at", "2026-02-02T09:00", "order"),
    Case("tags", "name", "hot", "taken"),
    Case("customers", "user_id", "u1", "taken"),
    Case("customers", "email", "nobody", "format"),
]

GOOD: dict[str, dict[str, Any]] = {
    "gadgets": {"title": "Good title"},
    "pairs": {"region": "n", "number": 1},
    "words": {"word": "new"},
    "steps": {"title": "Good title"},
    "articles": {"title": "Good title"},
    "banners": {"title": "Good title", "starts_at": "2026-02-02T10:00Z"},
    "tags": {"name": "new"},
    "customers": {"user_id": "new", "nickname": "Somebody"},
}


async def on_page(browser: Browser, case: Case, language: str) -> str:
    """The sentence beside the field."""
    typed = {**GOOD[case.noun], case.field: case.typed}
    answer = await browser.post(f"/{case.noun}", {"Accept-Language": language}, **typed)
    assert answer.status == 422, (case, answer)
    return answer.errors()[case.field]


async def in_call(api: httpx.AsyncClient, case: Case, language: str) -> tuple[str, str]:
    """The code and the sentence at the pointer."""
    sent = {**GOOD[case.noun], case.name or case.field: case.value}
    answer = await api.post(f"/api/{case.noun}", json=sent, headers={"Accept-Language": language})
    assert answer.status_code == 422, (case, answer.text)
    problem = answer.json()
    assert problem["code"] == "input"
    found = [error for error in problem["errors"] if error["pointer"] == case.pointer]
    assert len(found) == 1, (case, problem)
    return found[0]["code"], found[0]["detail"]


async def check(browser: Browser, api: httpx.AsyncClient, cases: list[Case]) -> None:
    for case in cases:
        said = set()
        for language in LANGUAGES:
            code, sentence = await in_call(api, case, language)
            assert (code, sentence) == (case.code, await on_page(browser, case, language)), (case, language)
            said.add(sentence)
        assert len(said) == 2, f"not translated: {said}"


async def test_columns_of_every_kind(lab_app: Litestar, browse: MakeBrowser, client: Client, add: Add) -> None:
    await add(
        Gadget(title="Holder", code="K-1"),
        Pair(region="n", number=1, label="North one"),
        Word(word="tea"),
        Owner(name="Ada"),
        Part(name="Lid"),
        Step(title="First", plan="a"),
    )
    await check(await browse(lab_app, "lena"), await client("*.*", app=lab_app), LABORATORY)


async def test_rules_of_the_product(portal_app: Litestar, browse: MakeBrowser, client: Client, add: Add) -> None:
    await add(article("Tea"), tag("hot"), customer("u1"))
    await check(await browse(portal_app, "maria"), await client("*.*"), PRODUCT)


def test_there_are_many_cases() -> None:
    assert len(LABORATORY) + len(PRODUCT) >= 60
    assert {case.code for case in [*LABORATORY, *PRODUCT]} >= {
        *("required", "too-long", "characters", "taken", "out-of-range", "type", "choice", "format", "file", "gone"),
        "order",
    }


def detail(answer: httpx.Response) -> tuple[int, str, str]:
    problem = answer.json()
    return answer.status_code, problem["code"], problem["detail"]


async def test_refusals_that_are_about_no_field(
    portal_app: Litestar, browse: MakeBrowser, client: Client, add: Add
) -> None:
    """Stale, still in use, gone, moved from a place that is no more; for pages, a status of pages."""
    await add(tea := article("Tea", category=(drinks := category("Drinks"))), *(two := banners("ab")))
    browser, api = await browse(portal_app, "maria"), await client("*.*")
    row, section, moved = f"/articles/{tea.id}", f"/categories/{drinks.id}", str(two[0].id)
    for language in LANGUAGES:
        spoken = {"Accept-Language": language}

        page = await browser.post(row, spoken, title="Mine", _version="0")
        call = await api.patch(f"/api{row}", json={"title": "Mine"}, headers={**spoken, "If-Match": '"0"'})
        status, code, sentence = detail(call)
        assert (page.status, status, code) == (409, 412, "precondition")
        assert sentence in page.page.text

        page = await browser.post(f"{section}/delete", spoken)  # lists who needs it, in words of its own
        status, code, _sentence = detail(await api.delete(f"/api{section}", headers=spoken))
        assert (page.status, status, code) == (409, 409, "conflict")

        page = await browser.post("/categories/actions/delete", spoken, ids=[str(drinks.id)], confirmed="1")
        sent = {"action": "delete", "keys": [str(drinks.id)]}
        status, code, sentence = detail(await api.post("/api/categories/bulk", json=sent, headers=spoken))
        assert (page.status, status, code) == (409, 409, "conflict")
        assert sentence in page.page.text

        page = await browser.get("/articles/999999", spoken)
        status, code, sentence = detail(await api.get("/api/articles/999999", headers=spoken))
        assert (page.status, status, code) == (404, 404, "not-found")
        assert sentence in page.page.text

        page = await browser.post("/articles/actions/publish", spoken, ids=[str(tea.id), "999999"])
        sent = {"action": "publish", "keys": [str(tea.id), "999999"]}
        status, code, sentence = detail(await api.post("/api/articles/bulk", json=sent, headers=spoken))
        assert (page.status, status, code) == (409, 409, "conflict")
        assert sentence in page.page.text

        page = await browser.post("/banners/order", spoken, id=moved, after="999999")
        place = {"key": moved, "after": "999999"}
        status, code, sentence = detail(await api.post("/api/banners/order", json=place, headers=spoken))
        assert (page.status, status, code) == (303, 409, "conflict")
        assert (await browser.get(page.location, spoken)).toasts() == [sentence]


async def test_what_a_person_may_not_their_token_may_not(
    portal_app: Litestar, browse: MakeBrowser, client: Client, add: Add, site: Site, read: Read
) -> None:
    await add(tea := article("Tea"), tag("hot"))
    browser = await browse(portal_app, "erik", ["articles.view"])
    (user,) = await read(User.__table__.select().with_only_columns(User.id))
    issued = await site.tokens.issue("erik's", kind="user", subject=str(user), scopes=["*.*"])
    api = await client(Authorization=f"Bearer {issued.text}")
    assert (await api.get("/api/articles")).status_code == 200
    for language in LANGUAGES:
        spoken = {"Accept-Language": language}
        row = f"/articles/{tea.id}"
        pages = [
            await browser.post("/articles", spoken, title="x"),
            await browser.post(row, spoken, title="x"),
            await browser.post(f"{row}/delete", spoken),
            await browser.get("/tags", spoken),
        ]
        calls = [
            await api.post("/api/articles", json={"title": "x"}, headers=spoken),
            await api.patch(f"/api{row}", json={"title": "x"}, headers=spoken),
            await api.delete(f"/api{row}", headers=spoken),
            await api.get("/api/tags", headers=spoken),
        ]
        for page, call in zip(pages, calls, strict=True):
            status, code, sentence = detail(call)
            assert (page.status, status, code) == (403, 403, "denied")
            assert sentence in page.page.text
    assert await read(Article.__table__.select().with_only_columns(Article.title)) == ["Tea"]
