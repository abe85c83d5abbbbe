"""Language, theme and density of whoever asks, signed in or not; the forms work without a script."""

from litestar import post
from litestar.response import Redirect

from portal.auth.authenticator import OwnSignIn
from portal.i18n import LANGUAGES
from portal.pages.own_account import accounts_of, first
from portal.web.cookies import DENSITY_COOKIE, LANGUAGE_COOKIE, THEME_COOKIE
from portal.web.preferences import DENSITIES, THEMES
from portal.web.rendering import redirect
from portal.web.request import PortalRequest, Values
from portal.web.safe_next import safe_next

LARGEST_FORM = 16 * 1024

CHOICES = {
    "language": (LANGUAGE_COOKIE, tuple(LANGUAGES)),
    "theme": (THEME_COOKIE, THEMES),
    "density": (DENSITY_COOKIE, DENSITIES),
}
"""Form field -> the cookie that keeps it and what it may hold; anything else is passed over."""


@post(["/preferences", "/language"], opt={"public": True}, request_max_body_size=LARGEST_FORM)
async def set_preferences(request: PortalRequest) -> Redirect:
    """Keep what was chosen in the browser, the language of a user in their account too."""
    form = await request.form_values()
    for name, (cookie, allowed) in CHOICES.items():
        if (value := first(form, name)) in allowed:
            request.visit.prefer(cookie, value)
    await _keep_language(request, form)
    return redirect(request, safe_next(first(form, "next"), request.site.url("/")))


async def _keep_language(request: PortalRequest, form: Values) -> None:
    language, session = first(form, "language"), request.visit.session
    if session is not None and language in LANGUAGES and isinstance(request.site.authenticator, OwnSignIn):
        await accounts_of(request).prefer(session, language=language)
