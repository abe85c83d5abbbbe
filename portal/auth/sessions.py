"""Sessions kept by the server: the browser holds a random identifier, the table only its digest.

An identifier that the table does not know is nobody's and is never adopted; `rotate` gives a new one at every
change of rights (SECURITY 1.1).
"""

import hashlib
import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, bindparam, delete, insert, select, update
from sqlalchemy.engine import CursorResult
from sqlalchemy.ext.asyncio import AsyncSession

from portal.auth.actor import Actor
from portal.db.engine import Database
from portal.db.mixins import now
from portal.errors import ConflictError, SignInRequired
from portal.models.role import Role, user_role
from portal.models.session import Session
from portal.models.user import User

_IDENTIFIER = re.compile(r"[\w-]{43}", re.ASCII)


@dataclass(frozen=True)
class Lifetimes:
    """How long a session may rest, and how long it may last at all."""

    idle: timedelta = timedelta(minutes=30)
    absolute: timedelta = timedelta(hours=12)
    remembered_idle: timedelta = timedelta(days=7)
    remembered_absolute: timedelta = timedelta(days=30)
    touch: timedelta = timedelta(minutes=1)
    """How old `seen_at` grows before it is written again."""


@dataclass(frozen=True)
class Visitor:
    """Where somebody signs in from, for the list of their sessions."""

    address: str | None = None
    user_agent: str = ""


@dataclass(frozen=True)
class SessionState:
    """A valid session as one request sees it."""

    key: str
    actor: Actor
    user_id: int
    version: int
    auth_version: int
    remember: bool
    created_at: datetime
    seen_at: datetime
    data: Mapping[str, Any] = field(default_factory=dict, repr=False)


_session, _user, _role = Session.__table__.c, User.__table__.c, Role.__table__.c

# One statement says who it is and what they may do: a row for each role, one row where there is none. Columns of
# the tables, not of the classes: it is asked at each request and no object is made of it.
_LOAD = (
    select(
        _session.key,
        _session.user_id,
        _session.data,
        _session.version,
        _session.remember,
        _session.created_at,
        _session.seen_at,
        _session.auth_version,
        _user.username,
        _user.display_name,
        _user.is_superuser,
        _user.must_change_password,
        _user.language,
        _user.time_zone,
        _role.permissions,
    )
    .select_from(Session.__table__)
    .join(User.__table__, _user.id == _session.user_id)
    .outerjoin(user_role, user_role.c.user_id == _user.id)
    .outerjoin(Role.__table__, _role.id == user_role.c.role_id)
    .where(
        _session.key == bindparam("key"),
        _user.is_active.is_(True),
        _user.auth_version == _session.auth_version,
    )
)


@dataclass(frozen=True)
class SessionStore:
    """The table of sessions; `clock` is there to be moved in tests."""

    database: Database
    lifetimes: Lifetimes = Lifetimes()
    clock: Callable[[], datetime] = now

    async def create(self, db: AsyncSession, user: User, visitor: Visitor, *, remember: bool = False) -> str:
        """A new session for this user in the caller's transaction; returns the identifier for the cookie."""
        identifier = secrets.token_urlsafe(32)
        moment = self.clock()
        values = {
            "key": key_of(identifier),
            "user_id": user.id,
            "data": {},
            "created_at": moment,
            "seen_at": moment,
            "remember": remember,
            "auth_version": user.auth_version,
            "ip": visitor.address,
            "user_agent": visitor.user_agent[:255],
        }
        await db.execute(insert(Session).values(values))
        return identifier

    async def load(self, identifier: str) -> SessionState | None:
        """The session of an identifier with its user's rights as they are now; one statement."""
        return await self.load_key(key_of(identifier)) if _IDENTIFIER.fullmatch(identifier) else None

    async def load_key(self, key: str) -> SessionState | None:
        """The session that the table knows by this key."""
        async with self.database.read() as db:
            rows = (await db.execute(_LOAD, {"key": key})).all()
        if not rows or self._is_over(rows[0]):
            return None
        permissions = frozenset(name for row in rows for name in row.permissions or ())
        return _state(rows[0], permissions)

    def _is_over(self, row: Row[Any]) -> bool:
        times, moment = self.lifetimes, self.clock()
        idle = times.remembered_idle if row.remember else times.idle
        absolute = times.remembered_absolute if row.remember else times.absolute
        rested: timedelta = moment - row.seen_at
        lasted: timedelta = moment - row.created_at
        return rested > idle or lasted > absolute

    def wants_touch(self, state: SessionState) -> bool:
        """Whether the time of the last visit is old enough to be written."""
        return self.clock() - state.seen_at >= self.lifetimes.touch

    async def touch(self, state: SessionState) -> None:
        """Note that the session is in use."""
        moment = self.clock()
        stale = Session.seen_at <= moment - self.lifetimes.touch
        async with self.database.write() as db:
            await db.execute(update(Session).where(Session.key == state.key, stale).values(seen_at=moment))
            await db.commit()

    async def save(self, state: SessionState, data: Mapping[str, Any]) -> None:
        """Replace what the session remembers; a `ConflictError` if it was changed or ended meanwhile."""
        async with self.database.write() as db:
            changed = await _change(db, state, data=dict(data))
            await db.commit()
        if not changed:
            raise ConflictError

    async def rotate(self, db: AsyncSession, state: SessionState, *, auth_version: int | None = None) -> str:
        """Give the session a new identifier in the caller's transaction; the old one is dead.

        Raises `SignInRequired` when the session was ended or rotated meanwhile.
        """
        identifier = secrets.token_urlsafe(32)
        version = state.auth_version if auth_version is None else auth_version
        if not await _change(db, state, key=key_of(identifier), auth_version=version):
            raise SignInRequired
        return identifier

    async def revoke(self, key: str, db: AsyncSession | None = None) -> None:
        """End one session."""
        if db is not None:
            await db.execute(delete(Session).where(Session.key == key))
            return
        async with self.database.write() as own:
            await self.revoke(key, own)
            await own.commit()

    async def revoke_user(self, db: AsyncSession, user_id: int, *, keep: str | None = None) -> None:
        """End all sessions of a user but the one with the key `keep`, in the caller's transaction."""
        chosen = delete(Session).where(Session.user_id == user_id)
        await db.execute(chosen if keep is None else chosen.where(Session.key != keep))

    async def purge(self, db: AsyncSession) -> None:
        """Drop what no lifetime lets anybody use again, in the caller's transaction."""
        moment, times = self.clock(), self.lifetimes
        rested = Session.seen_at < moment - times.remembered_idle
        plain = Session.remember.is_(False) & (Session.seen_at < moment - times.idle)
        await db.execute(delete(Session).where(rested | plain))


def key_of(identifier: str) -> str:
    """What the table knows an identifier by."""
    return hashlib.sha256(identifier.encode()).hexdigest()


async def _change(db: AsyncSession, state: SessionState, **values: Any) -> bool:
    """Compare and set by the version, so that of two writers exactly one succeeds."""
    seen = (Session.key == state.key) & (Session.version == state.version)
    result = await db.execute(update(Session).where(seen).values(version=state.version + 1, **values))
    return isinstance(result, CursorResult) and bool(result.rowcount == 1)


def _state(row: Row[Any], permissions: frozenset[str]) -> SessionState:
    actor = Actor(
        id=row.user_id,
        name=row.username,
        display=row.display_name or row.username,
        superuser=row.is_superuser,
        permissions=permissions,
        language=row.language,
        time_zone=row.time_zone,
        must_change_password=row.must_change_password,
    )
    return SessionState(
        key=row.key,
        actor=actor,
        user_id=row.user_id,
        version=row.version,
        auth_version=row.auth_version,
        remember=row.remember,
        created_at=row.created_at,
        seen_at=row.seen_at,
        data=row.data or {},
    )
