"""What the security tests share: the system tables on each database, people, a clock that can be moved."""

import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest
from argon2 import PasswordHasher
from litestar import Litestar
from sqlalchemy import Table, delete

import portal.models.system as system
from portal.app import create_app
from portal.auth.accounts import Accounts
from portal.auth.passwords import Passwords
from portal.db.engine import Database
from portal.db.model import Model
from portal.models.user import User
from portal.settings import Settings
from portal.web.site import Site
from tests.databases import KINDS, fresh_database, in_thread

ORIGIN = "http://localhost"
PASSWORD = "plum velvet tractor nine"

SYSTEM_TABLES: list[Table] = [
    system.User.__table__,  # type: ignore[list-item]  # a mapped class has a Table here
    system.Role.__table__,  # type: ignore[list-item]
    system.user_role,
    system.Session.__table__,  # type: ignore[list-item]
    system.SignInFailure.__table__,  # type: ignore[list-item]
]


class Clock:
    """The present, until a test moves it."""

    def __init__(self) -> None:
        self.moment = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.moment

    def forward(self, **by: float) -> None:
        self.moment += timedelta(**by)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def quick() -> Passwords:
    """Passwords hashed with the least work; what argon2id costs is measured elsewhere."""
    return Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))


@pytest.fixture
def plain_settings() -> Settings:
    return Settings(secret="s" * 40)


@pytest.fixture(scope="module", params=KINDS)
def system_database(request: pytest.FixtureRequest) -> Iterator[str]:
    """The address of a database with the system tables; made once a module, because servers take their time."""
    with fresh_database(request.param) as url:

        async def create() -> None:
            database = Database(url)
            async with database.engine.begin() as connection:
                await connection.run_sync(lambda bound: Model.metadata.create_all(bound, SYSTEM_TABLES))
            await database.dispose()

        in_thread(create)
        yield url


@pytest.fixture
async def tables(system_database: str) -> AsyncIterator[Database]:
    """The system tables, empty; the test runs on each kind of database."""
    database = Database(system_database)
    async with database.write() as db:
        for table in reversed(SYSTEM_TABLES):
            await db.execute(delete(table))
        await db.commit()
    yield database
    await database.dispose()


@pytest.fixture
def accounts(tables: Database, plain_settings: Settings, clock: Clock, quick: Passwords) -> Accounts:
    built = Accounts.build(tables, plain_settings, clock)
    return Accounts(tables, built.sessions, built.throttle, quick, clock)


MakeUser = Callable[..., Awaitable[User]]


@pytest.fixture
def make_user(tables: Database, quick: Passwords) -> MakeUser:
    async def make(username: str = "maria", password: str = PASSWORD, **values: Any) -> User:
        user = User(username=username, password_hash=await quick.hash(password), **values)
        async with tables.write() as db:
            db.add(user)
            await db.commit()
        return user

    return make


@pytest.fixture
async def product(tmp_path: Path) -> AsyncIterator[Litestar]:
    """The whole product on a fresh SQLite database, with one administrator, `maria`."""
    settings = Settings(secret="s" * 40, var=tmp_path)
    app = create_app(settings=settings)
    site: Site = app.state.portal.site
    async with site.database.engine.begin() as connection:
        await connection.run_sync(Model.metadata.create_all)
    async with site.database.write() as db:
        hashed = await Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)).hash(PASSWORD)
        db.add(User(username="maria", password_hash=hashed, is_superuser=True))
        await db.commit()
    yield app
    await site.database.dispose()


class Browser(httpx.AsyncClient):
    """A browser that fills in forms as a person would."""

    def __init__(self, app: Any, address: str = "192.0.2.1") -> None:
        transport = httpx.ASGITransport(app=app, client=(address, 4711))
        super().__init__(transport=transport, base_url=ORIGIN)

    async def token(self, page: str = "/sign-in") -> str:
        """The token of the forms on a page."""
        found = re.search(r'name="_csrf_token" value="([^"]+)"', (await self.get(page)).text)
        assert found is not None
        return found[1]

    async def submit(self, path: str, fields: Mapping[str, str], page: str | None = None) -> httpx.Response:
        """Open the page of a form, fill it in and send it."""
        token = await self.token(page or path)
        return await self.post(path, data={**fields, "_csrf_token": token}, headers={"Origin": ORIGIN})

    async def sign_in(self, password: str = PASSWORD, **more: str) -> httpx.Response:
        return await self.submit("/sign-in", {"username": "maria", "password": password, **more})


@pytest.fixture
def site(product: Litestar) -> Site:
    found: Site = product.state.portal.site
    return found


@pytest.fixture
def open_browser(product: Litestar) -> Callable[..., Browser]:
    return partial(Browser, product)


@pytest.fixture
async def visitor(open_browser: Callable[..., Browser]) -> AsyncIterator[Browser]:
    """A browser of somebody who is not signed in."""
    async with open_browser() as opened:
        yield opened
