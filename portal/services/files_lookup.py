"""What is known of the stored file that an address names."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.ext.asyncio import AsyncSession

from portal.models.file import FileUse, StoredFile
from portal.uploads.keys import split_copy

_AFTER_DOT = chr(ord(".") + 1)


@dataclass(frozen=True)
class FileFound:
    """A stored file, and which of its copies was meant."""

    id: int
    key: str
    media_type: str
    size: int
    sha256: str
    original_name: str
    owner: str | None
    private: bool
    sizes: Mapping[str, Sequence[int]]
    """Copy -> width, height, bytes."""
    copy: str | None
    """The copy's name; `None` for the file itself."""


async def find_file(session: AsyncSession, name: str) -> FileFound | None:
    """The file stored under that key, or the one the key's copy was made of, whether it has such a copy or not."""
    columns = (
        StoredFile.id,
        StoredFile.key,
        StoredFile.media_type,
        StoredFile.size,
        StoredFile.sha256,
        StoredFile.original_name,
        StoredFile.owner,
        StoredFile.private,
        StoredFile.sizes,
    )
    copy = split_copy(name)
    condition = of_stem(copy[0]) if copy else StoredFile.key == name
    row = (await session.execute(select(*columns).where(condition).limit(1))).one_or_none()
    return FileFound(**row._mapping, copy=copy[1] if copy else None) if row is not None else None


def of_stem(stem: str) -> ColumnElement[bool]:
    """The file whose copies are called like this."""
    # A range, which every database reads from the index of the keys, whatever it makes of LIKE.
    key: Any = StoredFile.key
    return and_(key >= f"{stem}.", key < f"{stem}{_AFTER_DOT}")


async def uses_of(session: AsyncSession, file_id: int, limit: int = 100) -> list[tuple[str, str]]:
    """Table and key of the rows that use a file."""
    statement = (
        select(FileUse.noun, FileUse.row_key)
        .where(FileUse.file_id == file_id)
        .distinct()
        .order_by(FileUse.noun, FileUse.row_key)
        .limit(limit)
    )
    return [(noun, key) for noun, key in await session.execute(statement)]
