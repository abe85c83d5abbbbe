"""Dragging rows into order: the page that shows a whole scope, and the move itself."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from litestar import Response

from portal.errors import ConflictError, InputError, NotFound
from portal.facts import Label
from portal.i18n import _
from portal.kit.fields import plain
from portal.kit.page import BoundResource, Page, Route
from portal.pages.list import ListPage, results
from portal.pages.row_view import RowView, build_table, row_views, scope_filter
from portal.services.query import ListQuery, Sort
from portal.services.resource import ResourceService
from portal.web.rendering import Crumb, redirect, render, templates_for
from portal.web.request import PortalRequest, Values, grouped
from portal.web.return_to import clean_query

SHOWN = 200
"""Rows of a scope on one page of the reorder page."""

WORDS = frozenset({"up", "down", "top", "bottom", "to"})


@dataclass(frozen=True)
class Scope:
    """One set of rows that are ordered among themselves."""

    label: Label
    href: str
    current: bool


@dataclass(frozen=True)
class ReorderContext:
    """What `reorder.html` and `reorder/_results.html` may use."""

    resource: BoundResource
    rows: Sequence[RowView]
    scopes: Sequence[Scope]
    offset: int
    previous: str | None
    next: str | None
    before_first: str | None
    after_last: str | None
    list_query: str
    """The query of this page."""


@dataclass(frozen=True)
class ReorderPage(Page):
    """The order of a noun whose model has a position."""

    def routes(self, resource: BoundResource) -> Sequence[Route]:
        if resource.facts.mapping.ordering is None:
            return []
        return [Route(("GET",), "/order", self.show), Route(("POST",), "/order", self.move)]

    async def show(self, request: PortalRequest, resource: BoundResource) -> Response[bytes]:
        context = await self._context(request, resource, request.sent)
        names = templates_for(resource, "reorder/_results.html" if request.partial else "reorder.html")
        crumbs = [Crumb(resource.label_plural, request.site.url_of(resource)), Crumb(_("Order"))]
        return render(request, names, context, current=("resource", resource.name), crumbs=crumbs)

    async def move(self, request: PortalRequest, resource: BoundResource) -> Response[Any]:
        sent = await request.form_values()
        status = 200
        try:
            async with request.site.writing(request.actor) as work:
                await _move(resource.service(work), sent)
        except ConflictError as conflict:
            if not request.partial:
                return redirect(request, self._back(request, resource), conflict.message, "error")
            status = 409
        if not request.partial:
            return redirect(request, self._back(request, resource), _("The order was changed."))
        here = request.split_header("hx-current-url")
        if here.path == request.site.url_of(resource, tail="/order"):
            context = await self._context(request, resource, grouped(here.query.encode()))
            return render(request, templates_for(resource, "reorder/_results.html"), context, status=status)
        return await results(request, resource, here.query, status)

    def _back(self, request: PortalRequest, resource: BoundResource) -> str:
        """The page the button stood on: this one or the list."""
        site, referer = request.site, request.split_header("referer")
        own = site.url_of(resource, tail="/order")
        return (own if referer.path == own else site.url_of(resource)) + clean_query(referer.query)

    async def _context(self, request: PortalRequest, resource: BoundResource, sent: Values) -> ReorderContext:
        ordering = resource.facts.mapping.ordering
        if ordering is None:
            raise NotFound
        page = _page_number(sent)
        listing: ListPage = resource.page(ListPage)
        async with request.site.reading(request.actor) as work:
            service = resource.service(work)
            service.require("order")
            scopes, chosen = await _scopes(service, resource, sent)
            condition = () if ordering.within is None else (service.in_scope(chosen),)
            names = [resource.facts.mapping.title]
            names += [column.name for column in resource.columns if column.cell == "image"][:1]
            query = ListQuery(
                columns=tuple(names), where=condition, sort=(Sort(ordering.attribute),), page=page, size=SHOWN
            )
            found = await service.page(query)
            state = listing.state({}, resource, request)
            table = build_table(request, resource, service, replace(state, query=query))
        here = _query(resource, chosen) if ordering.within is not None else ""
        return ReorderContext(
            resource=resource,
            rows=row_views(request, table, found),
            scopes=scopes,
            offset=(page - 1) * SHOWN,
            previous=f"{here or '?'}&page={page - 1}" if page > 1 else None,
            next=f"{here or '?'}&page={page + 1}" if found.has_next else None,
            before_first=found.before_first,
            after_last=found.after_last,
            list_query=here + (f"{'&' if here else '?'}page={page}" if page > 1 else ""),
        )


async def _move(service: ResourceService, sent: Values) -> None:
    """What was sent: `id` with `after` and `before`, `id` with `to` (and `number`), or `move` as "up 12"."""
    values = {name: found[-1] for name, found in sent.items()}
    key, to = values.get("id", ""), values.get("to")
    if "move" in values:
        to, _space, key = values["move"].partition(" ")
    if to is not None:
        number = values.get("number", "1").strip()
        if to not in WORDS or not (number.isascii() and number.isdigit() and len(number) < 10):
            raise InputError({"number": _("Please write a whole number, like 42.")})
        await service.move(key, to=to, number=int(number))
    else:
        await service.move(key, after=values.get("after"), before=values.get("before"))


async def _scopes(service: ResourceService, resource: BoundResource, sent: Values) -> tuple[list[Scope], Any]:
    """The scopes there are, and the one that is asked for, or the first."""
    if scope_filter(resource) is None:
        return [], None
    values = await service.scopes()
    if not values:
        return [], None
    asked = sent.get(str(scope_filter(resource)), [None])[-1]
    chosen = next((value for value, _label in values if _plain(value) == asked), values[0][0])
    labels = dict(resource.facts.attributes[resource.facts.mapping.ordering.within].choices)  # type: ignore[union-attr, index]  # there is a scope
    scopes = [Scope(labels.get(value, label), _query(resource, value), value == chosen) for value, label in values]
    return scopes, chosen


def _query(resource: BoundResource, value: Any) -> str:
    return "?" + urlencode({str(scope_filter(resource)): _plain(value)})


def _plain(scope: Any) -> str:
    return "" if scope is None else plain(scope)


def _page_number(sent: Values) -> int:
    text = sent.get("page", ["1"])[-1]
    return min(max(int(text), 1), 10_000) if text.isascii() and text.isdigit() and len(text) < 6 else 1
