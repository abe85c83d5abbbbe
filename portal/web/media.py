"""Hands out the stored files of the local media folder to people who are signed in.

Pictures, recognised by their first bytes, are shown; everything else is downloaded and can't act as a page of
ours. Each use asks again whether the file is unchanged, so that a permission taken away is gone at once.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

import anyio
import anyio.to_thread
from litestar import HttpMethod, route
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath
from litestar.types import ASGIApp

from portal.web.asgi import Receive, Scope, Send
from portal.web.negotiation import has_copy
from portal.web.site import Site

CHUNK = 256 * 1024

PART = ".part"
"""The end of names of files that are still being written."""

HEADERS = {
    "Cache-Control": "private, no-cache",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "X-Content-Type-Options": "nosniff",
}


def media_route(site: Site) -> HTTPRouteHandler:
    """The handler for `/media/…` on the portal's router, whose middleware asks for a session."""
    kind, _, folder = site.settings.storage_url.partition(":")
    files = MediaFiles(Path(folder) if kind == "local" else None)

    # Not a mount: Litestar takes its own part out of the path once too often for /media/media/a.webp.
    @route("/media/{name:path}", http_method=[HttpMethod.GET, HttpMethod.HEAD], status_code=200)
    async def media(name: FromPath[Path]) -> ASGIApp:
        async def send_file(scope: Any, receive: Any, send: Any) -> None:
            await files({**scope, "path": name.as_posix()}, receive, send)

        return send_file

    return media


class MediaFiles:
    """An ASGI application over one folder, which the path is within; without a folder it has nothing."""

    def __init__(self, folder: Path | None) -> None:
        self.folder = folder

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            return
        if scope["method"] not in {"GET", "HEAD"}:
            await _answer(send, 405, {"Allow": "GET, HEAD", "Content-Length": "0"})
            return
        found = await anyio.to_thread.run_sync(self._look_up, str(scope["path"]).strip("/"))
        if found is None:
            await _answer(send, 404, {"Content-Length": "0"})
            return
        path, headers = found
        if has_copy(_header(scope, b"if-none-match"), headers["ETag"]):
            del headers["Content-Length"]
            await _answer(send, 304, headers)
            return
        if scope["method"] == "HEAD":
            await _answer(send, 200, headers)
            return
        await _start(send, 200, headers)
        await _send_file(send, path, int(headers["Content-Length"]))

    def _look_up(self, name: str) -> tuple[Path, dict[str, str]] | None:
        """The file of that name and the headers to send it with; nothing outside, nothing hidden."""
        segments = name.split("/")
        hidden = any(not segment or segment.startswith(".") for segment in segments)
        if self.folder is None or hidden or "\\" in name or "\0" in name or name.endswith(PART):
            return None
        root = self.folder.resolve()
        try:
            path = root.joinpath(*segments).resolve()
            if not path.is_relative_to(root) or not path.is_file():
                return None
            state = path.stat()
            with path.open("rb") as file:
                kind = picture_type(file.read(16))
        except (OSError, ValueError, RuntimeError):
            # Too long a name, a circle of links, letters the file system can't hold: no such file.
            return None
        return path, {
            **HEADERS,
            "Content-Type": kind or "application/octet-stream",
            "Content-Length": str(state.st_size),
            "Content-Disposition": _disposition(segments[-1], shown=kind is not None),
            "ETag": f'"{state.st_mtime_ns:x}-{state.st_size:x}"',
        }


def picture_type(start: bytes) -> str | None:
    """The media type of a picture that a browser may show, told by its first bytes and never by its name."""
    if start.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if start.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if start.startswith((b"GIF87a", b"GIF89a")):
        return "image/gif"
    if start.startswith(b"RIFF") and start[8:12] == b"WEBP":
        return "image/webp"
    return "image/avif" if start[4:12] in (b"ftypavif", b"ftypavis") else None


def _disposition(name: str, *, shown: bool) -> str:
    return f"{'inline' if shown else 'attachment'}; filename*=UTF-8''{quote(name, safe='', errors='replace')}"


def _header(scope: Scope, wanted: bytes) -> str:
    return next((value.decode("latin-1") for name, value in scope["headers"] if name.lower() == wanted), "")


async def _start(send: Send, status: int, headers: Mapping[str, str]) -> None:
    raw = [(name.lower().encode(), value.encode("latin-1")) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": status, "headers": raw})


async def _answer(send: Send, status: int, headers: Mapping[str, str]) -> None:
    await _start(send, status, headers)
    await send({"type": "http.response.body", "body": b""})


async def _send_file(send: Send, path: Path, size: int) -> None:
    """Exactly the announced length, whatever happens to the file meanwhile."""
    async with await anyio.open_file(path, "rb") as file:
        while size > 0:
            piece = await file.read(min(CHUNK, size))
            if not piece:
                raise OSError(f"{path.name} became shorter while it was sent")
            size -= len(piece)
            await send({"type": "http.response.body", "body": piece, "more_body": True})
    await send({"type": "http.response.body", "body": b""})
