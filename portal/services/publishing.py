"""What a service says of a row that everybody may read."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from portal.models.file import StoredFile


@dataclass(frozen=True)
class Published:
    """A public row, and what its page needs besides."""

    row: Any
    body: str
    """Text with markup, as it is stored."""
    summary: str = ""
    cover: str | None = None
    gallery: tuple[str, ...] = ()
    attachment: str | None = None
    author: str = ""
    section: str = ""
    files: Mapping[str, StoredFile] = field(default_factory=dict)
    """The stored files of all these, by their keys."""


class Publishing(Protocol):
    """A service whose rows have a public page."""

    async def published(self, short: str) -> Published:
        """The row a short id stands for; `NotFound` unless everybody may read it now."""
