"""Columns that many tables share. The service fills them: nothing here acts on its own but the clock."""

from datetime import UTC, datetime

from sqlalchemy import BigInteger, Integer
from sqlalchemy.orm import Mapped, mapped_column

from portal.db.columns import ExactString, UTCDateTime
from portal.facts import ordering, ui
from portal.i18n import _


def now() -> datetime:
    """This moment, aware, in UTC."""
    return datetime.now(UTC)


class TimestampMixin:
    """When a row was made and last changed; the Python side sets both, with microseconds."""

    created_at: Mapped[datetime] = mapped_column(
        UTCDateTime, default=now, index=True, sort_order=90, info=ui(label=_("Created"))
    )
    updated_at: Mapped[datetime] = mapped_column(
        UTCDateTime, default=now, onupdate=now, index=True, sort_order=91, info=ui(label=_("Changed"))
    )


class AuthorMixin:
    """Who made a row and who changed it last, by user name: it stays readable when the account is gone."""

    created_by: Mapped[str | None] = mapped_column(
        ExactString(150), default=None, sort_order=92, info=ui(label=_("Created by"))
    )
    updated_by: Mapped[str | None] = mapped_column(
        ExactString(150), default=None, sort_order=93, info=ui(label=_("Changed by"))
    )


class VersionMixin:
    """Counts changes of content: the service compares and raises it, an older edit is a conflict.

    Reordering and counters leave it alone.
    """

    version: Mapped[int] = mapped_column(
        Integer, default=1, server_default="1", sort_order=94, info=ui(label=_("Version"))
    )


class PositionMixin:
    """Rows are dragged into order by `position`, ties broken by the key.

    A model with an order within a scope declares the column itself, with `info=ordering(within="…")`.
    """

    position: Mapped[int] = mapped_column(BigInteger, default=0, index=True, sort_order=80, info=ordering())
