"""Tokens that requests of the JSON API carry; the table knows each only by its digest."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from portal.db.columns import JSON, BigKey, ExactString, UTCDateTime
from portal.db.mixins import AuthorMixin, TimestampMixin, VersionMixin
from portal.db.model import Base
from portal.facts import secret, ui
from portal.i18n import _

SERVICE, USER, CUSTOMER = "service", "user", "customer"


class ApiToken(Base, TimestampMixin, AuthorMixin, VersionMixin):
    """What a program, a user or a customer is known by, and what it may be used for."""

    __tablename__ = "fastor_api_token"
    __table_args__ = (Index(None, "kind", "subject"), Index(None, "expires_at"), Index(None, "revoked_at"))

    name: Mapped[str] = mapped_column(String(100), info=ui(label=_("Name"), help=_("What it is for."), search=True))
    kind: Mapped[str] = mapped_column(
        ExactString(16),
        default=SERVICE,
        info=ui(
            label=_("Acts for"),
            choices={SERVICE: _("A service"), USER: _("A user"), CUSTOMER: _("A customer")},
            aside=True,
        ),
    )
    subject: Mapped[str] = mapped_column(ExactString(100), default="", server_default="", info=ui(label=_("Owner")))
    """Whom it belongs to, as text: the key of a user or a customer; empty for a service."""
    user_id: Mapped[int | None] = mapped_column(
        BigKey, ForeignKey("fastor_user.id", ondelete="CASCADE"), index=True, info=ui(label=_("User"))
    )
    user_version: Mapped[int | None] = mapped_column(Integer, info=ui(label=_("Sign-in version")))
    """The user's `auth_version` when it was issued: another password, status or role ends it, as it ends sessions."""
    digest: Mapped[str] = mapped_column(ExactString(64), unique=True, info=secret(label=_("Digest")))
    """SHA-256 of the text, in hexadecimal digits."""
    hint: Mapped[str] = mapped_column(ExactString(8), info=ui(label=_("Ends with")))
    """The last signs of the text, to tell tokens apart by."""
    scopes: Mapped[list[str]] = mapped_column(JSON, default=list, info=ui(label=_("Permissions")))
    """`resource.operation`; a `*` on either side stands for all."""
    slot: Mapped[str | None] = mapped_column(ExactString(64), unique=True, info=ui(label=_("Session")))
    """Where only one token at a time may be: a new one there ends the one before."""
    expires_at: Mapped[datetime | None] = mapped_column(
        UTCDateTime, info=ui(label=_("Expires"), help=_("Left empty, it is good until it is revoked."))
    )
    last_used_at: Mapped[datetime | None] = mapped_column(UTCDateTime, info=ui(label=_("Last used")))
    last_address: Mapped[str | None] = mapped_column(String(45), info=ui(label=_("Last address")))
    revoked_at: Mapped[datetime | None] = mapped_column(UTCDateTime, info=ui(label=_("Revoked")))

    def __str__(self) -> str:
        return self.name
