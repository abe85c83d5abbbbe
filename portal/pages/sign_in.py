"""Signing in and out."""

from dataclasses import dataclass

from litestar import Response, get, post
from litestar.response import Redirect

from portal.errors import InputError, Sentence, TooManyAttempts
from portal.pages.own_account import accounts_of, first, session_of, visitor_of
from portal.web.rendering import redirect, render
from portal.web.request import PortalRequest, Values
from portal.web.safe_next import safe_next

LARGEST_FORM = 256 * 1024


@dataclass(frozen=True)
class SignInContext:
    """What `sign_in.html` may use."""

    username: str = ""
    remember: bool = False
    next: str = ""
    """Where to go afterwards; a path of this portal or empty."""
    error: Sentence | None = None


@get("/sign-in", opt={"public": True})
async def show_sign_in(request: PortalRequest) -> Response[bytes] | Redirect:
    """The form; whoever is signed in already goes where they wanted to."""
    accounts_of(request)
    back = safe_next(first(request.sent, "next"), "")
    if request.visit.actor is not None:
        return redirect(request, back or request.site.url("/"))
    return render(request, "sign_in.html", SignInContext(next=back))


@post("/sign-in", opt={"public": True}, request_max_body_size=LARGEST_FORM)
async def sign_in(request: PortalRequest) -> Response[bytes] | Redirect:
    """Begin a session, or show the form again with everything but the password."""
    form = await request.form_values()
    try:
        signed_in = await accounts_of(request).sign_in(
            first(form, "username"),
            first(form, "password"),
            visitor_of(request),
            remember=bool(first(form, "remember")),
            device=request.visit.device,
            replaces=request.visit.identifier,
        )
    except (InputError, TooManyAttempts) as error:
        return _again(request, form, error)
    request.visit.begin_session(signed_in)
    home = request.site.url("/password" if signed_in.must_change_password else "/")
    return redirect(request, home if signed_in.must_change_password else safe_next(first(form, "next"), home))


def _again(request: PortalRequest, form: Values, error: InputError | TooManyAttempts) -> Response[bytes]:
    context = SignInContext(
        username=first(form, "username"),
        remember=bool(first(form, "remember")),
        next=safe_next(first(form, "next"), ""),
        error=error.message,
    )
    headers = {"Retry-After": str(error.retry_after)} if isinstance(error, TooManyAttempts) else {}
    return render(request, "sign_in.html", context, status=error.status, headers=headers)


@post("/sign-out", opt={"password_change": True}, request_max_body_size=LARGEST_FORM)
async def sign_out(request: PortalRequest) -> Redirect:
    """End the session here and on the server."""
    await accounts_of(request).sign_out(session_of(request))
    request.visit.end_session()
    return redirect(request, request.site.url("/sign-in"))
