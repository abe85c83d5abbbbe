"""What is known of stored files, for forms and pages."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from portal.auth.actor import Actor
from portal.errors import InputError, NotFound, PermissionDenied
from portal.i18n import _
from portal.models.file import StoredFile
from portal.uploads.keys import is_key

LONGEST_ALT = 500
_UNSTORABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
"""As for every field of a form: no database takes all of them."""


async def files_by_key(session: AsyncSession, keys: Iterable[str]) -> Mapping[str, Any]:
    """The files among these keys; what was stored by other means has no entry."""
    known = sorted({key for key in keys if is_key(key)})
    if not known:
        return {}
    found = await session.scalars(select(StoredFile).where(StoredFile.key.in_(known)))
    return {file.key: file for file in found}


async def describe(session: AsyncSession, actor: Actor, key: str, alt: str, *, may_all: bool) -> None:
    """Set the description of a picture and commit; of one's own, or with `may_all` of any."""
    if len(alt) > LONGEST_ALT:
        raise InputError({"alt": _("At most {n} characters; this has {m}.").format(n=LONGEST_ALT, m=len(alt))})
    if _UNSTORABLE.search(alt):
        raise InputError({"alt": _("This holds characters that can't be stored.")})
    file = await session.scalar(select(StoredFile).where(StoredFile.key == key)) if is_key(key) else None
    if file is None:
        raise NotFound
    if not may_all and file.owner != actor.name:
        raise PermissionDenied
    changed = {"alt": alt.strip(), "updated_by": actor.name, "version": StoredFile.version + 1}
    await session.execute(update(StoredFile).where(StoredFile.id == file.id).values(changed))
    await session.commit()
