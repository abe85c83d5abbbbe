"""The list of a noun: its rows, and, later and on its own, how many there are."""

from collections.abc import Sequence
from dataclasses import dataclass

from litestar import Response

from portal.i18n import Text
from portal.kit.filters import Filter, RelationFilter
from portal.kit.listing import ListState, Sent, parse_list
from portal.kit.page import BoundResource, Page, Route
from portal.pages.badges import count_badges
from portal.pages.counts import count_rows
from portal.pages.pager import Pager, build_pager
from portal.pages.row_view import RowView, Table, build_table, row_views
from portal.services.query import PAGE_SIZES, Option, Rows
from portal.services.resource import ResourceService
from portal.web.rendering import Crumb, Current, render, templates_for
from portal.web.request import PortalRequest, grouped


@dataclass(frozen=True)
class Chip:
    """An active filter: what it says and where the list without it is."""

    label: str | Text
    words: str | Text
    href: str


@dataclass(frozen=True)
class FilterView:
    """A filter as the form draws it."""

    filter: Filter
    sent: Sent
    options: Sequence[Option]
    """What is picked already, for relations."""


@dataclass(frozen=True)
class ListContext:
    """What `list.html` and its partials may use."""

    resource: BoundResource
    state: ListState
    table: Table
    rows: Sequence[RowView]
    found: Rows
    pager: Pager
    chips: Sequence[Chip]
    filters: Sequence[FilterView]
    list_query: str
    """The query string of this list, its place included."""


@dataclass(frozen=True)
class ListPage(Page):
    """A list with search, filters, sorting and pages."""

    size: int = PAGE_SIZES[0]
    order_by: str | None = None
    """`-publish_time,title`; the order of dragging, or the newest first, when not said."""

    def routes(self, resource: BoundResource) -> Sequence[Route]:
        return [Route(("GET",), "", self.show), Route(("GET",), "/count", self.count)]

    async def show(self, request: PortalRequest, resource: BoundResource) -> Response[bytes]:
        context = await self.context(request, resource, request.sent)
        if request.partial:
            return render(request, templates_for(resource, "list/_results.html"), context)
        crumbs = [Crumb(resource.label_plural)]
        current: Current = ("resource", resource.name)
        return render(request, templates_for(resource, "list.html"), context, current=current, crumbs=crumbs)

    async def count(self, request: PortalRequest, resource: BoundResource) -> Response[bytes]:
        """The pager again, with the number of rows in it."""
        state = self.state(request.sent, resource, request)
        count = await count_rows(request, resource, state.query)
        async with request.site.reading(request.actor) as work:
            rows = await resource.service(work).page(state.query)
        pager = build_pager(state, rows, count, request.site.url_of(resource, tail="/count"))
        context = {"resource": resource, "pager": pager, "state": state, "badges": await count_badges(request)}
        return render(request, templates_for(resource, "list/_count.html"), context)

    def state(self, sent: Sent, resource: BoundResource, request: PortalRequest) -> ListState:
        return parse_list(sent, resource, zone=request.zone, size=self.size, order_by=self.order_by)

    async def context(self, request: PortalRequest, resource: BoundResource, sent: Sent) -> ListContext:
        """The list that an address asks for."""
        state = self.state(sent, resource, request)
        async with request.site.reading(request.actor) as work:
            service = resource.service(work)
            found = await service.page(state.query)
            offered = [item for item in resource.filters if _may_use(service, item)]
            filters = [await _filter_view(service, item, state) for item in offered]
        table = build_table(request, resource, service, state)
        return ListContext(
            resource=resource,
            state=state,
            table=table,
            rows=row_views(request, table, found),
            found=found,
            pager=build_pager(state, found, None, request.site.url_of(resource, tail="/count")),
            chips=_chips(state, filters),
            filters=filters,
            list_query=state.address(stay=True),
        )


async def results(request: PortalRequest, resource: BoundResource, query: str, status: int = 200) -> Response[bytes]:
    """The rows of the list a script is looking at, fresh."""
    page: ListPage = resource.page(ListPage)
    context = await page.context(request, resource, grouped(query.encode()))
    return render(request, templates_for(resource, "list/_results.html"), context, status=status)


def _may_use(service: ResourceService, item: Filter) -> bool:
    """A filter by rows of another noun is offered to those who may see them."""
    return not isinstance(item, RelationFilter) or service.may_pick(item.name)


async def _filter_view(service: ResourceService, item: Filter, state: ListState) -> FilterView:
    sent = next((sent for found, sent in state.filters if found.name == item.name), {})
    options: Sequence[Option] = ()
    if isinstance(item, RelationFilter) and sent:
        options = await service.chosen(item.name, sent.get(item.name, ()))
    return FilterView(item, sent, options)


def _chips(state: ListState, filters: Sequence[FilterView]) -> list[Chip]:
    chips = []
    for view in filters:
        if not view.sent:
            continue
        titles = ", ".join(option.text for option in view.options)
        words = titles or view.filter.words(view.sent)
        href = state.address(without=view.filter.parameters) or "?"
        chips.append(Chip(view.filter.label or view.filter.name, words, href))
    return chips
