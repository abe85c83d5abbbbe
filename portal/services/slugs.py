"""Names for addresses."""

import re
import secrets
import unicodedata
from typing import Any

from sqlalchemy import select

from portal.services.resource import ResourceService

_ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"
"""Without signs that are mistaken for one another."""


def slug_of(text: str) -> str:
    """`Spring Launch 2026!` -> `spring-launch-2026`; empty for a text without Latin letters or digits."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:80].rstrip("-")


def short_id(length: int = 8) -> str:
    """A random name that is easy to read aloud; 8 signs are 39 bits."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(length))


async def fill_slug(service: ResourceService, row: Any, source: str) -> None:
    """Give a row without a slug one made from another attribute, numbered while it is taken."""
    if row.slug:
        return
    column = service.mapping.columns["slug"]
    wanted = slug_of(getattr(row, source) or "") or short_id()
    taken = select(column).where((column == wanted) | column.startswith(f"{wanted}-", autoescape=True)).limit(1000)
    held = set((await service.session.execute(taken)).scalars())
    number = next(n for n in range(1, 1002) if (wanted if n == 1 else f"{wanted}-{n}") not in held)
    row.slug = wanted if number == 1 else f"{wanted}-{number}"
