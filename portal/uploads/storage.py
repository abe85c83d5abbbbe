"""`Storage`: what the upload service asks of a place for files. Backends: `local.py`, `s3.py`; around either,
`encryption.py`. `open_storage` in `backends.py` makes the one an address names.

Every method blocks and is called in a thread (`threads.py`), never on the event loop. All raise `StorageError`
when the place does not answer, and for nothing else; a missing object is `None`, or `FileNotFoundError` from `read`,
and an upload in parts that is not open is `UploadClosed`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

from portal.errors import NotFound
from portal.i18n import _


class UploadClosed(NotFound):
    """The place does not know this upload in parts, or not any more."""

    code = "upload-closed"
    sentence = _("This upload is not open any more. Please begin again.")


@dataclass(frozen=True)
class StoredObject:
    key: str
    size: int
    """Bytes of the content, not of what encryption makes of it."""
    modified: datetime


class Storage(Protocol):
    """Whole objects under keys; an object is seen complete or not at all."""

    direct: bool
    """Whether browsers send parts straight to it: `part_url` then gives addresses."""
    origins: tuple[str, ...]
    """The origins browsers fetch from or send to, for the Content-Security-Policy; empty when all goes through us."""

    def put(self, key: str, source: Path, media_type: str) -> None:
        """Store a copy of the file, durably."""

    def read(self, key: str, start: int = 0, length: int | None = None) -> Iterator[bytes]:
        """The bytes from `start`, in pieces of at most 256 KiB; `FileNotFoundError` when there is no such object."""

    def stat(self, key: str) -> StoredObject | None: ...

    def delete(self, key: str) -> None:
        """A missing object is as good as a deleted one."""

    def list(self, prefix: str = "") -> Iterator[StoredObject]:
        """All objects below the prefix, in no order; halves and parts of unfinished uploads are none."""

    def rename(self, source: str, target: str, media_type: str) -> None:
        """Move an object; the target appears whole."""

    def signed_url(self, key: str, seconds: int, disposition: str, media_type: str) -> str | None:
        """An address that is good for that long, where the place has such; `None` otherwise."""

    # -- big files, in parts counted from 1

    def begin_parts(self, key: str, media_type: str) -> str:
        """Open an upload and return the name the place gives it."""

    def part_url(self, key: str, upload: str, number: int, length: int, seconds: int) -> str | None:
        """Where the browser may PUT exactly `length` bytes; `None`: they come through us, by `put_part`."""

    def put_part(self, key: str, upload: str, number: int, source: Path) -> None:
        """`UploadClosed` when it is not open, as from the two below."""

    def parts(self, key: str, upload: str) -> Mapping[int, int]:
        """Number -> bytes of the parts that have arrived whole."""

    def finish_parts(self, key: str, upload: str, media_type: str) -> None:
        """Put them together under the key, in their order."""

    def abort_parts(self, key: str, upload: str) -> None:
        """Forget the upload and its parts; a missing one is as good."""

    def unfinished(self) -> Iterator[tuple[str, str, datetime]]:
        """Key, upload, and when it was begun or last added to, of every upload still open: for the sweep. The key is
        empty where it is lost."""
