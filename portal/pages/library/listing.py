"""The library's list, as rows or as pictures, folder by folder."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, cast

from litestar import Response

from portal.auth.upload_tickets import FIELD
from portal.errors import InputError
from portal.i18n import _
from portal.kit.listing import ListState, Sent
from portal.kit.page import BoundResource, Page, Route
from portal.pages.action import TICK_FIRST, Ticked
from portal.pages.library.taking import LIBRARY, MOST_BYTES
from portal.pages.list import ListContext, ListPage
from portal.services.files import NO_FOLDER, FileService
from portal.services.query import Row
from portal.uploads.families import family_of
from portal.uploads.keys import THUMB, copy_key
from portal.uploads.names import folder_name
from portal.uploads.rules import DOCUMENTS, MEDIA_TYPES, PICTURES
from portal.web.rendering import redirect, shallow
from portal.web.request import PortalRequest
from portal.web.return_to import clean_query

GRID = ("view", "grid")


@dataclass(frozen=True)
class Folder:
    """A folder to look into."""

    name: str
    number: int
    href: str
    current: bool


@dataclass(frozen=True)
class Tile:
    """A file in the grid."""

    key: str
    title: str
    href: str
    more: str
    """What its dots are called."""
    values: Mapping[str, Any]
    family: str
    preview: str | None
    """The address of a small picture of it."""


@dataclass(frozen=True)
class LibraryContext(ListContext):
    """What `files/list.html` and its partials may use besides."""

    grid: bool
    other_view: str
    """The query of the same list, seen the other way."""
    folders: Sequence[Folder]
    folder: str
    """The one that is looked at; nothing where it is all of them."""
    tiles: Sequence[Tile]
    upload_address: str | None
    """Where new files are sent; nothing where the actor may not."""
    accept: str
    most_bytes: int
    formats: Sequence[str]
    swapped: bool
    """It is only the results that are asked for: what stands around them is brought along."""
    may_check: bool


@dataclass(frozen=True)
class LibraryPage(ListPage):
    """The list or the grid, with a form that takes files."""

    def state(self, sent: Sent, resource: BoundResource, request: PortalRequest) -> ListState:
        found = super().state(sent, resource, request)
        return replace(found, look=(GRID,)) if sent.get(GRID[0], ("",))[-1] == GRID[1] else found

    async def context(self, request: PortalRequest, resource: BoundResource, sent: Sent) -> LibraryContext:
        found = await super().context(request, resource, sent)
        state, site = found.state, request.site
        async with site.reading(request.actor) as work:
            folders = await cast(FileService, resource.service(work)).folders()
        asked = _folder_asked(state)
        grid = bool(state.look)
        return LibraryContext(
            **shallow(found),
            grid=grid,
            other_view=replace(state, look=() if grid else (GRID,)).address(stay=True),
            folders=_folders(state, folders, asked),
            folder="" if asked in (None, NO_FOLDER) else str(asked),
            tiles=[_tile(request, resource, row) for row in found.found.items] if grid else (),
            upload_address=_upload_address(request, resource),
            accept=",".join(MEDIA_TYPES[ending] for ending in (*PICTURES, *DOCUMENTS)),
            most_bytes=MOST_BYTES,
            formats=(*PICTURES, *DOCUMENTS),
            swapped=request.partial,
            may_check=resource.policy.allows(request.actor, "check", resource.name),
        )


@dataclass(frozen=True)
class FolderPage(Page):
    """Puts the ticked files into a folder."""

    def routes(self, resource: BoundResource) -> Sequence[Route]:
        return [Route(("POST",), "/folder", self.move)]

    async def move(self, request: PortalRequest, resource: BoundResource) -> Response[Any]:
        sent = await request.form_values()
        ticked = Ticked.of(sent)
        back = request.site.url_of(resource) + clean_query(request.scope["query_string"].decode("latin-1"))
        if not ticked:
            return redirect(request, back, TICK_FIRST, "warn")
        name = sent.get("folder", [""])[-1]
        try:
            async with request.site.writing(request.actor) as work:
                service = cast(FileService, resource.service(work))
                service.require("edit")
                count = await service.put_into(await ticked.rows(request, resource, service), name)
        except InputError as error:
            return redirect(request, back, next(iter(error.errors.values()), error.message), "error")
        if folder := folder_name(name):
            return redirect(request, back, _("{n} files are in “{folder}” now.").format(n=count, folder=folder))
        return redirect(request, back, _("{n} files are in no folder now.").format(n=count))


def _folder_asked(state: ListState) -> str | None:
    asked = next((sent for found, sent in state.filters if found.name == "folder"), {})
    return next(iter(asked.get("folder", ())), None)


def _folders(state: ListState, found: Sequence[tuple[str, int]], asked: str | None) -> list[Folder]:
    """All files, those in no folder, and the folders; nothing where there are none."""
    if not any(name for name, _number in found):
        return []
    every = sum(number for _name, number in found)
    folders = [Folder("", every, state.address(without=["folder"]), asked is None)]
    for name, number in found:
        value = name or NO_FOLDER
        folders.append(Folder(value, number, state.address(folder=value), asked == value))
    return folders


def _tile(request: PortalRequest, resource: BoundResource, row: Row) -> Tile:
    values = row.values
    title = str(values["original_name"])
    picture = values["kind"] == "image"
    size = "small" if "small" in (values["sizes"] or ()) else THUMB
    return Tile(
        key=row.key,
        title=title,
        href=request.site.url_of(resource, row.key),
        more=str(_("More: {title}").format(title=title)),
        values=values,
        family=family_of(values["media_type"]),
        preview=request.site.media_url(copy_key(values["key"], size)) if picture else None,
    )


def _upload_address(request: PortalRequest, resource: BoundResource) -> str | None:
    if not resource.policy.allows(request.actor, "create", resource.name):
        return None
    return f"{request.site.url_of(resource, tail='/upload')}?{FIELD}={request.visit.upload_ticket(LIBRARY)}"
