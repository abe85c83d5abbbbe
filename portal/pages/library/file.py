"""One file of the library: to look at, to describe, to delete."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from litestar import Response

from portal.auth.upload_tickets import FIELD
from portal.errors import ConflictError, Sentence
from portal.i18n import _
from portal.kit.page import BoundResource, Route
from portal.pages.delete import DeletePage
from portal.pages.detail import DetailPage
from portal.pages.edit import EditPage
from portal.pages.row_view import May, permissions
from portal.services.files import FileService, Use
from portal.uploads.families import family_of, media_types_of
from portal.web.rendering import Crumb, redirect, render, templates_for
from portal.web.request import PortalRequest
from portal.web.return_to import list_query, sent_list_query

if TYPE_CHECKING:
    from portal.models.file import StoredFile

CONTENT = "content"
"""The kind of upload ticket that the form for new content carries."""


@dataclass(frozen=True)
class FileContext:
    """What `files/detail.html` and `files/delete.html` may use."""

    resource: BoundResource
    key: str
    title: str
    file: "StoredFile"
    family: str
    version: str
    uses: Sequence[Use]
    may: May
    list_query: str
    content_address: str | None
    """Where other content is sent; nothing where the actor may not."""
    accept: str
    """What may come in its place."""
    problem: Sentence | None = None
    """Why it was not deleted or replaced just now."""


async def file_context(
    request: PortalRequest, resource: BoundResource, query: str, operation: str, problem: Sentence | None = None
) -> FileContext:
    """The file an address names, for those who may do that with it."""
    names = {name: found.model for name, found in request.site.resources.items()}
    async with request.site.reading(request.actor) as work:
        service = cast(FileService, resource.service(work))
        row = await service.get(request.path_params["key"])
        service.require(operation, row)
        uses = await service.uses(row, names)
        key, may = resource.facts.mapping.key_of(row), permissions(resource, service)
        address = f"{request.site.url_of(resource, key, '/content')}?{FIELD}={request.visit.upload_ticket(CONTENT)}"
        return FileContext(
            resource=resource,
            key=key,
            title=service.title_of(row),
            file=row,
            family=family_of(row.media_type),
            version=service.version_of(row),
            uses=uses,
            may=may,
            list_query=query,
            content_address=address if service.may("edit", row) else None,
            accept=",".join(media_types_of(family_of(row.media_type))),
            problem=problem,
        )


def show_file(
    request: PortalRequest, resource: BoundResource, context: FileContext, template: str, status: int = 200
) -> Response[bytes]:
    list_address = request.site.url_of(resource) + context.list_query
    crumbs = [Crumb(resource.label_plural, list_address), Crumb(context.title)]
    names = templates_for(resource, template)
    return render(request, names, context, status=status, current=("resource", resource.name), crumbs=crumbs)


@dataclass(frozen=True)
class FilePage(DetailPage):
    """One file: what it looks like, where it lies, what uses it."""

    async def show(self, request: PortalRequest, resource: BoundResource) -> Response[bytes]:
        context = await file_context(request, resource, list_query(request, resource), "view")
        return show_file(request, resource, context, "detail.html")


@dataclass(frozen=True)
class FileEditPage(EditPage):
    """The form of a stored file; there is none for new ones."""

    def routes(self, resource: BoundResource) -> Sequence[Route]:
        return [route for route in super().routes(resource) if route.path not in ("", "/new")]


@dataclass(frozen=True)
class FileDeletePage(DeletePage):
    """Asks, with what uses the file in sight.

    What is used goes only when that is said once more: its rows keep the key and show that the file is missing.
    """

    async def delete(self, request: PortalRequest, resource: BoundResource) -> Response[Any]:
        sent = await request.form_values()
        query, forced = sent_list_query(sent), sent.get("forced", [""])[-1] == "1"
        try:
            async with request.site.writing(request.actor) as work:
                service = cast(FileService, resource.service(work))
                title = await service.delete(request.path_params["key"], forced=forced)
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
        context = await file_context(request, resource, query, "delete", problem)
        return show_file(request, resource, context, "delete.html", status)
