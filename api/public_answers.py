"""Answers that are the same for everybody: caches between may keep them for strangers, and 304 spares the rest."""

from typing import Any

import msgspec
from litestar.response.base import ASGIResponse

from api.call import Call
from api.endpoint import JSON
from portal.web.conditional import etag_of
from portal.web.negotiation import has_copy


def public_answer(
    call: Call, value: Any, *, max_age: int, stale_while_revalidate: int = 0, vary: str = ""
) -> ASGIResponse:
    """`value` as JSON, for what was made without looking at who asks; `vary` names the headers it depends on."""
    return public_bytes(
        call, msgspec.json.encode(value), JSON, max_age=max_age, stale=stale_while_revalidate, vary=vary
    )


def public_bytes(
    call: Call, body: bytes, media_type: str, *, max_age: int, stale: int = 0, vary: str = ""
) -> ASGIResponse:
    """The same for what is not JSON."""
    etag = etag_of(body)
    known = has_copy(call.received.get("if-none-match", ""), etag)
    caching = f"public, max-age={max_age}" + (f", stale-while-revalidate={stale}" if stale else "")
    # how often one caller may come is not everybody's: a kept answer says nothing of it
    headers = {"Cache-Control": caching, "ETag": etag}
    if call.caller is not None:
        headers |= {"Cache-Control": "private, no-cache", **call.headers}
    headers["Vary"] = ", ".join(filter(None, ("Authorization", vary)))
    return ASGIResponse(
        body=b"" if known else body,
        status_code=304 if known else 200,
        media_type=media_type,
        headers=headers,
    )
