"""Deleting one row, after showing what depends on it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from litestar import Response

from portal.errors import ConflictError, Sentence
from portal.facts import Label
from portal.i18n import _
from portal.kit.page import BoundResource, Page, Route
from portal.naming import humanize, plural, snake
from portal.services.query import Dependent
from portal.web.rendering import Crumb, redirect, render, templates_for
from portal.web.request import PortalRequest
from portal.web.return_to import list_query, sent_list_query


@dataclass(frozen=True)
class DeleteContext:
    """What `delete.html` may use."""

    resource: BoundResource
    key: str
    title: str
    dependents: Sequence[tuple[Label, Dependent]]
    """What else is touched, by the name of its noun."""
    refused: bool
    list_query: str
    problem: Sentence | None = None
    """Why it was not deleted just now."""


@dataclass(frozen=True)
class DeletePage(Page):
    """Asks, and deletes."""

    def routes(self, resource: BoundResource) -> Sequence[Route]:
        path = "/{key:str}/delete"
        return [Route(("GET",), path, self.ask), Route(("POST",), path, self.delete)]

    async def ask(self, request: PortalRequest, resource: BoundResource) -> Response[bytes]:
        return await self._show(request, resource, 200, list_query(request, resource))

    async def delete(self, request: PortalRequest, resource: BoundResource) -> Response[Any]:
        query = sent_list_query(await request.form_values())
        try:
            async with request.site.writing(request.actor) as work:
                title = await resource.service(work).delete(request.path_params["key"])
        except ConflictError as conflict:
            return await self._show(request, resource, 409, query, conflict.message)
        message = _("“{title}” was deleted.").format(title=title)
        return redirect(request, request.site.url_of(resource) + query, message)

    async def _show(
        self,
        request: PortalRequest,
        resource: BoundResource,
        status: int,
        query: str,
        problem: Sentence | None = None,
    ) -> Response[bytes]:
        site = request.site
        async with site.reading(request.actor) as work:
            service = resource.service(work)
            row = await service.get(request.path_params["key"])
            service.require("delete", row)
            found = await service.dependents(row)
            context = DeleteContext(
                resource=resource,
                key=resource.facts.mapping.key_of(row),
                title=service.title_of(row),
                dependents=[(_noun(request, item.model), item) for item in found],
                refused=any(item.effect == "refuse" for item in found),
                list_query=query,
                problem=problem,
            )
        crumbs = [Crumb(resource.label_plural, site.url_of(resource) + query), Crumb(context.title)]
        names = templates_for(resource, "delete.html")
        return render(request, names, context, status=status, current=("resource", resource.name), crumbs=crumbs)


def _noun(request: PortalRequest, model: type) -> Label:
    name = request.site.names.get(model)
    return request.site.resources[name].label_plural if name else humanize(plural(snake(model.__name__)))
