"""The navigation marks exactly one entry, computed on the server, wherever somebody is."""

from pathlib import Path
from typing import Any

import pytest

from portal import Portal, RolePolicy
from portal.app import find_resources
from tests.pages.browser import Browser
from tests.pages.content import article, banners, category
from tests.portals import Add, MakeBrowser, Read

pytestmark = pytest.mark.anyio


async def marked(client: Browser, path: str) -> list[str | None]:
    page = (await client.get(path)).page.one("menu")
    return [item.get("data-name") for item in page.all("menu-item") if item.get("aria-current") == "page"]


async def test_one_entry_is_current_on_every_page(client: Browser, add: Add, read: Read) -> None:
    await add(row := article("Tea"), drinks := category("Drinks"), *(found := banners("ab")))
    pages = {
        "/": "dashboard",
        "/articles": "articles",
        "/articles?status=draft&page=2": "articles",
        "/articles/new": "articles",
        f"/articles/{row.id}": "articles",
        f"/articles/{row.id}/edit": "articles",
        f"/articles/{row.id}/delete": "articles",
        f"/categories/{drinks.id}/edit": "categories",
        "/categories/order": "categories",
        "/banners/order?placement=app": "banners",
        f"/banners/{found[0].id}/edit": "banners",
        "/users": "users",
        "/roles/new": "roles",
    }
    for path, name in pages.items():
        assert await marked(client, path) == [name], path


async def test_also_on_refused_forms(client: Browser) -> None:
    answer = await client.post("/articles", title="")
    current = [item.get("data-name") for item in answer.page.all("menu-item") if "aria-current" in item]
    assert answer.status == 422 and current == ["articles"]


async def test_also_under_another_path(client: Browser, product: Any, browse: MakeBrowser) -> None:
    from litestar import Litestar

    menu = Path(__file__).parents[2] / "portal" / "menu.yaml"
    settings = product.state.portal.site.settings
    portal = Portal(
        find_resources("portal.resources"), policy=RolePolicy(), settings=settings, menu=menu, path="/admin/deep"
    )
    app = Litestar(plugins=[portal], openapi_config=None, logging_config=None)
    async with app.lifespan():
        mounted = await browse(app, path="/admin/deep")
        await mounted.sign_in("maria")
        for path, name in {
            "/": "dashboard",
            "/articles": "articles",
            "/articles/new": "articles",
            "/banners/order": "banners",
        }.items():
            assert await marked(mounted, path) == [name], path
        links = [item["href"] for item in (await mounted.get("/articles")).page.all("menu-item")]
        assert all(link.startswith("/admin/deep/") for link in links)
