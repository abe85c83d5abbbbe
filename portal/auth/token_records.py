"""What is known of a token at one moment: one statement brings the token, its user and the user's rights."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Row, bindparam, select
from sqlalchemy.ext.asyncio import AsyncSession

from portal.auth.actor import Actor, covers
from portal.auth.caller import Caller
from portal.models.api_token import SERVICE, USER, ApiToken
from portal.models.role import Role, user_role
from portal.models.user import User


class TokenUser(msgspec.Struct, frozen=True):
    """The owner of a user's token."""

    id: int
    name: str
    display: str
    superuser: bool
    permissions: tuple[str, ...]
    must_change_password: bool
    language: str | None = None
    time_zone: str | None = None


class TokenRecord(msgspec.Struct, frozen=True):
    """A token that is good, until it expires."""

    id: int
    name: str
    kind: str
    subject: str
    scopes: tuple[str, ...]
    expires_at: datetime | None
    last_used_at: datetime | None
    user: TokenUser | None = None

    def caller(self) -> Caller:
        return Caller(self._actor(), self.kind, self.subject, self.id, self.last_used_at)

    def _actor(self) -> Actor:
        scopes = frozenset(self.scopes)
        if (user := self.user) is None:
            return program(f"{self.kind}:{self.subject or self.id}", self.name, scopes)
        # A superuser's token is none: what it may stands in its scopes, and what only superusers may is not there.
        theirs = scopes if user.superuser else frozenset(name for name in user.permissions if covers(scopes, name))
        return Actor(
            id=user.id,
            name=user.name,
            display=user.display,
            permissions=theirs,
            scopes=scopes,
            language=user.language,
            time_zone=user.time_zone,
            must_change_password=user.must_change_password,
        )


def program(identity: str, display: str, scopes: frozenset[str]) -> Actor:
    """Somebody who is no user; the identity is also what stands as the author of what it writes."""
    return Actor(id=identity, name=identity, display=display, permissions=scopes, scopes=scopes)


_token, _user, _role = ApiToken.__table__.c, User.__table__.c, Role.__table__.c

_LOAD = (
    select(
        _token.id,
        _token.name,
        _token.kind,
        _token.subject,
        _token.scopes,
        _token.expires_at,
        _token.last_used_at,
        _token.revoked_at,
        _token.user_version,
        _user.id.label("owner_id"),
        _user.username,
        _user.display_name,
        _user.is_superuser,
        _user.is_active,
        _user.auth_version,
        _user.must_change_password,
        _user.language,
        _user.time_zone,
        _role.permissions,
    )
    .select_from(ApiToken.__table__)
    .outerjoin(User.__table__, _user.id == _token.user_id)
    .outerjoin(user_role, user_role.c.user_id == _user.id)
    .outerjoin(Role.__table__, _role.id == user_role.c.role_id)
    .where(_token.digest == bindparam("digest"))
)


async def rows_of(db: AsyncSession, digest: str) -> Sequence[Row[Any]]:
    """One row for each role of the owner; none where there is no such token."""
    return (await db.execute(_LOAD, {"digest": digest})).all()


def lost_its_user(row: Row[Any]) -> bool:
    """Whether the user is gone, shut out, or has another password or other roles since it was issued."""
    if row.kind != USER:
        return False
    return not (row.owner_id and row.is_active and row.auth_version == row.user_version)


def needs_nobody(row: Row[Any]) -> bool:
    """Whether what was read says all: whoever else owns a token is to be asked about."""
    return row.kind in {SERVICE, USER}


def record_of(rows: Sequence[Row[Any]]) -> TokenRecord:
    row = rows[0]
    user = None
    if row.owner_id is not None:
        user = TokenUser(
            id=row.owner_id,
            name=row.username,
            display=row.display_name or row.username,
            superuser=row.is_superuser,
            permissions=tuple(sorted({name for each in rows for name in each.permissions or ()})),
            must_change_password=row.must_change_password,
            language=row.language,
            time_zone=row.time_zone,
        )
    return TokenRecord(
        id=row.id,
        name=row.name,
        kind=row.kind,
        subject=row.subject,
        scopes=tuple(row.scopes or ()),
        expires_at=row.expires_at,
        last_used_at=row.last_used_at,
        user=user,
    )
