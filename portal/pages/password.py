"""Changing one's own password."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from litestar import Response, get, post
from litestar.response import Redirect

from portal.auth.passwords import MAXIMUM, MINIMUM
from portal.errors import InputError, Sentence, TooManyAttempts
from portal.i18n import _
from portal.pages.own_account import accounts_of, first, session_of
from portal.pages.sign_in import LARGEST_FORM
from portal.web.rendering import redirect, render
from portal.web.request import PortalRequest


@dataclass(frozen=True)
class PasswordContext:
    """What `password.html` may use."""

    username: str
    obliged: bool
    """Nothing else of the portal opens before it is done."""
    minimum: int = MINIMUM
    maximum: int = MAXIMUM
    errors: Mapping[str, Sentence] = field(default_factory=dict)
    """By field: `old`, `new`, `repeat`; under an empty name what concerns none of them."""


@get("/password", opt={"password_change": True})
async def show_password(request: PortalRequest) -> Response[bytes]:
    """The form."""
    accounts_of(request)
    session_of(request)
    return render(request, "password.html", _context(request))


@post("/password", opt={"password_change": True}, request_max_body_size=LARGEST_FORM)
async def change_password(request: PortalRequest) -> Response[bytes] | Redirect:
    """Set the new password; every other session of this user ends."""
    form = await request.form_values()
    session = session_of(request)
    old, new, repeat = (first(form, name) for name in ("old", "new", "repeat"))
    try:
        if new != repeat:
            raise InputError({"repeat": _("This is not the same as the new password.")})
        identifier = await accounts_of(request).change_password(session, old, new)
    except InputError as error:
        return render(request, "password.html", _context(request, error.errors), status=error.status)
    except TooManyAttempts as error:
        headers = {"Retry-After": str(error.retry_after)}
        context = _context(request, {"": error.message})
        return render(request, "password.html", context, status=error.status, headers=headers)
    request.visit.renew_session(identifier, remember=session.remember)
    said = _("The password is changed. You are signed out everywhere else.")
    return redirect(request, request.site.url("/"), said)


def _context(request: PortalRequest, errors: Mapping[str, Sentence] | None = None) -> PasswordContext:
    actor = request.actor
    return PasswordContext(actor.name, obliged=actor.must_change_password, errors=errors or {})
