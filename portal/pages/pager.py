"""The pager of a list: numbered while that is cheap, by cursors beyond."""

from collections.abc import Sequence
from dataclasses import dataclass

from portal.kit.listing import ListState
from portal.services.query import LAST_NUMBERED_PAGE, PAGE_SIZES, Count, Rows

NEAR = 2
"""Numbered links on each side of the current page."""


@dataclass(frozen=True)
class PageLink:
    number: int | None
    """`None` is the gap between far pages."""
    href: str | None
    current: bool = False


@dataclass(frozen=True)
class Pager:
    """What `list/_pager.html` draws."""

    first: int | None
    """The number of the first row shown; unknown behind a cursor."""
    last: int | None
    shown: int
    count: Count | None
    """How many there are; `None` until the late request has counted."""
    count_href: str | None
    links: Sequence[PageLink]
    previous: str | None
    next: str | None
    size: int
    sizes: Sequence[tuple[int, str]]


def build_pager(state: ListState, rows: Rows, count: Count | None, count_path: str) -> Pager:
    query = state.query
    numbered = not (query.after or query.before)
    shown = len(rows.items)
    first = (query.page - 1) * query.size + 1 if numbered and shown else None
    if count is None and numbered and not rows.has_next and (shown or query.page == 1):
        count = Count((query.page - 1) * query.size + shown)
    sizes = [(size, state.address(size=str(size))) for size in sorted({*PAGE_SIZES, state.default_size})]
    return Pager(
        first=first,
        last=first + shown - 1 if first is not None else None,
        shown=shown,
        count=count,
        count_href=None if count is not None else count_path + state.address(stay=True),
        links=_links(state, rows, count) if numbered else (),
        previous=_previous(state, rows, numbered),
        next=_next(state, rows, numbered),
        size=query.size,
        sizes=sizes,
    )


def _previous(state: ListState, rows: Rows, numbered: bool) -> str | None:
    if not rows.has_previous:
        return None
    if numbered:
        return _page(state, state.query.page - 1)
    return state.address(before=rows.previous_cursor) if rows.previous_cursor else state.address() or "?"


def _next(state: ListState, rows: Rows, numbered: bool) -> str | None:
    if not rows.has_next:
        return None
    if numbered and state.query.page < LAST_NUMBERED_PAGE:
        return _page(state, state.query.page + 1)
    return state.address(after=rows.next_cursor)


def _links(state: ListState, rows: Rows, count: Count | None) -> list[PageLink]:
    page = state.query.page
    if count is None or count.capped:
        last = page + 1 if rows.has_next else page
    else:
        last = max(-(-count.number // state.query.size), 1)
    last = min(last, LAST_NUMBERED_PAGE)
    numbers = sorted({1, last, *range(max(page - NEAR, 1), min(page + NEAR, last) + 1)})
    links: list[PageLink] = []
    for number in numbers:
        if links and links[-1].number is not None and number - links[-1].number > 1:
            links.append(PageLink(None, None))
        links.append(PageLink(number, _page(state, number), current=number == page))
    return links


def _page(state: ListState, number: int) -> str:
    return state.address(page=str(number) if number > 1 else None) or "?"
