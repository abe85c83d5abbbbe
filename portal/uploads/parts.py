"""`PartedUploads`: big files that come in parts, and go on where they stopped.

Parts go straight to the storage where it lets browsers in, otherwise through us; either way `Storage` puts them
together under a key that nothing hands out. There the file is looked at as every other, and only then moved to its
own key, with its row. Until that row is committed nobody can see any of it, and afterwards nobody can change it:
the storage takes no part for an upload that is finished.
"""

import contextlib
import os
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import anyio

from portal.db.engine import Database
from portal.errors import ConflictError, NotFound, StorageError
from portal.i18n import _
from portal.models.file import StoredFile
from portal.models.pending_upload import PendingUpload
from portal.uploads.examine import Box
from portal.uploads.keys import incoming_key
from portal.uploads.names import ending_of, shown_name
from portal.uploads.pending import BEING_FINISHED, LIFE, PendingUploads, settle
from portal.uploads.refusals import EMPTY, Damaged, TooBig, UploadRefused, no_such_kind, refused
from portal.uploads.rules import MEDIA_TYPES, MEGA, Rules
from portal.uploads.service import Arrived, Uploads
from portal.uploads.storage import UploadClosed
from portal.uploads.threads import in_thread

PART = 8 * MEGA
"""Bytes of every part but the last; buckets want at least 5 MB."""

MOST_OPEN = 10
"""Uploads of one person at a time."""
IDLE = timedelta(hours=1)
"""After so long without a part an upload makes room for a new one of the same person."""

SIGNED = 3600
"""Seconds the address of a part is good for."""


class TooManyOpen(UploadRefused):
    """429: somebody has begun more than they finish."""

    status = 429
    code = "upload-many"
    sentence = _("At most {n} big files can be on their way at a time.").format(n=MOST_OPEN)


class PartsMissing(UploadRefused):
    """Not all of a file is there."""

    code = "upload-parts"
    sentence = _("Some of this file has not arrived. Please try again.")


class WrongLength(UploadRefused):
    """A part with more or fewer bytes than it must have."""

    code = "upload-length"
    sentence = _("A part of this file did not arrive whole. Please try again.")


class PartedUploads:
    """The uploads in parts of one portal."""

    def __init__(self, database: Database, uploads: Uploads) -> None:
        self._pending = PendingUploads(database)
        self._uploads = uploads
        self._storage = uploads.storage
        self.find = self._pending.find
        self.file = self._pending.file

    async def begin(
        self, name: str, size: int, rules: Rules, *, resource: str, field: str, owner: str
    ) -> PendingUpload:
        """Open an upload; `UploadRefused` when size or ending tell already that it would be in vain."""
        ending = _checked(name, size, rules)
        await self._make_room(owner)
        key, media_type = incoming_key(ending), MEDIA_TYPES.get(ending, "application/octet-stream")
        pending = await self._pending.add(
            key=key,
            upload=await in_thread(self._storage.begin_parts, key, media_type),
            media_type=media_type,
            size=size,
            part_size=PART,
            original_name=shown_name(name),
            resource=resource,
            field=field,
            owner=owner,
        )
        if len(await self._pending.of(owner)) > MOST_OPEN:  # several were begun at the same moment
            await self.forget(pending)
            raise TooManyOpen
        return pending

    async def arrived(self, pending: PendingUpload) -> Sequence[int]:
        """The numbers of the parts that are there, whole; all of them once it is being finished."""
        if pending.claimed_at is not None or await self.file(pending) or await self._is_together(pending):
            return list(range(1, pending.count + 1))
        parts = await self._parts(pending)
        return sorted(number for number, length in parts.items() if length == pending.length_of(number))

    async def address(self, pending: PendingUpload, number: int) -> str | None:
        """Where the browser may PUT this part, and nothing of another length; `None`: through us."""
        length = self.length(pending, number)
        await self._pending.keep(pending)
        part_url = self._storage.part_url
        return await in_thread(part_url, pending.key, pending.upload, number, length, SIGNED)

    def length(self, pending: PendingUpload, number: int) -> int:
        """Bytes that part is to have; `NotFound` when there is no such part."""
        if pending.stored_key is not None or pending.claimed_at is not None:
            raise ConflictError(BEING_FINISHED)
        length = pending.length_of(number)
        if not length:
            raise NotFound
        return length

    async def take(self, pending: PendingUpload, number: int, part: Path) -> None:
        """A part that came through us."""
        if await in_thread(os.path.getsize, part) != self.length(pending, number):
            raise WrongLength
        await self._pending.keep(pending)
        await in_thread(self._storage.put_part, pending.key, pending.upload, number, part)

    async def finish(self, pending: PendingUpload, rules: Rules, *, crop: Box | None = None) -> StoredFile:
        """All parts are there: look at the whole and take it in, as `Uploads.add` does.

        What is refused is forgotten. Finished once more, it is the same file.
        """
        if done := await self._pending.file(pending):
            return done
        claim = await self._pending.claim(pending)
        try:
            file = await self._take_in(pending, claim, rules, crop)
        except PartsMissing:
            raise
        except UploadRefused:
            await self.forget(pending)
            raise
        finally:
            with anyio.CancelScope(shield=True):
                await self._pending.release(pending, claim)
        with contextlib.suppress(StorageError):  # a picture was made anew; the sweep asks again
            await in_thread(self._storage.delete, pending.key)
        return file

    async def cancel(self, pending: PendingUpload) -> None:
        """Forget what is not finished; nothing happens to a file that is there."""
        if pending.claimed_at is not None:
            raise ConflictError(BEING_FINISHED)
        if pending.stored_key is None:
            await self.forget(pending)

    async def forget(self, pending: PendingUpload) -> None:
        """Let go of it, finished or not: its parts, what was put together, and at last the row that knows of them."""
        if pending.stored_key is None:
            await in_thread(self._storage.abort_parts, pending.key, pending.upload)
        await in_thread(self._storage.delete, pending.key)
        await self._pending.remove(pending)

    async def _make_room(self, owner: str) -> None:
        found = await self._pending.of(owner)
        spare = len(found) - MOST_OPEN + 1
        if spare <= 0:
            return
        before = datetime.now(UTC) + LIFE - IDLE
        idle = [pending for pending in found if pending.expires_at < before and pending.claimed_at is None]
        if len(idle) < spare:
            raise TooManyOpen
        for pending in idle[:spare]:
            await self.forget(pending)

    async def _parts(self, pending: PendingUpload) -> Mapping[int, int]:
        try:
            return await in_thread(self._storage.parts, pending.key, pending.upload)
        except UploadClosed:
            await self.forget(pending)  # the storage has given it up; there is nothing to go on with
            raise

    async def _is_together(self, pending: PendingUpload) -> bool:
        found = await in_thread(self._storage.stat, pending.key)
        return found is not None and found.size == pending.size

    async def _take_in(self, pending: PendingUpload, claim: datetime, rules: Rules, crop: Box | None) -> StoredFile:
        await self._put_together(pending)
        arrived = Arrived(pending.key, partial(settle, pending=pending, claim=claim))
        async with self._uploads.workshop() as workshop:
            path = workshop / "received"
            await self._uploads.fetch(pending.key, path)
            name, owner = pending.original_name, pending.owner
            return await self._uploads.add(path, name, rules, owner=owner, crop=crop, arrived=arrived)

    async def _put_together(self, pending: PendingUpload) -> None:
        """Under its key; that may be done since the try before."""
        if await self._is_together(pending):
            return
        parts = await self._parts(pending)
        if dict(parts) != {number: pending.length_of(number) for number in range(1, pending.count + 1)}:
            raise PartsMissing
        with contextlib.suppress(UploadClosed):  # as a bucket says to a second try whose first came through after all
            await in_thread(self._storage.finish_parts, pending.key, pending.upload, pending.media_type)
        if not await self._is_together(pending):
            raise Damaged(_("The file did not arrive as it was announced."))


def _checked(name: str, size: int, rules: Rules) -> str:
    """The ending, if it has one that is taken; what the content is, is asked at the end."""
    if size < 1:
        raise Damaged(EMPTY)
    if size > rules.max_bytes:
        raise TooBig.of(size, rules.max_bytes)
    ending = ending_of(name) if "." in name else ""
    if not (ending.isascii() and ending.isalnum()):
        return "bin"
    if ending not in rules.formats:
        raise refused("kind", {}, rules.formats) if rules.kind == "image" else no_such_kind(rules.formats)
    return ending
