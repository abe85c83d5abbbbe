"""Sign-in sessions, so that they can be listed by user and ended on the server."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from portal.db.columns import JSON, BigKey, ExactString, UTCDateTime
from portal.db.model import Model


class Session(Model):
    """One signed-in browser. The key is the digest of the identifier, which only the cookie holds."""

    __tablename__ = "fastor_session"

    key: Mapped[str] = mapped_column(ExactString(64), primary_key=True)
    user_id: Mapped[int] = mapped_column(BigKey, ForeignKey("fastor_user.id", ondelete="CASCADE"), index=True)
    data: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    seen_at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)
    remember: Mapped[bool] = mapped_column(default=False)
    version: Mapped[int] = mapped_column(default=1)
    """Compared and raised by every write, so that a late one can't undo a rotation."""
    auth_version: Mapped[int]
    """The user's `auth_version` at sign-in."""
    ip: Mapped[str | None] = mapped_column(String(45))
    user_agent: Mapped[str] = mapped_column(String(255), default="")
