"""How often articles are read: a visitor counts once in half an hour, and many views are written at once.

A view changes no content: neither the version nor the time of the last change. What a process has counted and not
written yet, five seconds' worth, is lost when it is killed; when it is told to stop it writes first.
"""

import asyncio
import logging
import time
from collections import Counter, OrderedDict
from collections.abc import Callable
from typing import Protocol

from sqlalchemy import case, update
from sqlalchemy.exc import SQLAlchemyError

from portal.db.engine import Database
from portal.errors import Unavailable
from portal.models.article import Article

AGAIN_AFTER = 30 * 60
"""Seconds until the same visitor is counted again."""

WRITE_EVERY = 5.0
"""Seconds."""

REMEMBERED = 100_000
"""Views a process remembers at most; who comes back after more than those counts again."""

AT_ONCE = 200
"""Articles in one statement."""

_log = logging.getLogger("portal.services")


class Once(Protocol):
    """Remembers what was used, for all processes (`portal.auth.nonces`)."""

    async def use(self, scope: str, nonce: str, seconds: int) -> bool: ...


class ArticleViews:
    """Counts views; without `everywhere` this process alone knows who was here, which does where it is alone."""

    def __init__(
        self,
        database: Database,
        everywhere: Once | None = None,
        *,
        write_every: float = WRITE_EVERY,
        ticks: Callable[[], float] = time.monotonic,
    ) -> None:
        self._database = database
        self._everywhere = everywhere
        self._write_every = write_every
        self._ticks = ticks
        self._seen: OrderedDict[str, float] = OrderedDict()
        self._counted: Counter[int] = Counter()
        self._writing: asyncio.Task[None] | None = None

    async def count(self, article: int, visitor: str) -> bool:
        """Whether this is a new view; one that can't be looked up is none, and nobody's call is lost for it."""
        view = f"{article}:{visitor}"
        if not self._is_new(view):
            return False
        try:
            if self._everywhere is not None and not await self._everywhere.use("view", view, AGAIN_AFTER):
                return False
        except (Unavailable, SQLAlchemyError, OSError, TimeoutError) as error:
            _log.warning("A view could not be counted: %s", type(error).__name__)
            del self._seen[view]
            return False
        self._counted[article] += 1
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._write_soon())
        return True

    async def write(self) -> None:
        """Write what was counted; what can't be written is tried again later."""
        counted, self._counted = self._counted, Counter()
        views = sorted(counted.items())
        for start in range(0, len(views), AT_ONCE):
            some = dict(views[start : start + AT_ONCE])
            try:
                await self._add(some)
            except (SQLAlchemyError, OSError, TimeoutError) as error:
                _log.warning("Views could not be written: %s", type(error).__name__)
                self._counted.update(some)

    async def close(self) -> None:
        """At the end of the process."""
        if self._writing is not None:
            self._writing.cancel()
            await asyncio.gather(self._writing, return_exceptions=True)
        await self.write()

    def _is_new(self, view: str) -> bool:
        moment = self._ticks()
        seen = self._seen.get(view)
        if seen is not None and moment - seen < AGAIN_AFTER:
            return False
        self._seen[view] = moment
        self._seen.move_to_end(view)
        if len(self._seen) > REMEMBERED:
            self._seen.popitem(last=False)
        return True

    async def _write_soon(self) -> None:
        while self._counted:
            await asyncio.sleep(self._write_every)
            await self.write()

    async def _add(self, views: dict[int, int]) -> None:
        more = case(views, value=Article.id)
        statement = update(Article).where(Article.id.in_(views))
        # the time is said, or the column would take the present one
        values = {"views": Article.views + more, "updated_at": Article.updated_at}
        async with self._database.write() as db:
            await db.execute(statement.values(values), execution_options={"synchronize_session": False})
            await db.commit()
