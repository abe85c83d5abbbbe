"""Where a visitor may be sent: to a path of this site and nowhere else."""

import re
from urllib.parse import unquote, urlsplit

_PATH = re.compile(r"/(?![/\\])[\w./?=&%+~,-]*", re.ASCII)
_HARMFUL = re.compile(r"[\x00-\x1f\x7f-\x9f\\\u2028\u2029]|//")


def safe_next(address: str | None, home: str = "/") -> str:
    """The address if it is a plain path here, else `home`. The only way to redirect to a given address."""
    return address if address and is_safe(address) else home


def is_safe(address: str) -> bool:
    """Whether the address, as written and decoded once, can only lead to a path of this site."""
    return bool(_PATH.fullmatch(address)) and not _HARMFUL.search(unquote(address, errors="replace"))


def path_of(url: str | None) -> str:
    """Path and query of the address htmx says a page has; to be judged by `safe_next` like any other."""
    try:
        parts = urlsplit(url or "")
    except ValueError:
        return ""
    return f"{parts.path}?{parts.query}" if parts.query else parts.path
