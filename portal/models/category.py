"""The sections that articles stand in."""

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from portal.db.columns import ExactString
from portal.db.mixins import AuthorMixin, PositionMixin, TimestampMixin, VersionMixin
from portal.db.model import Base
from portal.facts import ui
from portal.i18n import _


class Category(Base, PositionMixin, TimestampMixin, AuthorMixin, VersionMixin):
    """A section; an article is in one of them or in none."""

    __tablename__ = "category"

    name: Mapped[str] = mapped_column(String(100), index=True, info=ui(label=_("Name"), search=True))
    slug: Mapped[str] = mapped_column(
        ExactString(100),
        unique=True,
        info=ui(label=_("Slug"), help=_("The section's part of the address."), slug_from="name"),
    )

    def __str__(self) -> str:
        return self.name
