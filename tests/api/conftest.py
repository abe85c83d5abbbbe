"""The API over HTTP: on each database, called with tokens."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import httpx
import pytest
from litestar import Litestar

from portal.web.site import Site

Client = Callable[..., Awaitable[httpx.AsyncClient]]


@pytest.fixture
async def client(portal_app: Litestar) -> AsyncIterator[Client]:
    """`await client("articles.view")` calls with a token of these scopes; without any, as nobody."""
    opened: list[httpx.AsyncClient] = []

    async def open_client(*scopes: str, app: Litestar | None = None, **headers: str) -> httpx.AsyncClient:
        app = app or portal_app
        found: Site = app.state.portal.site
        if scopes:
            issued = await found.tokens.issue("test", scopes=scopes)
            headers = {"Authorization": f"Bearer {issued.text}", **headers}
        transport: Any = httpx.ASGITransport(app=app)  # type: ignore[arg-type]  # an ASGI application
        made = httpx.AsyncClient(transport=transport, base_url="http://localhost:8000", headers=headers)
        opened.append(made)
        return made

    yield open_client
    for made in opened:
        await made.aclose()
