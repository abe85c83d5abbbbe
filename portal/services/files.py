"""The library's rules: files come in as uploads, go only when nothing uses them, and only words of theirs change."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import ColumnElement, exists, func, inspect, select
from sqlalchemy.exc import IntegrityError

from portal.db.mapping import mapping_of
from portal.errors import ConflictError, InputError, PermissionDenied, StorageError
from portal.i18n import Text, _
from portal.models.file import FileUse, StoredFile
from portal.services.file_replacing import CHANGED, Managed, Replacement
from portal.services.files_lookup import uses_of
from portal.services.query import ListQuery, Rows
from portal.services.resource import ResourceService
from portal.uploads.names import ending_of, folder_name, shown_name

EDITABLE = frozenset({"original_name", "alt", "folder", "kept"})

NO_FOLDER = "/"
"""Stands in addresses for the files that are in no folder."""

MOST_FOLDERS = 100
"""Folders that are listed with their numbers."""


@dataclass(frozen=True)
class Use:
    """A row that uses a file."""

    noun: str
    """Its table."""
    row_key: str
    resource: str | None = None
    """What manages it; nothing where the actor may not see it."""
    title: str = ""
    may_edit: bool = False


def is_used() -> ColumnElement[bool]:
    """That some row uses a stored file."""
    return exists().where(FileUse.file_id == StoredFile.id)


class FileService(ResourceService):
    """What is stored, for those who look after it."""

    changed_by_others = True

    async def page(self, query: ListQuery) -> Rows:
        rows = await super().page(replace(query, columns=tuple(dict.fromkeys([*query.columns, "sizes", "private"]))))
        ids = [int(row.key) for row in rows.items]
        counts = select(FileUse.file_id, func.count()).where(FileUse.file_id.in_(ids)).group_by(FileUse.file_id)
        found = {file_id: number for file_id, number in await self.session.execute(counts)} if ids else {}
        for row in rows.items:
            row.values["uses"] = found.get(int(row.key), 0)
        return rows

    async def folders(self) -> list[tuple[str, int]]:
        """The folders by name, with how many files are in each; first those in none, if there are any."""
        self.require("view")
        statement = (
            select(StoredFile.folder, func.count())
            .group_by(StoredFile.folder)
            .order_by(StoredFile.folder)
            .limit(MOST_FOLDERS)
        )
        return [(folder, number) for folder, number in await self.session.execute(statement)]

    def may(self, operation: str, row: Any = None) -> bool:
        """Nothing leads to a form for new ones: there is none."""
        return operation != "create" and super().may(operation, row)

    async def create(self, values: Mapping[str, Any]) -> Any:
        raise PermissionDenied

    async def save(self, key: str, values: Mapping[str, Any], version: str | None) -> Any:
        fixed = values.keys() - EDITABLE
        if fixed:
            raise InputError({name: _("This can't be set.") for name in fixed})
        texts = {name: value or "" for name, value in values.items() if name != "kept"}
        return await super().save(key, {**values, **texts}, version)

    async def before_save(self, row: Any, *, created: bool) -> None:
        row.folder = folder_name(row.folder)
        if not inspect(row).attrs.original_name.history.has_changes():
            return
        name, ending = shown_name(row.original_name), row.key.rpartition(".")[2]
        # what is downloaded must be what its name says
        row.original_name = name if ending_of(name) == ending else f"{name}.{ending}"

    async def put_into(self, rows: ColumnElement[bool], folder: str) -> int:
        """Put files into a folder, or, without a name, into none; how many there were."""
        self.require("edit")
        name = folder_name(folder)
        most = self.mapping.columns["folder"].type.length  # type: ignore[attr-defined]  # a text has one
        if len(name) > most:
            raise InputError({"folder": _("At most {n} characters; this has {m}.").format(n=most, m=len(name))})
        return await self.update_rows(rows, {"folder": name})

    async def delete(self, key: str, version: str | None = None, *, forced: bool = False) -> str:
        """Remove a file with its objects; `ConflictError` while something uses it, unless that is forced."""
        row = await self._load(key)
        self.require("delete", row)
        await self._check_version(row, version)
        title = self.title_of(row)
        if not await self._remove(row.id, forced=forced):
            raise ConflictError(_in_use(title))
        self.tell("delete", key)
        await self._finish({})
        return title

    async def delete_rows(self, rows: ColumnElement[bool]) -> int:
        """Remove all of them, or none while one is used."""
        self.require("delete")
        used = select(StoredFile.original_name).where(rows, StoredFile.id.in_(select(FileUse.file_id))).limit(1)
        title = await self.session.scalar(used)
        if title is not None:
            raise ConflictError(_in_use(title))
        found = list(await self.session.scalars(select(StoredFile.id).where(rows)))
        gone = [file_id for file_id in found if await self._remove(file_id)]
        self.tell("delete", *map(str, gone))
        await self._finish({})
        return len(gone)

    async def replacement(self, key: str, managed: Mapping[str, Managed], version: str | None) -> Replacement:
        """Other content for a file; what uses the file need not be the actor's to edit."""
        row = await self.get(key)
        self.require("edit", row)
        if version is not None and version != self.version_of(row):
            raise ConflictError(CHANGED)
        return Replacement(row, self.work, managed)

    async def uses(self, row: StoredFile, names: Mapping[str, type]) -> list[Use]:
        """Where a file is used; `names` are the resources with their models."""
        tables = {mapping_of(model).table_name: name for name, model in names.items()}
        found: list[Use] = []
        rows_of: dict[str, list[str]] = {}
        for noun, row_key in await uses_of(self.session, row.id):
            rows_of.setdefault(noun, []).append(row_key)
        for noun, keys in rows_of.items():
            name = tables.get(noun)
            if name is None or not self.work.policy.allows(self.work.actor, "view", name):
                found += [Use(noun, key) for key in keys]
                continue
            titles = await self._titles(names[name], keys)
            may_edit = self.work.policy.allows(self.work.actor, "edit", name)
            found += [Use(noun, key, name, titles.get(key, key), may_edit) for key in keys]
        return found

    async def _titles(self, model: type, keys: Sequence[str]) -> dict[str, str]:
        mapping = mapping_of(model)
        if len(mapping.key) != 1:
            return {}
        (name,) = mapping.key
        column, title = mapping.columns[name].label(name), mapping.columns[mapping.title].label("_title")
        values = [mapping.key_values(key)[name] for key in keys]
        statement = select(column, title).select_from(mapping.source).where(mapping.columns[name].in_(values))
        return {mapping.key_of(row): str(row._title or "") for row in await self.session.execute(statement)}

    async def _remove(self, file_id: int, *, forced: bool = False) -> bool:
        if self.work.uploads is None:
            raise StorageError
        await self.session.rollback()  # removing has a transaction of its own
        try:
            return await self.work.uploads.remove(file_id, forced=forced)
        except IntegrityError:  # somebody has just begun to use it
            return False


def _in_use(title: str) -> Text:
    return _("“{title}” is in use and was not deleted.").format(title=title)
