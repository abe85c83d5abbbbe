"""Who is acting, as plain data that services and pages can be given."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True)
class Actor:
    """A person or the system; frozen, and true for the length of one request."""

    id: int | str
    name: str
    """The user name, as it is written into `created_by`."""
    display: str = ""
    superuser: bool = False
    permissions: frozenset[str] = frozenset()
    """Operation by resource: `articles.view`; a token's may hold `articles.*`, `*.view` and `*.*`."""
    scopes: frozenset[str] | None = None
    """What a token is restricted to, in the same form; `None` for whoever acts in person."""
    language: str | None = None
    time_zone: str | None = None
    must_change_password: bool = False

    def may(self, permission: str) -> bool:
        """Whether a permission string is among this actor's, or the actor is a superuser."""
        return (self.superuser or covers(self.permissions, permission)) and self.in_scope(permission)

    def in_scope(self, permission: str) -> bool:
        """Whether the token somebody came with, if any, is good for this."""
        return self.scopes is None or covers(self.scopes, permission)

    @classmethod
    def system(cls) -> Self:
        """The portal itself: migrations, seeds, scheduled work."""
        return cls(id=0, name="system", display="system", superuser=True)


def covers(granted: Collection[str], permission: str) -> bool:
    """Whether a permission is among those granted, a `*` on either side standing for all."""
    if permission in granted:
        return True
    resource, _, operation = permission.rpartition(".")
    return f"{resource}.*" in granted or f"*.{operation}" in granted or "*.*" in granted
