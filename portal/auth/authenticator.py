"""Who is asking? The portal's own sign-in answers by default; a host application may bring its own users."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from portal.auth.accounts import Accounts
from portal.auth.actor import Actor
from portal.auth.sessions import SessionState
from portal.db.engine import Database
from portal.settings import Settings

SESSION_COOKIE = "fastor_session"


@dataclass(frozen=True)
class Visit:
    """What there is to know somebody by, free of any framework."""

    headers: Mapping[str, str]
    """Lower-case names; of repeated ones the last."""
    cookies: Mapping[str, str]
    address: str | None


@dataclass(frozen=True)
class Identity:
    """Somebody who is signed in; `session` only where the portal's own table holds it."""

    actor: Actor
    session: SessionState | None = None


class Authenticator(Protocol):
    """The one question a host with users of its own answers."""

    sign_in_url: str | None
    """Where to send nobody; `None` for the portal's own sign-in page."""

    async def authenticate(self, visit: Visit) -> Identity | None:
        """Who this is, or `None` for nobody. Asked once a request."""
        ...


class OwnSignIn:
    """The portal's own users, sessions and sign-in page."""

    sign_in_url: str | None = None

    def __init__(self, accounts: Accounts, settings: Settings) -> None:
        self.accounts = accounts
        self.sessions = accounts.sessions
        self.cookie = cookie_name(SESSION_COOKIE, secure=uses_tls(settings))

    @classmethod
    def build(cls, database: Database, settings: Settings) -> "OwnSignIn":
        """Over the portal's own tables."""
        return cls(Accounts.build(database, settings), settings)

    async def authenticate(self, visit: Visit) -> Identity | None:
        """The user of the session cookie, while the session is good."""
        identifier = visit.cookies.get(self.cookie)
        state = await self.sessions.load(identifier) if identifier else None
        return Identity(state.actor, state) if state else None


def uses_tls(settings: Settings) -> bool:
    """Whether browsers reach the portal by https, so that cookies can be `Secure`."""
    return (settings.base_url or "").startswith("https://")


def cookie_name(name: str, *, secure: bool) -> str:
    """The `__Host-` prefix keeps sister domains from planting the cookie; browsers want TLS for it."""
    return f"__Host-{name}" if secure else name
