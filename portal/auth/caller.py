"""`Caller`: the program behind a request of the JSON API, by whatever it proved who it is."""

from dataclasses import dataclass
from datetime import datetime

from portal.auth.actor import Actor
from portal.auth.refusals import MissingScope
from portal.models.api_token import CUSTOMER, SERVICE, USER

__all__ = ["CLIENT", "CUSTOMER", "SERVICE", "USER", "Caller"]

CLIENT = "client"
"""The kind of callers that sign; those with a token have the token's kind."""


@dataclass(frozen=True)
class Caller:
    """Whom a token or a key stands for, true for the length of one request.

    `actor` may no more than the scopes and the owner both allow, so that policies and services need not know of
    tokens.
    """

    actor: Actor
    kind: str
    """`service`, `user`, `customer`, `client`, or a kind of the project's own."""
    subject: str
    """Whom it belongs to: the key of a user or customer as text, the id of a client's key; empty for a service."""
    id: int
    """Of the token or key in its table."""
    last_used_at: datetime | None = None

    def require(self, permission: str) -> None:
        """Raise `MissingScope` unless the token or key is good for this, whatever the policy says."""
        if not self.actor.in_scope(permission):
            raise MissingScope(permission)
