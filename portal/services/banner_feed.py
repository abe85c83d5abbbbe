"""What visitors are shown of banners. Nobody needs a permission for it."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from portal.models.banner import Banner, Placement

MOST = 100
"""Banners of one placement, those whose time is still to come included."""

PLACEMENTS = tuple(placement.value for placement in Placement)


async def banner_feed(session: AsyncSession, placement: str, moment: datetime) -> Sequence[Banner]:
    """The switched-on banners of a placement in their order, but for those whose time is over."""
    found = await session.scalars(
        select(Banner)
        .where(
            Banner.placement == Placement(placement),
            Banner.is_active.is_(True),
            or_(Banner.ends_at.is_(None), Banner.ends_at > moment),
        )
        .order_by(Banner.position, Banner.id)
        .limit(MOST)
    )
    return found.all()
