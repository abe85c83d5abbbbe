"""What one request works with: its session, who acts, and what they may."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sqlalchemy.ext.asyncio import AsyncSession

if TYPE_CHECKING:
    from portal.auth.actor import Actor
    from portal.auth.policy import Policy


@dataclass(frozen=True)
class UnitOfWork:
    session: AsyncSession
    actor: "Actor"
    policy: "Policy"
    cursor_key: bytes
    """Signs the cursors of lists."""
    names: Mapping[type, str] = field(default_factory=dict)
    """Model -> the name of the resource that manages it, for permissions on what a picker shows."""

    @property
    def dialect(self) -> str:
        return self.session.get_bind().dialect.name
