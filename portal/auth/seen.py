"""When tokens and keys were last used: written at most once a minute each, after the answer."""

from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import or_, update

from portal.auth.caller import Caller
from portal.db.engine import Database

EVERY = timedelta(minutes=1)

MOST = 10_000


class Seen:
    """Remembers what it has just written, because callers come out of a short memory."""

    def __init__(self, model: Any, database: Database, clock: Callable[[], datetime]) -> None:
        self._model = model
        self._database = database
        self._clock = clock
        self._noted: OrderedDict[int, datetime] = OrderedDict()

    def is_due(self, caller: Caller) -> bool:
        last = self._noted.get(caller.id, caller.last_used_at)
        return last is None or self._clock() - last >= EVERY

    async def note(self, caller: Caller, address: str | None) -> None:
        moment, model = self._clock(), self._model
        self._noted[caller.id] = moment
        self._noted.move_to_end(caller.id)
        while len(self._noted) > MOST:
            self._noted.popitem(last=False)
        long_ago = or_(model.last_used_at.is_(None), model.last_used_at <= moment - EVERY)
        # No change that an editor should see or lose a race against.
        values = {"last_used_at": moment, "last_address": address and address[:45], "updated_at": model.updated_at}
        async with self._database.write() as db:
            await db.execute(update(model).where(model.id == caller.id, long_ago).values(values))
            await db.commit()
