"""What a request header asks of a file: an encoding, a copy it already has, a part."""

import re
from collections.abc import Iterable

PREFERRED = ("br", "gzip")
"""Encodings we can offer, best first."""
RANGE = re.compile(r"bytes\s*=\s*([0-9]{0,18})\s*-\s*([0-9]{0,18})")


def best_encoding(accepted: str, offered: Iterable[str]) -> str | None:
    """The offered encoding the client likes most, or None for the plain file."""
    weights = {name: weight for name, weight in map(weighted, accepted.lower().split(",")) if name}
    rest = weights.get("*", 0.0)
    plain = weights.get("identity", 0.0)
    best, best_weight = None, 0.0
    for name in (name for name in PREFERRED if name in offered):
        weight = weights.get(name, rest)
        if weight > best_weight and weight >= plain:
            best, best_weight = name, weight
    return best


def weighted(part: str) -> tuple[str, float]:
    """`gzip;q=0.5` -> ("gzip", 0.5); a weight that is no number counts as nothing."""
    name, _, parameters = part.partition(";")
    for parameter in parameters.split(";"):
        key, _, value = parameter.strip().partition("=")
        if key.strip() == "q":
            try:
                return name.strip(), float(value)
            except ValueError:
                return name.strip(), 0.0
    return name.strip(), 1.0


def has_copy(if_none_match: str, etag: str) -> bool:
    """Whether the client holds this very version."""
    tags = [tag.strip().removeprefix("W/") for tag in if_none_match.split(",")]
    return etag in tags or tags == ["*"]


def byte_range(header: str, size: int) -> range | None:
    """The one part asked for: empty when outside the file, None when the header is no single range."""
    found = RANGE.fullmatch(header.strip())
    if found is None or not (found[1] or found[2]):
        return None
    if not found[1]:
        return range(max(0, size - int(found[2])), size)
    first, last = int(found[1]), int(found[2] or size)
    if last < first and found[2]:
        return None
    return range(first, min(last + 1, size)) if first < size else range(0)
