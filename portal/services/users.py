"""The rules of users and roles: nobody gives away more than they have, and somebody is always left in charge."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import func, inspect, select, update

from portal.auth.passwords import Passwords, complaint
from portal.errors import ConflictError, InputError, PermissionDenied
from portal.i18n import _
from portal.models.role import Role, user_role
from portal.models.user import User
from portal.services.resource import ResourceService

_passwords = Passwords()
"""One for the process: it holds the limiter."""


class UserService(ResourceService):
    """Passwords are stored as hashes; a password that somebody else set must be changed at the next sign-in."""

    async def create(self, values: Mapping[str, Any]) -> Any:
        return await super().create(await self._hashed(values, str(values.get("username") or "")))

    async def save(self, key: str, values: Mapping[str, Any], version: str | None) -> Any:
        if values.get("password_hash"):
            if key == str(self.work.actor.id):
                raise InputError({"password_hash": _("Change your own password on the page for it.")})
            values = await self._hashed(values, str(values.get("username") or ""))
        await self._require_power_over(await self._load(key))
        return await super().save(key, values, version)

    async def delete(self, key: str, version: str | None = None) -> str:
        user = await self._load(key)
        await self._require_power_over(user)
        if user.id == self.work.actor.id:
            raise ConflictError(_("You can't delete yourself."))
        await self._keep_one_in_charge(user)
        return await super().delete(key, version)

    async def before_save(self, row: Any, *, created: bool) -> None:
        actor = self.work.actor
        was_superuser = not created and self._stored(row, "is_superuser")
        if not actor.superuser:
            if row.is_superuser or was_superuser:
                raise PermissionDenied(_("Only a superuser may make superusers."))
            if not await self._permissions([role.id for role in row.roles]) <= actor.permissions:
                raise InputError({"roles": _("These roles may do more than you may yourself.")})
        if row.id == actor.id and not created and not row.is_active:
            raise InputError({"is_active": _("You can't close your own account.")})
        if was_superuser and not (row.is_superuser and row.is_active):
            await self._keep_one_in_charge(row)

    async def _hashed(self, values: Mapping[str, Any], username: str) -> dict[str, Any]:
        password = str(values.get("password_hash") or "")
        problem = complaint(password, names=(username,))
        if problem is not None:
            raise InputError({"password_hash": problem})
        hashed = await _passwords.hash(password)
        return {**values, "password_hash": hashed, "must_change_password": True}

    async def _require_power_over(self, user: User) -> None:
        """Nobody changes somebody who may do more: setting their password would be taking their place."""
        actor = self.work.actor
        if actor.superuser:
            return
        roles = select(user_role.c.role_id).where(user_role.c.user_id == user.id)
        theirs = await self._permissions((await self.session.execute(roles)).scalars().all())
        if user.is_superuser or not theirs <= actor.permissions:
            raise PermissionDenied(_("Only somebody who may do as much can change this user."))

    async def _permissions(self, roles: Sequence[int]) -> set[str]:
        """What these roles may do together."""
        found = await self.session.execute(select(Role.permissions).where(Role.id.in_(roles)))
        return {permission for permissions in found.scalars() for permission in permissions}

    def _stored(self, row: Any, name: str) -> Any:
        """An attribute as the database has it."""
        history = inspect(row).attrs[name].history
        return history.deleted[0] if history.deleted else getattr(row, name)

    async def _keep_one_in_charge(self, user: User) -> None:
        others = select(func.count()).select_from(User)
        others = others.where(User.is_superuser.is_(True), User.is_active.is_(True), User.id != user.id)
        if user.is_superuser and not (await self.session.execute(others)).scalar_one():
            raise ConflictError(_("There would be no superuser left."))


class RoleService(ResourceService):
    """A role's users are signed out when what it may do changes."""

    async def before_save(self, row: Any, *, created: bool) -> None:
        if not self.work.actor.superuser and not set(row.permissions) <= self.work.actor.permissions:
            raise InputError({"permissions": _("You can give only what you may do yourself.")})
        if not created and inspect(row).attrs.permissions.history.has_changes():
            theirs = select(user_role.c.user_id).where(user_role.c.role_id == row.id)
            await self.session.execute(
                update(User).where(User.id.in_(theirs)).values(auth_version=User.auth_version + 1),
                execution_options={"synchronize_session": False},
            )
