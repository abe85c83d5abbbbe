"""Connections to Redis for as long as it answers quickly; one that does not is left alone for a moment."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any, TypeVar
from urllib.parse import parse_qsl, urlencode, urlsplit

from cashews.backends.redis import Redis
from cashews.exceptions import CacheBackendInteractionError
from cashews.serialize import NULL_SERIALIZER
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from portal.cache.stores import StoreGone

PATIENCE = 0.25
"""Seconds an answer may take, the connection included."""

REST = 2.0
"""Seconds in which a Redis that did not answer is left alone."""

CONNECTIONS = 20
"""Questions at once in one process; more wait for one another."""

NODE_CONNECTIONS = 1000
"""To one node of a cluster, where a question may go to many slots at once and none waits for another."""

WARN_EVERY = 60.0

T = TypeVar("T")

_GONE = (CacheBackendInteractionError, RedisError, OSError, TimeoutError)

_log = logging.getLogger(__name__)


class Connections:
    """Asks the Redis at an address; opened when the first question is asked, anew in each event loop."""

    def __init__(self, url: str, patience: float = PATIENCE) -> None:
        self._address, self._is_cluster = split_address(url)
        self._patience = patience
        self._line: _Line | None = None
        self._asking: set[asyncio.Task[Any]] = set()
        self._resting_until = 0.0
        self._warned_at = -WARN_EVERY

    async def ask(self, question: Callable[[Redis], Awaitable[T]]) -> T:
        """The answer in good time, or `StoreGone`."""
        if self._rests:
            raise StoreGone
        task = asyncio.create_task(self._answer(question))
        self._asking.add(task)
        task.add_done_callback(self._end)
        try:
            await asyncio.wait({task}, timeout=self._patience)
        finally:
            # Not waited for: what is cut off while it connects ends in its own time (Python 3.11 may even lose the
            # cancellation), and nobody wants to wait for that.
            task.cancel()
        if task.done():
            return task.result()
        self._rest(TimeoutError())
        raise StoreGone

    async def close(self) -> None:
        loop = asyncio.get_running_loop()
        left = [task for task in self._asking if task.get_loop() is loop]
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)
        line, self._line = self._line, None
        if line is not None and line.loop is loop:
            with suppress(*_GONE):
                await line.backend.close()

    async def _answer(self, question: Callable[[Redis], Awaitable[T]]) -> T:
        if self._line is None or self._line.loop is not asyncio.get_running_loop():
            self._line = _Line(self._backend())
        line = self._line
        async with line.room:
            if self._rests:
                raise StoreGone
            try:
                return await question(await line.opened())
            except _GONE as error:
                self._rest(error)
                raise StoreGone from error

    def _end(self, task: "asyncio.Task[Any]") -> None:
        self._asking.discard(task)
        if not task.cancelled():
            task.exception()  # seen, also where nobody waited for it any more

    def _backend(self) -> "_Backend":
        return _Backend(
            address=self._address,
            cluster=self._is_cluster,
            suppress=False,
            serializer=NULL_SERIALIZER,  # the standard one would unpickle whatever lies there
            client_name="fastor",
            protocol=2,  # with the third one a connection that was cut while it rested is not noticed
            max_connections=NODE_CONNECTIONS if self._is_cluster else CONNECTIONS,
            socket_timeout=self._patience,
            socket_connect_timeout=self._patience,
            **({} if self._is_cluster else {"retry": Retry(NoBackoff(), 1)}),
        )

    @property
    def _rests(self) -> bool:
        return time.monotonic() < self._resting_until

    def _rest(self, error: Exception) -> None:
        now = time.monotonic()
        self._resting_until = now + REST
        if now - self._warned_at >= WARN_EVERY:
            self._warned_at = now
            cause = error.__cause__ if isinstance(error, CacheBackendInteractionError) else error
            _log.warning("Redis does not answer (%s): nothing is cached meanwhile.", type(cause).__name__)


class _Backend(Redis):
    async def close(self) -> None:
        """What cashews calls has another name by now."""
        if self.is_init:
            await self._client.aclose()


class _Line:
    """The connections of one event loop."""

    def __init__(self, backend: _Backend) -> None:
        self.loop = asyncio.get_running_loop()
        self.backend = backend
        self.room = asyncio.Semaphore(CONNECTIONS)
        self._opening = asyncio.Lock()

    async def opened(self) -> Redis:
        if not self.backend.is_init:
            async with self._opening:
                if not self.backend.is_init:
                    await self.backend.init()  # type: ignore[no-untyped-call]  # cashews
        return self.backend


def split_address(url: str) -> tuple[str, bool]:
    """The address, and whether it is one of a cluster's nodes: `redis://node:7000?cluster=true`."""
    parts = urlsplit(url)
    query = dict(parse_qsl(parts.query))
    if "cluster" not in query:
        return url, False
    is_cluster = query.pop("cluster").lower() in {"1", "true", "yes"}
    return parts._replace(query=urlencode(query)).geturl(), is_cluster
