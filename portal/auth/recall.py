"""What was just read about tokens and keys, kept for a few seconds so that not every request asks the database.

What is dropped is forgotten at once by everybody who shares the memory, and what was read before and arrives after
it is not taken in: a dropped name stays closed for longer than any reading takes.
"""

import hashlib
import hmac
import logging
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable
from typing import Any, Generic, Protocol, TypeVar

import msgspec

from portal.redis_server import RedisGone, RedisServer

KEPT = 5
"""Seconds a value is believed."""

CLOSED = 10
"""Seconds a dropped name takes nothing in; no reading of the database takes as long."""

MOST = 10_000
"""Values in the memory of one process."""

PATIENCE = 0.1
"""Seconds that a request waits for Redis, before the database is asked instead."""

_log = logging.getLogger("portal.auth")

Value = TypeVar("Value", bound=msgspec.Struct)


class Recall(Protocol[Value]):
    """The short memory; names are digests or public ids, never secrets."""

    async def get(self, name: str) -> Value | None: ...

    async def put(self, name: str, value: Value) -> None: ...

    async def drop(self, names: Iterable[str]) -> None: ...


class MemoryRecall(Generic[Value]):
    """Within one process: others believe a value for at most five seconds after it was dropped here."""

    def __init__(self, *, most: int = MOST, clock: Callable[[], float] = time.monotonic) -> None:
        self._most = most
        self._clock = clock
        self._held: OrderedDict[str, tuple[float, Value | None]] = OrderedDict()

    async def get(self, name: str) -> Value | None:
        until, value = self._held.get(name, (0.0, None))
        return value if self._clock() < until else None

    async def put(self, name: str, value: Value) -> None:
        until, held = self._held.get(name, (0.0, None))
        if held is not None or self._clock() >= until:
            self._hold(name, value, KEPT)

    async def drop(self, names: Iterable[str]) -> None:
        for name in names:
            self._hold(name, None, CLOSED)

    def _hold(self, name: str, value: Value | None, seconds: float) -> None:
        self._held[name] = self._clock() + seconds, value
        self._held.move_to_end(name)
        while len(self._held) > self._most:
            self._held.popitem(last=False)


class RedisRecall(Generic[Value]):
    """Shared by all processes. Values are signed with their time, so that neither a forged nor an old one is believed.

    While Redis does not answer the database is asked for everything.
    """

    def __init__(
        self,
        server: RedisServer,
        label: str,
        kind: type[Value],
        key: bytes,
        *,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._server = server
        self._prefix = f"{server.prefix}{label}:"
        self._decoder = msgspec.json.Decoder(kind)
        self._key = key
        self._clock = clock
        self._resting_until = 0.0

    async def get(self, name: str) -> Value | None:
        if time.monotonic() < self._resting_until:
            return None
        try:
            async with self._server.asked(PATIENCE) as redis:
                stored: Any = await redis.get(self._prefix + name)  # bytes: nothing is decoded on the way
        except RedisGone:
            self._rest()
            return None
        return self._read(name, stored) if stored else None

    async def put(self, name: str, value: Value) -> None:
        if time.monotonic() < self._resting_until:
            return
        body = b"%d:%b" % (self._clock(), msgspec.json.encode(value))
        try:
            async with self._server.asked(PATIENCE) as redis:
                await redis.set(self._prefix + name, self._seal(name, body) + body, nx=True, ex=KEPT)
        except RedisGone:
            self._rest()

    async def drop(self, names: Iterable[str]) -> None:
        try:
            async with self._server.asked() as redis:
                pipeline = redis.pipeline(transaction=False)
                for name in names:
                    pipeline.set(self._prefix + name, b"", ex=CLOSED)
                await pipeline.execute()
        except RedisGone:
            _log.warning("Redis does not answer: what was revoked may be believed elsewhere for %d more seconds", KEPT)

    def _read(self, name: str, stored: bytes) -> Value | None:
        seal, body = stored[:32], stored[32:]
        if not hmac.compare_digest(seal, self._seal(name, body)):
            _log.warning("something in Redis that claims to be a token is not of this portal")
            return None
        moment, _, text = body.partition(b":")
        # As long again for clocks that differ: it is Redis that forgets in time.
        if abs(self._clock() - int(moment)) > 2 * KEPT:
            return None
        return self._decoder.decode(text)

    def _seal(self, name: str, body: bytes) -> bytes:
        return hmac.digest(self._key, name.encode() + b"\0" + body, hashlib.sha256)

    def _rest(self) -> None:
        if time.monotonic() >= self._resting_until:
            _log.warning("Redis does not answer: tokens are looked up in the database")
        self._resting_until = time.monotonic() + KEPT
