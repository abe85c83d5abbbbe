"""The outermost layer: refuses what no route should ever see, and adds the security headers on the way out.

A plain ASGI class, so that it stands around 404 and 405 answers too, which no Litestar middleware does.
`fastor run` always applies it; a host application that mounts the portal wraps itself in it.
In this order: methods, framing, sizes, Host, deadline and limit of the body (SECURITY 1.0).
"""

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from portal.settings import Settings
from portal.uploads.rules import MEGA, REQUEST_MB
from portal.web.access_log import seen
from portal.web.asgi import ASGIApp, Message, Receive, Scope, Send
from portal.web.body import FORM, UPLOAD, Body, Pace
from portal.web.headers import with_security_headers
from portal.web.hosts import Hosts
from portal.web.proxies import FORWARDING, Proxies
from portal.web.refusal import refusal

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})

MOST_HEADERS = 100
LONGEST_HEADER = 8 * 1024
LONGEST_HEADERS = 32 * 1024
LONGEST_TARGET = 8 * 1024

UPLOADS = (b"multipart/", b"image/", b"application/octet-stream")
"""Media types of bodies that take longer than a form does."""

_log = logging.getLogger("portal.guard")


@dataclass(frozen=True)
class Limits:
    """The ceilings over all routes, in bytes; a route's own limit lies below."""

    form: int = 2 * 1024 * 1024
    upload: int = REQUEST_MB * MEGA
    form_pace: Pace = FORM
    upload_pace: Pace = UPLOAD


class OuterGuard:
    """Wraps the whole application."""

    def __init__(self, app: ASGIApp, settings: Settings, limits: Limits | None = None) -> None:
        self.app = app
        self._hosts = Hosts.of(settings)
        self._proxies = Proxies(settings.trusted_proxies)
        self._limits = limits or Limits()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await self._guard(scope, receive, send)
        elif scope["type"] == "websocket":
            # No part of the portal speaks it; a host application's own routes may.
            if _target_fault(scope) or _header_fault(scope["headers"]) or self._host_fault(scope["headers"]):
                await send({"type": "websocket.close", "code": 1008, "reason": ""})
                return
            await self.app(self._known_visitor(scope), receive, send)
        else:
            await self.app(scope, receive, send)

    async def _guard(self, scope: Scope, receive: Receive, send: Send) -> None:
        answer = _Answer(scope, send)
        fault = (
            (405 if scope["method"] not in METHODS else None)
            or _framing_fault(scope["headers"])
            or _target_fault(scope)
            or _header_fault(scope["headers"])
            or self._host_fault(scope["headers"])
        )
        # After the checks, because it drops headers; what is refused is refused as it came.
        answer.scope = scope = seen(self._known_visitor(scope))
        if fault:
            await answer.refuse(fault)
            return
        await self._serve(scope, receive, answer)

    async def _serve(self, scope: Scope, receive: Receive, answer: "_Answer") -> None:
        is_upload = _first(scope["headers"], b"content-type").lower().startswith(UPLOADS)
        limit = self._limits.upload if is_upload else self._limits.form
        if _announced(scope["headers"]) > limit:
            await answer.refuse(413, f"At most {limit / MEGA:g} MB can be sent at once.")
            return
        pace = self._limits.upload_pace if is_upload else self._limits.form_pace
        answer.body = body = Body(receive, pace=pace, limit=limit, refuse=answer.refuse)
        try:
            await self.app(scope, body, answer.send)
        except Exception:
            # What a cut-off application says afterwards is of no interest; everything else is.
            if not answer.refused:
                raise

    def _host_fault(self, headers: Iterable[tuple[bytes, bytes]]) -> int | None:
        hosts = [value for name, value in headers if name == b"host"]
        return None if len(hosts) == 1 and self._hosts.allows(hosts[0]) else 400

    def _known_visitor(self, scope: Scope) -> Scope:
        """The scope with the visitor's address and scheme, and without the headers that claim them."""
        client = scope.get("client")
        peer = client[0] if client else None
        headers = list(scope["headers"])
        changed: dict[str, Any] = {}
        if self._proxies.trust(peer):
            forwarded = b",".join(value for name, value in headers if name == b"x-forwarded-for")
            visitor = self._proxies.visitor(forwarded.decode("latin-1"), peer) if forwarded else peer
            changed["client"] = (visitor, 0) if visitor else None
            scheme = _first(headers, b"x-forwarded-proto").split(b",")[-1].strip().lower()
            if scheme in (b"http", b"https") and scope["type"] == "http":
                changed["scheme"] = scheme.decode()
        changed["headers"] = [header for header in headers if header[0] not in FORWARDING]
        return {**scope, **changed}


class _Answer:
    """What goes back to one visitor; after a refusal the application is not heard any more."""

    def __init__(self, scope: Scope, send: Send) -> None:
        self.scope = scope
        self._send = send
        self.body: Body | None = None
        self.refused = False
        self._started = False

    async def send(self, message: Message) -> None:
        if self.refused:
            return
        if message["type"] == "http.response.start":
            self._started = True
            headers = list(message["headers"])
            if self._has_unread_body() and not any(name.lower() == b"connection" for name, _ in headers):
                headers += self._closing()
            message["headers"] = with_security_headers(headers, tls=self.scope["scheme"] == "https")
        await self._send(message)

    async def refuse(self, status: int, reason: str = "") -> None:
        """Answer and close; nothing of the request is echoed."""
        self.refused = True
        _log.info("refused: status=%d address=%s", status, (self.scope.get("client") or ("-",))[0])
        if self._started:
            return
        media_type, text = refusal(self.scope, status, reason)
        headers = [
            (b"content-type", media_type),
            (b"content-length", str(len(text)).encode()),
            (b"cache-control", b"no-store"),
            *self._closing(),
        ]
        if status == HTTPStatus.METHOD_NOT_ALLOWED:
            headers.append((b"allow", ", ".join(sorted(METHODS)).encode()))
        headers = with_security_headers(headers, tls=self.scope["scheme"] == "https")
        await self._send({"type": "http.response.start", "status": status, "headers": headers})
        await self._send({"type": "http.response.body", "body": text, "more_body": False})

    def _has_unread_body(self) -> bool:
        if self.body is None or self.body.complete:
            return False
        headers = self.scope["headers"]
        return _announced(headers) > 0 or bool(_first(headers, b"transfer-encoding"))

    def _closing(self) -> list[tuple[bytes, bytes]]:
        # HTTP/2 has no such header and treats it as an error.
        return [(b"connection", b"close")] if self.scope["http_version"].startswith("1") else []


def _framing_fault(headers: Iterable[tuple[bytes, bytes]]) -> int | None:
    """400 for a message whose length can be read in two ways (SECURITY 1.5)."""
    lengths = [value for name, value in headers if name == b"content-length"]
    encodings = [value for name, value in headers if name == b"transfer-encoding"]
    if (lengths and encodings) or len(lengths) > 1 or len(encodings) > 1:
        return 400
    if lengths and not (lengths[0].isdigit() and len(lengths[0]) < 20):
        return 400
    if encodings and encodings[0].strip().lower() != b"chunked":
        return 400
    return None


def _target_fault(scope: Scope) -> int | None:
    if "\0" in scope["path"]:
        return 400
    if len(scope["query_string"]) > LONGEST_TARGET or len(scope["path"]) > LONGEST_TARGET:
        return 414
    return None


def _header_fault(headers: Iterable[tuple[bytes, bytes]]) -> int | None:
    sizes = [len(name) + len(value) for name, value in headers]
    if len(sizes) > MOST_HEADERS or sum(sizes) > LONGEST_HEADERS or any(s > LONGEST_HEADER for s in sizes):
        return 431
    return None


def _first(headers: Iterable[tuple[bytes, bytes]], name: bytes) -> bytes:
    return next((value for header, value in headers if header == name), b"")


def _announced(headers: Iterable[tuple[bytes, bytes]]) -> int:
    return int(_first(headers, b"content-length") or 0)
