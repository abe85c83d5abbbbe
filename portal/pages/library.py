"""The media library: many files at once in, each with where it is used, and out only when nothing does."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar, cast
from zoneinfo import ZoneInfo

from litestar import Response
from litestar.datastructures import UploadFile
from sqlalchemy import ColumnElement

from portal.auth.policy import check
from portal.auth.upload_tickets import FIELD
from portal.errors import ConflictError, Sentence
from portal.i18n import _
from portal.kit.filters import Filter
from portal.kit.listing import Sent
from portal.kit.page import BoundResource, Page, Route
from portal.pages.delete import DeletePage
from portal.pages.detail import DetailPage
from portal.pages.edit import EditPage
from portal.pages.list import ListContext, ListPage
from portal.pages.row_view import May, permissions
from portal.services.files import FileService, Use
from portal.uploads.refusals import UploadRefused
from portal.uploads.rules import DOCUMENTS, MEDIA_TYPES, PICTURES, Rules, document_rules, picture_rules
from portal.web.forgery import TICKET
from portal.web.rendering import Crumb, redirect, render, shallow, templates_for
from portal.web.request import PortalRequest
from portal.web.return_to import list_query, sent_list_query

if TYPE_CHECKING:
    from portal.models.file import StoredFile

LIBRARY = "library"
"""The kind of upload ticket that the library's form carries."""

MOST_BYTES = 64 * 1024 * 1024
MOST_FILES = 20
TOLD = 3
"""How many refused files are named; a message has room for no more."""


@dataclass(frozen=True)
class SameTextFilter(Filter):
    """Rows whose text is exactly what was typed."""

    template: ClassVar[str] = "text"

    def condition(self, sent: Mapping[str, Sequence[str]], zone: ZoneInfo) -> ColumnElement[bool] | None:
        text = sent.get(self.name, ("",))[-1].strip()
        if not text or "\0" in text:
            return None
        found: ColumnElement[bool] = self.column == text
        return found


@dataclass(frozen=True)
class LibraryContext(ListContext):
    """What `files/list.html` may use besides."""

    upload_address: str | None
    """Where new files are sent; nothing where the actor may not."""
    accept: str


@dataclass(frozen=True)
class LibraryPage(ListPage):
    """The list, with a form that takes files."""

    async def context(self, request: PortalRequest, resource: BoundResource, sent: Sent) -> LibraryContext:
        found = await super().context(request, resource, sent)
        address = None
        if resource.policy.allows(request.actor, "create", resource.name):
            ticket = request.visit.upload_ticket(LIBRARY)
            address = f"{request.site.url_of(resource, tail='/upload')}?{FIELD}={ticket}"
        accept = ",".join(MEDIA_TYPES[ending] for ending in (*PICTURES, *DOCUMENTS))
        return LibraryContext(**shallow(found), upload_address=address, accept=accept)


@dataclass(frozen=True)
class UploadPage(Page):
    """Takes several files of any kind and keeps them."""

    def routes(self, resource: BoundResource) -> Sequence[Route]:
        return [Route(("POST",), "/upload", self.take, opt={TICKET: LIBRARY}, max_body=MOST_BYTES)]

    async def take(self, request: PortalRequest, resource: BoundResource) -> Response[Any]:
        check(resource.policy, request.actor, "create", resource.name)
        await request.form_values()
        files = request.sent_files.get("file", [])
        back = request.site.url_of(resource)
        if not files:
            return redirect(request, back, _("There is no file in this. Please choose one."), "warn")
        if len(files) > MOST_FILES:
            return redirect(request, back, _("At most {n} files at a time.").format(n=MOST_FILES), "warn")
        refused: list[str] = []
        for file in files:
            try:
                await _keep(request, file)
            except UploadRefused as error:
                refused.append(f"{file.filename[:60]}: {error.message}")
        for sentence in refused[:TOLD]:
            request.visit.flash(sentence, "error")
        if len(refused) > TOLD:
            request.visit.flash(str(_("{n} more were refused.").format(n=len(refused) - TOLD)), "error")
        taken = len(files) - len(refused)
        return redirect(request, back, _("{n} files were added.").format(n=taken) if taken else None)


async def _keep(request: PortalRequest, file: UploadFile) -> None:
    uploads, rules = request.site.uploads, rules_of(file.filename)
    async with uploads.workshop() as workshop:
        path = await uploads.receive(file.file, workshop / "received", rules)
        await uploads.add(path, file.filename, rules, owner=request.actor.name, kept=True)


def rules_of(name: str) -> Rules:
    """A picture by its ending, or a document; what is in it is looked at all the same."""
    ending = name.rpartition(".")[2].lower()
    if ending in {*PICTURES, "jpeg"}:
        return picture_rules()
    rules = document_rules()
    return replace(rules, max_bytes=min(rules.max_bytes, MOST_BYTES))


@dataclass(frozen=True)
class FileEditPage(EditPage):
    """The form of a stored file; there is none for new ones."""

    def routes(self, resource: BoundResource) -> Sequence[Route]:
        return [route for route in super().routes(resource) if route.path not in ("", "/new")]


@dataclass(frozen=True)
class FileContext:
    """What `files/detail.html` and `files/delete.html` may use."""

    resource: BoundResource
    key: str
    title: str
    file: "StoredFile"
    uses: Sequence[Use]
    may: May
    list_query: str
    problem: Sentence | None = None
    """Why it was not deleted just now."""


async def _file_context(request: PortalRequest, resource: BoundResource, query: str, operation: str) -> FileContext:
    names = {name: found.model for name, found in request.site.resources.items()}
    async with request.site.reading(request.actor) as work:
        service = cast(FileService, resource.service(work))
        row = await service.get(request.path_params["key"])
        service.require(operation, row)
        uses = await service.uses(row, names)
        key, title = resource.facts.mapping.key_of(row), service.title_of(row)
        return FileContext(resource, key, title, row, uses, permissions(resource, service), query)


def _crumbs(request: PortalRequest, context: FileContext) -> list[Crumb]:
    list_address = request.site.url_of(context.resource) + context.list_query
    return [Crumb(context.resource.label_plural, list_address), Crumb(context.title)]


@dataclass(frozen=True)
class FilePage(DetailPage):
    """One file: what it looks like, where it lies, what uses it."""

    async def show(self, request: PortalRequest, resource: BoundResource) -> Response[bytes]:
        context = await _file_context(request, resource, list_query(request, resource), "view")
        names, current = templates_for(resource, "detail.html"), ("resource", resource.name)
        return render(request, names, context, current=cast(Any, current), crumbs=_crumbs(request, context))


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
        context = replace(await _file_context(request, resource, query, "delete"), problem=problem)
        names, current = templates_for(resource, "delete.html"), ("resource", resource.name)
        crumbs = _crumbs(request, context)
        return render(request, names, context, status=status, current=cast(Any, current), crumbs=crumbs)
