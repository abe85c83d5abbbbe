"""One browser file and the answers it can give: whole, a part, compressed, unchanged."""

import gzip
import hashlib
import mimetypes
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import brotli  # type: ignore[import-untyped]  # ships no types

from portal.web.negotiation import best_encoding, byte_range, has_copy

TEXT = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml", ".json": "application/json"}
KINDS = {".webp": "image/webp", ".avif": "image/avif", ".woff2": "font/woff2"}


@dataclass
class StaticFile:
    """One file ready to be sent; its variants are made at most once."""

    name: str
    content: bytes
    packed: dict[str, bytes] = field(default_factory=dict)
    """Variants by encoding."""

    @cached_property
    def digest(self) -> str:
        return hashlib.sha256(self.content).hexdigest()[:16]

    @property
    def media_type(self) -> str:
        suffix = Path(self.name).suffix
        if suffix in TEXT:
            return f"{TEXT[suffix]}; charset=utf-8"
        return KINDS.get(suffix) or mimetypes.guess_type(self.name)[0] or "application/octet-stream"

    def compress(self) -> None:
        """Make the variants of a text file that came without them."""
        if Path(self.name).suffix in TEXT and not self.packed:
            self.packed = {
                "br": brotli.compress(self.content, quality=11),
                "gzip": gzip.compress(self.content, 9, mtime=0),
            }

    def respond(self, headers: Mapping[str, str], caching: str) -> tuple[int, dict[str, str], bytes]:
        """Status, headers and body for a request with these headers (names in lower case)."""
        asked = byte_range(headers["range"], len(self.content)) if "range" in headers else None
        # A part is a part of the plain file.
        encoding = None if asked is not None else best_encoding(headers.get("accept-encoding", ""), self.packed)
        etag = f'"{self.digest}{f"-{encoding}" if encoding else ""}"'
        fields = {
            "Content-Type": self.media_type,
            "Cache-Control": caching,
            "ETag": etag,
            "Vary": "Accept-Encoding",
            "Accept-Ranges": "bytes",
            "X-Content-Type-Options": "nosniff",
        }
        if has_copy(headers.get("if-none-match", ""), etag):
            return 304, fields, b""
        if asked is not None and headers.get("if-range", etag) == etag:
            if not asked:
                return 416, {**fields, "Content-Range": f"bytes */{len(self.content)}"}, b""
            fields["Content-Range"] = f"bytes {asked.start}-{asked.stop - 1}/{len(self.content)}"
            return 206, fields, self.content[asked.start : asked.stop]
        if encoding:
            fields["Content-Encoding"] = encoding
            return 200, fields, self.packed[encoding]
        return 200, fields, self.content
