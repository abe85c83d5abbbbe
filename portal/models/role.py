"""Roles: named sets of permissions that users are given."""

from sqlalchemy import Column, ForeignKey, String, Table
from sqlalchemy.orm import Mapped, mapped_column

from portal.db.columns import JSON, BigKey
from portal.db.mixins import TimestampMixin, VersionMixin
from portal.db.model import Base, Model
from portal.facts import ui
from portal.i18n import _

user_role = Table(
    "fastor_user_role",
    Model.metadata,
    Column("user_id", BigKey, ForeignKey("fastor_user.id", ondelete="CASCADE"), primary_key=True),
    Column("role_id", BigKey, ForeignKey("fastor_role.id", ondelete="CASCADE"), primary_key=True, index=True),
)


class Role(Base, TimestampMixin, VersionMixin):
    """What its users may do: permissions are strings such as `articles.view` and `articles.publish`."""

    __tablename__ = "fastor_role"

    name: Mapped[str] = mapped_column(String(100), unique=True, info=ui(label=_("Name"), search=True))
    description: Mapped[str] = mapped_column(
        String(255), default="", server_default="", info=ui(label=_("Description"))
    )
    permissions: Mapped[list[str]] = mapped_column(JSON, default=list, info=ui(label=_("Permissions")))

    def __str__(self) -> str:
        return self.name
