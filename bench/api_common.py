"""What the measured servers share, so that they differ in nothing but how an answer is made.

Tokens, limits and log lines of all of them come from the same classes.
"""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from redis.asyncio import BlockingConnectionPool, Redis
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine

from api.limits import Asker, Limits
from portal.auth.rates import open_limiter
from portal.auth.tokens import Tokens
from portal.db.dialects import SQLITE_PRAGMAS
from portal.db.engine import Database
from portal.redis_server import CONNECTIONS
from portal.settings import Settings

REDIS = os.environ.get("BENCH_REDIS", "redis://127.0.0.1:6379/0")
COUNTER = "fastor-bench:counter"

ROWS = 25
"""Of a list."""

KEPT = 300
"""Seconds a cached list is good for."""

POOL = 10
"""Connections, as the portal has."""


def redis_client() -> Redis:
    """As many connections as the portal's, waited for: more than its own limit redis-py refuses."""
    return Redis(connection_pool=BlockingConnectionPool.from_url(REDIS, max_connections=CONNECTIONS))


class Gate:
    """Lets a call in as the API's door does: the address, the token, its rights, its limits."""

    def __init__(self, settings: Settings) -> None:
        self.database = Database(settings.database_url)
        self._tokens = Tokens(self.database, settings)
        self._limits = Limits(open_limiter(None), settings)

    async def admit(self, authorization: str, address: str | None) -> dict[str, str]:
        """The headers for the answer; raises what is wrong with the caller."""
        standing = await self._limits.arrive(address)
        caller = await self._tokens.find(authorization.removeprefix("Bearer "), address)
        standing |= await self._limits.admit(Asker(address, token=f"{caller.kind}:{caller.id}"))
        caller.require("articles.view")
        if self._tokens.wants_touch(caller):
            await self._tokens.touch(caller, address)
        return standing.headers


class Content:
    """A plain SQLAlchemy engine on the same file, with the same settings of SQLite."""

    def __init__(self, settings: Settings) -> None:
        self.engine = create_async_engine(settings.database_url, pool_size=POOL, max_overflow=0)
        event.listen(self.engine.sync_engine, "connect", _prepare)
        self._sessions = async_sessionmaker(self.engine, expire_on_commit=False, autoflush=False)

    @asynccontextmanager
    async def session(self) -> AsyncIterator[AsyncSession]:
        async with self._sessions() as session:
            yield session


def _prepare(connection: Any, _record: Any) -> None:
    cursor = connection.cursor()
    for pragma in SQLITE_PRAGMAS:
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()
