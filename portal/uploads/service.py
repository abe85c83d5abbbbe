"""`Uploads`: the one way a file comes in, and the one way it goes.

Order of things: look at it, store the objects, write the row, commit. What fails on the way takes the objects
with it. Removing goes the other way round: the row first, then the objects. So no row ever points to nothing;
what a killed process leaves behind is objects without a row, which the sweep finds (`sweep.py`).
"""

import contextlib
import logging
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import mkdtemp
from typing import IO

import anyio.to_thread
from sqlalchemy import delete, exists, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from portal.db.engine import Database
from portal.errors import NotFound, PortalError, StorageError
from portal.models.file import FileUse, StoredFile
from portal.settings import Settings
from portal.uploads.backends import open_storage
from portal.uploads.examine import Box, Examiner, Made
from portal.uploads.keys import copy_key, is_key, new_key
from portal.uploads.local import telling_disk_errors
from portal.uploads.names import shown_name
from portal.uploads.refusals import ScannerUnavailable, TooBig
from portal.uploads.rules import Rules
from portal.uploads.storage import Storage
from portal.uploads.threads import in_thread

PIECE = 256 * 1024

Scan = Callable[[Path, str], Awaitable[None]]
"""Looks at a received file before anybody can see it; raises an `UploadRefused` to refuse it. The second argument
is the media type that was found."""

Write = Callable[[AsyncSession], Awaitable[Sequence[str]]]
"""Writes down, in the transaction it is given, what was stored just now; the objects that nothing needs afterwards."""

Repoint = Callable[[AsyncSession, str, Made], Awaitable[Sequence[str]]]
"""The same for content that takes another's place: it is given the new key, and what lies there."""

_log = logging.getLogger("portal.uploads")


@dataclass(frozen=True)
class Arrived:
    """A file that lies in the storage already, where nobody sees it."""

    key: str
    settle: Callable[[AsyncSession, StoredFile], Awaitable[None]]
    """Says, in the transaction that writes its row, that it has arrived."""


class Uploads:
    """Takes files in for one portal."""

    def __init__(
        self, database: Database, storage: Storage, temporary: Path, *, scan: Scan | None = None, workers: int = 1
    ) -> None:
        self.storage = storage
        self._database = database
        self._temporary = temporary
        self._scan = scan
        self._examiner = Examiner(workers=workers)

    @classmethod
    def open(cls, database: Database, settings: Settings, scan: Scan | None = None) -> "Uploads":
        """The service an installation's settings describe; to be closed at the end."""
        storage = open_storage(settings.storage_url, settings.storage_key)
        return cls(database, storage, settings.var / "tmp", scan=scan)

    async def close(self) -> None:
        await self._examiner.close()

    @contextlib.asynccontextmanager
    async def workshop(self) -> AsyncIterator[Path]:
        """A folder for the files of one upload; gone afterwards, whatever happens."""
        folder = await anyio.to_thread.run_sync(self._make_workshop)
        try:
            yield folder
        finally:
            with anyio.CancelScope(shield=True):
                await anyio.to_thread.run_sync(_remove_tree, folder)

    def _make_workshop(self) -> Path:
        with telling_disk_errors():
            self._temporary.mkdir(parents=True, exist_ok=True, mode=0o700)
            return Path(mkdtemp(prefix="upload-", dir=self._temporary))

    async def receive(self, source: IO[bytes], target: Path, rules: Rules) -> Path:
        """Write what was sent to `target`; `TooBig` as soon as it is more than the rules allow."""
        await anyio.to_thread.run_sync(_copy, source, target, rules.max_bytes)
        return target

    async def add(
        self,
        source: Path,
        name: str,
        rules: Rules,
        *,
        owner: str,
        crop: Box | None = None,
        kept: bool = False,
        key: str | None = None,
        alt: str = "",
        arrived: Arrived | None = None,
    ) -> StoredFile:
        """Take a received file in: examined, stored, written down and committed. `UploadRefused` says why not.

        With `kept` it belongs to the library; otherwise it goes again unless a row uses it within a day. With
        `arrived`, `source` is a copy of an object that is moved instead of being sent once more.
        """
        async with self._examined(source, name, rules, crop) as made:
            row = StoredFile(
                key=key or new_key(made.ending, private=rules.private),
                kind=rules.kind,
                media_type=made.media_type,
                size=made.size,
                width=made.width,
                height=made.height,
                sizes={name: [copy.width, copy.height, copy.size] for name, copy in made.copies.items()},
                sha256=made.sha256,
                original_name=shown_name(name),
                alt=alt,
                folder=rules.folder,
                owner=owner,
                created_by=owner,
                updated_by=owner,
                private=rules.private,
                kept=kept,
            )
            await self._keep(row, made, arrived)
        return row

    async def crop(self, key: str, box: Box, rules: Rules, *, owner: str) -> StoredFile:
        """A new picture cut from a stored one, which stays as it is."""
        if not is_key(key):
            raise NotFound
        async with self._database.read() as session:
            source = await session.scalar(select(StoredFile).where(StoredFile.key == key))
        if source is None or source.kind != "image" or (source.private and source.owner != owner):
            raise NotFound
        async with self.workshop() as workshop:
            path = workshop / "source"
            await self.fetch(key, path)
            # what was taken in once is not too big now
            rules = replace(rules, max_bytes=max(rules.max_bytes, source.size), private=source.private)
            return await self.add(path, source.original_name, rules, owner=owner, crop=box, alt=source.alt)

    async def replace(self, source: Path, name: str, rules: Rules, repoint: Repoint) -> None:
        """Take a received file in as other content of a stored one, under a key of its own: addresses are for ever."""
        async with self._examined(source, name, rules) as made:
            key = new_key(made.ending, private=rules.private)
            await self._place(key, made, lambda session: repoint(session, key, made))

    async def release(self, file_ids: Sequence[int]) -> None:
        """Remove those that nothing uses and the library does not keep; called after a commit let go of them."""
        for file_id in file_ids:
            try:
                await self.remove(file_id, only_unkept=True)
            except IntegrityError:
                continue  # somebody has just begun to use it
            except StorageError as error:
                _log.warning("A file that nothing uses could not be removed: %s", error)

    async def remove(self, file_id: int, *, only_unkept: bool = False, forced: bool = False) -> bool:
        """Remove a file that nothing uses, and say whether that was so; when forced, also one that is used."""
        unused = [StoredFile.id == file_id, ~exists().where(FileUse.file_id == file_id)]
        if only_unkept:
            unused.append(StoredFile.kept.is_(False))
        async with self._database.write() as session:
            if forced:
                await session.execute(delete(FileUse).where(FileUse.file_id == file_id))
            found = (await session.execute(select(StoredFile.key, StoredFile.sizes).where(*unused))).first()
            if found is None:
                return False
            gone = await session.execute(delete(StoredFile).where(*unused))
            if not gone.rowcount:  # type: ignore[attr-defined]  # a DELETE has one
                return False  # used again since we looked: what was forced away is not to be forgotten either
            await session.commit()
        await self._drop(objects_of(found.key, found.sizes))
        return True

    async def fetch(self, key: str, target: Path) -> None:
        """A stored object as a file; `NotFound` when there is none."""
        await in_thread(self._fetch, key, target)

    @contextlib.asynccontextmanager
    async def _examined(self, source: Path, name: str, rules: Rules, crop: Box | None = None) -> AsyncIterator[Made]:
        async with self.workshop() as workshop:
            made = await self._examiner.examine(source, name, rules, workshop, crop)
            if self._scan is not None:
                await _scanned(self._scan, made)
            yield made

    async def _keep(self, row: StoredFile, made: Made, arrived: Arrived | None) -> None:
        async def write(session: AsyncSession) -> Sequence[str]:
            session.add(row)
            await session.flush()
            if arrived is not None:
                await arrived.settle(session, row)
            session.expunge(row)
            return ()

        await self._place(row.key, made, write, arrived)

    async def _place(self, key: str, made: Made, write: Write, arrived: Arrived | None = None) -> None:
        """The copies, then the file itself, then what the database is to know; all of it or nothing."""
        stored: list[str] = []
        moved = ""
        settled = False
        try:
            for name, copy in made.copies.items():
                stored.append(copy_key(key, name))
                await in_thread(self.storage.put, stored[-1], copy.path, "image/webp")
            if arrived is not None and made.as_sent:
                moved = arrived.key
                await in_thread(self.storage.rename, moved, key, made.media_type)
            else:
                stored.append(key)
                await in_thread(self.storage.put, key, made.path, made.media_type)
            async with self._database.write() as session:
                useless = await write(session)
                # once COMMIT is on its way nobody knows; without a row the sweep removes the objects
                settled = True
                await session.commit()
        finally:
            if not settled:
                with anyio.CancelScope(shield=True):
                    await self._drop(stored)
                    if moved:
                        await self._put_back(key, moved, made.media_type)
        await self._drop(useless)

    async def _put_back(self, key: str, origin: str, media_type: str) -> None:
        """So that a big file need not be sent again when only the database was away."""
        try:
            await in_thread(self.storage.rename, key, origin, media_type)
        except (StorageError, FileNotFoundError) as error:
            _log.warning("%s could not be put back: %s", key, error)

    async def _drop(self, keys: Sequence[str]) -> None:
        for key in keys:
            try:
                await in_thread(self.storage.delete, key)
            except StorageError as error:
                _log.warning("%s stays in the storage until the next sweep, and so does what follows: %s", key, error)
                return  # a place that does not answer would be waited for anew with every key

    def _fetch(self, key: str, target: Path) -> None:
        try:
            with telling_disk_errors(), target.open("wb") as file:
                for piece in self.storage.read(key):
                    file.write(piece)
        except FileNotFoundError as error:
            raise NotFound from error


def objects_of(key: str, sizes: Sequence[str] | dict[str, object]) -> list[str]:
    """The keys of everything that is stored for one file: itself first, then its copies."""
    return [key, *[copy_key(key, name) for name in sizes]]


def _copy(source: IO[bytes], target: Path, limit: int) -> None:
    size = 0
    source.seek(0)
    with telling_disk_errors(), target.open("wb") as file:
        while piece := source.read(PIECE):
            size += len(piece)
            if size > limit:
                raise TooBig.of(size, limit)
            file.write(piece)


async def _scanned(scan: Scan, made: Made) -> None:
    try:
        await scan(made.path, made.media_type)
    except PortalError:
        raise
    except Exception:  # whatever a scanner's client raises when it can't ask: nothing comes in unseen
        _log.exception("The scanner of uploads failed.")
        raise ScannerUnavailable from None


def _remove_tree(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
