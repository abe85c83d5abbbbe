"""Stored files: what is known of each, and which rows use it."""

from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, Integer, String, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column

from portal.db.columns import JSON, BigKey, ExactString
from portal.db.mixins import AuthorMixin, TimestampMixin, VersionMixin
from portal.db.model import Base
from portal.facts import ui
from portal.i18n import _


class StoredFile(Base, TimestampMixin, AuthorMixin, VersionMixin):
    """One file in the storage; its bytes never change, only what is said of it."""

    __tablename__ = "fastor_file"
    __table_args__ = (
        Index(None, "folder", "id"),
        Index(None, "kind", "id"),
        Index(None, "kept", "created_at"),
        Index(None, "sha256"),
    )

    key: Mapped[str] = mapped_column(ExactString(255), unique=True, info=ui(label=_("Key")))
    """Where the storage has it: `yyyy/mm/dd/<32 hexadecimal digits>.<ending>`."""
    kind: Mapped[str] = mapped_column(
        ExactString(16), info=ui(label=_("Kind"), choices={"image": _("Picture"), "file": _("File")})
    )
    media_type: Mapped[str] = mapped_column(ExactString(100), info=ui(label=_("Type")))
    """Found in the content, never believed."""
    size: Mapped[int] = mapped_column(BigInteger, info=ui(label=_("Size")))
    width: Mapped[int | None] = mapped_column(Integer, info=ui(label=_("Width")))
    height: Mapped[int | None] = mapped_column(Integer, info=ui(label=_("Height")))
    sizes: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict, info=ui(label=_("Sizes")))
    """Name -> `[width, height, bytes]` of the smaller copies, WebP all of them."""
    sha256: Mapped[str] = mapped_column(ExactString(64), info=ui(label=_("SHA-256")))
    """Of the stored bytes."""
    original_name: Mapped[str] = mapped_column(String(255), info=ui(label=_("Name"), search=True))
    """What the file was called where it came from; shown, never used as a path."""
    alt: Mapped[str] = mapped_column(
        String(500),
        default="",
        server_default="",
        info=ui(label=_("Description"), help=_("Read out to people who can't see the picture."), search=True),
    )
    folder: Mapped[str] = mapped_column(String(100), default="", server_default="", info=ui(label=_("Folder")))
    owner: Mapped[str | None] = mapped_column(ExactString(150), info=ui(label=_("Owner")))
    """The user name of whoever uploaded it."""
    private: Mapped[bool] = mapped_column(default=False, server_default=false(), info=ui(label=_("Private")))
    kept: Mapped[bool] = mapped_column(default=False, server_default=false(), info=ui(label=_("Kept")))
    """Belongs to the library, used or not; the others go when nothing uses them any more."""

    def __str__(self) -> str:
        return self.original_name


class FileUse(Base):
    """That a field of a row uses a file."""

    __tablename__ = "fastor_file_use"
    __table_args__ = (
        UniqueConstraint("file_id", "noun", "row_key", "field"),
        Index(None, "noun", "row_key"),
    )

    # RESTRICT: a file that is being put into a row can't be swept away at the same moment
    file_id: Mapped[int] = mapped_column(BigKey, ForeignKey("fastor_file.id", ondelete="RESTRICT"))
    noun: Mapped[str] = mapped_column(ExactString(100))
    """The table of the row."""
    row_key: Mapped[str] = mapped_column(ExactString(200))
    """Its key as `portal.db.mapping.encode_key` writes it."""
    field: Mapped[str] = mapped_column(ExactString(100))
