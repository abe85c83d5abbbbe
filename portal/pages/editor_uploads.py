"""`POST /editor/upload_img`: pictures for rich text, in the words of UMeditor (PRODUCT.md, annex 1).

The answer always has the same six keys. `state` is exactly `SUCCESS`, or the sentence the editor shows. A plain
form in a hidden frame gets the JSON text as a page, because that is where the old dialog looks for it.
"""

import json
import logging
from typing import TYPE_CHECKING, Any

from litestar import Response
from litestar.exceptions import HTTPException

from portal.errors import PermissionDenied, PortalError
from portal.i18n import _
from portal.kit.fields import RichTextField
from portal.kit.page import BoundResource
from portal.pages.uploads import sent_file, take, upload_field
from portal.uploads.names import shown_name
from portal.uploads.rules import Rules, picture_rules
from portal.web.headers import content_security_policy
from portal.web.request import PortalRequest

if TYPE_CHECKING:
    from portal.models.file import StoredFile

EDITOR = "editor"
"""The kind of upload ticket that editors carry."""

PARTS = ("files[]", "upfile")

FRAMED = {
    # read by the page that holds the frame, and by nobody else
    "Content-Security-Policy": content_security_policy().replace("frame-ancestors 'none'", "frame-ancestors 'self'"),
}

_log = logging.getLogger("portal.uploads")


async def take_editor_upload(request: PortalRequest) -> Response[Any]:
    name, by_script = "", _is_ajax(request)
    try:
        rules = _rules(request)
        sent = await sent_file(request, *PARTS)
        by_script = by_script or "ajax" in (await request.form()).getall("type", [])
        name = sent.filename
        file = await take(request.site, sent.file, name, rules, request.actor)
    except (PortalError, HTTPException) as error:
        return _refusal(error, name, by_script=by_script)
    return _answer(_taken(request, file), 200, by_script=by_script)


def _is_ajax(request: PortalRequest) -> bool:
    return "ajax" in request.sent.get("type", []) or request.headers.get("x-requested-with") == "XMLHttpRequest"


def _rules(request: PortalRequest) -> Rules:
    """Those of the field that is named; else the standard ones, for whoever may write a rich text at all."""
    if "resource" in request.sent:
        resource, field = upload_field(request)
        _require(request, [resource])
        return field.rules
    writable = [
        item
        for item in request.site.resources.values()
        if any(isinstance(field, RichTextField) for field in item.fields)
    ]
    _require(request, writable)
    return picture_rules()


def _require(request: PortalRequest, resources: list[BoundResource]) -> None:
    operations = ("create", "edit")
    if not any(item.policy.allows(request.actor, name, item.name) for item in resources for name in operations):
        raise PermissionDenied


def _taken(request: PortalRequest, file: "StoredFile") -> dict[str, Any]:
    name = file.key.rpartition("/")[2]
    return {
        "originalName": file.original_name,
        "name": name,
        "url": request.site.media_url(file.key),
        "size": file.size,
        "type": "." + name.rpartition(".")[2],
        "state": "SUCCESS",
    }


def _refusal(error: PortalError | HTTPException, name: str, *, by_script: bool) -> Response[Any]:
    if isinstance(error, PortalError):
        status, sentence = error.status, str(error.message)
    else:
        status = error.status_code
        sentence = str(_("This file is too big.") if status == 413 else _("This form can't be read."))
    if status >= 500:
        _log.warning("an editor's picture was not taken: %s", error)
    kept = shown_name(name) if name else ""
    body = {"originalName": kept, "name": "", "url": "", "size": 0, "type": "", "state": sentence}
    return _answer(body, status, by_script=by_script)


def _answer(body: dict[str, Any], status: int, *, by_script: bool) -> Response[Any]:
    if by_script:
        return Response(body, status_code=status, media_type="application/json")
    text = json.dumps(body, ensure_ascii=False)
    for sign, escaped in (("<", "\\u003c"), (">", "\\u003e"), ("&", "\\u0026")):
        text = text.replace(sign, escaped)
    # the frame of the old dialog reads the body of any answer; a status is nothing it knows of
    return Response(text.encode("utf-8", "replace"), status_code=200, media_type="text/html", headers=FRAMED)
