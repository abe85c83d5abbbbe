"""Who may come as far as a route's handler: somebody signed in, whose password is their own."""

from collections.abc import Mapping
from urllib.parse import quote

from litestar.response.base import ASGIResponse
from litestar.types import Scope

from portal.errors import PermissionDenied, SignInRequired
from portal.i18n import _
from portal.web.error_pages import JSON
from portal.web.safe_next import path_of, safe_next
from portal.web.site import Site
from portal.web.state import RequestState


class Admission:
    """Reads the matched route's `opt`: the same handler may be reached by many spellings of its address."""

    def __init__(self, site: Site) -> None:
        self._site = site

    def check(self, scope: Scope, state: RequestState, headers: Mapping[str, str]) -> ASGIResponse | None:
        """Nothing for those who may go on, an answer that leads elsewhere, or a `PortalError`."""
        options = scope["route_handler"].opt
        if options.get("public"):
            return None
        if state.actor is None:
            return self._to_sign_in(scope, headers)
        if state.actor.must_change_password and not options.get("password_change"):
            return self._to_password(scope, headers)
        return None

    def _to_sign_in(self, scope: Scope, headers: Mapping[str, str]) -> ASGIResponse:
        if not _reads(scope):
            # What was typed is still in the browser; the page that answers says how to go on.
            raise SignInRequired
        is_htmx = headers.get("hx-request") == "true"
        page = path_of(headers.get("hx-current-url")) if is_htmx else _address(scope)
        home = self._site.url("/")
        sign_in = self._site.authenticator.sign_in_url or self._site.url("/sign-in")
        if (back := safe_next(page, home)) != home:
            sign_in += f"{'&' if '?' in sign_in else '?'}next={quote(back, safe='/')}"
        return _lead(sign_in, is_htmx=is_htmx, status=401)

    def _to_password(self, scope: Scope, headers: Mapping[str, str]) -> ASGIResponse:
        if not _reads(scope):
            raise PermissionDenied(_("Choose a new password first."))
        return _lead(self._site.url("/password"), is_htmx=headers.get("hx-request") == "true", status=403)


def _lead(address: str, *, is_htmx: bool, status: int) -> ASGIResponse:
    """A redirect for a browser; htmx would follow that into a fragment and is told to load a page instead."""
    if is_htmx:
        return ASGIResponse(status_code=status, headers={"hx-redirect": address}, media_type="text/plain")
    return ASGIResponse(status_code=303, headers={"location": address}, media_type="text/plain")


def _reads(scope: Scope) -> bool:
    """Whether a person looks at what comes back; scripts are told in a status."""
    by_person = not scope["route_handler"].opt.get(JSON)
    return by_person and scope["method"] in ("GET", "HEAD")  # type: ignore[typeddict-item]  # portal routes are HTTP


def _address(scope: Scope) -> str:
    """The page asked for, as the browser wrote it."""
    path = scope.get("raw_path", b"").decode("latin-1").partition("?")[0] or quote(scope["path"])
    query = scope["query_string"].decode("latin-1")
    return f"{path}?{query}" if query else path
