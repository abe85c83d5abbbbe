"""Files come into the library: several with a plain form, or one after another by a script that shows how far it is."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from litestar import Response
from litestar.datastructures import UploadFile

from portal.auth.policy import check
from portal.i18n import _
from portal.kit.page import BoundResource, Page, Route
from portal.pages.uploads import described, sent_file
from portal.uploads.names import ending_of, folder_name
from portal.uploads.refusals import UploadRefused
from portal.uploads.rules import PICTURES, Rules, document_rules, picture_rules
from portal.web.error_pages import JSON
from portal.web.forgery import TICKET
from portal.web.rendering import redirect
from portal.web.request import PortalRequest, Values

if TYPE_CHECKING:
    from portal.models.file import StoredFile

LIBRARY = "library"
"""The kind of upload ticket that the library's forms carry."""

MOST_BYTES = 64 * 1024 * 1024
MOST_FILES = 20
LONGEST_FOLDER = 100
TOLD = 3
"""How many refused files are named; a message has room for no more."""


@dataclass(frozen=True)
class UploadPage(Page):
    """Takes files of any kind and keeps them."""

    def routes(self, resource: BoundResource) -> Sequence[Route]:
        return [
            Route(("POST",), "/upload", self.take, opt={TICKET: LIBRARY}, max_body=MOST_BYTES),
            Route(("POST",), "/uploads", self.take_one, opt={JSON: True}, max_body=MOST_BYTES),
        ]

    async def take(self, request: PortalRequest, resource: BoundResource) -> Response[Any]:
        """From the plain form; answered with the list."""
        check(resource.policy, request.actor, "create", resource.name)
        sent = await request.form_values()
        files, folder = request.sent_files.get("file", []), _folder(sent)
        back = request.site.url_of(resource) + ("?" + urlencode({"folder": folder}) if folder else "")
        if not files:
            return redirect(request, back, _("There is no file in this. Please choose one."), "warn")
        if len(files) > MOST_FILES:
            return redirect(request, back, _("At most {n} files at a time.").format(n=MOST_FILES), "warn")
        refused: list[str] = []
        for file in files:
            try:
                await _keep(request, file, folder)
            except UploadRefused as error:
                refused.append(f"{file.filename[:60]}: {error.message}")
        for sentence in refused[:TOLD]:
            request.visit.flash(sentence, "error")
        if len(refused) > TOLD:
            request.visit.flash(str(_("{n} more were refused.").format(n=len(refused) - TOLD)), "error")
        taken = len(files) - len(refused)
        return redirect(request, back, _("{n} files were added.").format(n=taken) if taken else None)

    async def take_one(self, request: PortalRequest, resource: BoundResource) -> Response[Any]:
        """From the script, in the words of `POST /uploads`."""
        check(resource.policy, request.actor, "create", resource.name)
        file = await _keep(request, await sent_file(request, "file"), _folder(request.sent))
        return Response(described(request.site, file), status_code=201)


async def _keep(request: PortalRequest, file: UploadFile, folder: str) -> "StoredFile":
    uploads, rules = request.site.uploads, replace(rules_of(file.filename), folder=folder)
    async with uploads.workshop() as workshop:
        path = await uploads.receive(file.file, workshop / "received", rules)
        return await uploads.add(path, file.filename, rules, owner=request.actor.name, kept=True)


def rules_of(name: str) -> Rules:
    """A picture by its ending, or a document; what is in it is looked at all the same."""
    if ending_of(name) in PICTURES:
        return picture_rules()
    rules = document_rules()
    return replace(rules, max_bytes=min(rules.max_bytes, MOST_BYTES))


def _folder(sent: Values) -> str:
    """The folder somebody looked at while choosing; a name too long for one is none of ours."""
    folder = sent.get("folder", [""])[-1]
    return folder_name(folder)[:LONGEST_FOLDER].strip()
