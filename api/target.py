"""`Target`: what a request is for, as it was sent, and how such things are put together to be signed."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from api.signature_errors import SignatureMalformed

RawHeaders = Iterable[tuple[bytes, bytes]]
"""Names in lower case, as ASGI has them."""


@dataclass(frozen=True)
class Target:
    """The request line and the host; the characters of `path` and `query` are the bytes that were sent."""

    method: str
    host: str
    """In lower case, with the port where it was sent."""
    path: str
    """Still percent-encoded."""
    query: str
    """Still percent-encoded, without the question mark."""

    @classmethod
    def of(cls, scope: Mapping[str, Any]) -> "Target":
        """What an ASGI request is for."""
        hosts = values(scope["headers"], b"host")
        if len(hosts) != 1:
            raise SignatureMalformed
        return cls(
            method=scope["method"],
            host=hosts[0].lower(),
            path=scope["raw_path"].partition(b"?")[0].decode("latin-1"),
            query=scope["query_string"].decode("latin-1"),
        )


def values(headers: RawHeaders, name: bytes) -> list[str]:
    """Every value of a header."""
    return [value.decode("latin-1").strip(" \t") for key, value in headers if key.lower() == name]


def joined(*parts: str) -> bytes:
    """Each part with its length before it (`3:GET,`), so that no two lists of parts look the same."""
    return "".join(f"{len(part)}:{part}," for part in parts).encode("latin-1")
