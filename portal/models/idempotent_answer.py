"""Answers of the JSON API that are given again when a caller repeats a call under the same key."""

from datetime import datetime

from sqlalchemy import Integer
from sqlalchemy.orm import Mapped, mapped_column

from portal.db.columns import JSON, ExactString, LongBinary, UTCDateTime
from portal.db.model import Model

RUNNING, DONE, ANSWERED = "running", "done", "answered"
"""Nothing is written yet; the rows are, in the transaction that says so; and the answer is kept too."""


class IdempotentAnswer(Model):
    """One key of one caller, from its first use until it is forgotten."""

    __tablename__ = "fastor_idempotent_answer"

    digest: Mapped[str] = mapped_column(ExactString(64), primary_key=True)
    """Of the caller and the key."""
    request: Mapped[str] = mapped_column(ExactString(64))
    """Digest of what was asked for."""
    state: Mapped[str] = mapped_column(ExactString(16), default=RUNNING)
    holder: Mapped[str] = mapped_column(ExactString(32))
    """Who is at it; random for each run."""
    held_until: Mapped[datetime] = mapped_column(UTCDateTime)
    """When nobody believes any longer that they are."""
    status: Mapped[int | None] = mapped_column(Integer)
    headers: Mapped[dict[str, str] | None] = mapped_column(JSON)
    body: Mapped[bytes | None] = mapped_column(LongBinary)
    expires_at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)
