"""Which stored files a field may hold: what the library offers for it, and what a save lets in."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from portal.errors import Sentence
from portal.i18n import _
from portal.models.file import StoredFile
from portal.services.query import LAST_NUMBERED_PAGE
from portal.services.search import contains
from portal.uploads.refusals import TooBig, no_such_kind
from portal.uploads.rules import MEDIA_TYPES, Rules

PAGE = 24
MOST_FOLDERS = 200


@dataclass(frozen=True)
class Seeker:
    """Who looks for a file."""

    name: str
    sees_library: bool
    """May see the whole library; others see what it keeps for everybody, and their own."""


@dataclass(frozen=True)
class Wish:
    """What is looked for."""

    search: str = ""
    folder: str = ""
    page: int = 1


@dataclass(frozen=True)
class Offer:
    """A page of files, the newest first."""

    files: Sequence[StoredFile]
    page: int
    more: bool
    """Whether others follow."""

    @property
    def first(self) -> int:
        return (self.page - 1) * PAGE + 1

    @property
    def last(self) -> int:
        return self.first - 1 + len(self.files)


async def offer(session: AsyncSession, rules: Rules, seeker: Seeker, wish: Wish) -> Offer:
    """A page of the files that a field with these rules may hold."""
    dialect = session.get_bind().dialect.name
    conditions = _suitable(rules, seeker)
    for word in wish.search.split():
        conditions.append(or_(*[contains(column, word, dialect) for column in _SEARCHED]))
    if wish.folder:
        conditions.append(StoredFile.folder == wish.folder)
    page = min(max(wish.page, 1), LAST_NUMBERED_PAGE)
    statement = select(StoredFile).where(*conditions).order_by(StoredFile.id.desc())
    found = list(await session.scalars(statement.offset((page - 1) * PAGE).limit(PAGE + 1)))
    return Offer(found[:PAGE], page, more=len(found) > PAGE and page < LAST_NUMBERED_PAGE)


async def folders(session: AsyncSession, rules: Rules, seeker: Seeker) -> list[str]:
    """Where such files lie."""
    conditions = [*_suitable(rules, seeker), StoredFile.folder != ""]
    statement = select(StoredFile.folder).where(*conditions).distinct().order_by(StoredFile.folder).limit(MOST_FOLDERS)
    return list(await session.scalars(statement))


_SEARCHED: tuple[Any, ...] = (StoredFile.__table__.c.original_name, StoredFile.__table__.c.alt)


def _suitable(rules: Rules, seeker: Seeker) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = [
        StoredFile.kind == rules.kind,
        StoredFile.media_type.in_([MEDIA_TYPES[ending] for ending in rules.formats]),
        StoredFile.private.is_(rules.private),
    ]
    if rules.kind == "file":
        conditions.append(StoredFile.size <= rules.max_bytes)
    mine = StoredFile.owner == seeker.name
    if rules.private:
        conditions.append(mine)
    elif not seeker.sees_library:
        conditions.append(or_(StoredFile.kept.is_(True), mine))
    return conditions


def objection(rules: Rules, file: Any) -> Sentence | None:
    """Why a stored file can't be put into a field with these rules, whoever picked it."""
    if file.media_type not in {MEDIA_TYPES[ending] for ending in rules.formats}:
        return no_such_kind(rules.formats).message
    # a picture was written anew, and may have grown by that
    if rules.kind == "file" and file.size > rules.max_bytes:
        return TooBig.of(file.size, rules.max_bytes).message
    if file.private and not rules.private:
        return _("This file is private, and what is put here is open to everybody.")
    if rules.private and not file.private:
        return _("This file is open to everybody, and what is put here is private. Please upload it here.")
    if rules.ratio and not _fits(file, rules.ratio):
        return _("This picture is not {ratio}. Please crop it.").format(ratio="{}:{}".format(*rules.ratio))
    return None


def _fits(file: Any, ratio: tuple[int, int]) -> bool:
    """Within a pixel, which is how exact a cut can be."""
    if not file.width or not file.height:
        return True
    across, down = ratio
    return bool(abs(file.width * down - file.height * across) <= max(across, down))
