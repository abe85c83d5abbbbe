"""Hands out stored files: the public ones to everybody, private ones to whoever may see what they belong to.

A file with a record is sent as the record says. What was put into the storage by other means has none: people
who are signed in get it, as a picture when its first bytes say so. Neither can ever act as a page of ours.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

from litestar import HttpMethod, route
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath
from litestar.types import ASGIApp

from portal.auth.actor import Actor
from portal.errors import StorageError
from portal.services.files_lookup import find_file
from portal.uploads.keys import INCOMING, is_key, split_copy
from portal.uploads.threads import in_thread
from portal.web.asgi import Receive, Scope, Send
from portal.web.media_access import may_read
from portal.web.media_cache import MediaCache, MediaFacts, disposition
from portal.web.media_sending import NOTHING, Reading, send_answer, send_pieces
from portal.web.ranges import Part, choose_part
from portal.web.site import Site

PART = ".part"
"""The end of names of files that are still being written."""

LONGEST = 255
"""Letters of a key, as the database has room for."""

SIGNED = 120
"""Seconds an address of the storage's own is good for; browsers remember it half as long."""

HEADERS = {
    "Accept-Ranges": "bytes",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "X-Content-Type-Options": "nosniff",
}
PUBLIC = "public, max-age=31536000, immutable"
PRIVATE = "private, no-cache"


def media_route(site: Site) -> HTTPRouteHandler:
    """The handler for `/media/…` on the portal's router; it asks for itself who may have what."""
    files = MediaFiles(site)

    # Not a mount: Litestar takes its own part out of the path once too often for /media/media/a.webp.
    @route("/media/{name:path}", http_method=[HttpMethod.GET, HttpMethod.HEAD], status_code=200, public=True)
    async def media(name: FromPath[Path]) -> ASGIApp:
        async def send_file(scope: Any, receive: Any, send: Any) -> None:
            await files({**scope, "path": name.as_posix()}, receive, send)

        return send_file

    return media


class MediaFiles:
    """An ASGI application over the storage of a portal; the path is the name of an object."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._cache = MediaCache()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            return
        if scope["method"] not in {"GET", "HEAD"}:
            await send_answer(send, 405, {**NOTHING, "Allow": "GET, HEAD"})
            return
        name, actor = str(scope["path"]).strip("/"), _actor(scope)
        try:
            facts = await self._facts(name, actor)
            if facts is None and actor is None and is_servable(name) and not _is_ours(name):
                await send_answer(send, 303, {**NOTHING, "Location": self._sign_in(name)})
            elif facts is None:
                await send_answer(send, 404, NOTHING)
            else:
                await self._answer(facts, scope, receive, send)
        except FileNotFoundError:
            self._cache.drop(name)
            await send_answer(send, 404, NOTHING)
        except StorageError:
            await send_answer(send, 503, {**NOTHING, "Retry-After": "5"})

    async def _facts(self, name: str, actor: Actor | None) -> MediaFacts | None:
        """What is to be sent under that name to that person."""
        if not is_servable(name):
            return None
        if known := self._cache.get(name):
            return known
        async with self._site.database.read() as session:
            found = await find_file(session, name)
            if found is not None and found.private and not await may_read(self._site, session, actor, found):
                return None
        if found is not None:
            facts = MediaFacts.of(found)
            if facts is not None:
                self._cache.keep(name, facts)
            return facts
        # An object under a key of ours that has no record any more is one that was deleted.
        return None if actor is None or _is_ours(name) else await in_thread(self._without_record, name)

    def _without_record(self, name: str) -> MediaFacts | None:
        storage = self._site.uploads.storage
        found = storage.stat(name)
        if found is None:
            return None
        kind = picture_type(b"".join(storage.read(name, 0, 16)))
        return MediaFacts(
            key=name,
            media_type=kind or "application/octet-stream",
            size=found.size,
            etag=f'"{int(found.modified.timestamp() * 1_000_000):x}-{found.size:x}"',
            disposition=disposition(name.rpartition("/")[2], shown=kind is not None),
            private=True,
        )

    async def _answer(self, facts: MediaFacts, scope: Scope, receive: Receive, send: Send) -> None:
        storage = self._site.uploads.storage
        part = choose_part(scope["method"], _headers(scope), facts.etag, facts.size)
        headers = _file_headers(facts, part)
        if part.status in (304, 416):
            await send_answer(send, part.status, headers)
        elif scope["method"] == "HEAD":
            if await in_thread(storage.stat, facts.key) is None:
                raise FileNotFoundError(facts.key)
            await send_answer(send, 200, headers)
        elif elsewhere := await in_thread(storage.signed_url, facts.key, SIGNED, facts.disposition, facts.media_type):
            caching = f"private, max-age={SIGNED // 2}"
            await send_answer(send, 302, {**NOTHING, "Cache-Control": caching, "Location": elsewhere})
        else:
            async with Reading(storage, facts.key, part.bytes) as reading:
                await send_pieces(send, receive, part.status, headers, reading)

    def _sign_in(self, name: str) -> str:
        address = self._site.authenticator.sign_in_url or self._site.url("/sign-in")
        back = quote(self._site.url("/media/") + quote(name), safe="/")
        return f"{address}{'&' if '?' in address else '?'}next={back}"


def is_servable(name: str) -> bool:
    """Whether a name may lead to a file at all: nothing outside, hidden, arriving or half written."""
    segments = name.split("/")
    hidden = any(not segment or segment.startswith(".") for segment in segments)
    readable = all(letter.isprintable() and letter != "\\" for letter in name)
    arriving = f"{name}/".casefold().startswith(INCOMING)
    return len(name) <= LONGEST and readable and not hidden and not arriving and not name.casefold().endswith(PART)


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


def _is_ours(name: str) -> bool:
    return is_key(name) or split_copy(name) is not None


def _file_headers(facts: MediaFacts, part: Part) -> dict[str, str]:
    return {
        **HEADERS,
        "Cache-Control": PRIVATE if facts.private else PUBLIC,
        "Content-Disposition": facts.disposition,
        "Content-Type": facts.media_type,
        "ETag": facts.etag,
        **part.headers,
    }


def _actor(scope: Scope) -> Actor | None:
    """Who asks; whoever has to choose a password first is nobody yet."""
    state = scope.get("state", {}).get("fastor")
    actor: Actor | None = state.actor if state is not None else None
    return None if actor is None or actor.must_change_password else actor


def _headers(scope: Scope) -> Mapping[str, str]:
    found: dict[str, str] = {}
    for raw, value in scope["headers"]:
        name, text = raw.decode("latin-1").lower(), value.decode("latin-1")
        found[name] = f"{found[name]},{text}" if name in found else text
    return found
