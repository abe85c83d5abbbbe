"""Calls that are done once however often they are repeated: who has the turn, and what the answer was.

Whoever takes a key has its turn. What the services write then, and the note that it is written, are committed
together, so that a process that dies leaves either both or nothing.
"""

import hashlib
import logging
import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, ClassVar

from sqlalchemy import ColumnElement, CursorResult, delete, update
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from portal.db.engine import Database
from portal.db.mixins import now
from portal.errors import ConflictError, PortalError
from portal.i18n import _
from portal.models.idempotent_answer import ANSWERED, DONE, RUNNING, IdempotentAnswer

if TYPE_CHECKING:
    from portal.services.changes import Change
    from portal.services.unit_of_work import UnitOfWork

KEPT = timedelta(hours=24)
HELD = timedelta(seconds=30)
"""Longer than any call may work in the database."""

PURGE_EVERY = 60.0
"""Seconds."""

_log = logging.getLogger("portal.services")


class KeyReused(PortalError):
    status = 422
    code = "idempotency-reused"
    sentence = _("This Idempotency-Key was used for another call.")


class StillRunning(ConflictError):
    code = "idempotency-running"
    sentence = _("The first call with this Idempotency-Key is still under way.")
    headers: ClassVar = {"Retry-After": "1"}


class AnswerLost(ConflictError):
    code = "idempotency-lost"
    sentence = _("This was done already, but its answer was lost. Please look what is there.")


@dataclass(frozen=True)
class KeptAnswer:
    """What the first call was answered."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class Turn:
    """One call's hold on a key; as an observer it notes with the rows that they are written."""

    digest: str
    holder: str = field(default_factory=lambda: secrets.token_hex(16))
    """Random for each call."""

    @property
    def mine(self) -> ColumnElement[bool]:
        return (IdempotentAnswer.digest == self.digest) & (IdempotentAnswer.holder == self.holder)

    async def recording(self, work: "UnitOfWork", changes: Sequence["Change"]) -> None:
        """Whoever was so slow that another took the key writes nothing."""
        result = await work.session.execute(update(IdempotentAnswer).where(self.mine).values(state=DONE))
        if not _changed_one(result):
            raise StillRunning

    async def committed(self, changes: Sequence["Change"]) -> None: ...


class Once:
    """The keys and their answers, in the database: all processes know them."""

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

    async def take(self, owner: str, key: str, request: bytes) -> Turn | KeptAnswer:
        """The turn, or the answer there is already; `request` is all that was asked for under the key.

        Raises `KeyReused`, `StillRunning` or `AnswerLost`.
        """
        moment, turn = self._clock(), Turn(_digest(owner.encode(), key.encode()))
        values = {
            "request": _digest(request),
            "state": RUNNING,
            "holder": turn.holder,
            "held_until": moment + HELD,
            "expires_at": moment + KEPT,
        }
        await self._purge(moment)
        if await self._insert(turn, values):
            return turn
        async with self._database.read() as db:
            found = await db.get(IdempotentAnswer, turn.digest)
        if found is None:  # it was given up in between
            raise StillRunning
        if found.expires_at > moment:
            if found.request != values["request"]:
                raise KeyReused
            if found.state == ANSWERED:
                return KeptAnswer(found.status or 0, found.headers or {}, found.body or b"")
            if found.held_until > moment:
                raise StillRunning
            if found.state == DONE:
                raise AnswerLost
        theirs = Turn(turn.digest, found.holder).mine & (IdempotentAnswer.state == found.state)
        if not await self._write(update(IdempotentAnswer).where(theirs).values(**values)):
            raise StillRunning
        return turn

    async def keep(self, turn: Turn, answer: KeptAnswer) -> None:
        """What repeated calls are answered from now on."""
        values = {"status": answer.status, "headers": dict(answer.headers), "body": answer.body}
        await self._try(update(IdempotentAnswer).where(turn.mine).values(state=ANSWERED, **values))

    async def give_up(self, turn: Turn) -> None:
        """The call was refused: the key is free, unless something was committed all the same."""
        await self._try(delete(IdempotentAnswer).where(turn.mine, IdempotentAnswer.state == RUNNING))

    async def _insert(self, turn: Turn, values: Mapping[str, Any]) -> bool:
        async with self._database.write() as db:
            db.add(IdempotentAnswer(digest=turn.digest, **values))
            try:
                await db.commit()
            except IntegrityError:
                return False
        return True

    async def _write(self, statement: Any) -> bool:
        async with self._database.write() as db:
            result = await db.execute(statement)
            await db.commit()
        return _changed_one(result)

    async def _try(self, statement: Any) -> None:
        """The same where the call's own outcome stands whether it is written or not."""
        try:
            await self._write(statement)
        except (SQLAlchemyError, OSError, TimeoutError) as error:
            _log.warning("An Idempotency-Key could not be brought up to date: %s", type(error).__name__)

    async def _purge(self, moment: datetime) -> None:
        if self._ticks() >= self._purge_from:
            self._purge_from = self._ticks() + PURGE_EVERY
            await self._try(delete(IdempotentAnswer).where(IdempotentAnswer.expires_at <= moment))


def _changed_one(result: Any) -> bool:
    return isinstance(result, CursorResult) and bool(result.rowcount == 1)


def _digest(*parts: bytes) -> str:
    """Lengths tell where each part ends, so that no two lists are one."""
    return hashlib.sha256(b"".join(b"%d:%b" % (len(part), part) for part in parts)).hexdigest()
