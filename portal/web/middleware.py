"""The session middleware of the portal's routes: who asks, in which language, and is the request their own?

What a route needs is said by its `opt`, never by its address: `public=True` opens it to nobody in particular,
`password_change=True` to those who must choose a new password first.
"""

import logging
import secrets
from collections.abc import Mapping
from typing import Any

import msgspec
from litestar.enums import ScopeType
from litestar.exceptions import HTTPException
from litestar.middleware import ASGIMiddleware
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from portal.auth.authenticator import OwnSignIn, Visit
from portal.auth.csrf import CsrfTokens
from portal.auth.signing import Signer
from portal.auth.upload_tickets import UploadTickets
from portal.db.engine import is_unavailable
from portal.errors import PortalError, Unavailable
from portal.i18n import use
from portal.web.admission import Admission
from portal.web.cookies import Cookies, read_cookies
from portal.web.forgery import FormGate
from portal.web.preferences import preferences_of
from portal.web.request import PortalRequest
from portal.web.site import Site
from portal.web.state import Flash, RequestState

VISITOR_AGE = 12 * 3600
"""Seconds a form shown to nobody stays good."""

FLASH_AGE = 10 * 60

_log = logging.getLogger("portal.web")
_flashes = msgspec.json.Decoder(list[Flash])


class SessionMiddleware(ASGIMiddleware):
    """Stands on the portal's own router, outside everything else there."""

    scopes = (ScopeType.HTTP,)

    def __init__(self, site: Site) -> None:
        self._site = site
        self._cookies = Cookies.of(site.settings, site.path)
        self._tokens = CsrfTokens(site.settings.key("csrf"))
        self._visitors = Signer(site.settings.key("visitors"), max_age=VISITOR_AGE)
        self._flashes = Signer(site.settings.key("flashes"), max_age=FLASH_AGE)
        self._admission = Admission(site)
        self._tickets = UploadTickets(site.settings.key("upload tickets"))
        self._gate = FormGate(site.settings, self._tokens, self._tickets)
        self._request_class = PortalRequest.of(site)

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        cookies = read_cookies(scope["headers"])
        state = self._state(scope, headers, cookies)
        scope.setdefault("state", {})["fastor"] = state
        send = self._completed(state, list(state.flashes), send)
        await self._identify(state, headers, cookies)
        state.preferences = preferences_of(
            state.actor, cookies, headers.get("accept-language", ""), self._site.settings
        )
        with use(self._site.translations.get(state.language)), self._site.cache.serving(state.actor):
            try:
                receive = await self._gate.open(scope, receive, headers)
                if state.unverified:
                    raise Unavailable
                if elsewhere := self._admission.check(scope, state, headers):
                    await elsewhere(scope, receive, send)
                    return
                self._gate.check(scope, state, headers)
            except (PortalError, HTTPException) as error:
                await self._refuse(error, scope, receive, send)
                return
            await next_app(scope, receive, send)
        await self._touch(state)

    def _state(self, scope: Scope, headers: Mapping[str, str], cookies: Mapping[str, str]) -> RequestState:
        client = scope.get("client")
        return RequestState(
            cookies=self._cookies,
            tokens=self._tokens,
            tickets=self._tickets,
            preferences=preferences_of(None, cookies, "", self._site.settings),
            visitor=self._visitors.read(cookies.get(self._cookies.visitor)) or secrets.token_urlsafe(16),
            sign_visitor=self._visitors.sign,
            address=client[0] if client else None,
            user_agent=headers.get("user-agent", ""),
            device=cookies.get(self._cookies.device),
            identifier=cookies.get(self._cookies.session),
            flashes=self._read_flashes(cookies.get(self._cookies.flash)),
        )

    def _read_flashes(self, cookie: str | None) -> list[Flash]:
        text = self._flashes.read(cookie)
        try:
            return _flashes.decode(text) if text else []
        except msgspec.DecodeError:
            return []

    async def _identify(self, state: RequestState, headers: Mapping[str, str], cookies: Mapping[str, str]) -> None:
        """Find out who it is, as far as the database can be asked."""
        try:
            identity = await self._site.authenticator.authenticate(Visit(headers, cookies, state.address))
        except Exception as error:
            if not is_unavailable(error):
                raise
            _log.warning("nobody could be identified: %s", type(error).__name__)
            state.unverified = True
            return
        if identity is not None:
            state.actor, state.session = identity.actor, identity.session

    async def _refuse(self, error: Exception, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer as if the handler had raised it: in the visitor's language and with our headers."""
        handlers: Mapping[Any, Any] = scope["route_handler"].resolve_exception_handlers()
        kinds = [kind for kind in type(error).__mro__ if kind in handlers]
        if not kinds:
            raise error
        request = self._request_class(scope, receive, send)
        response = handlers[kinds[0]](request, error)
        await response.to_asgi_response(app=None, request=request)(scope, receive, send)

    def _completed(self, state: RequestState, before: list[Flash], send: Send) -> Send:
        """A `send` that adds what the answer owes the browser: cookies, and that nobody else may keep it."""

        async def completed(message: Message) -> None:
            if message["type"] == "http.response.start":
                added = [*state.headers, *self._flash_header(state, before)]
                present = {name.lower() for name, _ in message["headers"]}
                if (state.actor is not None or added) and b"cache-control" not in present:
                    added.append((b"cache-control", b"no-store"))
                message["headers"] = [*message["headers"], *added]
            await send(message)

        return completed

    def _flash_header(self, state: RequestState, before: list[Flash]) -> list[tuple[bytes, bytes]]:
        if state.flashes == before:
            return []
        if not state.flashes:
            return [self._cookies.clear(self._cookies.flash)]
        signed = self._flashes.sign(msgspec.json.encode(state.flashes).decode())
        return [self._cookies.build(self._cookies.flash, signed, max_age=FLASH_AGE)]

    async def _touch(self, state: RequestState) -> None:
        """After the answer, so that no visitor waits for it; a visit that can't be noted is no visit lost."""
        authenticator = self._site.authenticator
        if state.session is None or not isinstance(authenticator, OwnSignIn):
            return
        if authenticator.sessions.wants_touch(state.session):
            try:
                await authenticator.sessions.touch(state.session)
            except Exception as error:
                if not is_unavailable(error):
                    raise
