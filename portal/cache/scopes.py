"""For whom a value may be kept: known to everything a request calls, without being handed on."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from portal.auth.actor import Actor
    from portal.cache.keeping import Cache

Scope = Literal["public", "permissions", "actor"]
SCOPES: tuple[Scope, ...] = ("public", "permissions", "actor")
"""From the widest to the narrowest."""

PERSONAL = frozenset({"id", "name", "display", "language", "time_zone", "must_change_password"})
"""What of an actor says who somebody is; everything else says what they may."""


class ScopeError(RuntimeError):
    """A value was about to be kept for more people than it may be: a defect of the program."""


@dataclass(frozen=True)
class Serving:
    """Which cache is in use, and for whom something is being made."""

    cache: "Cache"
    actor: "Actor | None"
    realm: str = ""
    """Where the actor's identity counts: customers and users may have the same ids."""
    within: Scope | None = None
    """The scope of the value under way."""

    def circle(self, scope: Scope | None, name: str) -> tuple[Any, ...]:
        """What tells those who may share a value of this scope from everybody else."""
        if scope is None:
            if self.actor is not None:
                raise ScopeError(
                    f'{name} is cached and asked for by a person: say scope="public", "permissions" or "actor".'
                )
            scope = "public"
        if self.within is not None and SCOPES.index(scope) > SCOPES.index(self.within):
            raise ScopeError(
                f'{name} is cached for "{scope}" and can\'t be part of a value cached for "{self.within}".'
            )
        if scope == "public":
            return (scope,)
        if self.actor is None:
            return (scope, "nobody")
        known = {field.name: getattr(self.actor, field.name) for field in fields(self.actor)}
        if scope == "permissions":
            known = {name: value for name, value in known.items() if name not in PERSONAL}
        return (scope, self.realm, known)


_serving: ContextVar[Serving | None] = ContextVar("serving", default=None)


def current() -> Serving | None:
    return _serving.get()


@contextmanager
def serve(serving: Serving) -> Iterator[None]:
    token = _serving.set(serving)
    try:
        yield
    finally:
        _serving.reset(token)


@contextmanager
def within(serving: Serving, scope: Scope | None) -> Iterator[None]:
    """Inside the block a value of this scope is made, of which nothing narrower may become a part."""
    with serve(replace(serving, within=scope or "public")):
        yield
