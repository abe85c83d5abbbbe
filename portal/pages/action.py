"""Doing something to the ticked rows, or to all that match."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

from litestar import Response

from portal.errors import InputError, NotFound
from portal.i18n import _
from portal.kit.actions import Action
from portal.kit.page import BoundResource, Page, Route
from portal.pages.list import ListPage
from portal.services.resource import ResourceService
from portal.web.rendering import Crumb, redirect, render, templates_for
from portal.web.request import PortalRequest, Values
from portal.web.return_to import clean_query

MAX_TICKED = 500

TICK_FIRST = _("Tick the rows first.")


@dataclass(frozen=True)
class Ticked:
    """The rows that a form of a list is about: those that are ticked, or all that match; false for none."""

    keys: Sequence[str]
    every: bool

    @classmethod
    def of(cls, sent: Values) -> Self:
        """As the form says; `InputError` where more are ticked than one page can have."""
        keys, every = list(dict.fromkeys(sent.get("ids", []))), sent.get("all", [""])[-1] == "1"
        if len(keys) > MAX_TICKED and not every:
            raise InputError({}, _("At most {n} rows can be ticked at once.").format(n=MAX_TICKED))
        return cls(keys, every)

    def __bool__(self) -> bool:
        return self.every or bool(self.keys)

    async def rows(self, request: PortalRequest, resource: BoundResource, service: ResourceService) -> Any:
        """A condition on them; the address says which list they match."""
        if not self.every:
            return await service.selected(self.keys)
        page: ListPage = resource.page(ListPage)
        return service.matching(page.state(request.sent, resource, request).query)


@dataclass(frozen=True)
class ActionContext:
    """What `action.html`, the question before an action without scripts, may use."""

    resource: BoundResource
    action: Action
    question: str
    href: str
    ids: Sequence[str]
    all: bool
    list_query: str


@dataclass(frozen=True)
class ActionPage(Page):
    """Runs the declared actions."""

    def routes(self, resource: BoundResource) -> Sequence[Route]:
        return [Route(("POST",), "/actions/{name:str}", self.run)]

    async def run(self, request: PortalRequest, resource: BoundResource) -> Response[Any]:
        action = next((item for item in resource.actions if item.name == request.path_params["name"]), None)
        if action is None:
            raise NotFound
        sent = await request.form_values()
        ticked = Ticked.of(sent)
        query = clean_query(request.scope["query_string"].decode("latin-1"))
        back = request.site.url_of(resource) + query
        if not ticked:
            return redirect(request, back, TICK_FIRST, "warn")
        async with request.site.writing(request.actor) as work:
            service = resource.service(work)
            service.require(action.permission)
            rows = await ticked.rows(request, resource, service)
            if action.confirm is not None and not request.by_script and "confirmed" not in sent:
                return await self._ask(request, resource, service, action, ticked, query)
            count = await getattr(service, action.service_method)(rows)
        done = _("{action}: {n} rows.").format(action=action.label or action.name, n=count)
        return redirect(request, back, done)

    async def _ask(
        self,
        request: PortalRequest,
        resource: BoundResource,
        service: ResourceService,
        action: Action,
        ticked: Ticked,
        query: str,
    ) -> Response[bytes]:
        """The question that scripts ask in a dialog."""
        number: int | str = len(ticked.keys)
        if ticked.every:
            page: ListPage = resource.page(ListPage)
            count = await service.count(page.state(request.sent, resource, request).query)
            number = f"{count.number:,}+" if count.capped else count.number
        context = ActionContext(
            resource=resource,
            action=action,
            question=str(action.confirm).format(n=number),
            href=request.site.url_of(resource, tail=f"/actions/{action.name}") + query,
            ids=() if ticked.every else ticked.keys,
            all=ticked.every,
            list_query=query,
        )
        crumbs = [Crumb(resource.label_plural, request.site.url_of(resource) + query), Crumb(action.label)]
        names = templates_for(resource, "action.html")
        return render(request, names, context, current=("resource", resource.name), crumbs=crumbs)
