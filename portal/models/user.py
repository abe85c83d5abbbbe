"""The people who sign in to the portal."""

import unicodedata
from datetime import datetime
from typing import Any

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column, relationship, validates

from portal.db.columns import ExactString, UTCDateTime
from portal.db.mixins import TimestampMixin, VersionMixin
from portal.db.model import Base
from portal.facts import secret, ui
from portal.i18n import LANGUAGES, _
from portal.models.role import Role, user_role


class User(Base, TimestampMixin, VersionMixin):
    """Somebody who may sign in; what they may do comes from their roles, or from being a superuser."""

    __tablename__ = "fastor_user"

    username: Mapped[str] = mapped_column(ExactString(150), unique=True, info=ui(label=_("User name"), search=True))
    display_name: Mapped[str] = mapped_column(
        String(150), default="", server_default="", info=ui(label=_("Display name"), search=True)
    )
    email: Mapped[str | None] = mapped_column(String(254), info=ui(label=_("E-mail"), search=True))
    password_hash: Mapped[str] = mapped_column(String(255), info=secret(label=_("Password")))
    is_active: Mapped[bool] = mapped_column(default=True, info=ui(label=_("Active"), inline=True))
    is_superuser: Mapped[bool] = mapped_column(
        default=False, info=ui(label=_("Superuser"), help=_("May do everything, whatever the roles say."))
    )
    must_change_password: Mapped[bool] = mapped_column(default=False, info=ui(label=_("Must change the password")))
    language: Mapped[str | None] = mapped_column(String(20), info=ui(label=_("Language"), choices=LANGUAGES))
    time_zone: Mapped[str | None] = mapped_column(String(64), info=ui(label=_("Time zone")))
    last_sign_in_at: Mapped[datetime | None] = mapped_column(UTCDateTime, info=ui(label=_("Last sign-in")))
    auth_version: Mapped[int] = mapped_column(default=1, info=ui(label=_("Sign-in version")))
    """Raised with the password, the status and the roles; sessions that remember another number are over."""

    roles: Mapped[list[Role]] = relationship(secondary=user_role, order_by=Role.name, info=ui(label=_("Roles")))

    @validates("username")
    def _compose(self, _key: str, username: str) -> str:
        return unicodedata.normalize("NFC", username)

    @validates("password_hash", "is_active", "is_superuser")
    def _end_sessions_on_change(self, key: str, value: Any) -> Any:
        if self.id is not None and value != getattr(self, key):
            self.end_sessions()
        return value

    @validates("roles", include_removes=True)
    def _end_sessions_on_new_roles(self, _key: str, role: Role, _is_removed: bool) -> Role:
        if self.id is not None:
            self.end_sessions()
        return role

    def end_sessions(self) -> None:
        """Every session this user has now is over as soon as this row is saved."""
        self.auth_version = (self.auth_version or 0) + 1

    def __str__(self) -> str:
        return self.display_name or self.username
