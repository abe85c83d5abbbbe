"""The sweep: what was left behind and belongs to nothing, found in batches so that memory stays bounded.

Young things are left alone: an upload may be on its way, a form may not be saved yet.
"""

import os
import shutil
from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any, Literal, TypeVar

from sqlalchemy import and_, exists, or_, select

from portal.db.engine import Database
from portal.models.file import FileUse, StoredFile
from portal.models.pending_upload import PendingUpload
from portal.uploads.keys import INCOMING, is_key, split_copy
from portal.uploads.parts import PartedUploads
from portal.uploads.service import Uploads
from portal.uploads.stale_uses import StaleUse, StaleUses
from portal.uploads.threads import in_thread

AGE = timedelta(hours=24)
"""How old a row or an object must be."""

WORKSHOP_AGE = timedelta(hours=1)
BATCH = 100
_AFTER_DOT = chr(ord(".") + 1)

Listed = TypeVar("Listed")


@dataclass(frozen=True)
class Orphan:
    """Something that belongs to nothing."""

    kind: Literal["use", "row", "object", "upload", "folder"]
    name: str
    """The key, or the folder's name."""
    size: int = 0
    file_id: int | None = None
    pending: PendingUpload | None = None
    """An upload whose time is over."""
    upload: str = ""
    """One that only the storage knows of."""
    use: StaleUse | None = None
    """A row that is gone still holds a file."""


class Sweep:
    """Looks for orphans of one portal, and removes them one by one."""

    def __init__(
        self,
        database: Database,
        uploads: Uploads,
        temporary: Path,
        *,
        models: Iterable[type] = (),
        now: datetime | None = None,
    ) -> None:
        """`models` are those whose rows may use files."""
        self._stale_uses = StaleUses(database, uploads, models)
        self._database = database
        self._uploads = uploads
        self._temporary = temporary
        self._now = now or datetime.now(UTC)

    async def orphans(self) -> AsyncGenerator[Orphan, None]:
        """All of them; what is removed meanwhile does not disturb the search."""
        async for use in self._stale_uses.find():
            yield Orphan("use", f"{use.noun} {use.row_key} {use.field}", file_id=use.file_id, use=use)
        async for found in self._rows():
            yield found
        async for found in self._objects():
            yield found
        async for found in self._uploads_in_parts():
            yield found
        for found in self._folders():
            yield found

    async def remove(self, orphan: Orphan) -> bool:
        """Remove one; rows are asked once more whether anything uses them by now."""
        if orphan.use is not None:
            return await self._stale_uses.remove(orphan.use)
        if orphan.file_id is not None:
            return await self._uploads.remove(orphan.file_id, only_unkept=True)
        if orphan.kind == "object":
            await in_thread(self._uploads.storage.delete, orphan.name)
        elif orphan.pending is not None:
            await PartedUploads(self._database, self._uploads).forget(orphan.pending)
        elif orphan.upload:
            await in_thread(self._uploads.storage.abort_parts, orphan.name, orphan.upload)
        else:
            shutil.rmtree(self._temporary / orphan.name, ignore_errors=True)
        return True

    async def _rows(self) -> AsyncIterator[Orphan]:
        last = 0
        while True:
            statement = (
                select(StoredFile.id, StoredFile.key, StoredFile.size)
                .where(
                    StoredFile.id > last,
                    StoredFile.kept.is_(False),
                    StoredFile.created_at < self._now - AGE,
                    ~exists().where(FileUse.file_id == StoredFile.id),
                )
                .order_by(StoredFile.id)
                .limit(BATCH)
            )
            async with self._database.read() as session:
                found = list(await session.execute(statement))
            for file_id, key, size in found:
                yield Orphan("row", key, size, file_id)
            if len(found) < BATCH:
                return
            last = found[-1][0]

    async def _objects(self) -> AsyncIterator[Orphan]:
        listed = self._uploads.storage.list()
        while batch := await in_thread(_next, listed):
            old = [found for found in batch if found.modified < self._now - AGE and _stem(found.key)]
            stems = [_stem(found.key) for found in old]
            known = await self._known(stems) | await self._arriving(PendingUpload.key, stems)
            for found in old:
                if _stem(found.key) not in known:
                    yield Orphan("object", found.key, found.size)

    async def _known(self, stems: Sequence[str]) -> set[str]:
        """Which of these have a row, whatever the ending of its key."""
        if not stems:
            return set()
        key: Any = StoredFile.key
        ranges = [and_(key >= f"{stem}.", key < f"{stem}{_AFTER_DOT}") for stem in sorted(set(stems))]
        async with self._database.read() as session:
            return {_stem(found) for found in await session.scalars(select(key).where(or_(*ranges)))}

    async def _arriving(self, column: Any, values: Sequence[str]) -> set[str]:
        """Which of these belong to an upload that is known."""
        if not values:
            return set()
        async with self._database.read() as session:
            return set(await session.scalars(select(column).where(column.in_(values))))

    async def _uploads_in_parts(self) -> AsyncIterator[Orphan]:
        last = 0
        over = PendingUpload.expires_at < self._now
        while True:
            statement = select(PendingUpload).where(PendingUpload.id > last, over).order_by(PendingUpload.id)
            async with self._database.read() as session:
                found = list(await session.scalars(statement.limit(BATCH)))
            for pending in found:
                yield Orphan("upload", pending.key, pending.size, pending=pending)
            if len(found) < BATCH:
                break
            last = found[-1].id
        listed = self._uploads.storage.unfinished()
        while batch := await in_thread(_next, listed):
            old = [(key, upload) for key, upload, moment in batch if moment < self._now - AGE]
            known = await self._arriving(PendingUpload.upload, [upload for _key, upload in old])
            for key, upload in old:
                if upload not in known:
                    yield Orphan("upload", key, upload=upload)

    def _folders(self) -> Iterator[Orphan]:
        if not self._temporary.is_dir():
            return
        before = (self._now - WORKSHOP_AGE).timestamp()
        with os.scandir(self._temporary) as entries:
            for entry in entries:
                is_ours = entry.name.startswith("upload-") and entry.is_dir(follow_symlinks=False)
                if is_ours and entry.stat(follow_symlinks=False).st_mtime < before:
                    yield Orphan("folder", entry.name)


def _next(listed: Iterator[Listed]) -> list[Listed]:
    return list(islice(listed, BATCH))


def _stem(key: str) -> str:
    """What a file and its copies share; nothing for what the portal did not store. A file that arrives is alone."""
    if key.startswith(INCOMING):
        return key
    if is_key(key):
        return key.rpartition(".")[0]
    copy = split_copy(key)
    return copy[0] if copy else ""
