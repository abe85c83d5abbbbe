"""What one request knows of its visitor, and what the answer will tell the visitor's browser."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import msgspec

from portal.auth.accounts import SignedIn
from portal.auth.actor import Actor
from portal.auth.csrf import CsrfTokens
from portal.auth.sessions import Lifetimes, SessionState, key_of
from portal.auth.throttle import DEVICE_AGE
from portal.auth.upload_tickets import UploadTickets
from portal.web.cookies import YEAR, Cookies, Header

_LONGEST_FLASH = 300
_MOST_FLASHES = 5
"""A cookie holds 4 kB, and nobody reads more."""


class Flash(msgspec.Struct, frozen=True, array_like=True):
    """A message for the next page."""

    text: str
    tone: str = "ok"


@dataclass(frozen=True)
class Preferences:
    """How the visitor wants pages to be."""

    language: str
    time_zone: str
    theme: str
    density: str


@dataclass
class RequestState:
    """Put into `scope["state"]["fastor"]` by the session middleware; handlers use its methods."""

    cookies: Cookies
    tokens: CsrfTokens
    tickets: UploadTickets
    preferences: Preferences
    visitor: str
    """The identifier of the signed pre-session; what forms are bound to while nobody is signed in."""
    sign_visitor: Callable[[str], str]
    address: str | None = None
    """The visitor's address, as far as proxies may be believed."""
    user_agent: str = ""
    device: str | None = None
    """What the browser sent as proof that its owner has signed in from it."""
    identifier: str | None = field(default=None, repr=False)
    """What the browser sent as its session, good or not."""
    unverified: bool = False
    """Nobody could be asked whether the identifier is good."""
    actor: Actor | None = None
    session: SessionState | None = None
    flashes: list[Flash] = field(default_factory=list)
    headers: list[Header] = field(default_factory=list)
    """Added to the answer."""

    @property
    def language(self) -> str:
        return self.preferences.language

    @property
    def time_zone(self) -> str:
        return self.preferences.time_zone

    @property
    def theme(self) -> str:
        return self.preferences.theme

    @property
    def density(self) -> str:
        return self.preferences.density

    @property
    def binding(self) -> str:
        """What form tokens of this visitor are good for."""
        if self.session is not None:
            return f"session {self.session.key}"
        if self.unverified and self.identifier:
            # The form that gives back what was typed is to be good as soon as the database answers again.
            return f"session {key_of(self.identifier)}"
        # A host's users have no session of ours: then it is this browser and this user.
        return f"visitor {self.visitor} {self.actor.id if self.actor else ''}"

    def csrf_token(self) -> str:
        """A token for the forms of the page under way."""
        if self.session is None and not self.unverified:
            # Every time, so that a form just shown has the whole lifetime before it.
            renewed = self.cookies.build(self.cookies.visitor, self.sign_visitor(self.visitor))
            if renewed not in self.headers:
                self.headers.append(renewed)
        return self.tokens.issue(self.binding)

    def upload_ticket(self, route: str) -> str:
        """What the address of a plain form with files carries, for routes whose option `upload_ticket` is `route`."""
        return self.tickets.issue(route, self.binding)

    def flash(self, text: str, tone: str = "ok") -> None:
        """Leave a message for the next page."""
        self.flashes = [*self.flashes, Flash(text[:_LONGEST_FLASH], tone)][-_MOST_FLASHES:]

    def take_flashes(self) -> Sequence[Flash]:
        """The messages to show now; they are not shown again."""
        taken, self.flashes = self.flashes, []
        return taken

    def begin_session(self, signed_in: SignedIn) -> None:
        """Give the browser its new session and forget what it was before."""
        self.renew_session(signed_in.identifier, remember=signed_in.remember)
        self.headers.append(self.cookies.build(self.cookies.device, signed_in.device, max_age=DEVICE_AGE))
        self.headers.append(self.cookies.clear(self.cookies.visitor))

    def renew_session(self, identifier: str, *, remember: bool) -> None:
        """Give the browser another identifier; how long it is good the server knows."""
        lasting = int(Lifetimes().remembered_absolute.total_seconds()) if remember else None
        self.headers.append(self.cookies.build(self.cookies.session, identifier, max_age=lasting))

    def end_session(self) -> None:
        """Make the browser forget its session, what was cached in it and what was still to be said."""
        self.take_flashes()
        self.headers.append(self.cookies.clear(self.cookies.session))
        self.headers.append((b"clear-site-data", b'"cache"'))

    def prefer(self, name: str, value: str) -> None:
        """Remember a preference in the browser, where our scripts may change it."""
        self.headers.append(self.cookies.build(name, value, max_age=YEAR, script=True))
