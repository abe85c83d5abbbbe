"""The Redis that several machines share: a client for each process and event loop, and short patience."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, NamedTuple
from weakref import WeakKeyDictionary

from portal.errors import Unavailable
from portal.i18n import _

if TYPE_CHECKING:
    from redis.asyncio import Redis

PATIENCE = 0.5
"""Seconds from asking to the answer."""

CONNECTIONS = 16
"""A process and loop holds at most; more askers wait for one another, which is not the server's fault."""


class RedisGone(Unavailable):
    """The server does not answer, is starting, is full or refuses us."""

    sentence = _("A server this needs does not answer at the moment. Please try again.")


class _Lines(NamedTuple):
    """What one loop speaks through."""

    client: "Redis"
    free: asyncio.Semaphore


class RedisServer:
    """Knows the address; nothing is opened before it is asked, so that it can be made before workers are forked.

    All keys of ours begin with `prefix`.
    """

    def __init__(self, url: str, *, prefix: str = "fastor:", patience: float = PATIENCE) -> None:
        self.prefix = prefix
        self._url = url
        self._patience = patience
        self._lines: WeakKeyDictionary[asyncio.AbstractEventLoop, _Lines] = WeakKeyDictionary()

    @contextlib.asynccontextmanager
    async def asked(self, patience: float | None = None) -> AsyncIterator["Redis"]:
        """The client of this loop; whatever keeps it from answering within the block is a `RedisGone`."""
        from redis.exceptions import RedisError  # only where one is configured

        lines = self._lines_of_this_loop()
        async with lines.free:
            try:
                async with asyncio.timeout(patience or self._patience):
                    yield lines.client
            except (RedisError, OSError, TimeoutError) as error:
                raise RedisGone from error

    async def ping(self) -> None:
        """Ask for a sign of life."""
        async with self.asked() as redis:
            await redis.ping()

    async def close(self) -> None:
        """Close the connections of this loop."""
        lines = self._lines.pop(asyncio.get_running_loop(), None)
        if lines is not None:
            await lines.client.aclose()

    def _lines_of_this_loop(self) -> _Lines:
        loop = asyncio.get_running_loop()
        if (found := self._lines.get(loop)) is None:
            found = self._lines[loop] = _Lines(self._client(), asyncio.Semaphore(CONNECTIONS))
        return found

    def _client(self) -> "Redis":
        from redis.asyncio import ConnectionPool, Redis
        from redis.asyncio.retry import Retry
        from redis.backoff import NoBackoff

        pool = ConnectionPool.from_url(
            self._url,
            max_connections=CONNECTIONS,
            socket_timeout=self._patience,
            socket_connect_timeout=self._patience,
            # With the third protocol a connection that was cut while it rested is not noticed.
            protocol=2,
            # Without introducing ourselves: two messages less for each new connection.
            driver_info=None,
            # What was sent may have been done: whether to ask again is for the asker to say.
            retry=Retry(NoBackoff(), 0),
        )
        return Redis.from_pool(pool)
