"""The two gates against requests forged by other sites (SECURITY 1.2): where it comes from, and a token."""

import logging
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from litestar.exceptions import ClientException
from litestar.exceptions.http_exceptions import RequestEntityTooLarge
from litestar.types import Receive, Scope

from portal.auth.csrf import CsrfTokens
from portal.auth.upload_tickets import FIELD, UploadTickets
from portal.errors import PermissionDenied
from portal.i18n import _
from portal.settings import Settings
from portal.web.request import SENT, grouped
from portal.web.state import RequestState

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
TOKEN_HEADER = "x-csrftoken"
TOKEN_FIELD = "_csrf_token"
TICKET = "upload_ticket"
"""The route option that says which tickets it takes."""
FORM_TYPE = "application/x-www-form-urlencoded"

DEFAULT_LIMIT = 1024 * 1024
"""Bytes of a body where the route does not say."""

_log = logging.getLogger("portal.web")

_DEFAULT_PORTS = {"http": ":80", "https": ":443"}


class ForgedRequest(PermissionDenied):
    """403: it can't be told that one of our own pages sent this."""

    code = "forged"
    sentence = _("This form is out of date or comes from elsewhere. Reload the page and try again.")


class OriginGate:
    """Knows the origins that are ours."""

    def __init__(self, settings: Settings) -> None:
        self._own = frozenset({canonical(settings.base_url)}) if settings.base_url else frozenset()
        self._takes_host = settings.development or not settings.base_url

    def check(self, headers: Mapping[str, str], scheme: str) -> None:
        """Raise `ForgedRequest` unless the browser says that a page of ours sent it; silence is a no."""
        site, origin, referer = (headers.get(name) for name in ("sec-fetch-site", "origin", "referer"))
        own = self._own
        if self._takes_host:
            # The outer guard has checked Host, and no other site's page can set it.
            own |= {canonical(f"{scheme}://{headers.get('host', '')}")}
        if site is not None and site != "same-origin":
            raise ForgedRequest
        if origin is not None:
            if canonical(origin) not in own:
                raise ForgedRequest
        elif site is None and (referer is None or not _is_below(referer, own)):
            raise ForgedRequest


def canonical(origin: str) -> str:
    """An origin as browsers write it: lower case, without the port everybody expects."""
    lowered = origin.lower()
    return lowered.removesuffix(_DEFAULT_PORTS.get(lowered.partition("://")[0], "\0"))


def _is_below(referer: str, origins: frozenset[str]) -> bool:
    try:
        parts = urlsplit(referer)
    except ValueError:
        return False
    return canonical(f"{parts.scheme}://{parts.netloc}") in origins and parts.path.startswith("/")


class FormGate:
    """Both gates; no body is read before the first has opened, and only a small form to find a token."""

    def __init__(self, settings: Settings, tokens: CsrfTokens, tickets: UploadTickets) -> None:
        self._origins = OriginGate(settings)
        self._tokens = tokens
        self._tickets = tickets

    async def open(self, scope: Scope, receive: Receive, headers: Mapping[str, str]) -> Receive:
        """The first gate: our own page sent it. Returns the `receive` for whoever comes next.

        A form is read here, so that whatever is refused later gives back what was typed.
        """
        limit = _limit(scope)
        if (length := headers.get("content-length", "")).isdigit() and int(length) > limit:
            raise RequestEntityTooLarge
        if _is_safe(scope):
            return receive
        self._origins.check(headers, scope["scheme"])
        if headers.get("content-type", "").partition(";")[0].strip().lower() != FORM_TYPE:
            return receive
        body = await _read(receive, limit)
        scope["state"][SENT] = grouped(body)
        return _again(body, receive)

    def check(self, scope: Scope, state: RequestState, headers: Mapping[str, str]) -> None:
        """The second gate: it carries a token of this visitor's own session.

        Uploads and JSON can send the header; a plain form can't, and may carry the field. A plain form with files
        has a ticket in its address instead, where the route's `opt` takes one, so that no file is read before.
        """
        if _is_safe(scope) or self._has_ticket(scope, state):
            return
        sent = scope["state"].get(SENT, {}).get(TOKEN_FIELD, [None])[0]
        if not self._tokens.valid(headers.get(TOKEN_HEADER, sent), state.binding):
            _log.warning("forged request refused: user=%s", state.actor and state.actor.id)
            raise ForgedRequest

    def _has_ticket(self, scope: Scope, state: RequestState) -> bool:
        route = scope["route_handler"].opt.get(TICKET)
        if not isinstance(route, str) or SENT in scope["state"]:
            return False
        given = grouped(scope["query_string"]).get(FIELD, [None])
        return self._tickets.valid(given[-1], route, state.binding)


def _is_safe(scope: Scope) -> bool:
    return scope["method"] in SAFE_METHODS  # type: ignore[typeddict-item]  # portal routes are HTTP


def _limit(scope: Scope) -> int:
    """What the route says itself, in the one place where Litestar reads it too."""
    resolve = getattr(scope["route_handler"], "resolve_request_max_body_size", None)
    limit = resolve() if resolve else None
    return limit if isinstance(limit, int) else DEFAULT_LIMIT


async def _read(receive: Receive, limit: int) -> bytes:
    pieces: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] != "http.request":
            raise ClientException("The rest of the form never came.")
        pieces.append(message.get("body", b""))
        size += len(pieces[-1])
        if size > limit:
            raise RequestEntityTooLarge
        if not message.get("more_body", False):
            return b"".join(pieces)


def _again(body: bytes, receive: Receive) -> Receive:
    """A `receive` that gives the body once more and then waits for what comes after it."""
    pending = [body]

    async def replay() -> Any:
        if pending:
            return {"type": "http.request", "body": pending.pop(), "more_body": False}
        return await receive()

    return replay
