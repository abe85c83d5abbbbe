"""Errors as problem details (RFC 9457): one shape for everything the API refuses.

    {"type": "urn:fastor:problem:input", "title": "…", "status": 422, "detail": "…", "code": "input",
     "request_id": "…", "errors": [{"pointer": "/title", "code": "required", "detail": "This is needed."}]}

Statuses, codes and sentences are those of the errors themselves, which the portal's pages show too. What is no
error of ours is a defect: it is logged, and says no more than the request's id.
"""

import logging
from typing import Any

import msgspec
from litestar import Request
from litestar.exceptions import HTTPException
from litestar.response.base import ASGIResponse

from api.errors import BadParameters, NotAllowed
from portal.db.engine import is_unavailable
from portal.error_codes import code_of
from portal.errors import InputError, PortalError, SignInRequired, TooManyAttempts, Unavailable
from portal.i18n import _
from portal.web.error_pages import SENTENCES, TITLES

MEDIA_TYPE = "application/problem+json"

CODES = {400: "malformed", 404: "not-found", 405: "method", 413: "too-large", 415: "content-type"}
"""Of what Litestar itself refuses."""

_log = logging.getLogger("api")


class FieldProblem(msgspec.Struct, omit_defaults=True):
    """One thing that is wrong with what was sent."""

    code: str
    """Stable, for programs."""
    detail: str
    """For people."""
    pointer: str | None = None
    """Where in the body (RFC 6901)."""
    parameter: str | None = None
    """Or which parameter of the address."""


class Problem(msgspec.Struct, omit_defaults=True):
    """Why a call was refused."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    request_id: str = ""
    errors: list[FieldProblem] = []
    server_time: int | None = None
    """Seconds since 1970, where the caller's clock is wrong."""


class NoSuchAddress(PortalError):
    status = 404
    code = "not-found"
    sentence = SENTENCES[404]


def problem_of(error: Exception, request_id: str = "") -> tuple[Problem, dict[str, str]]:
    """The problem an error is, and the headers that go with it."""
    headers: dict[str, str] = {}
    if is_unavailable(error):
        _log.warning("the database does not answer: %s request=%s", type(error).__name__, request_id)
        error = Unavailable()
    if isinstance(error, HTTPException) and error.status_code < 500:
        headers |= dict(error.headers or {})
        status, code = error.status_code, CODES.get(error.status_code, "refused")
        detail: Any = SENTENCES.get(status, SENTENCES[400])
    elif isinstance(error, PortalError) and (error.status < 500 or error.status == 503):
        status, code, detail = error.status, error.code, error.message
    else:
        _log.error("a call failed: request=%s", request_id, exc_info=error)
        status, code, detail = 500, "defect", _("Something went wrong on our side. Nothing was saved.")
    problem = Problem(
        type=f"urn:fastor:problem:{code}",
        title=str(TITLES.get(status, TITLES[400] if status < 500 else _("Something went wrong"))),
        status=status,
        detail=str(detail),
        code=code,
        request_id=request_id,
        errors=_errors(error),
        server_time=getattr(error, "server_time", None),
    )
    return problem, {**headers, **_headers(error)}


def _errors(error: Exception) -> list[FieldProblem]:
    if isinstance(error, BadParameters):
        return [FieldProblem(code_of(why), str(why), parameter=name) for name, why in error.errors.items()]
    if isinstance(error, InputError):
        return [FieldProblem(code_of(why), str(why), pointer=pointer(name)) for name, why in error.errors.items()]
    return []


def _headers(error: Exception) -> dict[str, str]:
    return {**getattr(error, "headers", {}), **_own_headers(error)} if isinstance(error, PortalError) else {}


def _own_headers(error: PortalError) -> dict[str, str]:
    match error:
        case TooManyAttempts():
            return {"Retry-After": str(error.retry_after)}
        case NotAllowed():
            return {"Allow": ", ".join(error.methods)}
        case Unavailable():
            return {"Retry-After": "5"}
        case SignInRequired():
            return {"WWW-Authenticate": "Bearer"}
        case PortalError(status=401):
            return {"WWW-Authenticate": f'Bearer error="invalid_token", error_description="{error.code}"'}
    return {}


def pointer(name: str) -> str:
    """The JSON pointer of an attribute, or of something below one (`tags/0`); see `api.decoding.step`."""
    return f"/{name}" if name else ""


def problem_answer(error: Exception, request_id: str = "") -> ASGIResponse:
    problem, headers = problem_of(error, request_id)
    return ASGIResponse(
        body=msgspec.json.encode(problem),
        status_code=problem.status,
        media_type=MEDIA_TYPE,
        headers={"Cache-Control": "no-store", **headers},
    )


def refuse(request: Request[Any, Any, Any], error: Exception) -> Any:
    """The exception handler of the API's router."""
    return _Answered(problem_answer(error, request.scope["state"].get("request_id", "")))


class _Answered:
    """What Litestar wants an exception handler to return: something that makes an ASGI response."""

    def __init__(self, response: ASGIResponse) -> None:
        self._response = response

    def to_asgi_response(self, app: Any, request: Any, **more: Any) -> ASGIResponse:
        return self._response
