"""Errors as answers: a page, a sentence for a script, or problem details for whoever wants JSON.

One table, the errors' own statuses; whatever is not ours is a defect, is logged with an id, and says no more.
"""

import logging
import secrets
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from litestar import Request, Response
from litestar.exceptions import HTTPException
from litestar.response import Redirect

from portal.db.engine import is_unavailable
from portal.errors import (
    PermissionDenied,
    PortalError,
    Sentence,
    StorageError,
    StorageFull,
    TooManyAttempts,
    Unavailable,
)
from portal.i18n import _
from portal.uploads.local import is_full
from portal.web.access_log import REQUEST_ID
from portal.web.rendering import render
from portal.web.request import SENT, PortalRequest
from portal.web.site import Site

JSON = "json"
"""The route option of addresses that only scripts ask: they get problem documents, never a page."""

logger = logging.getLogger("portal")

TITLES: dict[int, Sentence] = {
    400: _("This request can't be read"),
    401: _("Please sign in"),
    403: _("Not allowed"),
    404: _("Not found"),
    405: _("Not like this"),
    409: _("Somebody was faster"),
    412: _("Somebody was faster"),
    413: _("Too large"),
    422: _("This can't be saved"),
    429: _("Too many attempts"),
    503: _("Not available just now"),
}
SENTENCES: dict[int, Sentence] = {
    400: _("The address or the form is broken."),
    403: PermissionDenied.sentence,
    404: _("There is nothing at this address. It may have been deleted or moved."),
    405: _("This address can't be used like that."),
    413: _("What was sent is larger than this page takes."),
}


@dataclass(frozen=True)
class ErrorContext:
    """What `error.html` may use."""

    status: int
    title: Sentence
    message: Sentence
    reference: str | None
    """The id under which the log has the rest."""
    resend: Sequence[tuple[str, str]]
    """The fields of the form that was not saved, to be sent again."""
    target: str
    """Where they go."""


Handler = Callable[[Request[Any, Any, Any], Exception], Response[Any] | Redirect]


def exception_handlers(site: Site, around: Iterable[Any] = ()) -> dict[Any, Handler]:
    """The handlers of a portal's router.

    Litestar prefers the most specific handler wherever it was given, so a host's for `NotFoundException`, 404 or
    `ValueError` would answer for our pages too: what the host has handlers for (`around`) is taken over by name.
    """
    request_class = PortalRequest.of(site)

    def handle(request: Request[Any, Any, Any], error: Exception) -> Response[Any] | Redirect:
        return answer(request_class(request.scope, request.receive, request.send), error)

    return dict.fromkeys([*around, PortalError, HTTPException, Exception], handle)


def answer(request: PortalRequest, error: Exception) -> Response[Any]:
    """The answer to an error, in the form that whoever asked can use."""
    status, message, reference, headers = _read(error, request)
    if _wants_json(request):
        title = TITLES.get(status, TITLES[400])
        return problem_details(status, title, message, headers, request.scope["state"].get(REQUEST_ID))
    if request.by_script and request.headers.get("hx-request-type") != "full":
        return Response(str(message), media_type="text/plain", status_code=status, headers=headers)
    context = ErrorContext(
        status=status,
        title=TITLES.get(status, _("Something went wrong")),
        message=message,
        reference=reference,
        resend=_resend(request, status),
        target=str(request.url.path) + (f"?{request.url.query}" if request.url.query else ""),
    )
    return render(request, "error.html", context, status=status, headers=headers)


def problem_details(
    status: int, title: Any, detail: Any, headers: dict[str, str], request_id: str | None = None
) -> Response[Any]:
    """RFC 9457."""
    body = {"type": "about:blank", "title": str(title), "status": status, "detail": str(detail)}
    if request_id:
        body["request_id"] = request_id
    return Response(body, media_type="application/problem+json", status_code=status, headers=headers)


def _read(error: Exception, request: PortalRequest) -> tuple[int, Sentence, str | None, dict[str, str]]:
    if is_unavailable(error) and not isinstance(error, StorageError):
        logger.warning("%s %s: the database does not answer: %s", request.method, request.scope["path"], error)
        error = Unavailable()
    elif is_full(error):  # also of what arrives, before any of our code sees it
        error = StorageFull()
    if isinstance(error, StorageError):
        logger.warning("%s %s: %s (%r)", request.method, request.scope["path"], error, error.__cause__)
    if isinstance(error, TooManyAttempts):
        return error.status, error.message, None, {"Retry-After": str(error.retry_after)}
    if isinstance(error, Unavailable | StorageError):
        return error.status, error.message, None, {"Retry-After": "5"}
    if isinstance(error, PortalError) and error.status < 500:
        return error.status, error.message, None, {}
    if isinstance(error, HTTPException) and error.status_code < 500:
        known = error.status_code if error.status_code in TITLES else 400
        return error.status_code, SENTENCES.get(known, PortalError.sentence), None, dict(error.headers or {})
    reference = request.scope["state"].get(REQUEST_ID) or secrets.token_hex(8)
    logger.error("%s %s failed [%s]", request.method, request.scope["path"], reference, exc_info=error)
    return 500, _("Something went wrong on our side. Nothing was saved."), reference, {}


def _wants_json(request: PortalRequest) -> bool:
    if request.scope["route_handler"].opt.get(JSON):
        return True
    accepted = request.headers.get("accept", "")
    return "json" in accepted and "html" not in accepted


def _resend(request: PortalRequest, status: int) -> list[tuple[str, str]]:
    """Nothing typed is lost: a form that could not be saved for reasons of ours is offered again."""
    if status not in {401, 403, 429, 500, 503} or request.method != "POST":
        return []
    sent = request.scope["state"].get(SENT, {})
    return [
        (name, value.encode("utf-8", "replace").decode())
        for name, values in sent.items()
        if not name.startswith("_csrf") and "password" not in name
        for value in values
    ]
