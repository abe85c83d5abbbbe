"""The rows of uploads under way: whose they are, how long they last, and who finishes them."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import delete, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from portal.db.engine import Database
from portal.errors import ConflictError
from portal.i18n import _
from portal.models.file import StoredFile
from portal.models.pending_upload import PendingUpload
from portal.uploads.storage import UploadClosed

LIFE = timedelta(hours=24)
"""How long nothing may happen; each part begins it anew."""
LONGEST = timedelta(days=7)
CLAIM = timedelta(minutes=10)
"""After so long, whoever was finishing an upload is taken for dead."""

BEING_FINISHED = _("This upload is being finished at this moment.")


@dataclass(frozen=True)
class PendingUploads:
    """The table, in terms of uploads; every change is committed at once."""

    database: Database

    async def add(self, **values: Any) -> PendingUpload:
        now = datetime.now(UTC)
        pending = PendingUpload(name=secrets.token_hex(16), created_at=now, expires_at=now + LIFE, **values)
        async with self.database.write() as session:
            session.add(pending)
            await session.commit()
            session.expunge(pending)
        return pending

    async def find(self, name: str, owner: str) -> PendingUpload:
        """One's own upload by its name; `UploadClosed` for those of others and for what is over."""
        mine = [PendingUpload.name == name, PendingUpload.owner == owner, PendingUpload.expires_at > datetime.now(UTC)]
        async with self.database.read() as session:
            found = await session.scalar(select(PendingUpload).where(*mine))
        if found is None:
            raise UploadClosed
        return found

    async def of(self, owner: str) -> Sequence[PendingUpload]:
        """What somebody has under way, the longest idle first."""
        mine = [PendingUpload.owner == owner, PendingUpload.expires_at > datetime.now(UTC)]
        statement = select(PendingUpload).where(*mine, PendingUpload.stored_key.is_(None))
        async with self.database.read() as session:
            return list(await session.scalars(statement.order_by(PendingUpload.expires_at)))

    async def file(self, pending: PendingUpload) -> StoredFile | None:
        """What an upload has become, if it has; `UploadClosed` when that is gone by now."""
        if pending.stored_key is None:
            return None
        async with self.database.read() as session:
            file = await session.scalar(select(StoredFile).where(StoredFile.key == pending.stored_key))
        if file is None:
            raise UploadClosed
        return file

    async def keep(self, pending: PendingUpload) -> None:
        """Put off its end while it goes on; not with every part, because nobody needs to know it so exactly."""
        until = min(datetime.now(UTC) + LIFE, pending.created_at + LONGEST)
        if until - pending.expires_at > LIFE / 100:
            await self._change(pending, [], expires_at=until)

    async def claim(self, pending: PendingUpload) -> datetime:
        """Be the one who finishes it; `ConflictError` when somebody else is, or has."""
        now = datetime.now(UTC)
        free = or_(PendingUpload.claimed_at.is_(None), PendingUpload.claimed_at < now - CLAIM)
        until = max(pending.expires_at, now + CLAIM)
        if not await self._change(
            pending, [free, PendingUpload.stored_key.is_(None)], claimed_at=now, expires_at=until
        ):
            raise ConflictError(BEING_FINISHED)
        return now

    async def release(self, pending: PendingUpload, claim: datetime) -> None:
        await self._change(pending, [PendingUpload.claimed_at == claim], claimed_at=None)

    async def remove(self, pending: PendingUpload) -> None:
        async with self.database.write() as session:
            await session.execute(delete(PendingUpload).where(PendingUpload.id == pending.id))
            await session.commit()

    async def _change(self, pending: PendingUpload, conditions: Sequence[Any], **values: Any) -> bool:
        async with self.database.write() as session:
            statement = update(PendingUpload).where(PendingUpload.id == pending.id, *conditions).values(values)
            changed: Any = await session.execute(statement)
            await session.commit()
        return bool(changed.rowcount)


async def settle(session: AsyncSession, file: StoredFile, *, pending: PendingUpload, claim: datetime) -> None:
    """Within the transaction that writes the file's row: this upload has become it, and none else has."""
    mine = [PendingUpload.id == pending.id, PendingUpload.claimed_at == claim]
    changed: Any = await session.execute(update(PendingUpload).where(*mine).values(stored_key=file.key))
    if not changed.rowcount:
        raise ConflictError(BEING_FINISHED)
