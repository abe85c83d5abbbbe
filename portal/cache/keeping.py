"""`Cache`: one value for many callers, an old one while the next is made or where it can't be made."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from portal.cache.entries import Entry, Lifetime
from portal.cache.redis_store import RedisStore
from portal.cache.scopes import Serving, serve
from portal.cache.stores import EVERYTHING, Found, MemoryStore, Store, StoreGone
from portal.errors import PortalError

if TYPE_CHECKING:
    from portal.auth.actor import Actor
    from portal.services.changes import Change
    from portal.settings import Settings

PAUSE = 0.02
LONGEST_PAUSE = 0.2
LONGEST_WAIT = 30.0
"""Seconds to wait for what another process is making."""

_GONE = "gone"
"""Stands for the tokens of a store that does not answer."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Call:
    """A value somebody wants: its name, what it depends on, and how it is made."""

    name: str
    title: str
    """The function's, for the log."""
    tags: tuple[str, ...]
    lifetime: Lifetime
    make: Callable[[], Awaitable[bytes]]


class Cache:
    """The values of one portal; it observes services, and forgets what was made from rows they change."""

    def __init__(self, store: Store, *, exact: bool = True, clock: Callable[[], float] = time.time) -> None:
        self._store = store
        self.exact = exact
        """Whether every process hears of every change: not where several keep values for themselves."""
        self._clock = clock
        self._flights: dict[Any, asyncio.Task[bytes]] = {}
        self._changes = 0

    @classmethod
    def open(cls, settings: "Settings") -> "Cache":
        """In Redis where there is one, else in this process; connected to when it is first used."""
        if settings.redis_url:
            return cls(RedisStore(settings.redis_url, settings.key("cache")))
        return cls(MemoryStore(), exact=settings.workers == 1)

    def serving(self, actor: "Actor | None", realm: str = "") -> AbstractContextManager[None]:
        """Inside the block cached functions use this cache, for this person or, with `None`, for nobody."""
        return serve(Serving(self, actor, realm))

    async def answer(self, call: Call) -> bytes:
        """The kept value, or a new one."""
        found = await self._look(call)
        entry, now = found.entry, self._clock()
        if entry is not None and now < entry.fresh_until:
            return entry.value
        # Under the tokens too: whoever asks after a change is not given what was begun before it.
        flight = self._fly((call.name, found.tokens), lambda: self._renew(call, found))
        if entry is not None and now < entry.good_until:
            return entry.value
        return await asyncio.shield(flight)

    async def refresh(self, call: Call) -> bytes:
        """A new value whatever is kept; what goes wrong is told to the caller."""
        found = await self._look(call)
        without = found._replace(entry=None)
        return await asyncio.shield(self._fly((call.name, found.tokens, "refresh"), lambda: self._run(call, without)))

    async def invalidate(self, *tags: str) -> None:
        """Forget what was made from these, in every process; what is being made meanwhile is not kept either."""
        self._changes += 1
        with suppress(StoreGone):
            await self._store.invalidate(tags)

    async def clear(self) -> None:
        await self.invalidate(EVERYTHING)

    async def close(self) -> None:
        flights = list(self._flights.values())
        for flight in flights:
            flight.cancel()
        await asyncio.gather(*flights, return_exceptions=True)
        await self._store.close()

    # -- as an observer of services

    async def recording(self, work: Any, changes: "Sequence[Change]") -> None:
        """Nothing before the commit: the rows are still as they were."""

    async def committed(self, changes: "Sequence[Change]") -> None:
        """Forget what was made from a table, `article`, and from its rows, `article:12`."""
        tables = dict.fromkeys(change.table for change in changes)
        rows = dict.fromkeys(f"{change.table}:{key}" for change in changes for key in change.keys)
        await self.invalidate(*tables, *rows)

    # -- private

    async def _look(self, call: Call) -> Found:
        try:
            return await self._store.look(call.name, (EVERYTHING, *call.tags))
        except StoreGone:
            return Found(None, (_GONE, str(self._changes)))

    def _fly(self, key: tuple[Any, ...], make: Callable[[], Awaitable[bytes]]) -> asyncio.Task[bytes]:
        """One making of a value for all who want it now; a task of its own, so that no caller can cancel it."""
        key = (asyncio.get_running_loop(), *key)
        flight = self._flights.get(key)
        if flight is None:
            flight = self._flights[key] = asyncio.ensure_future(make())
            flight.add_done_callback(lambda done: self._landed(key, done))
        return flight

    def _landed(self, key: Any, flight: "asyncio.Task[bytes]") -> None:
        self._flights.pop(key, None)
        if not flight.cancelled():
            flight.exception()  # seen, also where nobody waited for it

    async def _renew(self, call: Call, found: Found) -> bytes:
        """A new value, by us or by the process that is at it already."""
        give_up, pause = time.monotonic() + LONGEST_WAIT, PAUSE
        while True:
            async with self._store.turn(call.name) as mine:
                if mine or time.monotonic() > give_up:
                    found = await self._look(call)  # somebody may have been quicker
                    if found.entry is not None and self._clock() < found.entry.fresh_until:
                        return found.entry.value
                    return await self._run(call, found)
            if found.entry is not None and self._clock() < found.entry.good_until:
                return found.entry.value
            await asyncio.sleep(pause)
            pause = min(pause * 1.5, LONGEST_PAUSE)
            found = await self._look(call)

    async def _run(self, call: Call, found: Found) -> bytes:
        began = self._clock()
        try:
            value = await call.make()
        except Exception as error:
            return await self._fall_back(call, found.entry, error)
        with suppress(StoreGone):
            await self._keep(call, found, value, began)
        return value

    async def _fall_back(self, call: Call, entry: Entry | None, error: Exception) -> bytes:
        """The old value for a while, where there is one and the failure says nothing about it."""
        now = self._clock()
        refused = isinstance(error, PortalError) and error.status < 500
        if entry is None or refused or now >= entry.kept_until:
            if entry is not None:
                with suppress(StoreGone):
                    await self._store.remove(call.name)
            raise error
        if not entry.outlasts:
            _log.warning("%s failed; its old value is used for now.", call.title, exc_info=error)
        with suppress(StoreGone):
            await self._store.put(call.name, entry.outlasting(now), entry.kept_until - now)
        return entry.value

    async def _keep(self, call: Call, found: Found, value: bytes, began: float) -> None:
        """Unless what it was made from has changed since, or somebody began later and was quicker."""
        latest = await self._look(call)
        if _GONE in latest.tokens or latest.tokens != found.tokens:
            return
        if latest.entry is not None and latest.entry.began > began:
            return
        entry = call.lifetime.entry(value, found.tokens, began, now := self._clock())
        await self._store.put(call.name, entry, entry.kept_until - now)
