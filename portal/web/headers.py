"""The security headers of every answer (SECURITY 1.11), added where a route has not set its own."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from portal.web.asgi import ASGIApp, Message

CSP = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data: blob:",
    "font-src": "'self'",
    "connect-src": "'self'",
    "form-action": "'self'",
    "base-uri": "'none'",
    "object-src": "'none'",
    "frame-ancestors": "'none'",
}
"""Sources by directive; a page that needs more says so with `content_security_policy`."""

YEAR = 365 * 24 * 3600


def content_security_policy(**more: str) -> str:
    """The policy with sources added: `content_security_policy(img_src="https://pictures.example.com")`."""
    sources = dict(CSP)
    for directive, added in more.items():
        name = directive.replace("_", "-")
        sources[name] = f"{sources[name]} {added}" if name in sources else added
    return "; ".join(f"{name} {value}" for name, value in sources.items())


def file_sources(media_url: str | None, storage: Sequence[str]) -> Mapping[str, str]:
    """What stored files add to the policy of every page, by directive: where they come from besides the portal, and
    where big ones are sent. Origins alone: a redirect is not compared with a path, and a path without a slash at its
    end is a single file."""
    shown = [*([_origin(media_url)] if media_url else []), *storage]
    if not shown:
        return {}
    sources = {"img-src": shown, "media-src": ["'self'", *shown], "connect-src": storage}
    return {directive: " ".join(found) for directive, found in sources.items() if found}


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def _with_sources(policy: str, sources: Mapping[str, str]) -> str:
    """A page's policy with the sources of stored files; what shows no pictures gets none."""
    found = dict(part.strip().partition(" ")[::2] for part in policy.split(";"))
    if not sources or "img-src" not in found:
        return policy
    added = {name: f"{found[name]} {more}" if name in found else more for name, more in sources.items()}
    return "; ".join(f"{name} {value}".rstrip() for name, value in {**found, **added}.items())


ALWAYS: Mapping[bytes, bytes] = {
    b"content-security-policy": content_security_policy().encode(),
    b"x-content-type-options": b"nosniff",
    b"referrer-policy": b"same-origin",
    b"cross-origin-opener-policy": b"same-origin",
}

HSTS = (b"strict-transport-security", f"max-age={YEAR}".encode())


def with_security_headers(headers: list[tuple[bytes, bytes]], *, tls: bool) -> list[tuple[bytes, bytes]]:
    """The headers of an answer with ours added where they are missing, and a charset for text."""
    completed = [(name, _with_charset(value) if name.lower() == b"content-type" else value) for name, value in headers]
    present = {name.lower() for name, _ in headers}
    completed += [(name, value) for name, value in ALWAYS.items() if name not in present]
    if tls and HSTS[0] not in present:
        completed.append(HSTS)
    return completed


def _with_charset(value: bytes) -> bytes:
    return value + b"; charset=utf-8" if value.startswith(b"text/") and b"charset" not in value else value


class SecurityHeaders:
    """Wraps an ASGI application; also a middleware for the portal's router inside a host's application.

    `sources`, by directive, are added to the policy of each page.
    """

    def __init__(self, app: ASGIApp, *_: Any, sources: Mapping[str, str] | None = None) -> None:
        self._app = app
        self._sources = sources or {}

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        tls = scope["scheme"] == "https"

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                completed = with_security_headers(list(message["headers"]), tls=tls)
                message["headers"] = [(name, self._completed(name, value)) for name, value in completed]
            await send(message)

        await self._app(scope, receive, send_with_headers)

    def _completed(self, name: bytes, value: bytes) -> bytes:
        if not self._sources or name.lower() != b"content-security-policy":
            return value
        return _with_sources(value.decode("latin-1"), self._sources).encode("latin-1")
