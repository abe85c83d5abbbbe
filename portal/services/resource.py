"""`ResourceService`: what every noun can do, with permissions, rules and transactions.

Pages and the JSON API call the same methods. A noun with rules of its own subclasses it and overrides
`before_save`, or adds a method for an action. Each writing method commits before it returns: what was answered
is kept.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar

from sqlalchemy import ColumnElement, and_, delete, or_, select, update
from sqlalchemy.orm import load_only, selectinload

from portal.auth.policy import check
from portal.db.mapping import ModelMapping, mapping_of
from portal.errors import ConflictError, InputError, NotFound, PortalError, StaleError
from portal.i18n import Text, _
from portal.markup.cleaning import clean
from portal.services import file_uses, relations
from portal.services.changes import Change, announce
from portal.services.dependents import dependents
from portal.services.failures import explain, is_refusal, wrap_sqlalchemy_exception
from portal.services.listing import Listing
from portal.services.ordering import STALE, Place
from portal.services.ordering import Sequence as OrderedRows
from portal.services.query import Count, Dependent, ListQuery, Option, Rows
from portal.services.unit_of_work import UnitOfWork

STAMPS = frozenset({"created_at", "updated_at", "created_by", "updated_by"})
"""Attributes the service fills itself; nobody may send them."""

MOST_NAMED = 1000
"""Rows of one change that are told by their keys."""

GONE = _("Some of these rows are gone. Nothing was changed; please look again.")


class ResourceService:
    """The operations on one noun, for one request."""

    hidden_from_input: ClassVar[frozenset[str]] = frozenset()
    """Attributes that only this service may set."""
    changed_by_others: ClassVar[bool] = False
    """Rows come, change and go without this service: no number of them is remembered."""

    def __init__(self, name: str, model: type, work: UnitOfWork) -> None:
        self.name = name
        self.model = model
        self.work = work
        self.session = work.session
        self.mapping: ModelMapping = mapping_of(model)
        self._listing = Listing(self.mapping, work.session, work.cursor_key)
        self._changes: list[Change] = []
        self._besides: list[str] = []

    # -- rules a noun may add

    async def before_save(self, row: Any, *, created: bool) -> None:
        """Rules of the noun: complete or refuse (`InputError`) a row that is about to be written."""

    def tell(self, operation: str, *keys: str) -> None:
        """Let observers know, when this is committed, what was done to the rows of these keys."""
        if self.work.observers:
            self._changes.append(Change(self.mapping.table_name, operation, keys, self.name))

    def besides(self, operation: str) -> None:
        """For `before_save`: what is done to the row besides creating or editing it, as `publish`."""
        self._besides.append(operation)

    # -- reading

    async def page(self, query: ListQuery) -> Rows:
        self.require("view")
        return await self._listing.page(query)

    async def count(self, query: ListQuery) -> Count:
        self.require("view")
        return await self._listing.count(query)

    async def get(self, key: str, relations: Sequence[str] = ()) -> Any:
        """One row, with the titles of these relations; `NotFound` when there is none."""
        row = await self._load(key, relations)
        self.require("view", row)
        return row

    async def options(self, relation: str, search: str) -> tuple[list[Option], bool]:
        """What can be picked for a relation, and whether there is more than is shown."""
        return await relations.options(self.work, self._relation(relation), search)

    async def chosen(self, relation: str, keys: Sequence[str]) -> list[Option]:
        return await relations.chosen(self.work, self._relation(relation), keys)

    def may_pick(self, relation: str) -> bool:
        """Whether the actor may see what can be picked for a relation."""
        target = self._relation(relation).mapper.class_
        name = self.work.names.get(target)
        return name is None or self.work.policy.allows(self.work.actor, "view", name)

    async def dependents(self, row: Any) -> list[Dependent]:
        return await dependents(self.session, self.mapping, row)

    def version_of(self, row: Any) -> str:
        """What a form carries to notice that somebody else saved: a count, or a digest of the row."""
        if self.mapping.version:
            return str(getattr(row, self.mapping.version))
        ordering = self.mapping.ordering
        skipped = STAMPS | ({ordering.attribute} if ordering else set())
        plain = [repr(getattr(row, name)) for name in self.mapping.columns if name not in skipped]
        return hashlib.sha256("\0".join(plain).encode()).hexdigest()[:16]

    def title_of(self, row: Any) -> str:
        return str(getattr(row, self.mapping.title) or self.mapping.key_of(row))

    def may(self, operation: str, row: Any = None) -> bool:
        return self.work.policy.allows(self.work.actor, operation, self.name, row)

    def require(self, operation: str, row: Any = None) -> None:
        check(self.work.policy, self.work.actor, operation, self.name, row)

    # -- writing

    async def create(self, values: Mapping[str, Any]) -> Any:
        """A new row; the last one of its scope where rows are ordered."""
        self.require("create")
        row = self.model()
        await self._assign(row, values)
        self._stamp(row, created=True)
        await self._append(row)
        with self.session.no_autoflush:
            await self.before_save(row, created=True)
            self.session.add(row)
            files = await file_uses.check(self.work, self.mapping, row)
        await self._commit(row, files, operation="create")
        return row

    async def save(self, key: str, values: Mapping[str, Any], version: str | None) -> Any:
        """Change the given attributes; `StaleError` when the row is no longer the one that was read."""
        row = await self._load(key, [name for name in values if name in self.mapping.relations], lock=True)
        self.require("edit", row)
        await self._check_version(row, version)
        before = self._scope_of(row)
        await self._assign(row, values)
        if before != self._scope_of(row):
            await self._append(row)
        with self.session.no_autoflush:
            await self.before_save(row, created=False)
            files = await file_uses.check(self.work, self.mapping, row)
        if self.session.is_modified(row):
            self._stamp(row, created=False)
        await self._commit(row, files, operation="edit")
        return row

    async def delete(self, key: str, version: str | None = None) -> str:
        """Delete one row and return its title; `ConflictError` while something needs it, `StaleError` when it is
        no longer the one that was read."""
        row = await self._load(key, lock=True)
        self.require("delete", row)
        await self._check_version(row, version)
        title = self.title_of(row)
        await self._refuse_if_needed([row])
        dropped = await self._forget_files([self.mapping.key_of(row)])
        self.tell("delete", self.mapping.key_of(row))
        await self.session.delete(row)
        await self._write(self.session.flush, {})
        await self._finish({})
        await self._release(dropped)
        return title

    async def move(
        self,
        key: str,
        *,
        after: str | None = None,
        before: str | None = None,
        to: str | None = None,
        number: int = 1,
    ) -> None:
        """Put a row between two neighbours, or say where in words (`up down top bottom to`).

        A neighbour that is "" is the edge; one that is not given is whatever row is there.
        """
        self.require("order")
        try:
            row = await self._load(key)
        except NotFound as error:
            raise ConflictError(STALE) from error
        self.require("order", row)
        rows = OrderedRows(self.session, self.mapping, self._scope_of(row))
        moved = await self._place(rows, key)
        if to is not None:
            above, below = await rows.neighbours(moved, to, number)
        else:
            above = await self._place(rows, after) if after else None
            below = await self._place(rows, before) if before else None
            if before is None and above is not None:
                below = await rows.beside(above, moved, forward=True)
            elif after is None and below is not None:
                above = await rows.beside(below, moved, forward=False)
        if above == moved or below == moved:
            raise ConflictError(STALE)
        await rows.move(moved, above, below)
        self.tell("order", key)
        await self._finish({})

    async def scopes(self, limit: int = 50) -> list[tuple[Any, str]]:
        """The values of the ordering's scope that rows have, each with a title."""
        self.require("view")
        ordering = self.mapping.ordering
        if ordering is None or ordering.within is None:
            return []
        column = self.mapping.columns[ordering.within]
        relation = self.mapping.relations.get(self.mapping.foreign_keys.get(ordering.within, ""))
        statement = select(column).select_from(self.mapping.source).distinct().order_by(column).limit(limit)
        if relation is not None:
            target = mapping_of(relation.mapper.class_)
            pairs = [local == remote for local, remote in relation.local_remote_pairs or []]
            title = target.columns[target.title]
            source = self.mapping.source.outerjoin(target.source, and_(*pairs))
            statement = select(column, title).select_from(source).distinct().order_by(title).limit(limit)
        return [
            (found[0], "–" if found[-1] is None else str(found[-1])) for found in await self.session.execute(statement)
        ]

    def in_scope(self, value: Any) -> ColumnElement[bool]:
        """The rows ordered among those of this scope."""
        ordering = self.mapping.ordering
        if ordering is None or ordering.within is None:
            return and_(True)
        column = self.mapping.columns[ordering.within]
        found: ColumnElement[bool] = column.is_(None) if value is None else column == value
        return found

    # -- many at once

    async def selected(self, keys: Sequence[str]) -> ColumnElement[bool]:
        """The ticked rows, all of them still there, locked; `ConflictError` when one is gone."""
        try:
            idents = {tuple(self.mapping.key_values(key).values()) for key in keys}
        except NotFound as error:
            raise ConflictError(GONE) from error
        columns = [self.mapping.columns[name] for name in self.mapping.key]
        if len(columns) == 1:
            condition: ColumnElement[bool] = columns[0].in_([ident[0] for ident in idents])
        else:
            condition = or_(*[and_(*map(_equal, columns, ident)) for ident in idents])
        statement = select(*columns).select_from(self.mapping.source).where(condition).with_for_update()
        found = len(list(await self.session.execute(statement)))
        if found != len(idents):
            await self.session.rollback()
            raise ConflictError(GONE)
        return condition

    def matching(self, query: ListQuery) -> ColumnElement[bool]:
        """All rows a list would show, as a condition."""
        conditions = self._listing.where(query)
        return and_(*conditions) if conditions else and_(True)

    async def update_rows(self, rows: ColumnElement[bool], values: Mapping[str, Any], operation: str = "edit") -> int:
        """Give these values to all the rows in one statement; how many there were. `operation` is what is told."""
        await self._tell_rows(operation, rows)
        columns = {self.mapping.columns[name].name: value for name, value in self._stamped(values).items()}
        statement = update(self.mapping.table).where(rows).values(columns)
        done = await self._write(lambda: self.session.execute(statement), values)
        await self._finish(values)
        return int(done.rowcount)

    async def delete_rows(self, rows: ColumnElement[bool]) -> int:
        """Delete the rows in one statement; nothing at all while something needs one of them."""
        self.require("delete")
        await self._tell_rows("delete", rows)
        dropped = await self._forget_files(await self._keys_of(rows) if self.mapping.files else [])
        statement = delete(self.mapping.table).where(rows)
        done = await self._write(lambda: self.session.execute(statement), {})
        await self._finish({})
        await self._release(dropped)
        return int(done.rowcount)

    # -- private

    async def _check_version(self, row: Any, version: str | None) -> None:
        if version is not None and version != self.version_of(row):
            await self.session.rollback()
            raise StaleError

    def _relation(self, name: str) -> Any:
        found = self.mapping.relations.get(name)
        if found is None:
            raise NotFound
        return found

    async def _load(self, key: str, relations: Sequence[str] = (), *, lock: bool = False) -> Any:
        values = self.mapping.key_values(key)
        loads = []
        for name in relations:
            relation = self.mapping.relations[name]
            target = mapping_of(relation.mapper.class_)
            shown = [getattr(target.model, attribute) for attribute in {*target.key, target.title}]
            loads.append(selectinload(getattr(self.model, name)).options(load_only(*shown)))
        row: Any = await self.session.get(
            self.model, tuple(values.values()), options=loads, with_for_update=True if lock else None
        )
        if row is None:
            raise NotFound
        return row

    async def _assign(self, row: Any, values: Mapping[str, Any]) -> None:
        for name, value in values.items():
            relation = self.mapping.relations.get(name)
            if relation is None:
                if name not in self.mapping.columns or name in STAMPS:
                    raise InputError({name: _("This can't be set.")})
                if self.mapping.files.get(name) == "rich_text" and value:
                    value = clean(value, own=self.work.own_address)
                if getattr(row, name, None) != value or value is None:
                    setattr(row, name, value)
            elif relation.uselist:
                objects = await relations.picked(self.work, name, self.mapping, value)
                if set(getattr(row, name)) != set(objects):
                    setattr(row, name, objects)
            else:
                self._point(row, name, value)

    def _point(self, row: Any, name: str, key: str | None) -> None:
        """Set the foreign key columns of a to-one relation from the key's text."""
        relation = self.mapping.relations[name]
        target = mapping_of(relation.mapper.class_)
        try:
            values = target.key_values(key) if key else dict.fromkeys(target.key)
        except NotFound as error:
            raise InputError({name: _("What was chosen here is gone. Please choose again.")}) from error
        for local, remote in relation.local_remote_pairs or []:
            attribute = self.mapping.mapper.get_property_by_column(local).key
            value = values[target.mapper.get_property_by_column(remote).key]
            if getattr(row, attribute, None) != value:
                relations.require_view(self.work, target)
                setattr(row, attribute, value)

    def _stamp(self, row: Any, *, created: bool) -> None:
        if created and "created_by" in self.mapping.columns:
            row.created_by = self.work.actor.name
        if "updated_by" in self.mapping.columns:
            row.updated_by = self.work.actor.name
        if self.mapping.version and not created:
            setattr(row, self.mapping.version, getattr(row, self.mapping.version) + 1)

    def _stamped(self, values: Mapping[str, Any]) -> dict[str, Any]:
        stamped = dict(values)
        if "updated_by" in self.mapping.columns:
            stamped["updated_by"] = self.work.actor.name
        if self.mapping.version:
            stamped[self.mapping.version] = self.mapping.columns[self.mapping.version] + 1
        return stamped

    def _scope_of(self, row: Any) -> Any:
        ordering = self.mapping.ordering
        return getattr(row, ordering.within) if ordering and ordering.within else None

    async def _append(self, row: Any) -> None:
        ordering = self.mapping.ordering
        if ordering is not None:
            rows = OrderedRows(self.session, self.mapping, self._scope_of(row))
            setattr(row, ordering.attribute, await rows.last())

    async def _place(self, rows: OrderedRows, key: str) -> Place:
        try:
            place = await rows.place(self.mapping.key_values(key))
        except NotFound:
            place = None
        if place is None:
            await self.session.rollback()
            raise ConflictError(STALE)
        return place

    async def _refuse_if_needed(self, rows: Sequence[Any]) -> None:
        for row in rows:
            needed = [found for found in await self.dependents(row) if found.effect == "refuse"]
            if needed:
                count = sum(found.count for found in needed)
                raise ConflictError(_in_use(count))

    async def _commit(self, row: Any, files: Mapping[str, set[str]], operation: str) -> None:
        values = {name: getattr(row, name, None) for name in self._plain_names(row)}
        await self._write(self.session.flush, values)
        besides, self._besides = self._besides, []
        for done in (operation, *besides):
            self.tell(done, self.mapping.key_of(row))
        dropped = await file_uses.record(self.work, self.mapping, row, files) if files else []
        await self._finish(values)
        await self._release(dropped)

    async def _finish(self, values: Mapping[str, Any]) -> None:
        """Commit, and tell what was changed."""
        changes, self._changes = tuple(self._changes), []
        for observer in self.work.observers if changes else ():
            await observer.recording(self.work, changes)
        await self._write(self.session.commit, values)  # deferred constraints speak only now
        await announce(self.work.observers, changes)

    async def _tell_rows(self, operation: str, rows: ColumnElement[bool]) -> None:
        """What is about to be done to all these rows; they are named unless they are very many."""
        if self.work.observers:
            keys = await self._keys_of(rows, most=MOST_NAMED + 1)
            self.tell(operation, *(keys if len(keys) <= MOST_NAMED else ()))

    async def _keys_of(self, rows: ColumnElement[bool], most: int | None = None) -> list[str]:
        columns = [self.mapping.columns[name].label(name) for name in self.mapping.key]
        found = await self.session.execute(select(*columns).select_from(self.mapping.source).where(rows).limit(most))
        return [self.mapping.key_of(row) for row in found]

    async def _forget_files(self, keys: Sequence[str]) -> list[int]:
        return await file_uses.forget(self.session, self.mapping, keys) if self.mapping.files else []

    async def _release(self, file_ids: Sequence[int]) -> None:
        if file_ids and self.work.uploads is not None:
            await self.work.uploads.release(file_ids)

    def _plain_names(self, row: Any) -> list[str]:
        return [name for name in self.mapping.columns if name in row.__dict__]

    async def _write(self, statement: Callable[[], Any], values: Mapping[str, Any]) -> Any:
        """Run a write; what the database refuses becomes a sentence at a field, and nothing is kept."""
        try:
            with wrap_sqlalchemy_exception(error_messages={}, dialect_name=self.work.dialect):
                return await statement()
        except PortalError:
            raise
        except Exception as refusal:
            cause = refusal.__cause__
            if not is_refusal(cause):
                raise (cause if cause is not None else refusal) from None
            await self.session.rollback()
            raise await explain(self.session, self.mapping, values, refusal) from refusal


def _equal(column: Any, value: Any) -> Any:
    return column == value


def _in_use(count: int) -> Text:
    return _("This is still used in {n} places. Change those first.").format(n=count)


__all__ = ["STAMPS", "ResourceService"]
