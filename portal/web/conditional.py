"""Answers with a mark of their content: whoever has them already is told so instead of being sent them again."""

import hashlib
from collections.abc import Mapping

from litestar import Response

from portal.web.negotiation import has_copy

JSON_TYPE = "application/json"


def etag_of(content: bytes) -> str:
    return f'"{hashlib.sha256(content).hexdigest()[:32]}"'


def conditional_answer(
    asked: Mapping[str, str], body: bytes, *, headers: Mapping[str, str], media_type: str = JSON_TYPE
) -> Response[bytes]:
    """The body, or 304 where the headers of the request (names in lower case) say that the client has it."""
    etag = etag_of(body)
    known = has_copy(asked.get("if-none-match", ""), etag)
    return Response(
        b"" if known else body,
        status_code=304 if known else 200,
        headers={**headers, "ETag": etag},
        media_type=media_type,
    )


def public_answer(
    asked: Mapping[str, str],
    body: bytes,
    *,
    max_age: int,
    stale_while_revalidate: int = 0,
    vary: str = "Accept-Language",
    media_type: str = JSON_TYPE,
) -> Response[bytes]:
    """The same for what is everybody's: browsers and caches between may keep it for so many seconds.

    Only for what was made without looking at who asks; `vary` names the headers it depends on all the same.
    """
    caching = f"public, max-age={max_age}"
    if stale_while_revalidate:
        caching += f", stale-while-revalidate={stale_while_revalidate}"
    headers = {"Cache-Control": caching, **({"Vary": vary} if vary else {})}
    return conditional_answer(asked, body, headers=headers, media_type=media_type)
