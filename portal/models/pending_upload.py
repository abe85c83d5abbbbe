"""Big files on their way: where their parts go, and for whom."""

from datetime import datetime

from sqlalchemy import BigInteger, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from portal.db.columns import ExactString, UTCDateTime
from portal.db.model import Base


class PendingUpload(Base):
    """One upload in parts, from its beginning until it is forgotten.

    It outlives its end by a while, so that a browser that missed the answer finds the file by asking again.
    """

    __tablename__ = "fastor_pending_upload"
    __table_args__ = (Index(None, "owner", "expires_at"),)

    name: Mapped[str] = mapped_column(ExactString(32), unique=True)
    """What addresses call it; random."""
    key: Mapped[str] = mapped_column(ExactString(255))
    """Where the storage puts it together, below `incoming/`: nothing hands that out."""
    upload: Mapped[str] = mapped_column(ExactString(512))
    """What the storage calls it."""
    media_type: Mapped[str] = mapped_column(ExactString(100))
    """What it claims to be; the content decides in the end."""
    size: Mapped[int] = mapped_column(BigInteger)
    """Bytes of the whole, as announced; anything else is refused."""
    part_size: Mapped[int] = mapped_column(Integer)
    original_name: Mapped[str] = mapped_column(String(255))
    resource: Mapped[str] = mapped_column(ExactString(100))
    field: Mapped[str] = mapped_column(ExactString(100))
    owner: Mapped[str] = mapped_column(ExactString(150))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    expires_at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)
    """Put off while parts arrive."""
    claimed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    """Since when somebody finishes it, so that nobody else does at the same time."""
    stored_key: Mapped[str | None] = mapped_column(ExactString(255))
    """The file it has become."""

    @property
    def count(self) -> int:
        """How many parts there are; they are numbered from 1."""
        return -(-self.size // self.part_size)

    def length_of(self, number: int) -> int:
        """Bytes of one part: the last is what is left. 0 where there is no such part."""
        if not 1 <= number <= self.count:
            return 0
        return min(self.part_size, self.size - (number - 1) * self.part_size)
