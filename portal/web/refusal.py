"""What is answered to a request that no route should see: one plain line, or problem details below `/api/`."""

from http import HTTPStatus
from typing import Any

import msgspec

from portal.web.asgi import Scope

CODES = {
    400: "malformed",
    405: "method",
    408: "too-slow",
    413: "too-large",
    414: "address-too-long",
    431: "headers-too-large",
}
"""As programs know them."""


def refusal(scope: Scope, status: int, reason: str = "") -> tuple[bytes, bytes]:
    """Its media type and its body; nothing of the request is echoed."""
    phrase = HTTPStatus(status).phrase
    if "/api/" not in scope["path"]:
        return b"text/plain; charset=utf-8", f"{status} {phrase}{'. ' if reason else ''}{reason}\n".encode()
    code = CODES.get(status, "refused")
    problem: dict[str, Any] = {
        "type": f"urn:fastor:problem:{code}",
        "title": phrase,
        "status": status,
        "detail": reason or f"{phrase}.",
        "code": code,
    }
    if request_id := scope.get("state", {}).get("request_id"):
        problem["request_id"] = request_id
    return b"application/problem+json", msgspec.json.encode(problem)
