"""Keeps entries in Redis, for all processes that share it and the secret; does without it while it is gone."""

import asyncio
import logging
import secrets
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any, TypeVar
from urllib.parse import parse_qsl, urlencode, urlsplit

from cashews.backends.redis import Redis
from cashews.exceptions import CacheBackendInteractionError
from cashews.serialize import NULL_SERIALIZER
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from portal.cache.entries import Entry, Seal
from portal.cache.stores import EVERYTHING, Found, StoreGone, new_token

PATIENCE = 0.25
"""Seconds Redis may take for an answer, its connection included."""

REST = 2.0
"""Seconds in which a Redis that did not answer is left alone."""

TURN = 5.0
"""Seconds after which the turn of a process that died goes to another one."""

TAG_AGE = 24 * 3600
"""Seconds a tag is remembered after its last change; a value that is older is made anew."""

MOST_OWED = 1000
"""Changes remembered for a Redis that is gone; when there are more it is told to forget everything."""

CONNECTIONS = 20
WARN_EVERY = 60.0

T = TypeVar("T")

_log = logging.getLogger(__name__)
_GONE = (CacheBackendInteractionError, RedisError, OSError, TimeoutError)


class _Backend(Redis):
    async def close(self) -> None:
        """What cashews calls has another name by now."""
        if self.is_init:
            await self._client.aclose()


class RedisStore:
    """Entries under names nobody else can make, sealed, so that what others put there is not found."""

    def __init__(self, url: str, key: bytes, *, patience: float = PATIENCE) -> None:
        self._address, self._is_cluster = split_address(url)
        self._seal = Seal(key)
        self._patience = patience
        self.prefix = f"fastor:{self._seal.name('installation')[:8]}:cache:"
        """Begins the name of everything it keeps."""
        self._backend: _Backend | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._opening = asyncio.Lock()
        self._owed: dict[str, None] = {}
        """Tags whose change Redis has not been told of yet."""
        self._resting_until = 0.0
        self._warned_at = -WARN_EVERY

    async def look(self, name: str, tags: Sequence[str]) -> Found:
        key, keys = self._value(name), [self._tag(tag) for tag in tags]

        async def read(redis: Redis) -> Found:
            sealed, *held = await redis.get_many(key, *keys)
            tokens = tuple([await self._token(redis, *pair) for pair in zip(keys, held, strict=True)])
            entry = self._seal.open(key, sealed)
            return Found(entry if entry is not None and entry.tokens == tokens else None, tokens)

        return await self._ask(read)

    async def put(self, name: str, entry: Entry, seconds: float) -> None:
        key = self._value(name)
        await self._ask(lambda redis: redis.set(key, self._seal.close(key, entry), expire=seconds))

    async def remove(self, name: str) -> None:
        await self._ask(lambda redis: redis.delete(self._value(name)))

    async def invalidate(self, tags: Iterable[str]) -> None:
        self._owed |= dict.fromkeys(tags)
        if len(self._owed) > MOST_OWED:
            self._owed = {EVERYTHING: None}
        if self._owed:
            await self._ask(_nothing)

    @asynccontextmanager
    async def turn(self, name: str) -> AsyncIterator[bool]:
        """A turn lasts as long as its block, and ends soon after its process."""
        key, holder = f"{self._value(name)}:turn", secrets.token_hex(16)
        try:
            mine = await self._ask(lambda redis: redis.set_lock(key, holder, TURN))
        except StoreGone:
            yield True
            return
        if not mine:
            yield False
            return
        holding = asyncio.create_task(self._hold(key))
        try:
            yield True
        finally:
            holding.cancel()
            with suppress(StoreGone):
                await self._ask(lambda redis: redis.unlock(key, holder))

    async def close(self) -> None:
        backend, self._backend = self._backend, None
        if backend is not None and self._loop is asyncio.get_running_loop():
            with suppress(*_GONE):
                await backend.close()

    # -- private

    async def _token(self, redis: Redis, key: str, held: object) -> str:
        """The token of a tag, a new one where it has none: nothing that was made before can be good under it."""
        if not isinstance(held, bytes):
            await redis.set(key, token := new_token().encode(), expire=TAG_AGE, exist=False)
            held = await redis.get(key)
        if not isinstance(held, bytes):  # what stands there is none of ours
            await redis.set(key, held := token, expire=TAG_AGE)
        return held.decode("latin-1")

    async def _hold(self, key: str) -> None:
        while True:
            await asyncio.sleep(TURN / 3)
            with suppress(StoreGone):
                await self._ask(lambda redis: redis.expire(key, TURN))

    async def _ask(self, question: Callable[[Redis], Awaitable[T]]) -> T:
        """Ask Redis, unless it is at rest; a caller waits for `patience` at most."""
        if time.monotonic() < self._resting_until:
            raise StoreGone
        try:
            async with asyncio.timeout(self._patience):
                redis = await self._connected()
                if self._owed:
                    await self._tell(redis)
                return await question(redis)
        except _GONE as error:
            self._rest(error)
            raise StoreGone from error

    async def _connected(self) -> Redis:
        loop = asyncio.get_running_loop()
        if self._backend is None or self._loop is not loop:  # connections belong to their loop
            self._loop, self._backend, self._opening = loop, self._unconnected(), asyncio.Lock()
        backend = self._backend
        if not backend.is_init:
            async with self._opening:
                if not backend.is_init:
                    await backend.init()  # type: ignore[no-untyped-call]  # cashews
        return backend

    def _unconnected(self) -> "_Backend":
        return _Backend(
            address=self._address,
            cluster=self._is_cluster,
            suppress=False,
            serializer=NULL_SERIALIZER,  # the standard one would unpickle whatever lies there
            client_name="fastor",
            protocol=2,  # with the third one a connection that was cut while it rested is not noticed
            max_connections=CONNECTIONS,
            socket_timeout=self._patience,
            socket_connect_timeout=self._patience,
            **({} if self._is_cluster else {"retry": Retry(NoBackoff(), 1)}),
        )

    async def _tell(self, redis: Redis) -> None:
        owed = tuple(self._owed)
        await redis.set_many({self._tag(tag): new_token().encode() for tag in owed}, expire=TAG_AGE)
        for tag in owed:
            self._owed.pop(tag, None)

    def _rest(self, error: Exception) -> None:
        now = time.monotonic()
        self._resting_until = now + REST
        if now - self._warned_at >= WARN_EVERY:
            self._warned_at = now
            reason = type(error.__cause__ or error).__name__
            _log.warning("Redis does not answer (%s): nothing is cached meanwhile.", reason)

    def _value(self, name: str) -> str:
        return self.prefix + self._seal.name("value", name)

    def _tag(self, tag: str) -> str:
        return self.prefix + self._seal.name("tag", tag)


def split_address(url: str) -> tuple[str, bool]:
    """The address, and whether it is one of a cluster's nodes: `redis://node:7000?cluster=true`."""
    parts = urlsplit(url)
    query = dict(parse_qsl(parts.query))
    if "cluster" not in query:
        return url, False
    is_cluster = query.pop("cluster").lower() in {"1", "true", "yes"}
    return parts._replace(query=urlencode(query)).geturl(), is_cluster


async def _nothing(redis: Redis) -> Any:
    return None
