"""What the pages of one's own account share."""

from portal.auth.accounts import Accounts
from portal.auth.authenticator import OwnSignIn
from portal.auth.sessions import SessionState, Visitor
from portal.errors import NotFound, SignInRequired
from portal.web.request import PortalRequest, Values


def accounts_of(request: PortalRequest) -> Accounts:
    """The portal's own accounts; a host that brings its users keeps these pages out of reach."""
    authenticator = request.site.authenticator
    if not isinstance(authenticator, OwnSignIn):
        raise NotFound
    return authenticator.accounts


def session_of(request: PortalRequest) -> SessionState:
    """The session of somebody signed in here."""
    if request.visit.session is None:
        raise SignInRequired
    return request.visit.session


def visitor_of(request: PortalRequest) -> Visitor:
    """Where the request comes from, for the list of sessions."""
    return Visitor(request.visit.address, request.visit.user_agent)


def first(form: Values, name: str) -> str:
    """The field's value; of repeated ones the first, empty when it was not sent."""
    return form.get(name, [""])[0]
