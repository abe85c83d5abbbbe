"""Big files in parts: what a script sends, and asks, until the whole is there.

    POST /uploads/parts?resource=…&field=…   name, size       -> {id, part, size, parts}
    GET  /uploads/parts/<id>                                  -> the same, with the numbers of the parts that are there
    GET  /uploads/parts/<id>/<n>                              -> {url}: where that part is PUT, here or in the bucket
    PUT  /uploads/parts/<id>/<n>             the bytes
    POST /uploads/parts/<id>/done?crop=…                      -> the stored file, as from `POST /uploads`
    POST /uploads/parts/<id>/cancel

Answers are JSON, refusals problem documents. Whoever goes on with an upload must still be allowed what was allowed
when it began.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import anyio
from litestar import Response, get, post, put
from litestar.exceptions import ClientException, InternalServerException
from litestar.params import FromPath

from portal.auth.upload_tickets import FIELD
from portal.errors import InputError
from portal.i18n import _
from portal.pages.uploads import allowed_rules, described, field_named, read_box, upload_field
from portal.uploads.local import telling_disk_errors
from portal.uploads.parts import PART, PartedUploads, WrongLength
from portal.uploads.refusals import TooBig
from portal.uploads.rules import Rules
from portal.web.error_pages import JSON
from portal.web.forgery import TICKET
from portal.web.request import PortalRequest

if TYPE_CHECKING:
    from portal.models.pending_upload import PendingUpload

PARTS = "parts"
"""The kind of upload ticket in the addresses of parts: scripts send nothing else along, wherever these lead."""

BY_SCRIPT = {JSON: True}


@post("/uploads/parts", status_code=201, opt=BY_SCRIPT)
async def begin(request: PortalRequest) -> Response[Any]:
    resource, field = upload_field(request)
    rules = allowed_rules(request, resource, field)
    sent = await request.form_values()
    name, size = (sent.get(key, [""])[-1] for key in ("name", "size"))
    uploads, owner = _uploads(request), request.actor.name
    pending = await uploads.begin(name, _number(size), rules, resource=resource.name, field=field.name, owner=owner)
    return Response(_told(pending, []), status_code=201)


@get("/uploads/parts/{name:str}", opt=BY_SCRIPT)
async def show(request: PortalRequest, name: FromPath[str]) -> Response[Any]:
    pending, _rules = await _mine(request, name)
    return Response(_told(pending, await _uploads(request).arrived(pending)))


@get("/uploads/parts/{name:str}/{number:int}", opt=BY_SCRIPT)
async def address(request: PortalRequest, name: FromPath[str], number: FromPath[int]) -> Response[Any]:
    pending, _rules = await _mine(request, name)
    url = await _uploads(request).address(pending, number)
    if url is None:
        here = request.site.url("/uploads/parts/{}/{}", name, str(number))
        url = f"{here}?{FIELD}={request.visit.upload_ticket(PARTS)}"
    return Response({"url": url})


@put(
    "/uploads/parts/{name:str}/{number:int}",
    status_code=204,
    request_max_body_size=PART,
    opt={**BY_SCRIPT, TICKET: PARTS},
)
async def take(request: PortalRequest, name: FromPath[str], number: FromPath[int]) -> None:
    pending, _rules = await _mine(request, name)
    uploads = _uploads(request)
    length = uploads.length(pending, number)
    async with request.site.uploads.workshop() as workshop:
        await _receive(request, workshop / "part", length)
        await uploads.take(pending, number, workshop / "part")


@post("/uploads/parts/{name:str}/done", status_code=201, opt=BY_SCRIPT)
async def finish(request: PortalRequest, name: FromPath[str]) -> Response[Any]:
    pending, rules = await _mine(request, name)
    crop = read_box(request.sent.get("crop", [""])[-1])
    file = await _uploads(request).finish(pending, rules, crop=crop)
    return Response(described(request.site, file), status_code=201)


@post("/uploads/parts/{name:str}/cancel", status_code=204, opt=BY_SCRIPT)
async def cancel(request: PortalRequest, name: FromPath[str]) -> None:
    pending, _rules = await _mine(request, name)
    await _uploads(request).cancel(pending)


ROUTES = (begin, show, address, take, finish, cancel)


def _uploads(request: PortalRequest) -> PartedUploads:
    return PartedUploads(request.site.database, request.site.uploads)


async def _mine(request: PortalRequest, name: str) -> "tuple[PendingUpload, Rules]":
    """An upload of whoever asks, and what its field takes by now."""
    pending = await _uploads(request).find(name, request.actor.name)
    return pending, allowed_rules(request, *field_named(request, pending.resource, pending.field))


def _told(pending: "PendingUpload", arrived: Any) -> dict[str, Any]:
    return {"id": pending.name, "part": pending.part_size, "size": pending.size, "parts": list(arrived)}


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 16):
        raise InputError({"size": _("This is needed.")})
    return int(text)


async def _receive(request: PortalRequest, target: Path, length: int) -> None:
    """The body as a file, in pieces as they come; refused as soon as it can't have that length."""
    announced, received = request.content_length, 0
    if announced is not None and announced > length:
        raise TooBig.of(announced, length)
    if announced is not None and announced < length:
        raise WrongLength
    try:
        with telling_disk_errors():
            async with await anyio.open_file(target, "wb") as file:
                async for piece in request.stream():
                    received += len(piece)
                    if received > length:
                        raise TooBig.of(received, length)
                    await file.write(piece)
    except InternalServerException as error:
        raise ClientException("The rest of the part never came.") from error
