"""Who is acting, as plain data that services and pages can be given."""

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
    """Operation by resource: `articles.view`."""
    language: str | None = None
    time_zone: str | None = None
    must_change_password: bool = False

    def may(self, permission: str) -> bool:
        """Whether a permission string is among this actor's, or the actor is a superuser."""
        return self.superuser or permission in self.permissions

    @classmethod
    def system(cls) -> Self:
        """The portal itself: migrations, seeds, scheduled work."""
        return cls(id=0, name="system", display="system", superuser=True)
