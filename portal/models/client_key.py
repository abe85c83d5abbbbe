"""Keys that clients sign their requests with."""

from datetime import datetime

from sqlalchemy import String, false, true
from sqlalchemy.orm import Mapped, mapped_column

from portal.db.columns import JSON, ExactString, UTCDateTime
from portal.db.mixins import AuthorMixin, TimestampMixin, VersionMixin
from portal.db.model import Base
from portal.facts import secret, ui
from portal.i18n import _


class ClientKey(Base, TimestampMixin, AuthorMixin, VersionMixin):
    """One client: a public id, and a secret that signatures are made with and that never travels."""

    __tablename__ = "fastor_client_key"

    name: Mapped[str] = mapped_column(
        String(100), info=ui(label=_("Name"), help=_("The client, or whoever runs it."), search=True)
    )
    key_id: Mapped[str] = mapped_column(ExactString(32), unique=True, info=ui(label=_("Key id"), search=True))
    """Sent with each request."""
    secret: Mapped[str] = mapped_column(ExactString(255), info=secret(label=_("Secret")))
    """Encrypted by `portal.auth.client_keys`: signatures can't be checked with a digest."""
    scopes: Mapped[list[str]] = mapped_column(JSON, default=list, info=ui(label=_("Permissions")))
    """As those of a token."""
    active: Mapped[bool] = mapped_column(default=True, server_default=true(), info=ui(label=_("Active"), aside=True))
    legacy_allowed: Mapped[bool] = mapped_column(
        default=False,
        server_default=false(),
        info=ui(
            label=_("Old signatures"),
            help=_("Takes the MD5 form too, where the portal is set to. Only for clients that can't be changed."),
            aside=True,
        ),
    )
    sealed_only: Mapped[bool] = mapped_column(
        default=False,
        server_default=false(),
        info=ui(label=_("Encrypted bodies only"), help=_("Refuses a body that anybody could read."), aside=True),
    )
    last_used_at: Mapped[datetime | None] = mapped_column(UTCDateTime, info=ui(label=_("Last used")))
    last_address: Mapped[str | None] = mapped_column(String(45), info=ui(label=_("Last address")))
    revoked_at: Mapped[datetime | None] = mapped_column(UTCDateTime, info=ui(label=_("Revoked")))

    def __str__(self) -> str:
        return self.name
