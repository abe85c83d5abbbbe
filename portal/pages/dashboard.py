"""The first page after signing in: how much there is of everything, and what was edited last."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

from litestar import Response

from portal.facts import Label
from portal.i18n import _
from portal.kit.page import BoundResource
from portal.naming import inside
from portal.services.overview import Day, Edit, created_by_day, latest_edits
from portal.services.query import Count, ListQuery
from portal.services.unit_of_work import UnitOfWork
from portal.web.rendering import Crumb, render
from portal.web.request import PortalRequest

DAYS = 14
EDITS = 8
CARDS = 8


@dataclass(frozen=True)
class Card:
    """How many rows a noun has, and how many of them are new."""

    resource: BoundResource
    count: Count
    new: int | None
    """Made in the last fortnight; unknown where rows carry no date."""


@dataclass(frozen=True)
class Chart:
    """New rows by day, for the first noun that counts its days."""

    resource: BoundResource
    days: Sequence[Day]
    top: int
    """The value at the upper edge of the drawing."""

    @property
    def total(self) -> int:
        return sum(day.count for day in self.days)


@dataclass(frozen=True)
class DashboardContext:
    """What `dashboard.html` may use."""

    cards: Sequence[Card]
    chart: Chart | None
    edits: Sequence[tuple[BoundResource, Edit]]
    days: int
    create: Sequence[tuple[Label, str]]


async def dashboard(request: PortalRequest) -> Response[bytes]:
    async with request.site.reading(request.actor) as work:
        seen = [item for item in request.site.in_menu_order() if item.service(work).may("view")]
        context = DashboardContext(
            cards=[await _card(work, item, request) for item in seen[:CARDS]],
            chart=await _chart(work, seen, request),
            edits=await _edits(work, seen),
            days=DAYS,
            create=[
                (_("New {noun}").format(noun=inside(item.label)), request.site.url_of(item, tail="/new"))
                for item in seen[:1]
                if item.service(work).may("create")
            ],
        )
    crumbs = [Crumb(_("Dashboard"))]
    return render(request, "dashboard.html", context, current=("page", "dashboard"), crumbs=crumbs)


async def _card(work: UnitOfWork, resource: BoundResource, request: PortalRequest) -> Card:
    service = resource.service(work)
    count = await service.count(ListQuery())
    since = datetime.datetime.now(datetime.UTC) - datetime.timedelta(days=DAYS)
    created = resource.facts.mapping.columns.get("created_at")
    new = await service.count(ListQuery(where=(created >= since,))) if created is not None else None
    return Card(resource, count, new.number if new is not None else None)


async def _chart(work: UnitOfWork, seen: Sequence[BoundResource], request: PortalRequest) -> Chart | None:
    for resource in seen:
        if "created_at" in resource.facts.mapping.columns:
            days = await created_by_day(work.session, resource.facts.mapping, request.zone, DAYS)
            return Chart(resource, days, _round_up(max(day.count for day in days)))
    return None


async def _edits(work: UnitOfWork, seen: Sequence[BoundResource]) -> list[tuple[BoundResource, Edit]]:
    found = []
    for resource in seen:
        found += [(resource, edit) for edit in await latest_edits(work.session, resource.facts.mapping, EDITS)]
    found.sort(key=lambda pair: pair[1].at, reverse=True)
    return found[:EDITS]


def _round_up(value: int) -> int:
    """A round number at or above it, that four lines divide evenly."""
    step = 4
    while step < value:
        step = step * 5 // 2 if str(step).startswith("4") else step * 2
    return step
