"""Which part of a file a request is answered with: all of it, a range, or nothing because it is known."""

from collections.abc import Mapping
from dataclasses import dataclass

from portal.web.negotiation import byte_range, has_copy


@dataclass(frozen=True)
class Part:
    """The status of the answer and the bytes it carries, unless it is to a HEAD."""

    status: int
    bytes: range
    size: int
    """Of the whole file."""

    @property
    def headers(self) -> dict[str, str]:
        """What tells the client which part this is."""
        if self.status == 304:
            return {}
        if self.status == 416:
            return {"Content-Range": f"bytes */{self.size}", "Content-Length": "0"}
        length = {"Content-Length": str(len(self.bytes))}
        if self.status == 206:
            return {"Content-Range": f"bytes {self.bytes.start}-{self.bytes.stop - 1}/{self.size}", **length}
        return length


def choose_part(method: str, headers: Mapping[str, str], etag: str, size: int) -> Part:
    """Read the conditions of a request; header names in lower case, repeated headers joined with commas.

    Several ranges at once are answered with the whole file: nobody needs them, and they make one request cost
    as much as many.
    """
    whole = Part(200, range(size), size)
    if has_copy(headers.get("if-none-match", ""), etag):
        return Part(304, range(0), size)
    if method != "GET" or "range" not in headers or headers.get("if-range", etag).strip() != etag:
        return whole
    asked = byte_range(headers["range"], size)
    if asked is None:
        return whole
    return Part(206, asked, size) if asked else Part(416, range(0), size)
