"""Wrong sign-ins of the last minutes, for the throttle."""

from datetime import datetime

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from portal.db.columns import ExactString, UTCDateTime
from portal.db.model import Base


class SignInFailure(Base):
    """One wrong attempt. Names are kept as keyed digests: people type passwords into the wrong field."""

    __tablename__ = "fastor_sign_in_failure"
    __table_args__ = (
        Index("ix_fastor_sign_in_failure_name", "name_hash", "at"),
        Index("ix_fastor_sign_in_failure_address", "address", "at"),
    )

    name_hash: Mapped[str] = mapped_column(ExactString(64))
    address: Mapped[str | None] = mapped_column(ExactString(45))
    at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)
