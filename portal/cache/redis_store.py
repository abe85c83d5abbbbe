"""Keeps entries in Redis, for all processes that share it and the secret; does without it while it is gone."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import asynccontextmanager, suppress
from itertools import islice
from typing import TypeVar

from cashews.backends.redis import Redis

from portal.cache.entries import Entry, Seal
from portal.cache.redis_connections import PATIENCE, Connections
from portal.cache.stores import EVERYTHING, Found, StoreGone, new_token

TURN = 5.0
"""Seconds after which the turn of a process that died goes to another one."""

TAG_AGE = 24 * 3600
"""Seconds a tag is remembered after its last change; a value that is older is made anew."""

MOST_OWED = 1000
"""Changes remembered for a Redis that is gone; when there are more it is told to forget everything."""

AT_ONCE = 50
"""Of them told in one go."""

T = TypeVar("T")


class RedisStore:
    """Entries under names nobody else can make, sealed, so that what others put there is not found."""

    def __init__(self, url: str, key: bytes, *, patience: float = PATIENCE) -> None:
        self._connections = Connections(url, patience)
        self._seal = Seal(key)
        self.prefix = f"fastor:{self._seal.name('installation')[:8]}:cache:"
        """Begins the name of everything it keeps."""
        self._owed: dict[str, None] = {}
        """Tags of whose change Redis has not been told yet."""

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
        await self._connections.ask(self._tell)

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
        await self._connections.close()

    # -- private

    async def _ask(self, question: Callable[[Redis], Awaitable[T]]) -> T:
        """Nothing is asked before Redis has been told what it was not there to hear."""

        async def ask(redis: Redis) -> T:
            await self._tell(redis)
            return await question(redis)

        return await self._connections.ask(ask if self._owed else question)

    async def _tell(self, redis: Redis) -> None:
        while owed := tuple(islice(self._owed, AT_ONCE)):
            await redis.set_many({self._tag(tag): new_token().encode() for tag in owed}, expire=TAG_AGE)
            for tag in owed:
                self._owed.pop(tag, None)

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

    def _value(self, name: str) -> str:
        return self.prefix + self._seal.name("value", name)

    def _tag(self, tag: str) -> str:
        return self.prefix + self._seal.name("tag", tag)
