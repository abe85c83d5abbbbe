"""The rules of tokens and keys: shown once, never deleted but revoked, and nobody gives away more than they have."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import ColumnElement, case, exists, inspect, or_, select

from portal.auth.actor import covers
from portal.auth.token_text import HINT, digest_of, new_token
from portal.auth.tokens import bind_user
from portal.db.mixins import now
from portal.errors import ConflictError, InputError, PermissionDenied
from portal.facts import Label
from portal.i18n import _
from portal.models.api_token import SERVICE, USER, ApiToken
from portal.models.client_key import ClientKey
from portal.models.user import User
from portal.services.query import ListQuery, Rows
from portal.services.resource import ResourceService

ACTIVE, EXPIRED, REVOKED, OFF = "active", "expired", "revoked", "off"


@dataclass(frozen=True)
class Secret:
    """Something that is shown now and never again."""

    label: Label
    text: str = field(repr=False)


class KeyService(ResourceService):
    """What tokens and keys have in common."""

    settable: ClassVar[frozenset[str]]
    """What a person may say of a new one."""
    changeable: ClassVar[frozenset[str]]
    """And of an old one."""

    secrets: Sequence[Secret] = ()
    """Of the one just made."""

    @classmethod
    def state(cls, moment: datetime) -> ColumnElement[str]:
        """Whether a row is good, as an expression."""
        raise NotImplementedError

    async def page(self, query: ListQuery) -> Rows:
        rows = await super().page(query)
        ids = [int(row.key) for row in rows.items]
        states = await self._states(self.mapping.columns["id"].in_(ids)) if ids else {}
        for row in rows.items:
            row.values["state"] = states.get(int(row.key), REVOKED)  # gone since
        return rows

    async def state_of(self, row: Any) -> str:
        return (await self._states(self.mapping.columns["id"] == row.id))[row.id]

    def may(self, operation: str, row: Any = None) -> bool:
        """What has been in use stays listed for a while."""
        return operation != "delete" and super().may(operation, row)

    async def create(self, values: Mapping[str, Any]) -> Any:
        self._refuse_others(values, self.settable)
        return await super().create(values)

    async def save(self, key: str, values: Mapping[str, Any], version: str | None) -> Any:
        self._refuse_others(values, self.changeable)
        row = await self._load(key)
        if row.revoked_at is not None:
            raise InputError({}, _("This was revoked. It can't be changed any more."))
        if self._beyond_own(row.scopes):
            raise PermissionDenied(_("Only somebody who may do as much can change this."))
        return await super().save(key, values, version)

    async def before_save(self, row: Any, *, created: bool) -> None:
        if not row.scopes:
            raise InputError({"scopes": _("Please choose what it is good for.")})
        if self._beyond_own(row.scopes):
            raise InputError({"scopes": _("You can give only what you may do yourself.")})

    async def delete(self, key: str, version: str | None = None) -> str:
        raise PermissionDenied(_("This can be revoked, not deleted."))

    async def delete_rows(self, rows: ColumnElement[bool]) -> int:
        raise PermissionDenied(_("This can be revoked, not deleted."))

    async def revoke(self, rows: ColumnElement[bool]) -> int:
        """End them for good; how many were good until now."""
        alive = rows & self.mapping.columns["revoked_at"].is_(None)
        return await self.update_rows(alive, {"revoked_at": now(), **self._when_revoked()}, "revoke")

    def _when_revoked(self) -> dict[str, Any]:
        return {}

    def _refuse_others(self, values: Mapping[str, Any], allowed: frozenset[str]) -> None:
        if others := values.keys() - allowed:
            raise InputError({name: _("This can't be set.") for name in others})

    def _beyond_own(self, scopes: Sequence[str]) -> bool:
        actor = self.work.actor
        return not actor.superuser and not all(covers(actor.permissions, scope) for scope in scopes)

    async def _states(self, rows: ColumnElement[bool]) -> dict[int, str]:
        found = await self.session.execute(select(self.mapping.columns["id"], self.state(now())).where(rows))
        return {key: state for key, state in found}


class ApiTokenService(KeyService):
    """Tokens; customers get theirs by signing in, not here."""

    settable = frozenset({"name", "kind", "scopes", "expires_at"})
    changeable = settable - {"kind"}

    @classmethod
    def state(cls, moment: datetime) -> ColumnElement[str]:
        same = (User.id == ApiToken.user_id) & (User.auth_version == ApiToken.user_version) & User.is_active.is_(True)
        lost = (ApiToken.kind == USER) & ~exists(select(1).select_from(User).where(same))
        revoked, expired = or_(ApiToken.revoked_at.is_not(None), lost), ApiToken.expires_at <= moment
        return case((revoked, REVOKED), (expired, EXPIRED), else_=ACTIVE)

    async def page(self, query: ListQuery) -> Rows:
        rows = await super().page(query)
        for row in rows.items:
            row.values["hint"] = f"…{row.values.get('hint')}"
        return rows

    async def before_save(self, row: Any, *, created: bool) -> None:
        await super().before_save(row, created=created)
        changed = created or inspect(row).attrs.expires_at.history.has_changes()
        if changed and row.expires_at is not None and row.expires_at <= now():
            raise InputError({"expires_at": _("This is in the past.")})
        if created:
            await self._issue(row)

    async def _issue(self, row: Any) -> None:
        if row.kind not in {SERVICE, USER}:
            raise InputError({"kind": _("This is not one of the choices.")})
        if row.kind == USER:
            try:
                await bind_user(self.session, row, int(self.work.actor.id))
            except ValueError as error:
                raise InputError({"kind": _("Only users of this portal can have tokens of their own.")}) from error
        text = new_token()
        row.digest, row.hint = digest_of(text), text[-HINT:]
        self.secrets = [Secret(_("Token"), text)]

    def _when_revoked(self) -> dict[str, Any]:
        return {"slot": None}


class ClientKeyService(KeyService):
    """Keys for signatures."""

    settable = frozenset({"name", "scopes", "active", "legacy_allowed", "sealed_only"})
    changeable = settable

    @classmethod
    def state(cls, moment: datetime) -> ColumnElement[str]:
        return case((ClientKey.revoked_at.is_not(None), REVOKED), (ClientKey.active.is_(False), OFF), else_=ACTIVE)

    async def before_save(self, row: Any, *, created: bool) -> None:
        await super().before_save(row, created=created)
        if created:
            keys = self.work.client_keys
            if keys is None:
                raise ConflictError(_("This portal has no keys for signatures."))
            secret = keys.draft(row)
            self.secrets = [Secret(_("Key id"), row.key_id), Secret(_("Secret"), secret)]
