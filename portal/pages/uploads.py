"""Taking one file for one field: what a script sends as soon as somebody has chosen it.

`POST /uploads?resource=articles&field=cover` with the file in the part `file`, or with `source=<key>` and
`crop=x,y,width,height` to cut a stored picture anew. The answer is JSON; a refusal is a problem document whose
`detail` is for the person.
"""

from collections.abc import Mapping
from typing import IO, TYPE_CHECKING, Any

from litestar import Response
from litestar.datastructures import UploadFile

from portal.auth.actor import Actor
from portal.errors import InputError, NotFound, PermissionDenied, PortalError
from portal.i18n import _
from portal.kit.fields import UploadField
from portal.kit.page import BoundResource
from portal.services.stored_files import describe
from portal.uploads.examine import Box
from portal.uploads.rules import Rules
from portal.web.request import PortalRequest
from portal.web.site import Site

if TYPE_CHECKING:
    from portal.models.file import StoredFile


class NoFile(PortalError):
    """422: the request carries no file."""

    status = 422
    code = "no-file"
    sentence = _("There is no file in this. Please choose one.")


async def take_upload(request: PortalRequest) -> Response[Any]:
    rules = rules_for(request)
    box = read_box(request.sent.get("crop", [""])[-1])
    source = request.sent.get("source", [""])[-1]
    uploads, owner = request.site.uploads, request.actor.name
    if source:
        if box is None:
            raise InputError({"crop": _("This is needed.")})
        file = await uploads.crop(source, box, rules, owner=owner)
    else:
        sent = await sent_file(request, "file")
        file = await take(request.site, sent.file, sent.filename, rules, request.actor, crop=box)
    return Response(described(request.site, file), status_code=201)


async def describe_upload(request: PortalRequest) -> None:
    sent = await request.form_values()
    key, alt = (sent.get(name, [""])[-1] for name in ("key", "alt"))
    async with request.site.writing(request.actor) as work:
        library = request.site.resources.get("files")
        may_all = library is not None and library.service(work).may("edit")
        await describe(work.session, request.actor, key, alt, may_all=may_all)


def rules_for(request: PortalRequest) -> Rules:
    """What the field named in the address takes; only for those who may fill it in."""
    return allowed_rules(request, *upload_field(request))


def allowed_rules(request: PortalRequest, resource: BoundResource, field: UploadField) -> Rules:
    may = resource.policy.allows
    if not any(may(request.actor, operation, resource.name) for operation in ("create", "edit")):
        raise PermissionDenied
    return field.rules


def upload_field(request: PortalRequest) -> tuple[BoundResource, UploadField]:
    return field_named(request, *(request.sent.get(name, [""])[-1] for name in ("resource", "field")))


def field_named(request: PortalRequest, resource_name: str, name: str) -> tuple[BoundResource, UploadField]:
    resource = request.site.resources.get(resource_name)
    field = resource.field(name) if resource else None
    if resource is None or not isinstance(field, UploadField) or field.read_only:
        raise NotFound
    return resource, field


async def sent_file(request: PortalRequest, *names: str) -> UploadFile:
    """The first file of a multipart request, in one of these parts; only asked for after all permissions."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "multipart/form-data":
        raise NoFile
    form = await request.form()
    for name in names:
        for item in form.getall(name, []):
            if isinstance(item, UploadFile) and item.filename:
                return item
    raise NoFile


async def take(
    site: Site, source: IO[bytes], name: str, rules: Rules, actor: Actor, crop: Box | None = None
) -> "StoredFile":
    """A received stream becomes a stored file."""
    async with site.uploads.workshop() as workshop:
        path = await site.uploads.receive(source, workshop / "received", rules)
        return await site.uploads.add(path, name, rules, owner=actor.name, crop=crop)


def described(site: Site, file: "StoredFile") -> Mapping[str, Any]:
    """A stored file as scripts know it."""
    return {
        "key": file.key,
        "url": site.media_url(file.key),
        "thumb": site.thumb_url(file.key) if file.kind == "image" else None,
        "preview": site.preview_url(file) if file.kind == "image" else None,
        "name": file.original_name,
        "size": file.size,
        "width": file.width,
        "height": file.height,
        "alt": file.alt,
        "type": file.media_type,
    }


def read_box(text: str) -> Box | None:
    """`x,y,width,height` in whole pixels."""
    if not text:
        return None
    parts = text.split(",")
    if len(parts) != 4 or not all(part.isascii() and part.isdigit() and len(part) < 7 for part in parts):
        raise InputError({"crop": _("This is no part of the picture.")}, _("This is no part of the picture."))
    return Box(*map(int, parts))
