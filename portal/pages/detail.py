"""Reading one row."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from litestar import Response

from portal.db.mapping import mapping_of
from portal.facts import Label
from portal.kit.columns import CELLS, Column
from portal.kit.page import BoundResource, Page, Route
from portal.pages.row_view import May, permissions
from portal.services.query import Row
from portal.web.cells import EMPTY, cell_of
from portal.web.rendering import Crumb, render, templates_for
from portal.web.request import PortalRequest
from portal.web.return_to import list_query


@dataclass(frozen=True)
class DetailContext:
    """What `detail.html` may use."""

    resource: BoundResource
    key: str
    title: str
    items: Sequence[tuple[Label, Any, bool]]
    """Label, what is shown, and whether it is long."""
    may: May
    list_query: str


@dataclass(frozen=True)
class DetailPage(Page):
    """All of a row, to read."""

    def routes(self, resource: BoundResource) -> Sequence[Route]:
        return [Route(("GET",), "/{key:str}", self.show)]

    async def show(self, request: PortalRequest, resource: BoundResource) -> Response[bytes]:
        names = [name for name, found in resource.facts.attributes.items() if found.target is not None]
        relations = [name for name in names if not resource.facts.attributes[name].automatic]
        async with request.site.reading(request.actor) as work:
            service = resource.service(work)
            row = await service.get(request.path_params["key"], relations)
            context = DetailContext(
                resource=resource,
                key=resource.facts.mapping.key_of(row),
                title=service.title_of(row),
                items=_items(request, resource, row, relations),
                may=permissions(resource, service),
                list_query=list_query(request, resource),
            )
        crumbs = [Crumb(resource.label_plural, request.site.url_of(resource) + context.list_query)]
        crumbs.append(Crumb(context.title))
        names = templates_for(resource, "detail.html")
        return render(request, names, context, current=("resource", resource.name), crumbs=crumbs)


LONG = frozenset({"long_text", "rich_text", "json"})


def _items(
    request: PortalRequest, resource: BoundResource, row: Any, relations: Sequence[str]
) -> list[tuple[Label, Any, bool]]:
    mapping = resource.facts.mapping
    found = []
    for name, facts in resource.facts.attributes.items():
        if facts.kind == "secret" or name in mapping.foreign_keys or (facts.target and name not in relations):
            continue
        value, related = getattr(row, name), {}
        if facts.target is not None:
            target = mapping_of(facts.target)
            if facts.kind == "relations":
                value = [str(getattr(item, target.title)) for item in value]
            elif value is not None:
                related, value = {name: target.key_of(value)}, str(getattr(value, target.title))
        if facts.kind in LONG:
            found.append((facts.label, value if value not in (None, "") else EMPTY, True))
            continue
        column = Column(name, cell="moment" if facts.kind == "datetime" else CELLS.get(facts.kind, "text")).completed(
            resource.facts
        )
        cell = cell_of(request.site.templates, resource, column, request.zone)
        found.append((facts.label, cell(Row(mapping.key_of(row), {name: value}, "", related=related)), False))
    return found
