"""The Redis that several machines share: a client for each process and event loop, and short patience."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from portal.errors import Unavailable
from portal.i18n import _

if TYPE_CHECKING:
    from redis.asyncio import Redis

PATIENCE = 0.5
"""Seconds from asking to the answer, waiting for a connection included."""

CONNECTIONS = 50
"""A process and loop holds at most; more askers wait for one another."""


class RedisGone(Unavailable):
    """The server does not answer, is starting, is full or refuses us."""

    sentence = _("A server this needs does not answer at the moment. Please try again.")


class RedisServer:
    """Knows the address; nothing is opened before it is asked, so that it can be made before workers are forked.

    All keys of ours begin with `prefix`.
    """

    def __init__(self, url: str, *, prefix: str = "fastor:", patience: float = PATIENCE) -> None:
        self.prefix = prefix
        self._url = url
        self._patience = patience
        self._clients: WeakKeyDictionary[asyncio.AbstractEventLoop, Redis] = WeakKeyDictionary()

    @contextlib.asynccontextmanager
    async def asked(self, patience: float | None = None) -> AsyncIterator["Redis"]:
        """The client of this loop; whatever keeps it from answering within the block is a `RedisGone`."""
        from redis.exceptions import RedisError  # only where one is configured

        try:
            async with asyncio.timeout(patience or self._patience):
                yield self._client()
        except (RedisError, OSError, TimeoutError) as error:
            raise RedisGone from error

    async def ping(self) -> None:
        """Ask for a sign of life."""
        async with self.asked() as redis:
            await redis.ping()

    async def close(self) -> None:
        """Close the connections of this loop."""
        client = self._clients.pop(asyncio.get_running_loop(), None)
        if client is not None:
            await client.aclose()

    def _client(self) -> "Redis":
        loop = asyncio.get_running_loop()
        if (found := self._clients.get(loop)) is None:
            found = self._clients[loop] = self._connected()
        return found

    def _connected(self) -> "Redis":
        from redis.asyncio import BlockingConnectionPool, Redis
        from redis.asyncio.retry import Retry
        from redis.backoff import NoBackoff

        pool = BlockingConnectionPool.from_url(
            self._url,
            max_connections=CONNECTIONS,
            timeout=self._patience,
            socket_timeout=self._patience,
            socket_connect_timeout=self._patience,
            # With the third protocol a connection that was cut while it rested is not noticed.
            protocol=2,
            # What was sent may have been done: whether to ask again is for the asker to say.
            retry=Retry(NoBackoff(), 0),
        )
        return Redis.from_pool(pool)
