"""Banners as visitors get them: those whose time it is."""

import datetime
import math
from typing import Annotated, Any, Literal

from litestar.response.base import ASGIResponse
from msgspec import Meta, Struct

from api.call import Call
from api.endpoint import Endpoint, endpoint
from api.public_answers import public_answer
from api.representation import address
from portal.cache import cached
from portal.db.mixins import now
from portal.services.banner_feed import PLACEMENTS, banner_feed
from portal.web.site import Site

FRESH, KEPT = 60, 600
"""Seconds; a change is seen at once, and so is a beginning or an end."""

Place: Any = Literal[PLACEMENTS]


class BannerQuery(Struct, forbid_unknown_fields=True):
    placement: Annotated[Place, Meta(description="Where they are shown.")]


class ShownBanner(Struct):
    title: str
    picture_url: str | None
    link: Annotated[str, Meta(description="Where a click leads; empty leads nowhere.")]


class ShownBanners(Struct):
    """In their order."""

    items: list[ShownBanner]


class PlannedBanner(Struct):
    """A banner with its time."""

    banner: ShownBanner
    starts_at: datetime.datetime | None
    ends_at: datetime.datetime | None

    def is_on(self, moment: datetime.datetime) -> bool:
        return (self.starts_at is None or self.starts_at <= moment) and (self.ends_at is None or moment < self.ends_at)


def banner_endpoints() -> list[Endpoint]:
    declare = endpoint(
        "GET",
        "/feed/banners",
        name="feed_banners",
        tag="Banners for visitors",
        public=True,
        answer=ShownBanners,
        headers=("If-None-Match",),
    )
    return [declare(_show)]


async def _show(call: Call, query: BannerQuery) -> ASGIResponse:
    """The banners to be shown now."""
    with call.site.cache.serving(None):
        planned = await _planned(call.site, query.placement)
    moment = now()
    shown = ShownBanners([found.banner for found in planned if found.is_on(moment)])
    # caches between don't know the plan: theirs is good until something begins or ends
    ahead = [(at - moment).total_seconds() for found in planned for at in (found.starts_at, found.ends_at) if at]
    return public_answer(call, shown, max_age=min([FRESH, *[math.floor(wait) for wait in ahead if wait > 0]]))


@cached(ttl=KEPT, soft=FRESH, scope="public", tags=("banner",), key=lambda site, placement: (site.path, placement))
async def _planned(site: Site, placement: str) -> list[PlannedBanner]:
    """What is kept is the plan and not the moment: so nothing appears late, or stays."""
    async with site.database.read() as session:
        return [
            PlannedBanner(
                ShownBanner(row.title, address(site, row.picture) if row.picture else None, row.link),
                row.starts_at,
                row.ends_at,
            )
            for row in await banner_feed(session, placement, now())
        ]
