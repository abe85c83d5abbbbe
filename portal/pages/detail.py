"""Reading one row."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from litestar import Response

from portal.db.mapping import mapping_of
from portal.facts import Label
from portal.kit.columns import CELLS, Column
from portal.kit.page import BoundResource, Page, Route
from portal.markup import keys_in, to_public
from portal.pages.row_view import May, permissions
from portal.pages.styled_text import WITH_STYLES, as_document
from portal.services.query import Row
from portal.services.stored_files import files_by_key
from portal.web.cells import cell_of
from portal.web.rendering import Crumb, Current, render, templates_for
from portal.web.request import PortalRequest
from portal.web.return_to import list_query


@dataclass(frozen=True)
class DetailContext:
    """What `detail.html` may use."""

    resource: BoundResource
    key: str
    title: str
    items: Sequence[tuple[Label, Any, str]]
    """Label, what is shown, and how it stands: `long` in lines, `rich` for markup, `pictures` for a gallery."""
    may: May
    list_query: str


@dataclass(frozen=True)
class DetailPage(Page):
    """All of a row, to read."""

    def routes(self, resource: BoundResource) -> Sequence[Route]:
        return [Route(("GET",), "/{key:str}", self.show)]

    async def show(self, request: PortalRequest, resource: BoundResource) -> Response[bytes]:
        texts = [name for name, found in resource.facts.attributes.items() if found.kind == "rich_text"]
        if texts and (away := as_document(request)):
            return away
        names = [name for name, found in resource.facts.attributes.items() if found.target is not None]
        relations = [name for name in names if not resource.facts.attributes[name].automatic]
        async with request.site.reading(request.actor) as work:
            service = resource.service(work)
            row = await service.get(request.path_params["key"], relations)
            pictures = await files_by_key(
                work.session, [key for name in texts for key in keys_in(getattr(row, name) or "")]
            )
            context = DetailContext(
                resource=resource,
                key=resource.facts.mapping.key_of(row),
                title=service.title_of(row),
                items=_items(request, resource, row, relations, pictures),
                may=permissions(resource, service),
                list_query=list_query(request, resource),
            )
        crumbs = [Crumb(resource.label_plural, request.site.url_of(resource) + context.list_query)]
        crumbs.append(Crumb(context.title))
        names = templates_for(resource, "detail.html")
        current: Current = ("resource", resource.name)
        return render(request, names, context, current=current, crumbs=crumbs, headers=WITH_STYLES if texts else {})


STANDS = {"long_text": "long", "json": "long", "rich_text": "rich", "gallery": "pictures"}
"""Kind -> how it stands; all others are cells."""


def _items(
    request: PortalRequest, resource: BoundResource, row: Any, relations: Sequence[str], pictures: Mapping[str, Any]
) -> list[tuple[Label, Any, str]]:
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
        if facts.kind in STANDS and value not in (None, "", []):
            if facts.kind == "rich_text":
                value = to_public(value, pictures=pictures, media_url=request.site.media_url, videos=())
            found.append((facts.label, value, STANDS[facts.kind]))
            continue
        column = Column(name, cell="moment" if facts.kind == "datetime" else CELLS.get(facts.kind, "text")).completed(
            resource.facts
        )
        cell = cell_of(request.site.templates, resource, column, request.zone)
        found.append((facts.label, cell(Row(mapping.key_of(row), {name: value}, "", related=related)), ""))
    return found
