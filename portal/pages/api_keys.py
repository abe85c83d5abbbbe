"""Pages of tokens and keys: what is made is shown once, as the answer to the form, and kept nowhere."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, ClassVar, Self, cast
from zoneinfo import ZoneInfo

from litestar import Response
from sqlalchemy import ColumnElement

from portal.db.mixins import now
from portal.facts import Label
from portal.i18n import _
from portal.kit.columns import name_of
from portal.kit.fields import Field
from portal.kit.filters import Filter
from portal.kit.introspect import ModelFacts
from portal.kit.listing import ListState, Sent
from portal.kit.page import BoundResource, Route
from portal.pages.delete import DeletePage
from portal.pages.detail import DetailPage
from portal.pages.edit import EditPage
from portal.pages.list import ListPage
from portal.pages.row_view import May, permissions
from portal.services.api_keys import ACTIVE, EXPIRED, OFF, REVOKED, KeyService, Secret
from portal.services.resource import ResourceService
from portal.web.rendering import Crumb, Current, render, templates_for
from portal.web.request import PortalRequest, Values
from portal.web.return_to import list_query, sent_list_query

LIFETIME = timedelta(days=90)
"""What the form of a new token suggests."""

STATES: Mapping[str, Label] = {
    ACTIVE: _("Active"),
    EXPIRED: _("Expired"),
    REVOKED: _("Revoked"),
    OFF: _("Switched off"),
}


@dataclass(frozen=True)
class StateFilter(Filter):
    """Rows by what they are good for now; `state` is the service's expression."""

    state: Callable[[datetime], ColumnElement[str]] | None = None
    states: tuple[str, ...] = (ACTIVE, REVOKED)

    template: ClassVar[str] = "choice"

    @property
    def name(self) -> str:
        return "state"

    @property
    def options(self) -> list[tuple[str, Label]]:
        return [(state, STATES[state]) for state in self.states]

    def completed(self, facts: ModelFacts) -> Self:
        assert name_of(self.attribute) in facts.attributes
        return replace(self, label=self.label or _("Status"), facts=facts)

    def condition(self, sent: Mapping[str, Sequence[str]], zone: ZoneInfo) -> ColumnElement[bool] | None:
        asked = [state for state in sent.get("state", ()) if state in self.states]
        return self.state(now()).in_(asked) if asked and self.state else None

    def words(self, sent: Mapping[str, Sequence[str]]) -> Label:
        return ", ".join(str(STATES[state]) for state in sent.get("state", ()) if state in self.states)


@dataclass(frozen=True)
class TokenListPage(ListPage):
    """Customers' tokens come and go with each of their sign-ins: they are listed where they are asked for."""

    usual: tuple[str, ...] = ()
    """The kinds shown while none is chosen."""

    def state(self, sent: Sent, resource: BoundResource, request: PortalRequest) -> ListState:
        state = super().state(sent, resource, request)
        if any(found.name == "kind" for found, _sent in state.filters):
            return state
        usual = resource.facts.mapping.columns["kind"].in_(self.usual)
        return replace(state, query=replace(state.query, where=(*state.query.where, usual)))


@dataclass(frozen=True)
class IssuedContext:
    """What `api-keys/issued.html` may use."""

    resource: BoundResource
    key: str
    title: str
    secrets: Sequence[Secret]
    list_query: str


@dataclass(frozen=True)
class IssuePage(EditPage):
    """The form; a new row's secret is the answer to it, for no other page could show it."""

    fixed: tuple[str, ...] = ()
    """Fields that are only there when a new one is made."""

    async def new(self, request: PortalRequest, resource: BoundResource) -> Response[bytes]:
        if (field := resource.field("expires_at")) is not None:
            request.sent.setdefault(field.name, [self._suggested(field, request.zone)])
        return await super().new(request, resource)

    def _suggested(self, field: Field, zone: ZoneInfo) -> str:
        return field.text((now() + LIFETIME).replace(second=0, microsecond=0), zone)

    async def edit(self, request: PortalRequest, resource: BoundResource) -> Response[bytes]:
        return await super().edit(request, self._without_fixed(resource))

    async def save(self, request: PortalRequest, resource: BoundResource) -> Response[Any]:
        return await super().save(request, self._without_fixed(resource))

    def _without_fixed(self, resource: BoundResource) -> BoundResource:
        return replace(resource, fields=tuple(field for field in resource.fields if field.name not in self.fixed))

    def created(
        self, request: PortalRequest, resource: BoundResource, service: ResourceService, row: Any, sent: Values
    ) -> Response[Any]:
        query = sent_list_query(sent)
        context = IssuedContext(
            resource=resource,
            key=resource.facts.mapping.key_of(row),
            title=service.title_of(row),
            secrets=cast(KeyService, service).secrets,
            list_query=query,
        )
        crumbs = [Crumb(resource.label_plural, request.site.url_of(resource) + query), Crumb(context.title)]
        current: Current = ("resource", resource.name)
        headers = {"Cache-Control": "no-store"}
        names = [*templates_for(resource, "issued.html"), "api-keys/issued.html"]
        return render(request, names, context, current=current, crumbs=crumbs, headers=headers)


@dataclass(frozen=True)
class KeyContext:
    """What `api-keys/detail.html` may use."""

    resource: BoundResource
    key: str
    title: str
    row: Any
    state: str
    states: Mapping[str, Label]
    granted: Sequence[tuple[Label, Sequence[Label]]]
    """Operations by noun."""
    may: May
    list_query: str


@dataclass(frozen=True)
class KeyPage(DetailPage):
    """What it is good for, when it was used, and the way to end it."""

    async def show(self, request: PortalRequest, resource: BoundResource) -> Response[bytes]:
        async with request.site.reading(request.actor) as work:
            service = cast(KeyService, resource.service(work))
            row = await service.get(request.path_params["key"])
            context = KeyContext(
                resource=resource,
                key=resource.facts.mapping.key_of(row),
                title=service.title_of(row),
                row=row,
                state=await service.state_of(row),
                states=STATES,
                granted=_granted(resource, row.scopes),
                may=permissions(resource, service),
                list_query=list_query(request, resource),
            )
        crumbs = [Crumb(resource.label_plural, request.site.url_of(resource) + context.list_query)]
        crumbs.append(Crumb(context.title))
        current: Current = ("resource", resource.name)
        return render(request, templates_for(resource, "detail.html"), context, current=current, crumbs=crumbs)


def _granted(resource: BoundResource, scopes: Sequence[str]) -> list[tuple[Label, list[Label]]]:
    """The scopes in the words of the form's matrix; what is not in it, as it stands."""
    nouns: Sequence[Any] = getattr(resource.field("scopes"), "nouns", ())
    found = [(noun, [label for scope, label in pairs if scope in scopes]) for noun, pairs in nouns]
    known = {scope for _noun, pairs in nouns for scope, _label in pairs}
    others: list[Label] = [scope for scope in scopes if scope not in known]
    return [(noun, labels) for noun, labels in found if labels] + ([("", others)] if others else [])


@dataclass(frozen=True)
class NoDeletePage(DeletePage):
    """There is nothing to delete: what has been in use is revoked."""

    def routes(self, resource: BoundResource) -> Sequence[Route]:
        return []
