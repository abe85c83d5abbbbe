"""`Page`: something a resource can be seen or changed through, as routes under the resource's path."""

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, ClassVar

from portal.kit.actions import Action
from portal.kit.columns import Column
from portal.kit.fields import Field
from portal.kit.filters import Filter
from portal.kit.introspect import ModelFacts

if TYPE_CHECKING:
    from portal.auth.policy import Policy
    from portal.facts import Label
    from portal.services.resource import ResourceService
    from portal.services.unit_of_work import UnitOfWork


@dataclass(frozen=True)
class BoundResource:
    """A resource as one portal runs it: declarations completed, guesses made, nothing left open."""

    name: str
    label: "Label"
    label_plural: "Label"
    icon: str
    model: type
    facts: ModelFacts
    columns: tuple[Column, ...]
    fields: tuple[Field, ...]
    filters: tuple[Filter, ...]
    actions: tuple[Action, ...]
    pages: "tuple[Page, ...]"
    service_class: "type[ResourceService]"
    policy: "Policy"
    declared_as: str
    """The class it was declared by, for messages."""
    api: bool | tuple[str, ...] = False
    """Whether, or with which verbs, the JSON API shows it."""

    def service(self, work: "UnitOfWork") -> "ResourceService":
        """The operations on this noun for one request."""
        mine = work if work.policy is self.policy else replace(work, policy=self.policy)
        return self.service_class(self.name, self.model, mine)

    def page(self, kind: type) -> Any:
        """The page of that class, or `None` where the resource leaves it out."""
        return next((page for page in self.pages if isinstance(page, kind)), None)

    def field(self, name: str) -> Field | None:
        return next((found for found in self.fields if found.name == name), None)


Handler = Callable[[Any, BoundResource], Awaitable[Any]]
"""Takes the request and the resource, gives the answer."""


@dataclass(frozen=True)
class Route:
    """One address of a page: the path below the resource's own, and what answers there."""

    methods: tuple[str, ...]
    path: str
    """`""`, `/new`, `/{key:str}/edit` …"""
    handler: Handler
    absolute: bool = False
    """The path is below the portal's own instead of the resource's."""
    opt: Mapping[str, Any] = field(default_factory=dict)
    """What the middleware is to know of it: `{"public": True}` opens it to strangers."""
    max_body: int | None = None
    """Bytes of a request, where it is not what forms may have."""


class Page(ABC):
    """One way to look at a resource. To add a page nobody thought of, subclass it and give its routes."""

    operations: ClassVar["Mapping[str, Label]"] = {}
    """What it asks the policy for besides the usual operations, for the table of a role's permissions."""

    @abstractmethod
    def routes(self, resource: BoundResource) -> Sequence[Route]:
        """The addresses of this page for a resource; an empty list where it does not apply."""
