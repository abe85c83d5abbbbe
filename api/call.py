"""`Call`: one request to the API, as its handlers see it."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from litestar import Request

from portal.auth.actor import Actor
from portal.auth.caller import Caller
from portal.errors import SignInRequired
from portal.services.unit_of_work import UnitOfWork
from portal.web.request import Values, grouped

if TYPE_CHECKING:
    from api.sealed_bodies import Opened
    from portal.services.changes import Observer
    from portal.web.site import Site

NOT_PARAMETERS = ("_s_", "_t_")
"""What the old form of signatures puts into the address."""


@dataclass
class Call:
    """One request. What a handler adds to `headers` goes out with the answer."""

    request: Request[Any, Any, Any]
    site: "Site"
    max_body: int = 0
    """Bytes."""
    caller: Caller | None = None
    request_id: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    status: int | None = None
    """What the handler wants instead of the endpoint's own."""
    signed: bool = False
    """Whether the caller signed this very request."""
    legacy: bool = False
    """Whether in the old form: then a plain form stands for the JSON body."""
    sealed_only: bool = False
    """Whether a body must come sealed."""
    opened: "Opened | None" = None
    """What was in a sealed body: the answer is sealed too."""
    observers: "tuple[Observer, ...]" = ()
    """Told, besides the site's own, of what this call changes through services."""

    @property
    def actor(self) -> Actor:
        """Who acts; `SignInRequired` where nobody said."""
        if self.caller is None:
            raise SignInRequired
        return self.caller.actor

    @cached_property
    def sent(self) -> Values:
        """The parameters of the address; repeated ones keep all their values."""
        found = grouped(self.request.scope["query_string"])
        if self.legacy:
            for name in NOT_PARAMETERS:
                found.pop(name, None)
        return found

    @property
    def received(self) -> Mapping[str, str]:
        """The request's headers."""
        return self.request.headers

    @property
    def address(self) -> str | None:
        """Where the call comes from, as far as proxies may be believed."""
        client = self.request.scope.get("client")
        return client[0] if client else None

    def receive_through(self, wrap: Callable[[Any], Any]) -> None:
        """Let the body pass through something that looks at it."""
        request = self.request
        self.request = type(request)(request.scope, receive=wrap(request.receive), send=request.send)

    def reading(self) -> AbstractAsyncContextManager[UnitOfWork]:
        """A unit of work that changes nothing."""
        return self.site.reading(self.actor)

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[UnitOfWork]:
        """A unit of work that may write; what its services did not commit is undone."""
        async with self.site.writing(self.actor) as work:
            yield replace(work, observers=(*work.observers, *self.observers))
