"""Other content for a file that is in use: the same place, the same words, a new key."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

from litestar import Response

from portal.auth.policy import check
from portal.db.mapping import mapping_of
from portal.errors import ConflictError
from portal.i18n import _
from portal.kit.page import BoundResource, Page, Route
from portal.pages.library.file import CONTENT, file_context, show_file
from portal.pages.library.taking import MOST_BYTES
from portal.services.file_replacing import Managed
from portal.services.files import FileService
from portal.uploads.refusals import UploadRefused
from portal.web.forgery import TICKET
from portal.web.rendering import redirect
from portal.web.request import PortalRequest
from portal.web.return_to import sent_list_query


@dataclass(frozen=True)
class ContentPage(Page):
    """Takes the file that comes in the place of a stored one."""

    def routes(self, resource: BoundResource) -> Sequence[Route]:
        return [Route(("POST",), "/{key:str}/content", self.replace, opt={TICKET: CONTENT}, max_body=MOST_BYTES)]

    async def replace(self, request: PortalRequest, resource: BoundResource) -> Response[Any]:
        check(resource.policy, request.actor, "edit", resource.name)
        sent = await request.form_values()
        key, query = request.path_params["key"], sent_list_query(sent)
        file = next(iter(request.sent_files.get("file", [])), None)
        if file is None:
            problem = _("There is no file in this. Please choose one.")
            return await self._show(request, resource, 422, query, problem)
        managed = {
            mapping_of(found.model).table_name: Managed(found.label, mapping_of(found.model))
            for found in request.site.resources.values()
        }
        uploads = request.site.uploads
        try:
            async with request.site.reading(request.actor) as work:
                service = cast(FileService, resource.service(work))
                replacement = await service.replacement(key, managed, sent.get("_version", [None])[-1])
                rules = await replacement.rules(MOST_BYTES)
            async with uploads.workshop() as workshop:
                path = await uploads.receive(file.file, workshop / "received", rules)
                await replacement.run(uploads, path, file.filename, rules)
        except (UploadRefused, ConflictError) as error:
            return await self._show(request, resource, error.status, query, error.message)
        message = _("The file was replaced. Everything that uses it shows the new one.")
        return redirect(request, request.site.url_of(resource, key), message)

    async def _show(
        self, request: PortalRequest, resource: BoundResource, status: int, query: str, problem: Any
    ) -> Response[Any]:
        context = await file_context(request, resource, query, "edit", problem)
        return show_file(request, resource, context, "detail.html", status)
