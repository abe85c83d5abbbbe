"""One value of one row: a switch or a choice right in the list."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from litestar import Response

from portal.errors import ConflictError, InputError, NotFound
from portal.i18n import _
from portal.kit.forms import bind
from portal.kit.page import BoundResource, Page, Route
from portal.pages.list import ListPage
from portal.pages.row_view import build_table, row_views
from portal.web.rendering import HTML, redirect, toast_header
from portal.web.request import PortalRequest, grouped
from portal.web.return_to import list_query


@dataclass(frozen=True)
class ValuePage(Page):
    """Sets a single value."""

    def routes(self, resource: BoundResource) -> Sequence[Route]:
        return [Route(("POST",), "/{key:str}/fields/{name:str}", self.set)]

    async def set(self, request: PortalRequest, resource: BoundResource) -> Response[Any]:
        key, name = request.path_params["key"], request.path_params["name"]
        field = resource.field(name)
        if field is None or not any(column.name == name and column.inline for column in resource.columns):
            raise NotFound
        sent = await request.form_values()
        if name not in sent:
            raise InputError({name: _("This is needed.")})
        version = (sent.get("_version") or sent.get("version") or [""])[-1]
        try:
            values = bind([field], {name: sent[name]}, request.zone, creating=False)
        except InputError as error:
            raise InputError(error.errors, error.errors.get(name)) from error
        async with request.site.writing(request.actor) as work:
            service = resource.service(work)
            row = await service.save(key, values, version or None)
            title = service.title_of(row)
        message = _("“{title}” was saved.").format(title=title)
        if not request.partial:
            return redirect(request, request.site.url_of(resource) + list_query(request, resource), message)
        return await self._row(request, resource, key, message)

    async def _row(self, request: PortalRequest, resource: BoundResource, key: str, message: Any) -> Response[bytes]:
        """The row as the list shows it now."""
        page: ListPage = resource.page(ListPage)
        state = page.state(grouped(request.came_from.encode()), resource, request)
        mapping = resource.facts.mapping
        only = tuple(mapping.columns[name] == value for name, value in mapping.key_values(key).items())
        query = replace(state.query, where=only, search="", page=1, after=None, before=None)
        async with request.site.reading(request.actor) as work:
            service = resource.service(work)
            rows = await service.page(query)
            table = build_table(request, resource, service, state)
        if not rows.items:
            raise ConflictError
        body = table.draw(row_views(request, table, rows)[0])
        return Response(body.encode(), media_type=HTML, status_code=200, headers=toast_header(message))
