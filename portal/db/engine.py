"""The way to the database: one engine, sessions for reading and sessions for writing."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from sqlalchemy import event, text
from sqlalchemy.engine import Connection, make_url
from sqlalchemy.exc import InvalidRequestError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import Session

from portal.db.counting import count_statements
from portal.db.dialects import Limits, setup_for
from portal.db.outages import is_unavailable

__all__ = ["Database", "is_unavailable"]

STATEMENT_TIMEOUT = 6.0
"""Seconds; with the wait for the server's own word and up to two more in which a driver gives up a connection that
does not answer, a hanging database is answered for within ten."""

READING = "fastor_reading"
"""Execution option of connections that only read."""


class ReadingSession(Session):
    """A session that has nothing to flush: a write through it would escape the transaction of the service."""

    def flush(self, objects: Any = None) -> None:
        if self.new or self.dirty or self.deleted:
            raise InvalidRequestError("This session only reads; open database.write() to change rows")


class Database:
    """Holds the engine; `url` chooses SQLite, MySQL/MariaDB or PostgreSQL, nothing above needs to know which.

    `statement_timeout` is in seconds, `None` for work that may take long (migrations, seeding).
    """

    def __init__(
        self,
        url: str,
        *,
        pool_size: int = 10,
        pool_timeout: float = 5,
        statement_timeout: float | None = STATEMENT_TIMEOUT,
        echo: bool = False,
    ) -> None:
        self.url = make_url(url)
        setup = setup_for(self.url, Limits(statement_timeout))
        pool: dict[str, Any] = {"pool_size": pool_size, "max_overflow": 0, "pool_timeout": pool_timeout}
        if setup.single_connection:
            pool = {}
        self.engine: AsyncEngine = create_async_engine(self.url, echo=echo, **pool, **setup.options)
        self.dialect = self.engine.dialect.name
        """`sqlite`, `mysql` (MariaDB too) or `postgresql`."""
        self._deadline = None if statement_timeout is None else statement_timeout + 1
        setup.prepare(self.engine.sync_engine)
        count_statements(self.engine.sync_engine)
        if setup.begin is not None:
            event.listen(self.engine.sync_engine, "begin", _beginner(setup.begin))
        reading = self.engine.execution_options(**{READING: True}, **setup.reading_options)
        common: dict[str, Any] = {"expire_on_commit": False, "autoflush": False}
        self._reading = async_sessionmaker(reading, sync_session_class=ReadingSession, **common)
        self._writing = async_sessionmaker(self.engine, **common)

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncSession]:
        """A session for reading, without a transaction: every statement sees what is committed by then."""
        async with asyncio.timeout(self._deadline), self._reading() as session:
            yield session

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncSession]:
        """A session in one transaction, rolled back unless it is committed explicitly.

        On SQLite it takes the write lock with the first statement: two writers queue and never deadlock.
        """
        async with asyncio.timeout(self._deadline), self._writing() as session:
            yield session

    async def ping(self) -> None:
        """Ask the database for one; raises what `is_unavailable` knows when it does not answer."""
        async with self.read() as session:
            await session.execute(text("SELECT 1"))

    async def dispose(self) -> None:
        """Close every connection."""
        await self.engine.dispose()


def _beginner(statement: str) -> Any:
    def begin(connection: Connection) -> None:
        if not connection.get_execution_options().get(READING):
            connection.exec_driver_sql(statement)

    return begin
