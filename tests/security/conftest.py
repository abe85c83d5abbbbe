"""What the security tests share: the system tables on each database, people, a clock that can be moved."""

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from argon2 import PasswordHasher
from sqlalchemy import Table

import portal.models.system as system
from portal.auth.accounts import Accounts
from portal.auth.passwords import Passwords
from portal.db.engine import Database
from portal.db.model import Model
from portal.models.user import User
from portal.settings import Settings

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


@pytest.fixture
async def tables(database_url: str) -> AsyncIterator[Database]:
    """An empty database with the system tables; the test runs on each kind."""
    database = Database(database_url)
    async with database.engine.begin() as connection:
        await connection.run_sync(lambda bound: Model.metadata.create_all(bound, SYSTEM_TABLES))
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
