"""Upload tickets: what stands in an address where no header can be sent (SECURITY 1.2).

Good for one session, one kind of route and one hour; of no use anywhere else.
"""

import hashlib
import hmac
import secrets
import time
from collections.abc import Callable

from portal.auth.signing import Signer

AGE = 3600
"""Seconds."""

FIELD = "ticket"
"""The name of the query parameter."""


class UploadTickets:
    """Issues and checks them; nothing is stored."""

    def __init__(self, key: bytes, *, clock: Callable[[], float] = time.time) -> None:
        self._key = key
        self._clock = clock

    def issue(self, route: str, binding: str) -> str:
        """A ticket for the routes called `route`, for the session that `binding` names."""
        return self._signer(route, binding).sign(secrets.token_hex(8))

    def valid(self, ticket: str | None, route: str, binding: str) -> bool:
        return bool(ticket) and self._signer(route, binding).read(ticket) is not None

    def _signer(self, route: str, binding: str) -> Signer:
        key = hmac.digest(self._key, f"{route}\0{binding}".encode(), hashlib.sha256)
        return Signer(key, max_age=AGE, clock=self._clock)
