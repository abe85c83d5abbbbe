"""Who is let in: tokens, signatures of both forms, sealed bodies; and how often."""

import hashlib
import json
import re
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest
from litestar import Litestar
from sqlalchemy import select

from portal.app import create_app
from portal.models.article import Article
from portal.settings import Settings
from portal.web.site import Site
from tests.api.conftest import Client
from tests.pages.content import article
from tests.portals import Add, Read, create_tables

pytestmark = pytest.mark.anyio

DOCS = Path(__file__).parents[2] / "docs" / "api"
HOST = "http://localhost:8000"
JSON = {"Content-Type": "application/json"}


def guide(name: str) -> dict[str, Any]:
    """The Python client that a guide publishes."""
    found = re.search(r"```python\n(.*?)```", (DOCS / name).read_text(encoding="utf-8"), re.DOTALL)
    assert found
    namespace: dict[str, Any] = {}
    exec(found[1], namespace)
    return namespace


SIGN = guide("signing.md")["sign"]
SEAL = guide("sealed-bodies.md")["seal"]


def code(answer: httpx.Response) -> str:
    assert answer.headers["content-type"] == "application/problem+json"
    found: str = answer.json()["code"]
    return found


async def test_nobody_and_tokens(client: Client, add: Add, site: Site) -> None:
    await add(article("one"))
    nobody = await client()
    refused = await nobody.get("/api/articles")
    assert (refused.status_code, code(refused)) == (401, "sign-in")
    assert refused.headers["www-authenticate"] == "Bearer"
    api = await client("articles.view")
    assert (await api.get("/api/articles")).status_code == 200
    refused = await api.post("/api/articles", json={"title": "Tea"})
    assert (refused.status_code, code(refused)) == (403, "missing-scope")
    assert "articles.create" in refused.json()["detail"]
    for wrong in ("Bearer", "Bearer x", "Basic YTpi", "Bearer fst_" + "a" * 50, "Fastor-HMAC-SHA256 key=x"):
        answer = await nobody.get("/api/articles", headers={"Authorization": wrong})
        assert answer.status_code in (401, 403), wrong
    issued = await site.tokens.issue("mine", scopes=["articles.view"])
    bearer = {"Authorization": f"Bearer {issued.text}"}
    assert (await nobody.get("/api/articles", headers=bearer)).status_code == 200
    await site.tokens.revoke(issued.row.id)
    refused = await nobody.get("/api/articles", headers=bearer)
    assert (refused.status_code, code(refused)) == (401, "token-revoked")


async def test_a_session_of_the_portal_is_worth_nothing(portal_app: Litestar, client: Client, browse: Any) -> None:
    browser = await browse(portal_app, "maria")
    cookies = "; ".join(f"{name}={value}" for name, value in browser.http.cookies.items())
    assert cookies
    nobody = await client(Cookie=cookies)
    assert (await nobody.get("/api/articles")).status_code == 401


async def test_signed_calls(client: Client, site: Site, read: Read) -> None:
    issued = await site.client_keys.issue("app", scopes=["articles.create", "articles.view"])
    key, secret = issued.row.key_id, issued.secret
    nobody = await client()
    body = json.dumps({"title": "Tea"}).encode()
    headers = SIGN("POST", f"{HOST}/api/articles", body, key, secret)
    assert (await nobody.post("/api/articles", content=body, headers={**headers, **JSON})).status_code == 201
    assert await read(select(Article.created_by)) == [f"client:{key}"]
    again = await nobody.post("/api/articles", content=body, headers={**headers, **JSON})
    assert (again.status_code, code(again)) == (403, "replayed")

    headers = SIGN("POST", f"{HOST}/api/articles", body, key, secret)
    altered = await nobody.post("/api/articles", content=body.replace(b"Tea", b"Mud"), headers={**headers, **JSON})
    assert (altered.status_code, code(altered)) == (403, "body-altered")

    for method, path, expected in (("GET", "/api/articles?size=5", 200), ("GET", "/api/articles?size=6", 403)):
        headers = SIGN(method, f"{HOST}/api/articles?size=5", b"", key, secret)
        assert (await nobody.request(method, path, headers=headers)).status_code == expected
    late = SIGN("GET", f"{HOST}/api/articles", b"", key, secret, now=int(time.time()) - 301)
    refused = await nobody.get("/api/articles", headers=late)
    assert (refused.status_code, code(refused)) == (410, "out-of-window")
    assert abs(refused.json()["server_time"] - time.time()) < 5
    wrong = SIGN("GET", f"{HOST}/api/articles", b"", key, "not the secret")
    refused = await nobody.get("/api/articles", headers=wrong)
    assert (refused.status_code, code(refused)) == (403, "signature-wrong")
    assert len(await read(select(Article.id))) == 1


async def test_sealed_bodies(client: Client, site: Site, read: Read) -> None:
    api = await client("articles.create", "articles.view")
    (key,) = (await (await client()).get("/api/keys")).json()["keys"]
    sent, open_answer = SEAL("POST", f"{HOST}/api/articles", json.dumps({"title": "Secret tea"}).encode(), key)
    sealed = {"Content-Type": "application/fastor-sealed+json"}
    answer = await api.post("/api/articles", content=sent, headers=sealed)
    assert (answer.status_code, answer.headers["content-type"]) == (201, sealed["Content-Type"])
    assert b"Secret" not in answer.content
    assert json.loads(open_answer(201, answer.content))["title"] == "Secret tea"
    again = await api.post("/api/articles", content=sent, headers=sealed)
    assert (again.status_code, code(again)) == (403, "replayed")

    sent, open_answer = SEAL("POST", f"{HOST}/api/articles", b'{"title": ""}', key)
    refused = await api.post("/api/articles", content=sent, headers=sealed)
    assert (refused.status_code, refused.headers["content-type"]) == (422, sealed["Content-Type"])
    assert json.loads(open_answer(422, refused.content))["errors"][0]["code"] == "required"
    sent, _open = SEAL("PATCH", f"{HOST}/api/articles", b'{"title": "x"}', key)
    assert code(await api.post("/api/articles", content=sent, headers=sealed)) == "seal-broken"
    assert len(await read(select(Article.id))) == 1


async def test_a_client_that_must_seal(client: Client, site: Site) -> None:
    issued = await site.client_keys.issue("app", scopes=["articles.create"], sealed_only=True)
    body = b'{"title": "Tea"}'
    headers = SIGN("POST", f"{HOST}/api/articles", body, issued.row.key_id, issued.secret)
    refused = await (await client()).post("/api/articles", content=body, headers={**headers, **JSON})
    assert (refused.status_code, code(refused)) == (415, "content-type")


def legacy(method: str, path: str, secret: str, moment: int | None = None, **sent: str) -> dict[str, str]:
    """What clients of the old kind put into the address (annex 2)."""
    now = str(moment or int(time.time()))
    text = f"{method}:{path}:{''.join(sorted(f'{name}={value}' for name, value in sent.items()))}:{now}:{secret}"
    return {"_s_": hashlib.md5(text.encode(), usedforsecurity=False).hexdigest(), "_t_": now}


async def test_the_old_form_of_signatures(tmp_path: Path) -> None:
    app = create_app(settings=Settings(secret="s" * 40, var=tmp_path, legacy_signing=True))
    site: Site = app.state.portal.site
    async with app.lifespan():
        await create_tables(site.database)
        issued = await site.client_keys.issue(
            "old app", scopes=["articles.create", "articles.view"], legacy_allowed=True
        )
        await site.client_keys.issue("new app", scopes=["articles.view"])
        transport: Any = httpx.ASGITransport(app=app)  # type: ignore[arg-type]  # an ASGI application
        async with httpx.AsyncClient(transport=transport, base_url=HOST) as nobody:
            sent = {"title": "Old tea", "pinned": "1"}
            signed = urlencode(legacy("POST", "/api/articles", issued.secret, **sent))
            made = await nobody.post(f"/api/articles?{signed}", data=sent)
            assert (made.status_code, made.json()["title"], made.json()["pinned"]) == (201, "Old tea", True)
            sent = {"q": "old", "size": "5"}
            signed = urlencode({**sent, **legacy("GET", "/api/articles", issued.secret, **sent)})
            assert [item["title"] for item in (await nobody.get(f"/api/articles?{signed}")).json()["items"]] == [
                "Old tea"
            ]
            assert code(await nobody.get(f"/api/articles?{signed}&page=1")) == "signature-wrong"
            late = urlencode(legacy("GET", "/api/articles", issued.secret, int(time.time()) - 1801))
            refused = await nobody.get(f"/api/articles?{late}")
            assert refused.status_code == 410
            assert int(refused.headers["server_time"]) == refused.json()["server_time"]


async def test_the_old_form_is_off_by_default(client: Client, site: Site) -> None:
    issued = await site.client_keys.issue("old app", scopes=["articles.view"], legacy_allowed=True)
    signed = urlencode(legacy("GET", "/api/articles", issued.secret))
    assert (await (await client()).get(f"/api/articles?{signed}")).status_code == 401


async def test_limits(tmp_path: Path) -> None:
    app = create_app(settings=Settings(secret="s" * 40, var=tmp_path, api_rate="3/minute"))
    site: Site = app.state.portal.site
    async with app.lifespan():
        await create_tables(site.database)
        issued = await site.tokens.issue("busy", scopes=["articles.view"])
        other = await site.tokens.issue("quiet", scopes=["articles.view"])
        transport: Any = httpx.ASGITransport(app=app)  # type: ignore[arg-type]  # an ASGI application
        async with httpx.AsyncClient(transport=transport, base_url=HOST) as nobody:
            bearer = {"Authorization": f"Bearer {issued.text}"}
            answers = [await nobody.get("/api/articles", headers=bearer) for _ in range(4)]
            assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
            assert code(answers[-1]) == "rate-limited"
            assert 0 < int(answers[-1].headers["retry-after"]) <= 20
            assert '"token";r=0' in answers[2].headers["ratelimit"]
            free = await nobody.get("/api/articles", headers={"Authorization": f"Bearer {other.text}"})
            assert free.status_code == 200
