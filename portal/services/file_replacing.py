"""Other content for a stored file: it gets a new key, and every row that uses it is pointed there in one transaction.

Keys are never used twice, because browsers keep what lies behind an address for a year.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from portal.db.mapping import ModelMapping, mapping_of
from portal.errors import ConflictError, NotFound
from portal.facts import Label
from portal.i18n import _
from portal.markup.pictures import CANONICAL, IMAGE, attributes_of, image
from portal.models.file import FileUse, StoredFile
from portal.services.changes import Change, announce
from portal.services.file_uses import rules_of
from portal.services.suitable_files import objection
from portal.services.unit_of_work import UnitOfWork
from portal.uploads.examine import Made
from portal.uploads.families import family_of
from portal.uploads.names import shown_name
from portal.uploads.refusals import UploadRefused
from portal.uploads.rules import MEDIA_TYPES, Rules, document_rules, picture_rules
from portal.uploads.service import Uploads, objects_of

TRIES = 3

CHANGED = _("Somebody else changed this file in the meantime. Please look again.")
BUSY = _("What uses this file is being changed just now. Please try again.")
UNKNOWN = _("This file is used by something this portal does not manage, so it can't be replaced here.")

Target = tuple[str, str]
"""A table and the key of a row in it."""


@dataclass(frozen=True)
class Managed:
    """What rows of a table are, for rewriting and for messages."""

    label: Label
    mapping: ModelMapping


class Replacement:
    """What is to happen to one stored file."""

    def __init__(self, file: StoredFile, work: UnitOfWork, managed: Mapping[str, Managed]) -> None:
        """`managed` has the tables whose rows may use files."""
        self._file = file
        self._work = work
        self._managed = managed
        self._changes: tuple[Change, ...] = ()

    async def rules(self, most_bytes: int) -> Rules:
        """What may take its place: the same kind, with every copy that a field asks for."""
        if self._file.kind != "image":
            family, rules = family_of(self._file.media_type), document_rules()
            formats = tuple(ending for ending, found in MEDIA_TYPES.items() if family_of(found) == family)
            most = min(rules.max_bytes, most_bytes)
            return replace(rules, formats=formats, max_bytes=most, private=self._file.private)
        rules = picture_rules()
        sizes = dict(rules.sizes)
        for noun, _key, field in await self._uses(self._work.session):
            if noun in self._managed:
                sizes |= rules_of(self._managed[noun].mapping, field).sizes
        return replace(rules, sizes=sizes, private=self._file.private)

    async def run(self, uploads: Uploads, source: Path, name: str, rules: Rules) -> None:
        """Take a received file, which is called `name`; `UploadRefused` and `ConflictError` say why not."""

        async def repoint(session: AsyncSession, key: str, made: Made) -> Sequence[str]:
            return await self._repoint(session, key, made, shown_name(name))

        await uploads.replace(source, name, rules, repoint)
        await announce(self._work.observers, self._changes)

    async def _repoint(self, session: AsyncSession, key: str, made: Made, name: str) -> Sequence[str]:
        """Point everything to the new key, and say which objects nothing needs then.

        Rows are locked before the file, as savers do; whoever is about to use the file waits for us in
        `file_uses.check`, finds the old key gone and says so.
        """
        for _try in range(TRIES):
            uses = await self._uses(session)
            rows = await self._rows(session, uses)
            file = await session.scalar(select(StoredFile).where(StoredFile.id == self._file.id).with_for_update())
            if uses == await self._uses(session):
                break
            await session.rollback()
        else:
            raise ConflictError(BUSY)
        if file is None:
            raise NotFound
        if (file.key, file.version) != (self._file.key, self._file.version):
            raise ConflictError(CHANGED)
        useless = objects_of(file.key, file.sizes)
        _fill(file, key, made, name)
        for noun, row_key, field in uses:
            if row := rows.get((noun, row_key)):
                self._rewrite(row, self._managed[noun], field, file)
        for row in (file, *rows.values()):
            _stamp(row, mapping_of(type(row)), self._work.actor.name)
        await session.flush()
        await self._tell(session, rows)
        return useless

    async def _tell(self, session: AsyncSession, rows: Iterable[Target]) -> None:
        keys: dict[str, list[str]] = {StoredFile.__tablename__: [str(self._file.id)]}
        for noun, key in rows:
            keys.setdefault(noun, []).append(key)
        names = {mapping_of(model).table_name: name for model, name in self._work.names.items()}
        self._changes = tuple(Change(noun, "edit", tuple(found), names.get(noun, "")) for noun, found in keys.items())
        for observer in self._work.observers:
            await observer.recording(replace(self._work, session=session), self._changes)

    async def _uses(self, session: AsyncSession) -> list[tuple[str, str, str]]:
        order = (FileUse.noun, FileUse.row_key, FileUse.field)
        found = await session.execute(select(*order).where(FileUse.file_id == self._file.id).order_by(*order))
        return [(noun, row_key, field) for noun, row_key, field in found]

    async def _rows(self, session: AsyncSession, uses: Sequence[tuple[str, str, str]]) -> dict[Target, Any]:
        """The rows themselves, locked; a use whose row is gone has none."""
        rows: dict[Target, Any] = {}
        for noun, row_key in dict.fromkeys((noun, row_key) for noun, row_key, _field in uses):
            if noun not in self._managed:
                raise ConflictError(UNKNOWN)
            mapping = self._managed[noun].mapping
            key = tuple(mapping.key_values(row_key).values())
            row: Any = await session.get(mapping.model, key, with_for_update=True, populate_existing=True)
            if row is not None:
                rows[noun, row_key] = row
        return rows

    def _rewrite(self, row: Any, managed: Managed, field: str, file: StoredFile) -> None:
        mapping, value, old = managed.mapping, getattr(row, field), self._file.key
        match mapping.files.get(field):
            case "gallery":
                setattr(row, field, [file.key if key == old else key for key in value or ()])
            case "rich_text":
                setattr(row, field, _in_text(value or "", old, file))
                return
            case _ if value == old:
                setattr(row, field, file.key)
        if problem := objection(rules_of(mapping, field), file):
            title = str(getattr(row, mapping.title) or mapping.key_of(row))
            raise UploadRefused(
                _("{noun} “{title}”: {problem}").format(noun=managed.label, title=title, problem=problem)
            )


def _fill(file: StoredFile, key: str, made: Made, name: str) -> None:
    file.key, file.media_type, file.size, file.sha256 = key, made.media_type, made.size, made.sha256
    file.width, file.height = made.width, made.height
    file.sizes = {name: [copy.width, copy.height, copy.size] for name, copy in made.copies.items()}
    file.original_name = name


def _in_text(html: str, old: str, file: StoredFile) -> str:
    """The picture with its new address, as wide as it was and as high as that makes it."""

    def changed(found: re.Match[str]) -> str:
        attributes = attributes_of(found[1])
        if attributes.get("src") != CANONICAL + old:
            return found[0]
        width = attributes.get("width", "")
        height = attributes.get("height")
        if height is not None and width.isdecimal() and file.width and file.height:
            height = str(max(1, round(int(width) * file.height / file.width)))
        return image({**attributes, "src": CANONICAL + file.key, "height": height})

    return IMAGE.sub(changed, html).replace(CANONICAL + old, CANONICAL + file.key)


def _stamp(row: Any, mapping: ModelMapping, name: str) -> None:
    """So that whoever has the row in a form is told that it changed."""
    if "updated_by" in mapping.columns:
        row.updated_by = name
    if mapping.version:
        setattr(row, mapping.version, getattr(row, mapping.version) + 1)
