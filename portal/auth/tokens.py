"""Tokens of the JSON API: issued once, known only by their digest, ended on the server.

A token that is good is believed for at most five seconds without asking the database again; what is revoked here
is dead at once, and wherever Redis is shared it is dead everywhere (docs/api/tokens.md).
"""

import hashlib
import logging
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, delete, or_, select, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from portal.auth.caller import Caller
from portal.auth.recall import MemoryRecall, Recall, RedisRecall
from portal.auth.refusals import InvalidToken, TokenExpired, TokenRefused, TokenRevoked
from portal.auth.seen import Seen
from portal.auth.token_records import TokenRecord, lost_its_user, needs_nobody, record_of, rows_of
from portal.auth.token_text import HINT, digest_of, is_token, new_token
from portal.db.engine import Database
from portal.db.mixins import now
from portal.models.api_token import CUSTOMER, SERVICE, USER, ApiToken
from portal.models.user import User
from portal.redis_server import RedisServer
from portal.settings import Settings

OwnerCheck = Callable[[AsyncSession, str], Awaitable[bool]]
"""Whether the customer of this key, or whoever else a kind of token belongs to, may still come in."""

KEPT = timedelta(days=30)
"""How long a token that has ended stays listed."""

TRIES = 10
"""Of sign-ins at the same moment each goes back once for every one that goes first."""

_log = logging.getLogger("portal.auth")


@dataclass(frozen=True)
class Issued:
    """A new token, and the only time its text can be read."""

    text: str = field(repr=False)
    row: ApiToken


class Tokens:
    """Issues, finds and ends them; `owners` says of each kind but users and services who is still welcome."""

    def __init__(
        self,
        database: Database,
        settings: Settings,
        redis: RedisServer | None = None,
        *,
        owners: Mapping[str, OwnerCheck] | None = None,
        clock: Callable[[], datetime] = now,
    ) -> None:
        self.database = database
        self.settings = settings
        self.clock = clock
        self._owners = dict(owners or {})
        self._recall: Recall[TokenRecord] = (
            RedisRecall(redis, "token", TokenRecord, settings.key("token recall")) if redis else MemoryRecall()
        )
        self._seen = Seen(ApiToken, database, clock)

    # -- issuing

    async def issue(
        self,
        name: str,
        *,
        kind: str = SERVICE,
        subject: str = "",
        scopes: Collection[str] = (),
        lifetime: timedelta | None = None,
        created_by: str | None = None,
        group: str = "",
    ) -> Issued:
        """A new token in a transaction of its own; `subject` is the key of the user or customer it is for.

        With `customer_sessions="single"` a customer's new token ends the one before it in the same `group`, say
        `web` or `app`. A kind that nobody can be asked about is a `ValueError`: no request would be let in with it.
        """
        if kind not in {SERVICE, USER, *self._owners}:
            raise ValueError(f'There is nobody to ask about owners of the kind "{kind}".')
        moment = self.clock()
        single = kind == CUSTOMER and self.settings.customer_sessions == "single"
        slot = hashlib.sha256("\0".join((kind, subject, group)).encode()).hexdigest() if single else None
        for attempt in range(TRIES):
            text, row = draft(name=name, kind=kind, subject=subject, scopes=sorted(set(scopes)), slot=slot)
            row.expires_at = None if lifetime is None else moment + lifetime
            row.created_by = row.updated_by = created_by
            try:
                async with self.database.write() as db:
                    ended = await self._end(db, _in_slot(kind, subject, slot)) if slot else []
                    if kind == USER:
                        await bind_user(db, row, int(subject))
                    await self._purge(db, moment)
                    db.add(row)
                    await db.commit()
            except DBAPIError as error:
                # Somebody signed in at the same moment: one of the two goes first, the other ends it.
                if attempt == TRIES - 1 or error.connection_invalidated or slot is None:
                    raise
                continue
            await self._recall.drop(ended)
            _log.info("token issued: token=%s kind=%s", row.id, kind)
            return Issued(text, row)
        raise AssertionError("the last try returns or raises")

    # -- finding

    async def find(self, text: str, address: str | None = None) -> Caller:
        """Whom this token stands for; `InvalidToken`, `TokenExpired` or `TokenRevoked` where it is not good."""
        if not is_token(text):
            raise InvalidToken
        digest = digest_of(text)
        record = await self._recall.get(digest)
        if record is None:
            record = await self._read(digest, address)
            await self._recall.put(digest, record)
        if record.expires_at is not None and record.expires_at <= self.clock():
            raise self._refused(TokenExpired, record.id, address)
        return record.caller()

    def wants_touch(self, caller: Caller) -> bool:
        """Whether the time of the last use is old enough to be written, which is done after the answer."""
        return self._seen.is_due(caller)

    async def touch(self, caller: Caller, address: str | None) -> None:
        """Note that the token is in use."""
        await self._seen.note(caller, address)

    # -- ending

    async def revoke(self, token_id: int) -> bool:
        """End one token; false where it had ended before."""
        return bool(await self._revoke(ApiToken.id == token_id))

    async def revoke_subject(self, kind: str, subject: str, *, keep: int | None = None) -> int:
        """End all tokens of one owner but the one with the id `keep`; how many there were."""
        theirs = _of(kind, subject)
        return len(await self._revoke(theirs if keep is None else theirs & (ApiToken.id != keep)))

    async def forget(self, rows: ColumnElement[bool]) -> None:
        """Ask the database about these tokens from now on: something that counts for them has changed."""
        async with self.database.read() as db:
            digests = (await db.scalars(select(ApiToken.digest).where(rows))).all()
        await self._recall.drop(digests)

    # -- as an observer of services

    async def recording(self, work: Any, changes: Any) -> None:
        """Nothing of ours is kept with the rows."""

    async def committed(self, changes: Any) -> None:
        """Tokens that were changed, and those of users who may now do more or less, are read anew."""
        for change in changes:
            if change.table == ApiToken.__tablename__ and change.operation != "create":
                recent = ApiToken.updated_at >= self.clock() - timedelta(minutes=1)
                await self.forget(ApiToken.id.in_(_numbers(change)) if change.keys else recent)
            elif change.table == User.__tablename__ and change.operation != "create":
                theirs = ApiToken.user_id.in_(_numbers(change)) if change.keys else ApiToken.user_id.is_not(None)
                await self.forget(theirs)
            elif change.table == "fastor_role":
                await self.forget(ApiToken.user_id.is_not(None))

    # -- private

    async def _read(self, digest: str, address: str | None) -> TokenRecord:
        async with self.database.read() as db:
            rows = await rows_of(db, digest)
            if not rows:
                raise self._refused(InvalidToken, None, address)
            row = rows[0]
            if row.revoked_at is not None or lost_its_user(row):
                raise self._refused(TokenRevoked, row.id, address)
            if not needs_nobody(row):
                check = self._owners.get(row.kind)
                if check is None or not await check(db, row.subject):
                    raise self._refused(TokenRevoked, row.id, address)
        return record_of(rows)

    def _refused(self, error: type[TokenRefused], token_id: int | None, address: str | None) -> TokenRefused:
        _log.warning("token refused: %s token=%s address=%s", error.code, token_id, address)
        return error()

    async def _revoke(self, rows: ColumnElement[bool]) -> list[str]:
        async with self.database.write() as db:
            ended = await self._end(db, rows)
            await db.commit()
        await self._recall.drop(ended)
        _log.info("tokens revoked: %d", len(ended))
        return ended

    async def _end(self, db: AsyncSession, rows: ColumnElement[bool]) -> list[str]:
        """Revoke in the caller's transaction; the digests of those that were alive."""
        alive = rows & ApiToken.revoked_at.is_(None)
        ended = list(await db.scalars(select(ApiToken.digest).where(alive).with_for_update()))
        if ended:
            await db.execute(
                update(ApiToken).where(ApiToken.digest.in_(ended)).values(revoked_at=self.clock(), slot=None)
            )
        return ended

    async def _purge(self, db: AsyncSession, moment: datetime) -> None:
        """Drop what has ended long ago."""
        old = moment - KEPT
        await db.execute(delete(ApiToken).where(or_(ApiToken.expires_at < old, ApiToken.revoked_at < old)))


def draft(**values: Any) -> tuple[str, ApiToken]:
    """A token's text, and the row that is to be stored for it."""
    text = new_token()
    return text, ApiToken(**values, digest=digest_of(text), hint=text[-HINT:])


async def bind_user(db: AsyncSession, row: ApiToken, user_id: int) -> None:
    """Make it the token of a user as they are now; whatever ends their sessions ends it too."""
    version = await db.scalar(select(User.auth_version).where(User.id == user_id, User.is_active.is_(True)))
    if version is None:
        raise ValueError(f"There is no active user {user_id}.")
    row.user_id, row.subject, row.user_version = user_id, str(user_id), version


def _numbers(change: Any) -> list[int]:
    return [int(key) for key in change.keys]


def _of(kind: str, subject: str) -> ColumnElement[bool]:
    return (ApiToken.kind == kind) & (ApiToken.subject == subject)


def _in_slot(kind: str, subject: str, slot: str) -> ColumnElement[bool]:
    """What a new token there ends: also those issued while several were allowed."""
    return _of(kind, subject) & (ApiToken.slot.is_(None) | (ApiToken.slot == slot))
