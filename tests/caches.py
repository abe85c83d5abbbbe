"""Caches for tests: in memory and in a real Redis, each with values of its own and a clock that stands still."""

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from redis.asyncio import Redis

from portal.cache import Cache
from portal.cache.redis_store import RedisStore
from portal.cache.stores import MemoryStore

PATIENT = 5.0
"""Seconds: what is tested with it is not how quick the machine is."""


class Clock:
    """The time in seconds; goes on when a test says so."""

    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        return self.now

    def pass_by(self, seconds: float) -> None:
        self.now += seconds


@asynccontextmanager
async def memory_cache(clock: Clock) -> AsyncIterator[Cache]:
    cache = Cache(MemoryStore(), clock=clock)
    yield cache
    await cache.close()


@asynccontextmanager
async def redis_cache(url: str, clock: Clock) -> AsyncIterator[Cache]:
    async with redis_store(url) as store:
        cache = Cache(store, clock=clock)
        yield cache
        await cache.close()


@asynccontextmanager
async def redis_store(url: str, key: bytes = b"", patience: float = PATIENT) -> AsyncIterator[RedisStore]:
    """A store whose keys nobody else has; they are gone afterwards."""
    store = RedisStore(url, key or secrets.token_bytes(32), patience=patience)
    yield store
    await store.close()
    await forget(url, store.prefix)


async def forget(url: str, prefix: str) -> None:
    async with Redis.from_url(url) as redis:
        async for name in redis.scan_iter(f"{prefix}*", count=1000):
            await redis.delete(name)
