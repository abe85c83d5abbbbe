"""Banners: pictures that lead somewhere, in an order, for a time."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import BigInteger, Index, String, true
from sqlalchemy.orm import Mapped, mapped_column

from portal.db.columns import UTCDateTime
from portal.db.mixins import AuthorMixin, TimestampMixin, VersionMixin
from portal.db.model import Base
from portal.facts import image, ordering, ui
from portal.i18n import _


class Placement(StrEnum):
    """Where a banner is shown."""

    home = "home"
    sidebar = "sidebar"
    app = "app"


class Banner(Base, TimestampMixin, AuthorMixin, VersionMixin):
    """A picture with a link, ordered among those of its placement."""

    __tablename__ = "banner"
    __table_args__ = (Index(None, "placement", "position", "id"),)

    title: Mapped[str] = mapped_column(String(100), info=ui(label=_("Title"), search=True))
    picture: Mapped[str | None] = mapped_column(
        String(255), info=image(label=_("Picture"), folder="banners", ratio="16:9", max_mb=8)
    )
    link: Mapped[str] = mapped_column(
        String(500),
        default="",
        server_default="",
        info=ui(label=_("Link"), help=_("Where a click leads; empty leads nowhere."), kind="url"),
    )
    placement: Mapped[Placement] = mapped_column(
        default=Placement.home,
        info=ui(
            label=_("Placement"),
            choices={
                Placement.home: _("Home page"),
                Placement.sidebar: _("Sidebar"),
                Placement.app: _("App"),
            },
            badge={Placement.home: "info", Placement.sidebar: "muted", Placement.app: "warn"},
        ),
    )
    position: Mapped[int] = mapped_column(BigInteger, default=0, info=ordering(within="placement", label=_("Position")))
    is_active: Mapped[bool] = mapped_column(
        default=True, server_default=true(), info=ui(label=_("Active"), inline=True, aside=True)
    )
    starts_at: Mapped[datetime | None] = mapped_column(
        UTCDateTime, info=ui(label=_("Shown from"), help=_("Empty: at once."), aside=True)
    )
    ends_at: Mapped[datetime | None] = mapped_column(
        UTCDateTime, info=ui(label=_("Shown until"), help=_("Empty: without end."), aside=True)
    )

    def __str__(self) -> str:
        return self.title
