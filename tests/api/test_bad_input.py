"""Whatever is wrong with a call: its own status and code, as problem details, and never a fault of ours."""

import json
import re
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
from jsonschema import Draft202012Validator
from litestar import Litestar
from sqlalchemy import func, select, update

from api.problems import Problem
from portal.models.api_token import ApiToken
from portal.models.article import Article
from portal.web.site import Site
from tests.api.conftest import Client
from tests.pages.content import article, articles, banners, category
from tests.pages.lab import Gadget
from tests.portals import Add, MakeBrowser, Read

pytestmark = pytest.mark.anyio

SCHEMA = Draft202012Validator(msgspec.json.schema(Problem))
JSON = "application/json"
TEA = b'{"title": "Tea"}'
COUNT = select(func.count()).select_from(Article)


def refused(answer: httpx.Response, status: int, code: str) -> dict[str, Any]:
    """The problem of an answer that is to be refused like this."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert "no-store" in answer.headers["cache-control"]
    problem: dict[str, Any] = answer.json()
    SCHEMA.validate(problem)
    assert (problem["status"], problem["code"]) == (status, code), problem
    assert problem["type"] == f"urn:fastor:problem:{code}"
    assert problem["title"] and problem["detail"]
    return problem


def field_codes(problem: dict[str, Any], key: str = "pointer") -> dict[str, str]:
    return {error[key]: error["code"] for error in problem["errors"]}


# -- bodies

MALFORMED: list[tuple[bytes, str]] = [
    (b"", "malformed-body"),
    (b" ", "malformed-body"),
    (b"{", "malformed-body"),
    (b'{"title": "Tea"', "malformed-body"),
    (b'{"title": "Tea"}}', "malformed-body"),
    (b"{'title': 'Tea'}", "malformed-body"),
    (b'{"title": NaN}', "malformed-body"),
    (b'{"title": Infinity}', "malformed-body"),
    (b'{"title": 01}', "malformed-body"),
    (b'{"title": "a\nb"}', "malformed-body"),
    (b'{"title": "\\x"}', "malformed-body"),
    (b"title=Tea", "malformed-body"),
    (b"\xef\xbb\xbf{}", "malformed-body"),
    (b"\xff\xfe", "malformed-body"),
    (b'{"title": "\xff"}', "malformed-body"),
    (b'{"title": "\xed\xa0\x80"}', "malformed-body"),
    (b'{"title": "\\ud800"}', "malformed-body"),
    (b'{"title": "\\udc00\\ud800"}', "malformed-body"),
    (b'{"title": "\xc0\x80"}', "malformed-body"),
    (b'{"title": ' + b"[" * 33 + b"]" * 33 + b"}", "too-deep"),
    (b'{"a":' * 40 + b"1" + b"}" * 40, "too-deep"),
    (b"[" * 200_000, "too-deep"),
    (b'{"title": ' + b"[" * 200_000 + b"]" * 200_000 + b"}", "too-deep"),
]

WRONG: list[tuple[Any, dict[str, str]]] = [
    ([], {"": "type"}),
    ("Tea", {"": "type"}),
    (None, {"": "type"}),
    (7, {"": "type"}),
    ({}, {"/title": "required"}),
    ({"title": None}, {"/title": "required"}),
    ({"title": 7}, {"/title": "type"}),
    ({"title": True}, {"/title": "type"}),
    ({"title": ["Tea"]}, {"/title": "type"}),
    ({"title": {"a": 1}}, {"/title": "type"}),
    ({"title": "Tea", "pinned": 1}, {"/pinned": "type"}),
    ({"title": "Tea", "pinned": "true"}, {"/pinned": "type"}),
    ({"title": "Tea", "status": 1.5}, {"/status": "type"}),
    ({"title": "Tea", "status": ""}, {"/status": "choice"}),
    ({"title": "Tea", "category_id": "1"}, {"/category_id": "type"}),
    ({"title": "Tea", "category_id": True}, {"/category_id": "type"}),
    ({"title": "Tea", "category_id": 1e300}, {"/category_id": "type"}),
    ({"title": "Tea", "tags": 1}, {"/tags": "type"}),
    ({"title": "Tea", "tags": [1, None]}, {"/tags/1": "type"}),
    ({"title": "Tea", "gallery": "covers/a.webp"}, {"/gallery": "type"}),
    ({"title": "Tea", "publish_time": 1_700_000_000}, {"/publish_time": "type"}),
    ({"title": "Tea", "publish_time": ""}, {"/publish_time": "format"}),
    ({"title": "x" * 201}, {"/title": "too-long"}),
    ({"title": "a\0b"}, {"/title": "characters"}),
    ({"title": "Tea", "colour": "red"}, {"/colour": "unknown"}),
    ({"title": "Tea", "a/b~c": 1}, {"/a~1b~0c": "unknown"}),
    ({"title": "Tea", "__class__": {}}, {"/__class__": "unknown"}),
    ({"title": "Tea", "id": 7}, {"/id": "read-only"}),
    ({"title": "Tea", "version": 7}, {"/version": "read-only"}),
    ({"title": "Tea", "created_by": "eve"}, {"/created_by": "read-only"}),
    ({"title": "Tea", "created_at": "2020-01-01T00:00:00Z"}, {"/created_at": "read-only"}),
    ({"title": "Tea", "cover_url": "https://evil.example/"}, {"/cover_url": "unknown"}),
    ({"colour": 1, "title": "", "status": "nope"}, {"/colour": "unknown", "/title": "required", "/status": "choice"}),
]


async def test_bodies_that_are_no_json(client: Client, read: Read) -> None:
    api = await client("articles.*")
    for method, path in (("POST", "/api/articles"), ("PATCH", "/api/articles/1"), ("PUT", "/api/articles/1")):
        for body, code in MALFORMED:
            answer = await api.request(method, path, content=body, headers={"Content-Type": JSON})
            refused(answer, 400, code)
    assert await read(COUNT) == [0]


async def test_values_that_can_not_be_taken(client: Client, read: Read) -> None:
    api = await client("articles.*")
    for body, expected in WRONG:
        answer = await api.post("/api/articles", content=json.dumps(body), headers={"Content-Type": JSON})
        assert field_codes(refused(answer, 422, "input")) == expected, body
    assert await read(COUNT) == [0]


async def test_other_kinds_of_bodies(client: Client) -> None:
    api = await client("articles.*")
    kinds = [
        "text/plain",
        "text/html",
        "application/xml",
        "multipart/form-data; boundary=x",
        "image/png",
        "nonsense",
        "",
    ]
    for kind in [*kinds, "application/x-www-form-urlencoded", "text/json", "application/jsonx"]:
        answer = await api.post("/api/articles", content=TEA, headers={"Content-Type": kind})
        refused(answer, 415, "content-type")
    refused(await api.post("/api/articles", content=TEA), 415, "content-type")
    for kind in ("application/json; charset=utf-8", "Application/JSON", "application/merge-patch+json"):
        assert (await api.post("/api/articles", content=TEA, headers={"Content-Type": kind})).status_code == 201
    utf16 = '{"title": "Tea"}'.encode("utf-16")
    answer = await api.post(
        "/api/articles", content=utf16, headers={"Content-Type": "application/json; charset=utf-16"}
    )
    refused(answer, 400, "malformed-body")


async def test_bodies_that_are_too_big(client: Client, read: Read) -> None:
    """By what is announced, and by what comes when nothing is."""
    api = await client("articles.*")
    sizes = (1_100_000, 3_000_000, 90_000_000)

    async def stream(size: int) -> AsyncIterator[bytes]:
        yield b'{"title": "'
        for _ in range(size // 100_000):
            yield b"x" * 100_000
        yield b'"}'

    for size in sizes[:2]:
        whole = b'{"title": "' + b"x" * size + b'"}'
        refused(await api.post("/api/articles", content=whole, headers={"Content-Type": JSON}), 413, "too-large")
    for size in sizes:
        answer = await api.post("/api/articles", content=stream(size), headers={"Content-Type": JSON})
        refused(answer, 413, "too-large")
    assert await read(COUNT) == [0]


async def test_more_than_a_few_faults_are_told_at_once(client: Client) -> None:
    api = await client("articles.*")
    body = {f"unknown{n}": n for n in range(300)}
    problem = refused(await api.post("/api/articles", json=body), 422, "input")
    assert len(problem["errors"]) == 301


# -- addresses

PARAMETERS: list[tuple[str, dict[str, str]]] = [
    ("colour=red", {"colour": "unknown"}),
    ("status=burnt", {"status": "filter"}),
    ("status=draft&status=burnt", {"status": "filter"}),
    ("status=", {"status": "filter"}),
    ("status=%00", {"status": "filter"}),
    ("status=%ff", {"status": "filter"}),
    ("pinned=yes", {"pinned": "filter"}),
    ("pinned=1&pinned=", {"pinned": "filter"}),
    ("category=x", {"category": "filter"}),
    ("category=99999999999999999999", {"category": "filter"}),
    ("category=1&category=%2B1", {"category": "filter"}),
    ("&".join(["category=1"] * 51), {"category": "filter"}),
    ("publish_time_from=yesterday", {"publish_time_from": "filter"}),
    ("publish_time_from=2026-02-30", {"publish_time_from": "filter"}),
    ("publish_time_to=", {"publish_time_to": "filter"}),
    ("sort=body", {"sort": "sort"}),
    ("sort=", {"sort": "sort"}),
    ("sort=title,", {"sort": "sort"}),
    ("sort=--title", {"sort": "sort"}),
    ("sort=title,status,views,pinned", {"sort": "sort"}),
    ("sort=title;drop%20table", {"sort": "sort"}),
    ("page=0", {"page": "out-of-range"}),
    ("page=101", {"page": "out-of-range"}),
    ("page=-1", {"page": "type"}),
    ("page=x", {"page": "type"}),
    ("page=", {"page": "type"}),
    ("page=1e2", {"page": "type"}),
    ("page=%D9%A3", {"page": "type"}),
    ("size=0", {"size": "out-of-range"}),
    ("size=101", {"size": "out-of-range"}),
    ("size=", {"size": "type"}),
    ("after=x", {"after": "cursor"}),
    ("after=%00", {"after": "cursor"}),
    ("before=eyJhIjogMX0", {"before": "cursor"}),
    ("after=" + "A" * 5000, {"after": "cursor"}),
    ("after=%E8%8C%B6", {"after": "cursor"}),
    ("q=" + "x" * 201, {"q": "too-long"}),
    ("fields=colour", {"fields": "unknown"}),
    ("fields=", {"fields": "unknown"}),
    ("fields=title,,id", {"fields": "unknown"}),
    ("fields=category", {"fields": "unknown"}),
    ("fields=password_hash", {"fields": "unknown"}),
    ("include=colour", {"include": "unknown"}),
    ("include=", {"include": "unknown"}),
    ("include=category,__dict__", {"include": "unknown"}),
    ("_s_=1&_t_=2", {"_s_": "unknown", "_t_": "unknown"}),
]


async def test_addresses_that_are_not_understood(client: Client, add: Add) -> None:
    await add(*articles(3))
    api = await client("articles.*")
    for query, expected in PARAMETERS:
        problem = refused(await api.get(f"/api/articles?{query}"), 400, "parameters")
        assert field_codes(problem, "parameter") == expected, query
    for query in ("page=1", "size=5", "sort=id", "after=x", "fields=id", "include=tags"):
        problem = refused(await api.get(f"/api/articles/count?{query}"), 400, "parameters")
        assert field_codes(problem, "parameter") == {query.partition("=")[0]: "unknown"}
    for query in ("q=x", "page=1", "colour=red", "fields=colour", "include=", "fields=id&include=colour"):
        refused(await api.get(f"/api/articles/1?{query}"), 400, "parameters")
    problem = refused(await api.get("/api/keys?x=1"), 400, "parameters")
    assert field_codes(problem, "parameter") == {"x": "unknown"}


async def test_cursors_of_other_lists(client: Client, add: Add) -> None:
    await add(*articles(8))
    api = await client("articles.*")
    cursor = (await api.get("/api/articles?size=3")).json()["next"]
    assert (await api.get(f"/api/articles?size=3&after={cursor}")).status_code == 200
    altered = cursor[:-3] + ("AAA" if cursor[-3:] != "AAA" else "BBB")
    for wrong in (
        f"after={cursor}&sort=title",
        f"after={altered}",
        f"after={cursor[:-4]}",
        f"before={cursor}x{cursor}",
    ):
        problem = refused(await api.get(f"/api/articles?size=3&{wrong}"), 400, "parameters")
        assert set(field_codes(problem, "parameter").values()) == {"cursor"}


async def test_keys_and_addresses_that_lead_nowhere(client: Client, add: Add) -> None:
    await add(article("Tea"))
    api = await client("*.*")
    for key in (
        "0",
        "-1",
        "007",
        "+1",
        "1.0",
        "x",
        "1~2",
        "~",
        "%20",
        "9" * 40,
        "9" * 600,
        "%ff",
        "%F0%9F%98%80",
        "1%2F2",
    ):
        for method in ("GET", "PATCH", "PUT", "DELETE"):
            answer = await api.request(method, f"/api/articles/{key}", json={"title": "x"})
            refused(answer, 404, "not-found")
    for path in ("/api", "/api/", "/api/nothing", "/api/articles/1/2", "/api/users", "/api/roles", "/api/api-tokens"):
        for method in ("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"):
            refused(await api.request(method, path), 404, "not-found")


async def test_what_an_address_does_not_do(client: Client) -> None:
    api = await client("*.*")
    for method, path, allowed in (
        ("PATCH", "/api/articles", "GET, OPTIONS, POST"),
        ("DELETE", "/api/articles", "GET, OPTIONS, POST"),
        ("POST", "/api/articles/1", "DELETE, GET, OPTIONS, PATCH, PUT"),
        ("GET", "/api/articles/bulk", "OPTIONS, POST"),
        ("POST", "/api/articles/count", "GET, OPTIONS"),
    ):
        answer = await api.request(method, path, json={})
        refused(answer, 405, "method")
        assert answer.headers["allow"] == allowed
        told = await api.options(path)
        assert (told.status_code, told.headers["allow"]) == (204, allowed)
    for method in ("TRACE", "CONNECT", "BREW"):
        refused(await api.request(method, "/api/articles"), 405, "method")


async def test_what_no_route_should_see(client: Client) -> None:
    api = await client("*.*")
    refused(await api.get("/api/articles?q=" + "x" * 9000), 414, "address-too-long")
    refused(await api.get("/api/articles", headers={"X-Long": "x" * 9000}), 431, "headers-too-large")
    refused(await api.get("/api/articles", headers={"Host": "evil.example"}), 400, "malformed")
    refused(await api.get("/api/articles/%00"), 400, "malformed")


# -- many at once, and the order

TOGETHER: list[tuple[str, dict[str, Any], dict[str, str]]] = [
    ("bulk", {}, {"/action": "required"}),
    ("bulk", {"action": "explode", "keys": ["1"]}, {"/action": "choice"}),
    ("bulk", {"action": "delete"}, {"/keys": "invalid"}),
    ("bulk", {"action": "delete", "keys": ["1"], "matching": "q=x"}, {"/keys": "invalid"}),
    ("bulk", {"action": "delete", "keys": []}, {"/keys": "too-short"}),
    ("bulk", {"action": "delete", "keys": ["1"] * 501}, {"/keys": "too-long"}),
    ("bulk", {"action": "delete", "keys": [1]}, {"/keys/0": "type"}),
    ("bulk", {"action": "delete", "keys": "1"}, {"/keys": "type"}),
    ("bulk", {"action": "delete", "matching": "placement=moon"}, {"/matching": "filter"}),
    ("bulk", {"action": "delete", "matching": "placement="}, {"/matching": "filter"}),
    ("bulk", {"action": "delete", "matching": "colour=red"}, {"/matching": "unknown"}),
    ("bulk", {"action": "delete", "matching": "page=1"}, {"/matching": "unknown"}),
    ("bulk", {"action": "delete", "matching": "size=1"}, {"/matching": "unknown"}),
    ("bulk", {"action": "delete", "keys": ["1"], "force": True}, {"/force": "unknown"}),
    ("order", {"key": "1"}, {"/to": "invalid"}),
    ("order", {"key": "1", "to": "top", "after": "2"}, {"/to": "invalid"}),
    ("order", {"key": "1", "to": "sideways"}, {"/to": "choice"}),
    ("order", {"key": 1, "to": "top"}, {"/key": "type"}),
    ("order", {"key": "", "to": "top"}, {"/key": "too-short"}),
    ("order", {"key": "1", "to": "to", "number": 0}, {"/number": "out-of-range"}),
    ("order", {"to": "top"}, {"/key": "required"}),
]


async def test_many_rows_and_their_order(client: Client, add: Add) -> None:
    await add(*(rows := banners("abc")))
    api = await client("banners.*")
    for address, body, expected in TOGETHER:
        problem = refused(await api.post(f"/api/banners/{address}", json=body), 422, "input")
        assert field_codes(problem) == expected, body
    key = str(rows[0].id)
    for body in ({"key": "999999", "to": "top"}, {"key": key, "after": "x"}, {"key": key, "after": key, "before": key}):
        refused(await api.post("/api/banners/order", json=body), 409, "conflict")
    for keys in (["999999"], ["x"], [key, "a~b"]):
        refused(await api.post("/api/banners/bulk", json={"action": "delete", "keys": keys}), 409, "conflict")
    assert (await api.get("/api/banners/count")).json()["count"] == 3


# -- who calls


async def test_tokens_that_are_not_good(client: Client, site: Site, add: Add, database: Any) -> None:
    nobody = await client()
    refused(await nobody.get("/api/articles"), 401, "sign-in")
    foreign = "fst_" + "A" * 50
    for text in ("", "x", foreign, "fst_" + "é" * 10, "Bearer", "a b c", "fst_" + "A" * 5000):
        answer = await nobody.get("/api/articles", headers={"Authorization": f"Bearer {text}".encode()})
        refused(answer, 401, "invalid-token")
    for scheme in ("Basic YTpi", "Digest x", "Negotiate", "Token x", "x"):
        refused(await nobody.get("/api/articles", headers={"Authorization": scheme}), 401, "invalid-token")
    expired = await site.tokens.issue("short", scopes=["articles.view"], lifetime=timedelta(days=1))
    async with database.write() as session:
        past = site.tokens.clock() - timedelta(seconds=1)
        await session.execute(update(ApiToken).where(ApiToken.id == expired.row.id).values(expires_at=past))
        await session.commit()
    bearer = {"Authorization": f"Bearer {expired.text}"}
    refused(await nobody.get("/api/articles", headers=bearer), 401, "token-expired")
    ended = await site.tokens.issue("ended", scopes=["articles.view"])
    bearer = {"Authorization": f"Bearer {ended.text}"}
    assert (await nobody.get("/api/articles", headers=bearer)).status_code == 200
    await site.tokens.revoke(ended.row.id)
    answer = await nobody.get("/api/articles", headers=bearer)
    refused(answer, 401, "token-revoked")
    assert 'error="invalid_token"' in answer.headers["www-authenticate"]
    # in the address or in a cookie it is no token
    good = await site.tokens.issue("good", scopes=["articles.view"])
    refused(await nobody.get(f"/api/articles?access_token={good.text}"), 401, "sign-in")
    refused(await nobody.get("/api/articles", headers={"Cookie": f"token={good.text}"}), 401, "sign-in")


async def test_scopes_that_are_missing(client: Client, add: Add, read: Read) -> None:
    await add(tea := article("Tea", category=category("Drinks")))
    api = await client("articles.view")
    row = f"/api/articles/{tea.id}"
    for method, path, body, needed in (
        ("POST", "/api/articles", {"title": "x"}, "articles.create"),
        ("PATCH", row, {"title": "x"}, "articles.edit"),
        ("PUT", row, {"title": "x"}, "articles.edit"),
        ("DELETE", row, None, "articles.delete"),
        ("GET", "/api/tags", None, "tags.view"),
        ("GET", "/api/articles?include=category", None, "categories.view"),
        ("GET", f"{row}?include=tags", None, "tags.view"),
        ("POST", "/api/banners/order", {"key": "1", "to": "top"}, "banners.order"),
    ):
        problem = refused(await api.request(method, path, json=body), 403, "missing-scope")
        assert needed in problem["detail"]
    answer = await api.post("/api/articles/bulk", json={"action": "delete", "keys": [str(tea.id)]})
    refused(answer, 403, "denied")
    assert await read(select(Article.title)) == ["Tea"]


async def test_sessions_and_other_sites(portal_app: Litestar, client: Client, browse: MakeBrowser, read: Read) -> None:
    """Cookies mean nothing, so another site's page can call in nobody's name; with a token it is anybody's client."""
    browser = await browse(portal_app, "maria")
    cookies = "; ".join(f"{name}={value}" for name, value in browser.http.cookies.items())
    evil = {"Origin": "https://evil.example", "Referer": "https://evil.example/", "Sec-Fetch-Site": "cross-site"}
    nobody, api = await client(Cookie=cookies), await client("articles.*")
    for headers in ({}, evil):
        refused(await nobody.get("/api/articles", headers=headers), 401, "sign-in")
        answer = await nobody.post("/api/articles", json={"title": "Tea"}, headers=headers)
        refused(answer, 401, "sign-in")
    assert await read(COUNT) == [0]
    answer = await api.post("/api/articles", json={"title": "Tea"}, headers=evil)
    assert answer.status_code == 201
    preflight = await api.options(
        "/api/articles", headers={"Origin": "https://evil.example", "Access-Control-Request-Method": "POST"}
    )
    for found in (answer, preflight):
        assert not [name for name in found.headers if name.startswith("access-control-")]


# -- preconditions


async def test_preconditions(client: Client, add: Add, read: Read) -> None:
    await add(tea := article("Tea"))
    api = await client("articles.*")
    row = f"/api/articles/{tea.id}"
    for tag in ('"0"', "0", 'W/"7"', '"7", "8"', '"1x"', "nonsense", '"' + "1" * 400 + '"', ",", '"'):
        for method in ("PATCH", "PUT", "DELETE"):
            answer = await api.request(method, row, json={"title": "Mud"}, headers={"If-Match": tag})
            refused(answer, 412, "precondition")
    assert await read(select(Article.title)) == ["Tea"]
    gone = await api.patch("/api/articles/999999", json={"title": "x"}, headers={"If-Match": "*"})
    refused(gone, 404, "not-found")


# -- what is never told


async def test_secrets_are_never_shown(lab_app: Litestar, client: Client, add: Add, site: Site) -> None:
    secret = "hush-hush-7f3a"
    await add(pot := Gadget(title="Pot", api_token=secret))
    api = await client("*.*", app=lab_app)
    row = f"/api/gadgets/{pot.id}"
    answers = [
        await api.get("/api/gadgets"),
        await api.get(row),
        await api.get("/api/gadgets?q=hush"),
        await api.get("/api/gadgets?fields=api_token"),
        await api.get("/api/gadgets?sort=api_token"),
        await api.get(f"/api/gadgets?api_token={secret}"),
        await api.get(f"{row}?fields=title,api_token"),
        await api.patch(row, json={"title": "Pan", "api_token": secret}),
        await api.put(row, json={"title": "Pan", "api_token": secret}),
        await api.post("/api/gadgets", json={"title": "New", "api_token": secret}),
        await api.post("/api/gadgets", json={"title": "New", "api_token": secret + "\0"}),
        await api.post("/api/gadgets", json={"title": "New", "api_token": secret * 20}),
        await api.post("/api/gadgets", json={"title": "New", "api_token": [secret]}),
        await api.post("/api/gadgets", json={"title": "New", secret: 1, "api_token": secret}),
    ]
    for answer in answers[:-1]:
        assert secret not in answer.text and '"api_token":' not in answer.text, answer.text
    assert [answer.status_code for answer in answers] == [200] * 3 + [400] * 4 + [200] * 2 + [201] + [422] * 4
    token = api.headers["authorization"].partition(" ")[2]
    wrong = await api.get("/api/gadgets", headers={"Authorization": f"Bearer {token}x"})
    assert token not in wrong.text + str(wrong.headers)
    assert (await api.get("/api/gadgets?q=hush")).json()["items"] == []


async def test_a_fault_of_ours_says_no_more_than_its_number(
    client: Client, add: Add, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    await add(article("Tea"))
    api = await client("articles.view")

    def broken(*arguments: Any, **more: Any) -> Any:
        raise RuntimeError("the password is plum")

    monkeypatch.setattr("api.resource_endpoints.shown_row", broken)
    problem = refused(await api.get("/api/articles"), 500, "defect")
    assert "plum" not in json.dumps(problem)
    assert "plum" in caplog.text
    if "request_id" in problem:
        assert problem["request_id"] in caplog.text


def test_the_codes_of_this_file_are_documented() -> None:
    page = (Path(__file__).parents[2] / "docs" / "api" / "errors.md").read_text(encoding="utf-8")
    documented = re.findall(r"^\| (?:\d+ \| )?`([a-z-]+)` \|", page, re.MULTILINE)
    here = {code for _body, code in MALFORMED}
    here |= {code for _body, found in WRONG for code in found.values()}
    here |= {code for _query, found in PARAMETERS for code in found.values()}
    here |= {code for *_rest, found in TOGETHER for code in found.values()}
    assert here <= set(documented)
