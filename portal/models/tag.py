"""Words that articles are found by."""

from sqlalchemy.orm import Mapped, mapped_column

from portal.db.columns import ExactString
from portal.db.mixins import AuthorMixin, TimestampMixin, VersionMixin
from portal.db.model import Base
from portal.facts import ui
from portal.i18n import _


class Tag(Base, TimestampMixin, AuthorMixin, VersionMixin):
    """A word; an article has any number of them."""

    __tablename__ = "tag"

    name: Mapped[str] = mapped_column(ExactString(50), unique=True, info=ui(label=_("Name"), search=True))

    def __str__(self) -> str:
        return self.name
