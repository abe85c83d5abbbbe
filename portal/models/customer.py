"""Customers: the registered readers, who have nothing to do with the users of the portal."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from portal.db.columns import ExactString, UTCDateTime
from portal.db.mixins import AuthorMixin, VersionMixin, now
from portal.db.model import Model
from portal.facts import image, ui
from portal.i18n import _


class Sex(StrEnum):
    unknown = "unknown"
    female = "female"
    male = "male"


class RegistrationSource(StrEnum):
    """Where somebody registered."""

    web = "web"
    ios = "ios"
    android = "android"
    wechat = "wechat"
    invited = "invited"


class CustomerStatus(StrEnum):
    active = "active"
    muted = "muted"
    blocked = "blocked"


class Customer(Model, AuthorMixin, VersionMixin):
    """A registered reader; the key comes from outside and is text."""

    __tablename__ = "customer"
    __table_args__ = (
        Index(None, "status", "user_id"),
        Index(None, "registered_at", "user_id"),
        Index(None, "nickname", "user_id"),
    )

    user_id: Mapped[str] = mapped_column(
        ExactString(40),
        primary_key=True,
        info=ui(label=_("Customer number"), help=_("Can't be changed later."), search=True),
    )
    nickname: Mapped[str] = mapped_column(String(60), info=ui(label=_("Nickname"), search=True))
    avatar: Mapped[str | None] = mapped_column(
        String(255), info=image(label=_("Avatar"), folder="avatars", ratio="1:1", max_mb=2)
    )
    sex: Mapped[Sex] = mapped_column(
        default=Sex.unknown,
        info=ui(
            label=_("Sex"),
            choices={Sex.unknown: _("Unknown"), Sex.female: _("Female"), Sex.male: _("Male")},
        ),
    )
    source: Mapped[RegistrationSource] = mapped_column(
        default=RegistrationSource.web,
        info=ui(
            label=_("Registered by"),
            choices={
                RegistrationSource.web: _("Website"),
                RegistrationSource.ios: "iOS",
                RegistrationSource.android: "Android",
                RegistrationSource.wechat: _("WeChat"),
                RegistrationSource.invited: _("Invitation"),
            },
        ),
    )
    status: Mapped[CustomerStatus] = mapped_column(
        default=CustomerStatus.active,
        info=ui(
            label=_("Status"),
            choices={
                CustomerStatus.active: _("Active"),
                CustomerStatus.muted: _("Muted"),
                CustomerStatus.blocked: _("Blocked"),
            },
            badge={CustomerStatus.active: "ok", CustomerStatus.muted: "warn", CustomerStatus.blocked: "bad"},
            inline=True,
        ),
    )
    email: Mapped[str | None] = mapped_column(String(254), info=ui(label=_("E-mail"), search=True, kind="email"))
    phone: Mapped[str | None] = mapped_column(ExactString(32), info=ui(label=_("Phone"), search=True))
    registered_at: Mapped[datetime] = mapped_column(UTCDateTime, default=now, info=ui(label=_("Registered")))
    updated_at: Mapped[datetime] = mapped_column(
        UTCDateTime, default=now, onupdate=now, index=True, sort_order=91, info=ui(label=_("Changed"))
    )

    def __str__(self) -> str:
        return self.nickname
