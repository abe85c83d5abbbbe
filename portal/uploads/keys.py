"""The names files have in the storage, never what a visitor called them.

They read `yyyy/mm/dd/<32 hexadecimal digits>.<ending>`; those of private files `private/yyyy/…`, so that whoever
knows only a key knows that it is no address for the public, and a CDN in front of the bucket can leave them out.
"""

import re
import secrets
from datetime import UTC, datetime

THUMB = "thumb"
"""The smallest copy of a picture; every stored picture has one."""

INCOMING = "incoming/"
"""Where big files arrive in parts; nothing below it is ever handed out."""

PRIVATE = "private/"

_KEY = re.compile(r"(?:private/)?\d{4}/\d\d/\d\d/[0-9a-f]{32}\.[a-z0-9]{2,5}", re.ASCII)
_COPY = re.compile(r"((?:private/)?\d{4}/\d\d/\d\d/[0-9a-f]{32})\.([a-z][a-z0-9_]{0,30})\.webp", re.ASCII)
_UNSAFE = re.compile(r"[\s\\<>\"?#:\x00-\x1f\x7f\ud800-\udfff]")


def new_key(ending: str, moment: datetime | None = None, *, private: bool = False) -> str:
    """A key nobody can guess, below the day it was made."""
    return f"{PRIVATE if private else ''}{moment or datetime.now(UTC):%Y/%m/%d}/{secrets.token_hex(16)}.{ending}"


def incoming_key(ending: str) -> str:
    """Where a big file is put together; nothing hands it out, and nothing points to it."""
    return f"{INCOMING}{secrets.token_hex(16)}.{ending}"


def is_public(key: str) -> bool:
    """Whether a stored file may be fetched from where the public finds them."""
    return (is_key(key) or split_copy(key) is not None) and not key.startswith(PRIVATE)


def is_key(text: str) -> bool:
    """Whether this is a key of our making."""
    return _KEY.fullmatch(text) is not None


def copy_key(key: str, size: str) -> str:
    """Where the smaller copy of that name lies."""
    return f"{key.rpartition('.')[0]}.{size}.webp"


def split_copy(key: str) -> tuple[str, str] | None:
    """The key without its ending and the name of the size, for the key of a smaller copy."""
    found = _COPY.fullmatch(key)
    return (found[1], found[2]) if found else None


def thumb_of(stored: str) -> str:
    """The smallest copy of a stored picture; what was stored by other means has none and is shown itself."""
    return copy_key(stored, THUMB) if is_key(stored) else stored


def is_path(text: str) -> bool:
    """Whether a text may be the path of a stored file at all: relative, and nothing a path or page could stumble on."""
    return bool(text) and not text.startswith("/") and ".." not in text.split("/") and not _UNSAFE.search(text)
