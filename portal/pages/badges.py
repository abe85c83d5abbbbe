"""The numbers in the menu: counted after the page is shown, for whoever may see the list they count."""

from collections.abc import Mapping
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from litestar import Response

from portal.errors import InputError
from portal.kit.listing import ListState, parse_list
from portal.kit.page import BoundResource
from portal.pages.counts import count_rows
from portal.services.query import Count
from portal.web.rendering import render
from portal.web.request import PortalRequest, grouped

EVERYTHING = "all"


@dataclass(frozen=True)
class BadgesContext:
    """What `_badges.html` may use."""

    badges: Mapping[str, Count]
    """Resource -> the number at its menu entry."""


async def badges(request: PortalRequest) -> Response[bytes]:
    """All badges of the menu, each for its own place."""
    return render(request, "_badges.html", BadgesContext(await count_badges(request)))


async def count_badges(request: PortalRequest) -> dict[str, Count]:
    found: dict[str, Count] = {}
    for name, query in request.site.menu.badges().items():
        resource = request.site.resources[name]
        if resource.policy.allows(request.actor, "view", name):
            found[name] = await count_rows(request, resource, _state(resource, query, request.zone).query)
    return found


def badge_problem(resource: BoundResource, query: str) -> str | None:
    """Why a badge can't be counted, or nothing."""
    try:
        _state(resource, query, ZoneInfo("UTC"))
    except InputError as error:
        return f"“{query}” is no query of {resource.name}: {', '.join(error.errors)}."
    return None


def _state(resource: BoundResource, query: str, zone: ZoneInfo) -> ListState:
    sent = {} if query == EVERYTHING else grouped(query.encode())
    return parse_list(sent, resource, zone=zone, strict=True)
