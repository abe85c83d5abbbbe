"""The product and the laboratory on each database, for tests of their pages and of their API.

They are made once for each worker and kind of database; between tests the rows go. A plugin of the tests, because
there may be only one of each: what two of them open they would have to close in turn.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher
from litestar import Litestar
from sqlalchemy import MetaData, event

import portal.models.starter
import portal.models.system
from api.plugin import Api
from portal import Portal, RolePolicy
from portal.app import create_app
from portal.auth.authenticator import OwnSignIn
from portal.auth.passwords import Passwords
from portal.db.engine import Database
from portal.db.model import Model
from portal.models.role import Role
from portal.models.user import User
from portal.services.webhooks.house import TASK as SENDER
from portal.settings import Settings
from portal.web.site import Site
from tests.databases import KINDS, fresh_database
from tests.pages.browser import PASSWORD, Browser
from tests.pages.lab import RESOURCES, Lab

QUICK = Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
"""What argon2id costs is measured elsewhere."""

TABLES = {Model.metadata: list(Model.metadata.tables.values()), Lab.metadata: list(Lab.metadata.tables.values())}
"""As they are here: other tests declare tables of their own."""


@pytest.fixture(scope="session", params=KINDS)
def product_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """Each test runs three times; a worker keeps its database of a kind."""
    with fresh_database(request.param) as url:
        yield url


def settings_for(url: str, folder: Path, **more: Any) -> Settings:
    return Settings(secret="s" * 40, database_url=url, var=folder, **more)


def hurry(site: Site) -> None:
    """Hash passwords with the least work."""
    authenticator = site.authenticator
    assert isinstance(authenticator, OwnSignIn)
    site.authenticator = OwnSignIn(replace(authenticator.accounts, passwords=QUICK), site.settings)


@pytest.fixture(scope="session")
async def product(product_url: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Litestar]:
    """The whole product."""
    app = create_app(settings=settings_for(product_url, tmp_path_factory.mktemp("var")))
    hurry(app.state.portal.site)
    async with app.lifespan():
        await create_tables(app.state.portal.site.database)
        app.state.portal.site.webhooks.outbox.written.set()  # it looked before there was a table
        yield app


@pytest.fixture(scope="session")
async def laboratory(product: Litestar, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Litestar]:
    """A portal over models of the tests' own, on the same database, with the system's users."""
    from portal.app import system_resources

    settings = product.state.portal.site.settings
    portal = Portal([*RESOURCES, *system_resources()], policy=RolePolicy(), settings=settings)
    hurry(portal.site)
    app = Litestar(plugins=[portal, Api(portal.site)], openapi_config=None, logging_config=None)
    app.state.portal = portal
    async with app.lifespan():
        yield app


async def create_tables(database: Database) -> None:
    async with database.engine.begin() as connection:
        for metadata, tables in TABLES.items():
            await connection.run_sync(metadata.create_all, tables)


async def empty_tables(database: Database) -> None:
    """Take every row out; the rows of a constraint's far side last."""
    async with database.write() as session:
        for metadata, tables in TABLES.items():
            for table in reversed(_sorted(metadata)):
                if table in tables:
                    await session.execute(table.delete())
        await session.commit()


def _sorted(metadata: MetaData) -> list[Any]:
    return list(metadata.sorted_tables)


@pytest.fixture
async def portal_app(product: Litestar) -> Litestar:
    """The product, with nobody and nothing in it."""
    await empty_tables(product.state.portal.site.database)
    await product.state.portal.site.cache.clear()
    return product


@pytest.fixture
async def lab_app(portal_app: Litestar, laboratory: Litestar) -> Litestar:
    await laboratory.state.portal.site.cache.clear()
    return laboratory


@pytest.fixture
def site(portal_app: Litestar) -> Site:
    found: Site = portal_app.state.portal.site
    return found


@pytest.fixture
def database(site: Site) -> Database:
    return site.database


Add = Callable[..., Awaitable[None]]


@pytest.fixture
def add(site: Site) -> Add:
    """Put rows into the database as they are; no service hears of it."""

    async def add(*rows: Any) -> None:
        async with site.database.write() as session:
            session.add_all(rows)
            await session.commit()
        await site.cache.clear()

    return add


Read = Callable[..., Awaitable[list[Any]]]


@pytest.fixture
def read(database: Database) -> Read:
    """What a SELECT finds now: rows as tuples, or values where there is one column."""

    async def read(statement: Any) -> list[Any]:
        async with database.read() as session:
            found = [tuple(row) for row in await session.execute(statement)]
            return [row[0] if len(row) == 1 else row for row in found]

    return read


MakeBrowser = Callable[..., Awaitable[Browser]]


@pytest.fixture
async def browse(add: Add) -> AsyncIterator[MakeBrowser]:
    """Opens a browser, for nobody or signed in as a new user with these permissions; `None` is a superuser."""
    opened: list[Browser] = []

    async def browse(
        app: Any, username: str | None = None, permissions: list[str] | None = None, path: str = "", **values: Any
    ) -> Browser:
        browser = Browser(app, path)
        opened.append(browser)
        if username is not None:
            hashed = await QUICK.hash(PASSWORD)
            roles = [Role(name=f"role of {username}", permissions=permissions)] if permissions is not None else []
            superuser = permissions is None
            await add(User(username=username, password_hash=hashed, is_superuser=superuser, roles=roles, **values))
            await browser.sign_in(username)
        return browser

    yield browse
    for browser in opened:
        await browser.close()


CountStatements = Callable[[], AbstractContextManager[list[str]]]


@pytest.fixture
def statements(database: Database) -> CountStatements:
    """`with statements() as seen:` gathers the SQL of the product meanwhile, transactions' brackets left out."""
    return lambda: watched(database)


@contextmanager
def watched(database: Database) -> Iterator[list[str]]:
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        task = asyncio.current_task()
        if task is not None and task.get_name() == SENDER:
            return  # looks by itself, whatever is asked of the portal
        if not statement.upper().startswith(("BEGIN", "START", "SET", "SELECT 1;")):
            seen.append(statement)

    engine = database.engine.sync_engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(engine, "before_cursor_execute", note)


assert portal.models.starter and portal.models.system  # their tables are the product's
