"""What people do with their own account: sign in and out, change the password; and the first one of all."""

import logging
import secrets
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Self

from sqlalchemy import select, update
from sqlalchemy.engine import CursorResult
from sqlalchemy.exc import IntegrityError

from portal.auth.passwords import Passwords, complaint
from portal.auth.sessions import SessionState, SessionStore, Visitor, key_of
from portal.auth.throttle import SignInThrottle
from portal.db.engine import Database
from portal.db.mixins import now
from portal.errors import ConflictError, InputError, SignInRequired
from portal.i18n import LANGUAGES, _
from portal.models.user import User
from portal.settings import Settings

_log = logging.getLogger("portal.auth")

_LONGEST_NAME = 150


@dataclass(frozen=True)
class SignedIn:
    """What the browser is given after a sign-in."""

    identifier: str = field(repr=False)
    device: str = field(repr=False)
    remember: bool
    must_change_password: bool


@dataclass(frozen=True)
class Accounts:
    """The rules of signing in; made once for a portal with users of its own."""

    database: Database
    sessions: SessionStore
    throttle: SignInThrottle
    passwords: Passwords = field(default_factory=Passwords)
    clock: Callable[[], datetime] = now

    @classmethod
    def build(cls, database: Database, settings: Settings, clock: Callable[[], datetime] = now) -> Self:
        """Accounts over the portal's own tables."""
        throttle = SignInThrottle(
            database, key=settings.key("sign-in names"), device_key=settings.key("devices"), clock=clock
        )
        return cls(database, SessionStore(database, clock=clock), throttle, clock=clock)

    async def sign_in(
        self,
        username: str,
        password: str,
        visitor: Visitor,
        *,
        remember: bool = False,
        device: str | None = None,
        replaces: str | None = None,
    ) -> SignedIn:
        """Begin a session; `InputError` for a wrong name, password or a closed account alike.

        `replaces` is the identifier the browser came with, whose session ends.
        """
        attempt = await self.throttle.admit(username, visitor.address, device)
        user = await self._find(username)
        fits = await self.passwords.verify(user.password_hash if user else None, password)
        if user is None or not fits or not user.is_active:
            _log.warning(
                "sign-in refused: name=%s user=%s address=%s",
                attempt.name_hash[:12],
                user and user.id,
                visitor.address,
            )
            raise InputError({}, _("The user name or the password is not right."))
        renewed = user.password_hash
        if self.passwords.needs_rehash(user.password_hash):
            renewed = await self.passwords.hash(password)
        async with self.database.write() as db:
            await self.throttle.forgive(db, attempt)
            await self.sessions.purge(db)
            if replaces:
                await self.sessions.revoke(key_of(replaces), db)
            identifier = await self.sessions.create(db, user, visitor, remember=remember)
            # Neither is a change of the account that an editor should see or lose a race against.
            quietly = {"last_sign_in_at": self.clock(), "updated_at": User.updated_at}
            same = (User.id == user.id) & (User.password_hash == user.password_hash)
            await db.execute(update(User).where(same).values(password_hash=renewed, **quietly))
            await db.commit()
        _log.info("signed in: user=%s address=%s", user.id, visitor.address)
        known = self.throttle.device_for(username, device)
        return SignedIn(identifier, known, remember, user.must_change_password)

    async def sign_out(self, state: SessionState) -> None:
        """End the session on the server."""
        await self.sessions.revoke(state.key)
        _log.info("signed out: user=%s", state.user_id)

    async def change_password(self, state: SessionState, old: str, new: str) -> str:
        """Set a new password after asking the old one; ends every other session.

        Returns the new identifier of this session. `InputError` names `old` or `new`.
        """
        # Counted apart from sign-ins: whoever found an open browser can't close the front door with it.
        attempt = await self.throttle.admit(f"password of user {state.user_id}", None)
        async with self.database.read() as db:
            user = await db.get(User, state.user_id)
        if user is None:
            raise SignInRequired
        if not await self.passwords.verify(user.password_hash, old):
            _log.warning("password change refused: user=%s", user.id)
            raise InputError({"old": _("This is not your present password.")})
        async with self.database.write() as db:
            await self.throttle.forgive(db, attempt)
            await db.commit()
        self._check_new(user, old, new)
        return await self._store_password(state, user, await self.passwords.hash(new))

    def _check_new(self, user: User, old: str, new: str) -> None:
        if new == old:
            raise InputError({"new": _("This is the present password; choose another one.")})
        if problem := complaint(new, names=(user.username, user.display_name)):
            raise InputError({"new": problem})

    async def _store_password(self, state: SessionState, user: User, hashed: str) -> str:
        version = user.auth_version + 1
        unchanged = (User.id == user.id) & (User.auth_version == user.auth_version)
        values = {
            "password_hash": hashed,
            "must_change_password": False,
            "auth_version": version,
            "version": User.version + 1,
        }
        async with self.database.write() as db:
            result = await db.execute(update(User).where(unchanged).values(**values))
            if not isinstance(result, CursorResult) or result.rowcount != 1:
                raise ConflictError
            identifier = await self.sessions.rotate(db, state, auth_version=version)
            await self.sessions.revoke_user(db, user.id, keep=key_of(identifier))
            await db.commit()
        _log.info("password changed: user=%s", user.id)
        return identifier

    async def prefer(self, state: SessionState, *, language: str | None = None, time_zone: str | None = None) -> None:
        """Keep the language or the time zone somebody chose for themselves."""
        values = {"language": language if language in LANGUAGES else None, "time_zone": time_zone}
        chosen = {name: value for name, value in values.items() if value is not None}
        if not chosen:
            return
        async with self.database.write() as db:
            await db.execute(update(User).where(User.id == state.user_id).values(**chosen, version=User.version + 1))
            await db.commit()

    async def _find(self, username: str) -> User | None:
        if len(username) > _LONGEST_NAME or not _is_storable(username):
            return None
        name = unicodedata.normalize("NFC", username)
        async with self.database.read() as db:
            found: User | None = await db.scalar(select(User).where(User.username == name))
        return found


def _is_storable(text: str) -> bool:
    try:
        return b"\0" not in text.encode()
    except UnicodeEncodeError:
        return False


async def ensure_first_administrator(
    database: Database, settings: Settings, passwords: Passwords | None = None
) -> str | None:
    """Make the first administrator when there is no user at all.

    Returns the random password to print once; nothing when there was somebody already or when
    `FASTOR_ADMIN_PASSWORD` gave one, which stays.
    """
    if await _has_users(database):
        return None
    printed = None if settings.admin_password else secrets.token_urlsafe(15)
    password = settings.admin_password or printed or ""
    user = User(
        username=settings.admin_username,
        password_hash=await (passwords or Passwords()).hash(password),
        is_superuser=True,
        must_change_password=printed is not None,
    )
    async with database.write() as db:
        if await db.scalar(select(User.id).limit(1)) is not None:
            return None
        db.add(user)
        try:
            await db.commit()
        except IntegrityError:
            # Another process of the same start was faster; what it printed is what counts.
            return None
    _log.info("first administrator made: %r", settings.admin_username)
    return printed


async def _has_users(database: Database) -> bool:
    async with database.read() as db:
        return await db.scalar(select(User.id).limit(1)) is not None
