"""What is asked of a list, and what comes back: plain values, no request and no template."""

from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement

PAGE_SIZES = (20, 50, 100)
LAST_NUMBERED_PAGE = 100
"""Beyond this page a list is walked by cursors only (ARCHITECTURE.md, decision 7)."""


@dataclass(frozen=True)
class Sort:
    attribute: str
    descending: bool = False

    def __str__(self) -> str:
        return f"-{self.attribute}" if self.descending else self.attribute


@dataclass(frozen=True)
class ListQuery:
    """One list as asked for. Whoever makes it has already dropped what it does not understand."""

    columns: tuple[str, ...] = ()
    """Attributes to read, to-one relations (their label) and to-many relations (their labels) included."""
    search: str = ""
    search_in: tuple[str, ...] = ()
    where: tuple[ColumnElement[bool], ...] = ()
    sort: tuple[Sort, ...] = ()
    page: int = 1
    size: int = 20
    after: str | None = None
    """A cursor of `Rows.next_cursor`: the rows behind it."""
    before: str | None = None
    strict: bool = False
    """A cursor that is not ours is refused (`InputError`) instead of being the first page."""


@dataclass(frozen=True)
class Row:
    """One line of a list."""

    key: str
    values: dict[str, Any]
    version: str
    cursor_values: tuple[Any, ...] = ()
    related: dict[str, str] = field(default_factory=dict)
    """To-one relation -> the key text of the row it leads to."""


@dataclass(frozen=True)
class Rows:
    """One page of a list; how many there are in all is asked separately."""

    items: tuple[Row, ...]
    has_previous: bool
    has_next: bool
    previous_cursor: str | None = None
    next_cursor: str | None = None
    before_first: str | None = None
    """The key of the row just above this page, known only where rows can be dragged."""
    after_last: str | None = None


@dataclass(frozen=True)
class Count:
    """How many rows match; counting stops at the cap."""

    number: int
    capped: bool = False


@dataclass(frozen=True)
class Option:
    """One thing to pick."""

    value: str
    text: str


@dataclass(frozen=True)
class Dependent:
    """What else is touched when a row goes: so many rows of a noun, deleted or only unlinked."""

    model: type
    count: int
    effect: str
    """`delete`, `unlink` or `refuse`."""
    examples: tuple[str, ...] = ()
