"""What a list's address asks for, read into a `ListQuery` and kept beside it for links and forms.

A page drops what it does not understand; a strict caller is told (`InputError`).
"""

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement

from portal.errors import InputError, Sentence
from portal.i18n import _
from portal.kit.filters import MOST_VALUES, Filter
from portal.kit.page import BoundResource
from portal.services.listing import NO_CURSOR
from portal.services.query import LAST_NUMBERED_PAGE, PAGE_SIZES, ListQuery, Sort

MAX_SEARCH = 200
MAX_SORTS = 3
PARAMETERS = ("q", "sort", "page", "size", "after", "before")
"""What every list understands besides its filters."""

NOT_UNDERSTOOD = _("This filter value is not understood.")

Sent = Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class ListState:
    """A list as asked for: the query, and the words of its address."""

    query: ListQuery
    filters: tuple[tuple[Filter, Sent], ...]
    """The active filters with what was sent for each."""
    sorted_by: tuple[Sort, ...]
    """The order asked for; empty where the default order stands."""
    default_size: int
    default_sort: tuple[Sort, ...]
    look: tuple[tuple[str, str], ...] = ()
    """How it is shown where a page knows several ways; stays when search and filters go."""

    @property
    def parameters(self) -> list[tuple[str, str]]:
        """All that names this list, the page apart."""
        found: list[tuple[str, str]] = [("q", self.query.search)] if self.query.search else []
        found += [(name, value) for _f, sent in self.filters for name, values in sent.items() for value in values]
        if self.sorted_by:
            found.append(("sort", ",".join(map(str, self.sorted_by))))
        if self.query.size != self.default_size:
            found.append(("size", str(self.query.size)))
        return [*found, *self.look]

    @property
    def place(self) -> list[tuple[str, str]]:
        """Where in the list: a page or a cursor."""
        if self.query.after:
            return [("after", self.query.after)]
        if self.query.before:
            return [("before", self.query.before)]
        return [("page", str(self.query.page))] if self.query.page > 1 else []

    def address(self, *, without: Iterable[str] = (), stay: bool = False, **changes: str | None) -> str:
        """The query string of this list with changes: `?status=draft&page=2`, or nothing.

        Changing what is listed leads to its first page; `stay` keeps the place.
        """
        dropped = {*without, *changes}
        pairs = [(name, value) for name, value in self.parameters if name not in dropped]
        pairs += [(name, value) for name, value in changes.items() if value is not None]
        if stay:
            pairs += [(name, value) for name, value in self.place if name not in dropped]
        return "?" + urlencode(pairs) if pairs else ""

    @property
    def whole(self) -> str:
        """The query string of the same list with nothing left out of it, or nothing."""
        return "?" + urlencode(self.look) if self.look else ""

    @property
    def narrowed(self) -> bool:
        """Whether anything but the whole list was asked for."""
        return bool(self.query.search or self.filters)


def parse_list(
    sent: Sent,
    resource: BoundResource,
    *,
    zone: ZoneInfo,
    size: int = PAGE_SIZES[0],
    order_by: str | None = None,
    strict: bool = False,
) -> ListState:
    """Read an address. Unknown names and values are dropped, or, when strict, an `InputError`."""
    errors: dict[str, Sentence] = {}
    default = _default_sort(resource, order_by)
    asked = _sorts(_last(sent, "sort"), resource, errors)
    where: list[ColumnElement[bool]] = []
    active: list[tuple[Filter, Sent]] = []
    for found in resource.filters:
        mine = {
            name: values
            for name in found.parameters
            if (values := [value for value in sent.get(name, ()) if value and _is_text(value)])
        }
        condition = found.condition(mine, zone) if mine else None
        if condition is not None:
            where.append(condition)
            active.append((found, mine))
        elif mine:
            errors |= dict.fromkeys(mine, NOT_UNDERSTOOD)
    page = _whole(_last(sent, "page"), 1, LAST_NUMBERED_PAGE, 1, "page", errors)
    chosen = _whole(_last(sent, "size"), 1, max(PAGE_SIZES), size, "size", errors)
    columns = dict.fromkeys(
        name for column in resource.columns for name in (column.name, column.below_name) if name is not None
    )
    title = resource.facts.mapping.title
    query = ListQuery(
        columns=tuple({**columns, title: None}),
        search=clean_search(_last(sent, "q")),
        search_in=resource.facts.search,
        where=tuple(where),
        sort=asked or default,
        page=page,
        size=chosen if strict or chosen in {*PAGE_SIZES, size} else size,
        after=_cursor(_last(sent, "after")),
        before=_cursor(_last(sent, "before")),
        strict=strict,
    )
    if strict:
        _refuse_unknown(sent, resource, zone, errors)
    return ListState(query, tuple(active), asked, size, default)


def _refuse_unknown(sent: Sent, resource: BoundResource, zone: ZoneInfo, errors: dict[str, Sentence]) -> None:
    known = {*PARAMETERS, *[name for found in resource.filters for name in found.parameters]}
    errors |= {name: _("There is no such parameter.") for name in sent if name not in known}
    for found in resource.filters:
        wrong = [name for name in found.parameters if not _understood(found, name, sent.get(name, ()), zone)]
        errors |= dict.fromkeys(wrong, NOT_UNDERSTOOD)
    errors |= {name: NO_CURSOR for name in ("after", "before") if not _last(sent, name).isascii()}
    for name in ("page", "size"):
        if name in sent and not _last(sent, name):
            errors[name] = _("Please write a whole number, like 42.")
    if len(_last(sent, "q")) > MAX_SEARCH:
        errors["q"] = _("At most {n} characters; this has {m}.").format(n=MAX_SEARCH, m=len(_last(sent, "q")))
    if _last(sent, "sort").count(",") >= MAX_SORTS or ("sort" in sent and not _last(sent, "sort")):
        errors["sort"] = _("This list can't be sorted like that.")
    if errors:
        raise InputError(errors)


def _understood(found: Filter, name: str, values: Sequence[str], zone: ZoneInfo) -> bool:
    """Whether each value says something: one left out would make the list longer than was meant."""
    if len(values) > MOST_VALUES:
        return False
    return all(_is_text(value) and found.condition({name: [value]}, zone) is not None for value in values)


def _default_sort(resource: BoundResource, order_by: str | None) -> tuple[Sort, ...]:
    mapping = resource.facts.mapping
    if order_by:
        return tuple(Sort(part.strip().removeprefix("-"), part.strip().startswith("-")) for part in order_by.split(","))
    if mapping.ordering is not None:
        return (Sort(mapping.ordering.attribute),)
    return (Sort(mapping.key[0], descending=True),)


def _sorts(text: str, resource: BoundResource, errors: dict[str, Sentence]) -> tuple[Sort, ...]:
    mapping = resource.facts.mapping
    allowed = {column.name for column in resource.columns if column.sortable} | set(mapping.key)
    if mapping.ordering is not None:
        allowed.add(mapping.ordering.attribute)
    found: dict[str, Sort] = {}
    for part in text.split(",")[:MAX_SORTS] if text else ():
        name = part.removeprefix("-")
        if name in allowed:
            found.setdefault(name, Sort(name, part.startswith("-")))
        else:
            errors["sort"] = _("This list can't be sorted like that.")
    return tuple(found.values())


def _whole(text: str, low: int, high: int, otherwise: int, name: str, errors: dict[str, Sentence]) -> int:
    if not text:
        return otherwise
    if text.isascii() and text.isdigit() and len(text) < 10:
        number = int(text)
        if not low <= number <= high:
            errors[name] = _("A number from {low} to {high}, please.").format(low=low, high=high)
        return min(max(number, low), high)
    errors[name] = _("Please write a whole number, like 42.")
    return otherwise


def _last(sent: Sent, name: str) -> str:
    values = sent.get(name) or ("",)
    return values[-1]


def clean_search(text: str) -> str:
    """What was typed into a search box, without what no database can be asked for."""
    kept = "".join(sign for sign in text if sign.isspace() or unicodedata.category(sign) not in {"Cc", "Cs"})
    return " ".join(kept.split())[:MAX_SEARCH]


def _is_text(text: str) -> bool:
    """Whether it can be written into an address again: what is no UTF-8 came as lone surrogates."""
    return not any("\ud800" <= sign <= "\udfff" for sign in text)


def _cursor(text: str) -> str | None:
    return text if text.isascii() and text else None
