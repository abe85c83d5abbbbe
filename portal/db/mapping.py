"""What SQLAlchemy knows of a model: its key, its relations, what must be unique, what depends on it.

Keys travel in addresses as text: each part percent-encoded by whoever builds the URL, composite ones joined by
`~` (escaped inside a part), and a key that equals a word of the address space (`new`, `order` …) gets a `~` in
front (ARCHITECTURE.md, decision 3).
"""

import datetime
import enum
import functools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from sqlalchemy import Column, FromClause, String, Table, UniqueConstraint, inspect
from sqlalchemy.orm import Mapper, RelationshipProperty
from sqlalchemy.types import BigInteger, Integer, SmallInteger

from portal.db.kinds import FILE_KINDS, base_type, enum_of, kind_of
from portal.errors import NotFound
from portal.facts import Facts, facts_of

RESERVED = frozenset({"new", "order", "actions", "bulk", "count", "options", "fields", "edit", "delete", "upload"})
"""Path segments that follow a resource's name and are therefore never the text of a key."""

_JOINER = "~"

_TITLES = (
    "title",
    "name",
    "label",
    "nickname",
    "username",
    "display_name",
    "subject",
    "email",
    "original_name",
)


def bounds_of(column: Column[Any]) -> tuple[int, int] | None:
    """The smallest and the largest whole number a column holds."""
    widths: tuple[tuple[type, int], ...] = ((BigInteger, 63), (SmallInteger, 15), (Integer, 31))
    kept = base_type(column)
    return next(((-(2**bits), 2**bits - 1) for kind, bits in widths if isinstance(kept, kind)), None)


@dataclass(frozen=True)
class Ordering:
    """Rows of this model have a place: `attribute` counts it among those that share `within`."""

    attribute: str
    within: str | None


class ModelMapping:
    """One mapped class, read once at start-up."""

    def __init__(self, model: type) -> None:
        self.model = model
        self.mapper: Mapper[Any] = inspect(model)

    @functools.cached_property
    def table(self) -> Table:
        """The table that holds its rows; classes mapped to a join or a query are not for a portal."""
        table = self.mapper.local_table
        if not isinstance(table, Table):
            raise TypeError(f"{self.model.__name__} is not mapped to a table")
        return table

    @property
    def table_name(self) -> str:
        return self.table.key

    @functools.cached_property
    def key(self) -> tuple[str, ...]:
        """The attributes of the primary key, in its order."""
        return tuple(self.mapper.get_property_by_column(column).key for column in self.mapper.primary_key)

    @functools.cached_property
    def columns(self) -> dict[str, Column[Any]]:
        """Attribute name -> table column, in the order of the model."""
        found = {}
        for prop in self.mapper.column_attrs:
            column = prop.columns[0]
            if isinstance(column, Column) and not prop.key.startswith("_"):
                found[prop.key] = column
        return found

    @functools.cached_property
    def relations(self) -> dict[str, RelationshipProperty[Any]]:
        return {prop.key: prop for prop in self.mapper.relationships if not prop.viewonly}

    @functools.cached_property
    def foreign_keys(self) -> dict[str, str]:
        """Attribute of a foreign key column -> the to-one relation that goes over it."""
        found = {}
        for name, relation in self.relations.items():
            if not relation.uselist and len(relation.local_columns) == 1:
                (column,) = relation.local_columns
                if column.foreign_keys:
                    found[self.mapper.get_property_by_column(column).key] = name
        return found

    @functools.cached_property
    def title(self) -> str:
        """The attribute whose text stands for a whole row: in pickers, breadcrumbs and messages."""
        texts = [name for name, column in self.columns.items() if isinstance(base_type(column), String)]
        for name in _TITLES:
            if name in texts:
                return name
        plain = [name for name in texts if facts_of(self.columns[name].info).kind is None]
        return next((name for name in plain if name not in self.key), self.key[0])

    @functools.cached_property
    def version(self) -> str | None:
        """The attribute that counts content changes, if there is one."""
        column = self.columns.get("version")
        return "version" if column is not None and isinstance(base_type(column), Integer) else None

    @functools.cached_property
    def ordering(self) -> Ordering | None:
        for name, column in self.columns.items():
            facts = facts_of(column.info)
            named = name in {"position", "sort_order"} and facts.kind is None
            whole = isinstance(base_type(column), Integer)
            if facts.kind == "position" or (named and whole):
                return Ordering(name, facts.within)
        return None

    @functools.cached_property
    def files(self) -> dict[str, str]:
        """The attributes that hold stored files, with their kinds: `image`, `gallery`, `file`, `rich_text`."""
        kinds = {name: kind_of(name, column)[0] for name, column in self.columns.items()}
        return {name: kind for name, kind in kinds.items() if kind in FILE_KINDS}

    @functools.cached_property
    def unique(self) -> tuple[tuple[str, ...], ...]:
        """The sets of attributes that may not repeat, the key apart."""
        sets: dict[tuple[str, ...], None] = {(name,): None for name, column in self.columns.items() if column.unique}
        table = self.table
        groups: list[Sequence[Any]] = [
            list(rule.columns) for rule in table.constraints if isinstance(rule, UniqueConstraint)
        ]
        groups += [list(index.columns) for index in table.indexes if index.unique]
        for columns in groups:
            names = [self.mapper.get_property_by_column(column).key for column in columns if column.table is table]
            if names:
                sets[tuple(sorted(names, key=list(self.columns).index))] = None
        return tuple(sets)

    @property
    def source(self) -> FromClause:
        """What a SELECT of this model reads from."""
        return self.mapper.selectable

    def facts(self, attribute: str) -> Facts:
        found = self.columns.get(attribute)
        if found is None:
            relation = self.relations.get(attribute)
            return facts_of(relation.info) if relation is not None else Facts()
        return facts_of(found.info)

    # -- keys as text

    def key_of(self, row: Any) -> str:
        """The key of an object or of a row with the key's attributes, as text."""
        return encode_key([getattr(row, name) for name in self.key])

    def key_values(self, text: str) -> dict[str, Any]:
        """The typed values of a key's text; `NotFound` for a text that can't be a key of this model."""
        parts = decode_key(text)
        if len(parts) != len(self.key):
            raise NotFound
        values = {}
        for name, part in zip(self.key, parts, strict=True):
            values[name] = _typed(self.columns[name], part)
        return values


def mapping_of(model: type) -> ModelMapping:
    """The mapping of a class; a pure reading of it, so it is made once."""
    return _read(model)


@functools.cache
def _read(model: type) -> ModelMapping:
    return ModelMapping(model)


def encode_key(values: Sequence[Any]) -> str:
    """Key values as text; what a path can't carry inside a segment (`/`, `.` and `..` alone) is escaped."""
    parts = [_plain(value).replace("%", "%25").replace("/", "%2F").replace(_JOINER, "%7E") for value in values]
    text = _JOINER.join(parts)
    if text in {".", ".."}:
        text = text.replace(".", "%2E")
    return _JOINER + text if text in RESERVED or text.startswith(_JOINER) else text


def decode_key(text: str) -> list[str]:
    return [unquote(part) for part in text.removeprefix(_JOINER).split(_JOINER)]


def _plain(value: Any) -> str:
    if isinstance(value, enum.Enum):
        return str(value.value)
    if isinstance(value, datetime.date):
        return value.isoformat()
    return str(value)


def _typed(column: Column[Any], text: str) -> Any:
    members = enum_of(column)
    try:
        kind: Any = members or column.type.python_type
    except NotImplementedError:
        kind = str
    if "\0" in text or not text or len(text) > 512:
        raise NotFound
    try:
        text.encode()
        if kind is int:
            return _whole(text, bounds_of(column))
        if kind in (datetime.datetime, datetime.date, datetime.time):
            return kind.fromisoformat(text)
        return text if kind is str else kind(text)
    except (ValueError, ArithmeticError, TypeError) as error:
        raise NotFound from error


def _whole(text: str, bounds: tuple[int, int] | None) -> int:
    number = int(text)
    low, high = bounds or (-(2**63), 2**63 - 1)
    if str(number) != text or not low <= number <= high:  # one spelling a key: `07` and `+7` lead nowhere
        raise NotFound
    return number
