"""The documentation: the OpenAPI document, and a page of the portal that shows it and tries it out.

Only for people with the right `api.docs`, and outside development only where the setting says so.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec
from litestar import Response, Router, get
from litestar.middleware import DefineMiddleware
from litestar.response.base import ASGIResponse

from api.call import Call
from api.endpoint import JSON, Endpoint
from api.openapi import OpenApi
from portal import __version__
from portal.auth.authenticator import OwnSignIn
from portal.auth.caller import Caller
from portal.auth.page_tokens import PageTokens
from portal.errors import PermissionDenied
from portal.i18n import _
from portal.pages.styled_text import as_document
from portal.web.conditional import etag_of
from portal.web.error_pages import exception_handlers
from portal.web.headers import SecurityHeaders
from portal.web.middleware import SessionMiddleware
from portal.web.rendering import Crumb, render
from portal.web.request import PortalRequest

if TYPE_CHECKING:
    from portal.web.site import Site

RIGHT = "api.docs"
PAGE = "api-docs"
SCHEME = "Fastor-Docs"


@dataclass(frozen=True)
class DocsContext:
    """What `api_docs.html` may use."""

    document: str
    """Where the OpenAPI document is."""
    token: str
    """What the page calls with."""
    scheme: str


class Docs:
    """The documentation of one portal's API."""

    def __init__(self, site: "Site", endpoints: list[Endpoint]) -> None:
        self._site = site
        self._endpoints = endpoints
        authenticator = site.authenticator
        self._tokens = (
            PageTokens(authenticator.sessions, site.settings.key("api docs"))
            if isinstance(authenticator, OwnSignIn)
            else None
        )

    @property
    def open(self) -> bool:
        """Whether there is a documentation here at all."""
        settings = self._site.settings
        return self._tokens is not None and (settings.development or settings.api_docs)

    async def caller(self, call: Call, credentials: str) -> Caller:
        """Reads `Authorization: Fastor-Docs …`."""
        assert self._tokens is not None
        return await self._tokens.find(credentials)

    def endpoint(self) -> Endpoint:
        """`GET /openapi.json`, for the page and for programs with the right."""
        return Endpoint(
            "GET", "/openapi.json", self.document, name="openapi", permission=RIGHT, answer=dict[str, Any], hidden=True
        )

    async def document(self, call: Call) -> ASGIResponse:
        if not call.actor.may(RIGHT):
            raise PermissionDenied
        server = f"{call.site.settings.base_url or ''}{call.site.path}/api"
        found = OpenApi(self._endpoints, call.site.title, __version__, server).document()
        body = msgspec.json.encode(found)
        headers = {"ETag": etag_of(body), "Cache-Control": "private, no-cache"}
        if call.received.get("if-none-match") == headers["ETag"]:
            return ASGIResponse(status_code=304, headers=headers)
        headers["Content-Disposition"] = 'inline; filename="openapi.json"'
        return ASGIResponse(body=body, media_type=JSON, headers=headers)

    def router(self) -> Router:
        """The page, among those of the portal."""
        site = self._site
        return Router(
            path=site.path or "/",
            route_handlers=[get("/api/docs")(self._page())],
            middleware=[DefineMiddleware(SecurityHeaders), SessionMiddleware(site)],
            request_class=PortalRequest.of(site),
            exception_handlers=exception_handlers(site),
            include_in_schema=False,
        )

    def _page(self) -> Any:
        tokens = self._tokens

        async def api_docs(request: PortalRequest) -> Response[bytes]:
            session = request.visit.session
            if not request.actor.may(RIGHT) or session is None or tokens is None:
                raise PermissionDenied
            if away := as_document(request):
                return away
            context = DocsContext(request.site.url("/api/openapi.json"), tokens.issue(session), SCHEME)
            return render(request, "api_docs.html", context, current=("page", PAGE), crumbs=[Crumb(_("API"))])

        return api_docs
