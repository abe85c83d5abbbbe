"""Addresses as logs may have them: what lets somebody in is masked."""

import re

MASK = "***"

_SECRET = re.compile(
    r"auth(?!or)|code|credential|csrf|key|nonce|otp|passw|pwd|secret|session|sig|ticket|token|^_[st]_$", re.IGNORECASE
)
"""What the name of a parameter has in it whose value is nobody's business."""

_ADDRESS = re.compile(r"[?=]|%(?:25)*3[fd]", re.IGNORECASE)
"""Where parameters begin within the value of another, as in `next=/articles?token=…`."""

_TOKEN = re.compile(r"fst(?:_|%5f)[\w-]+", re.ASCII | re.IGNORECASE)
"""One of our own, wherever somebody has put it."""


def masked_query(query: str) -> str:
    """A query string without the values of parameters whose names speak of secrets."""
    if not query:
        return query
    return masked_path("".join(_masked(part) for part in re.split("([&;])", query)))


def masked_path(path: str) -> str:
    """A path or other text without tokens."""
    return _TOKEN.sub(MASK, path) if "fst" in path.lower() else path


def _masked(pair: str) -> str:
    name, equals, value = pair.partition("=")
    # nobody writes a name in codes; what it would be is not worth finding out
    if equals and ("%" in name or _SECRET.search(name)):
        return f"{name}={MASK}"
    inner = _ADDRESS.search(value)
    return f"{name}={value[: inner.start()]}{MASK}" if inner else pair
