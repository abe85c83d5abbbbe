"""What customers sign in to the API with; nothing of it is in any list or form."""

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from portal.db.columns import ExactString, UTCDateTime
from portal.db.mixins import now
from portal.db.model import Model
from portal.facts import secret


class CustomerLogin(Model):
    """The name and the password of one customer; those made by operators have none."""

    __tablename__ = "customer_login"

    user_id: Mapped[str] = mapped_column(
        ExactString(40), ForeignKey("customer.user_id", ondelete="CASCADE"), primary_key=True
    )
    name: Mapped[str] = mapped_column(ExactString(254), unique=True)
    """The e-mail address or phone number they registered with, in its plain form."""
    password_hash: Mapped[str] = mapped_column(String(255), info=secret())
    changed_at: Mapped[datetime] = mapped_column(UTCDateTime, default=now)
    """When the password was set."""
