"""What may be used once: of all who use the same nonce exactly one is told yes, in whatever process they are.

When the store does not answer this raises, and callers refuse: a nonce nobody could look up counts as used.
"""

import hashlib
import logging
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Protocol

from sqlalchemy import CursorResult, delete, update
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from portal.db.engine import Database
from portal.db.mixins import now
from portal.models.nonce import Nonce
from portal.redis_server import RedisServer

PURGE_EVERY = 60.0
"""Seconds."""

_log = logging.getLogger(__name__)


class Nonces(Protocol):
    """Remembers what was used."""

    async def use(self, scope: str, nonce: str, seconds: int) -> bool:
        """Whether this is the first use within `seconds`; nonces of different scopes have nothing to do with
        each other."""
        ...


class RedisNonces:
    """Remembers in Redis."""

    def __init__(self, redis: RedisServer) -> None:
        self._redis = redis

    async def use(self, scope: str, nonce: str, seconds: int) -> bool:
        key = f"{self._redis.prefix}nonce:{_digest(scope, nonce)}"
        async with self._redis.asked() as redis:
            return bool(await redis.set(key, 1, nx=True, ex=seconds))


class TableNonces:
    """Remembers in the database."""

    def __init__(
        self,
        database: Database,
        *,
        clock: Callable[[], datetime] = now,
        ticks: Callable[[], float] = time.monotonic,
    ) -> None:
        self._database = database
        self._clock = clock
        self._ticks = ticks
        self._purge_from = ticks() + PURGE_EVERY

    async def use(self, scope: str, nonce: str, seconds: int) -> bool:
        moment, digest = self._clock(), _digest(scope, nonce)
        until = moment + timedelta(seconds=seconds)
        first = await self._insert(digest, until) or await self._renew(digest, until, moment)
        await self._purge(moment)
        return first

    async def _insert(self, digest: str, until: datetime) -> bool:
        async with self._database.write() as db:
            db.add(Nonce(digest=digest, expires_at=until))
            try:
                await db.commit()
            except IntegrityError:
                return False
        return True

    async def _renew(self, digest: str, until: datetime, moment: datetime) -> bool:
        """Use one again whose time is over and that was not purged yet; of several one finds it so."""
        expired = update(Nonce).where(Nonce.digest == digest, Nonce.expires_at <= moment)
        async with self._database.write() as db:
            result = await db.execute(expired.values(expires_at=until))
            await db.commit()
        return isinstance(result, CursorResult) and bool(result.rowcount == 1)

    async def _purge(self, moment: datetime) -> None:
        if self._ticks() < self._purge_from:
            return
        self._purge_from = self._ticks() + PURGE_EVERY
        try:
            async with self._database.write() as db:
                await db.execute(delete(Nonce).where(Nonce.expires_at <= moment))
                await db.commit()
        except (SQLAlchemyError, OSError, TimeoutError) as error:  # the answer stands; the next minute will do
            _log.warning("Old nonces could not be removed: %s", type(error).__name__)


def open_nonces(database: Database, redis: RedisServer | None) -> Nonces:
    """In Redis where there is one, else in the database."""
    return RedisNonces(redis) if redis else TableNonces(database)


def _digest(scope: str, nonce: str) -> str:
    """The length tells where the scope ends, so that no two pairs are one."""
    return hashlib.sha256(f"{len(scope)}:{scope}{nonce}".encode("utf-8", "surrogatepass")).hexdigest()
