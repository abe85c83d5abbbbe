"""The page of the API's documentation: who may open it, and what it calls with."""

import re

import pytest
from litestar import Litestar

from tests.pages.browser import Browser
from tests.portals import MakeBrowser

pytestmark = pytest.mark.anyio

CALLS_WITH = re.compile(r'data-token="(Fastor-Docs [^"]+)"')


async def token_of(browser: Browser) -> str:
    page = await browser.get("/api/docs")
    assert page.status == 200
    found = CALLS_WITH.search(page.html)
    assert found
    return found[1]


async def test_who_may(portal_app: Litestar, client: Browser, anonymous: Browser, browse: MakeBrowser) -> None:
    page = await client.get("/api/docs")
    assert page.status == 200
    assert "script-src 'self'" in page.headers["content-security-policy"]
    assert 'data-name="api-docs"' in (await client.get("/")).html
    assert (await anonymous.get("/api/docs")).status == 303
    reader = await browse(portal_app, "rita", ["articles.view", "api.docs"])
    assert (await reader.get("/api/docs")).status == 200
    other = await browse(portal_app, "otto", ["articles.view"])
    assert (await other.get("/api/docs")).status == 403
    assert 'data-name="api-docs"' not in (await other.get("/")).html


async def test_it_calls_with_the_rights_of_its_reader(
    portal_app: Litestar, browse: MakeBrowser, anonymous: Browser
) -> None:
    reader = await browse(portal_app, "rita", ["articles.view", "api.docs"])
    caller = {"Authorization": await token_of(reader)}
    http = anonymous.http
    assert (await http.get("/api/openapi.json", headers=caller)).status_code == 200
    assert (await http.get("/api/articles", headers=caller)).status_code == 200
    refused = await http.post("/api/articles", json={"title": "Tea"}, headers=caller)
    assert (refused.status_code, refused.json()["code"]) == (403, "denied")
    token = caller["Authorization"].removeprefix("Fastor-Docs ")
    for other in (f"Bearer {token}", f"Fastor-Docs {token[:-2]}xx", "Fastor-Docs", "Fastor-Docs a.b.c"):
        assert (await http.get("/api/articles", headers={"Authorization": other})).status_code == 401


async def test_it_ends_with_the_session(portal_app: Litestar, browse: MakeBrowser, anonymous: Browser) -> None:
    reader = await browse(portal_app, "rita", ["articles.view", "api.docs"])
    caller = {"Authorization": await token_of(reader)}
    assert (await reader.post("/sign-out")).status == 303
    refused = await anonymous.http.get("/api/articles", headers=caller)
    assert (refused.status_code, refused.json()["code"]) == (401, "token-revoked")
