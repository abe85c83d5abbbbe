"""What an access log tells of visitors, and that nothing in it lets anybody in (ASVS 16.2.5)."""

import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from litestar import Litestar

from portal.auth.token_text import new_token
from portal.logs import JsonFormatter, PlainFormatter
from portal.services.articles import ArticleService
from portal.web.site import Site
from tests.pages.dom import parse
from tests.security.conftest import PASSWORD, Browser

pytestmark = pytest.mark.anyio

URL = "http://localhost/api/articles?q=tea&size=1"


@pytest.fixture(autouse=True)
def listening(caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """To all that `fastor run` would write."""
    with caplog.at_level(logging.INFO):
        monkeypatch.setattr(logging.getLogger("httpx"), "disabled", True)
        yield


@pytest.fixture
def calls(product: Litestar) -> Iterator[httpx.AsyncClient]:
    transport: Any = httpx.ASGITransport(app=product, raise_app_exceptions=False)  # type: ignore[arg-type]  # ASGI
    yield httpx.AsyncClient(transport=transport, base_url="http://localhost")


def access(caplog: pytest.LogCaptureFixture) -> list[Any]:
    return [json.loads(JsonFormatter().format(found)) for found in caplog.records if found.name == "portal.access"]


def signed(key: str, secret: str) -> dict[str, str]:
    """As the documentation tells clients to sign."""
    page = Path("docs/api/signing.md").read_text(encoding="utf-8")
    names: dict[str, Any] = {}
    exec(page.split("```python\n")[1].split("```")[0], names)
    headers: dict[str, str] = names["sign"]("GET", URL, b"", key, secret)
    return headers


async def test_a_line_says_who_asked_for_what_and_what_it_took(
    visitor: Browser, site: Site, calls: httpx.AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    await visitor.sign_in()
    issued = await site.tokens.issue("robot", scopes=["articles.view"])
    caplog.clear()
    await visitor.get("/articles?q=tea")
    await calls.get("/api/articles", headers={"Authorization": f"Bearer {issued.text}"})
    await calls.get("/api/users", headers={"Authorization": f"Bearer {issued.text}"})
    await calls.get("/nowhere")
    page, listed, refused, nowhere = access(caplog)
    assert (page["user"], page["route"], page["address"], page["status"]) == ("1", "/articles", "192.0.2.1", 200)
    assert page["sql"] >= 2 and page["sql_ms"] > 0 and page["bytes"] > 1000
    assert (listed["caller"], listed["route"], listed["status"]) == ("service:1", "/api/articles", 200)
    assert refused["status"] in (403, 404)
    assert nowhere["status"] in (303, 404) and "user" not in nowhere


async def test_an_error_names_the_id_of_its_line(
    visitor: Browser,
    site: Site,
    calls: httpx.AsyncClient,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    await visitor.sign_in()
    issued = await site.tokens.issue("robot", scopes=["articles.view"])

    async def defect(*_: Any, **__: Any) -> None:
        raise RuntimeError("a defect")

    monkeypatch.setattr(ArticleService, "get", defect)
    caplog.clear()
    page = await visitor.get("/articles/1/edit")
    scripted = await visitor.get("/articles/1/edit", headers={"Accept": "application/json"})
    problem = await calls.get("/api/articles/1", headers={"Authorization": f"Bearer {issued.text}"})
    assert [found.status_code for found in (page, scripted, problem)] == [500, 500, 500]
    assert page.headers["x-request-id"] in page.text
    assert scripted.json()["request_id"] == scripted.headers["x-request-id"]
    assert problem.json()["request_id"] == problem.headers["x-request-id"]
    assert [line["request_id"] for line in access(caplog)] == [
        found.headers["x-request-id"] for found in (page, scripted, problem)
    ]
    told = "\n".join(found.getMessage() for found in caplog.records if found.levelname == "ERROR")
    assert page.headers["x-request-id"] in told and problem.headers["x-request-id"] in told


async def test_nothing_that_lets_anybody_in_is_in_the_log(
    visitor: Browser, site: Site, calls: httpx.AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    """Every cookie, form token, password, token and key that was sent or answered, in both formats."""
    secrets = {PASSWORD, "wrong horse battery", site.settings.secret, new_token()}
    await visitor.sign_in(password="wrong horse battery")
    secrets |= {await visitor.token()}
    assert (await visitor.sign_in()).status_code == 303
    for noun in ("api-keys", "client-keys"):
        fields = {"name": "Export", "kind": "service", "scopes": "articles.view", "expires_at": ""}
        made = await visitor.submit(f"/{noun}", fields, page=f"/{noun}/new")
        secrets |= {field["value"] for field in parse(made.text).all("secret")}
    issued = await site.tokens.issue("robot", scopes=["articles.view"])
    key = await site.client_keys.issue("partner", scopes=["articles.view"])
    secrets = {text for text in secrets if not text.startswith("fck_")} | {issued.text, key.secret}
    for text in list(secrets):
        await calls.get(f"/api/articles?token={quote(text)}&access_token={quote(text)}", headers={"Cookie": text})
        await calls.get("/api/articles", headers={"Authorization": f"Bearer {text}"})
        await visitor.get(f"/sign-in?next=/articles%3Ftoken={quote(text, safe='')}&_csrf_token={quote(text)}")
    headers = signed(key.row.key_id, key.secret)
    assert (await calls.get(URL, headers=headers)).status_code == 200
    secrets |= {headers["Authorization"].rpartition("=")[2], await visitor.token("/articles/new")}
    secrets |= {str(cookie.value) for cookie in visitor.cookies.jar}
    log = "\n".join(
        formatter.format(found) for found in caplog.records for formatter in (JsonFormatter(), PlainFormatter())
    )
    assert len(access(caplog)) > 3 * 5 and len(secrets) > 8
    for text in secrets - {key.row.key_id}:
        assert text not in log and quote(text) not in log and quote(text, safe="") not in log, text[:8]
