"""Addresses that are told of changes, and what they were told."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, Integer, String, true
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.db.columns import JSON, BigKey, ExactString, LongText, UTCDateTime
from portal.db.mixins import AuthorMixin, TimestampMixin, VersionMixin, now
from portal.db.model import Base
from portal.facts import secret, ui
from portal.i18n import _

WAITING, SENDING, DONE, FAILED, DEAD = "waiting", "sending", "done", "failed", "dead"


class Webhook(Base, TimestampMixin, AuthorMixin, VersionMixin):
    """One address, and what it is told of."""

    __tablename__ = "fastor_webhook"

    name: Mapped[str] = mapped_column(
        String(100), info=ui(label=_("Name"), help=_("Whose address it is, or what it is for."), search=True)
    )
    address: Mapped[str] = mapped_column(
        String(500), info=ui(label=_("Address"), help=_("https:// and a host that all the world can reach."))
    )
    events: Mapped[list[str]] = mapped_column(JSON, default=list, info=ui(label=_("Events")))
    """`articles.publish`; a `*` on either side stands for all, as in scopes."""
    secret: Mapped[str] = mapped_column(ExactString(255), info=secret(label=_("Secret")))
    """Encrypted, as those of signing keys."""
    active: Mapped[bool] = mapped_column(default=True, server_default=true(), info=ui(label=_("Active"), aside=True))
    failing_since: Mapped[datetime | None] = mapped_column(UTCDateTime, info=ui(label=_("Failing since")))
    """The first failure after which nothing arrived any more."""
    stopped_at: Mapped[datetime | None] = mapped_column(UTCDateTime, info=ui(label=_("Switched off by failures")))

    def __str__(self) -> str:
        return self.name


class WebhookDelivery(Base):
    """One message to one address, from the change it tells of on."""

    __tablename__ = "fastor_webhook_delivery"
    __table_args__ = (Index(None, "state", "next_at"),)

    event_id: Mapped[str] = mapped_column(ExactString(40), index=True, info=ui(label=_("Message"), search=True))
    """The same each time it is sent, so that a receiver can tell."""
    webhook_id: Mapped[int] = mapped_column(
        BigKey, ForeignKey("fastor_webhook.id", ondelete="CASCADE"), index=True, info=ui(label=_("Webhook"))
    )
    webhook: Mapped[Webhook] = relationship(info=ui(label=_("Webhook")))
    event: Mapped[str] = mapped_column(ExactString(120), info=ui(label=_("Event"), search=True))
    body: Mapped[str] = mapped_column(LongText, info=ui(label=_("Sent")))
    state: Mapped[str] = mapped_column(
        ExactString(16),
        default=WAITING,
        info=ui(
            label=_("Status"),
            choices={
                WAITING: _("Waiting"),
                SENDING: _("Being sent"),
                DONE: _("Delivered"),
                FAILED: _("Failed, will be tried again"),
                DEAD: _("Given up"),
            },
        ),
    )
    attempts: Mapped[int] = mapped_column(Integer, default=0, info=ui(label=_("Attempts")))
    next_at: Mapped[datetime] = mapped_column(UTCDateTime, default=now, info=ui(label=_("Next attempt")))
    holder: Mapped[str | None] = mapped_column(ExactString(32), info=ui(label=_("Sender")))
    """Who is sending it, until `next_at`; random for each attempt."""
    status: Mapped[int | None] = mapped_column(Integer, info=ui(label=_("Answer")))
    answer: Mapped[str | None] = mapped_column(LongText, info=ui(label=_("What came back")))
    """The beginning of the last answer, or why there was none."""
    duration: Mapped[int | None] = mapped_column(Integer, info=ui(label=_("Milliseconds")))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=now, index=True, info=ui(label=_("Created")))

    def __str__(self) -> str:
        return self.event
