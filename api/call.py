"""`Call`: one request to the API, as its handlers see it."""

from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from litestar import Request

from portal.auth.actor import Actor
from portal.auth.caller import Caller
from portal.errors import SignInRequired
from portal.services.unit_of_work import UnitOfWork
from portal.web.request import Values, grouped

if TYPE_CHECKING:
    from portal.web.site import Site


@dataclass
class Call:
    """One request. What a handler adds to `headers` goes out with the answer."""

    request: Request[Any, Any, Any]
    site: "Site"
    caller: Caller | None = None
    request_id: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    status: int | None = None
    """What the handler wants instead of the endpoint's own."""

    @property
    def actor(self) -> Actor:
        """Who acts; `SignInRequired` where nobody said."""
        if self.caller is None:
            raise SignInRequired
        return self.caller.actor

    @property
    def sent(self) -> Values:
        """The parameters of the address; repeated ones keep all their values."""
        return grouped(self.request.scope["query_string"])

    @property
    def received(self) -> Mapping[str, str]:
        """The request's headers."""
        return self.request.headers

    @property
    def address(self) -> str | None:
        client = self.request.scope.get("client")
        return client[0] if client else None

    def reading(self) -> AbstractAsyncContextManager[UnitOfWork]:
        """A unit of work that changes nothing."""
        return self.site.reading(self.actor)

    def writing(self) -> AbstractAsyncContextManager[UnitOfWork]:
        """A unit of work that may write; what its services did not commit is undone."""
        return self.site.writing(self.actor)
