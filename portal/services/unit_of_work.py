"""What one request works with: its session, who acts, and what they may."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sqlalchemy.ext.asyncio import AsyncSession

if TYPE_CHECKING:
    from portal.auth.actor import Actor
    from portal.auth.client_keys import ClientKeys
    from portal.auth.policy import Policy
    from portal.services.changes import Observer
    from portal.services.webhooks.house import Webhooks
    from portal.uploads.service import Uploads


def _no_address(source: str) -> str | None:
    return source if source.startswith("/media/") else None


@dataclass(frozen=True)
class UnitOfWork:
    session: AsyncSession
    actor: "Actor"
    policy: "Policy"
    cursor_key: bytes
    """Signs the cursors of lists."""
    names: Mapping[type, str] = field(default_factory=dict)
    """Model -> the name of the resource that manages it, for permissions on what a picker shows."""

    uploads: "Uploads | None" = None
    """Removes the files that rows let go of; without it the sweep does."""
    own_address: Callable[[str], str | None] = _no_address
    """The `/media/…` that the address of a picture in a text stands for; `None` when it is not one of ours."""

    observers: "tuple[Observer, ...]" = ()
    """Told of every change."""
    client_keys: "ClientKeys | None" = None
    """Encrypts the secrets of new keys for signatures."""
    webhooks: "Webhooks | None" = None
    """Encrypts those of new webhooks, and knows where messages may go."""

    @property
    def dialect(self) -> str:
        return self.session.get_bind().dialect.name
