"""Somebody's application with pages, errors, templates and middleware of its own, and portals in it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from litestar import Litestar, Request, Response, get, post
from litestar.exceptions import NotFoundException
from litestar.middleware import ASGIMiddleware
from litestar.plugins.jinja import JinjaTemplateEngine
from litestar.response import Template
from litestar.template import TemplateConfig

from portal import Page, Portal, RolePolicy, Route
from portal.app import system_resources
from portal.models.tag import Tag
from portal.models.user import User
from portal.resources.articles import ArticleResource
from portal.resources.banners import BannerResource
from portal.resources.categories import CategoryResource
from portal.resources.tags import TagResource
from tests.pages.browser import PASSWORD, Browser
from tests.portals import QUICK, create_tables, hurry, settings_for

CONTENT = [ArticleResource, CategoryResource, TagResource, BannerResource]


class BrokenPage(Page):
    """A page with a defect."""

    def routes(self, resource: Any) -> list[Route]:
        return [Route(("GET",), "/broken/page", self.show)]

    async def show(self, request: Any, resource: Any) -> None:
        raise ZeroDivisionError


class BrokenResource(TagResource):
    model = Tag
    name = "tags"
    pages = (BrokenPage(),)


@get("/")
async def home() -> str:
    return "the host's own page"


@get("/page")
async def page() -> Template:
    return Template("list.html", context={"name": "Ada"})


@post("/page")
async def change() -> str:
    return "changed"


@get("/boom")
async def boom() -> None:
    raise ZeroDivisionError


@get("/articles")
async def articles() -> str:
    return "the host's own articles"


def sorry(request: Request[Any, Any, Any], error: Exception) -> Response[str]:
    return Response("the host is sorry", status_code=500, media_type="text/plain")


def nothing(request: Request[Any, Any, Any], error: Exception) -> Response[str]:
    return Response("the host has nothing there", status_code=404, media_type="text/plain")


class Stamp(ASGIMiddleware):
    """A middleware of the host's."""

    async def handle(self, scope: Any, receive: Any, send: Any, next_app: Any) -> None:
        async def stamped(message: Any) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], (b"x-host", b"1")]
            await send(message)

        await next_app(scope, receive, stamped)


def host(folder: Path, *portals: Portal, **options: Any) -> Litestar:
    templates = folder / "host_templates"
    templates.mkdir(exist_ok=True)
    (templates / "list.html").write_text("<p>Hello {{ name }}, says the host</p>")
    return Litestar(
        [home, page, boom, articles, change],
        plugins=portals,
        exception_handlers={Exception: sorry, ZeroDivisionError: sorry, NotFoundException: nothing, 404: nothing},
        template_config=TemplateConfig(directory=templates, engine=JinjaTemplateEngine),
        middleware=[Stamp()],
        logging_config=None,
        **options,
    )


def mounted(folder: Path, path: str = "/admin", resources: Any = CONTENT, **options: Any) -> Portal:
    """A portal with a database of its own."""
    folder.mkdir(exist_ok=True)
    settings = settings_for(f"sqlite+aiosqlite:///{folder / 'portal.db'}", folder, storage_url=f"local:{folder}")
    options = {"policy": RolePolicy(), "settings": settings, **options}
    portal = Portal([*resources, *system_resources()], path=path, **options)
    if "authenticator" not in options:
        hurry(portal.site)
    return portal


async def add(portal: Portal, *rows: Any) -> None:
    async with portal.site.database.write() as session:
        session.add_all(rows)
        await session.commit()


@asynccontextmanager
async def running(folder: Path, *portals: Portal, **options: Any) -> AsyncIterator[Litestar]:
    app = host(folder, *portals, **options)
    async with app.lifespan():
        for portal in portals:
            await create_tables(portal.site.database)
            await add(portal, User(username="maria", password_hash=await QUICK.hash(PASSWORD), is_superuser=True))
        yield app


@asynccontextmanager
async def administrator(app: Litestar, path: str = "/admin") -> AsyncIterator[Browser]:
    browser = Browser(app, path)
    await browser.sign_in("maria")
    yield browser
    await browser.close()
