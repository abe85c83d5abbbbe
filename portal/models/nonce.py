"""What was used once and must not be used again, such as the number in a signed request."""

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from portal.db.columns import ExactString, UTCDateTime
from portal.db.model import Model


class Nonce(Model):
    """One used nonce. Its key is a digest: what is sent may be long, and is nobody's business."""

    __tablename__ = "fastor_nonce"

    digest: Mapped[str] = mapped_column(ExactString(64), primary_key=True)
    expires_at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)
