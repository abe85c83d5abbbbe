"""`Idempotency-Key`: a call that is repeated because its answer was lost is not done twice.

Whoever comes with the same key and the same call gets the same answer for a day; while the first is at it, or
where its answer was lost with its process, they are told so. A call that was refused leaves its key free.
"""

from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
from litestar.response.base import ASGIResponse

from api.call import Call
from api.endpoint import JSON
from portal.auth.caller import CLIENT, SERVICE, Caller
from portal.errors import PortalError
from portal.i18n import _
from portal.services.once import KeptAnswer, Once

HEADER = "Idempotency-Key"
REPLAYED = "Idempotency-Replayed"

LONGEST = 200
KEPT_HEADERS = ("content-type", "etag", "location")


class BadKey(PortalError):
    status = 400
    code = "idempotency-key"
    sentence = _("An Idempotency-Key is 1 to 200 visible ASCII characters.")


class Idempotency:
    """Answers calls of the endpoints whose `headers` name the key."""

    def __init__(self, once: Once) -> None:
        self._once = once

    async def answer(self, call: Call, given: Any, run: Callable[[], Awaitable[ASGIResponse]]) -> ASGIResponse:
        """The answer of `run`, or the one it had the first time; `given` is what was asked for, as read."""
        key = call.received.get(HEADER.lower())
        if key is None or call.caller is None:
            return await run()
        if not 0 < len(key) <= LONGEST or not all("!" <= sign <= "~" for sign in key):
            raise BadKey
        turn = await self._once.take(_owner(call.caller), key, _asked(call, given))
        if isinstance(turn, KeptAnswer):
            return _again(call, turn)
        call.observers = (*call.observers, turn)
        try:
            response = await run()
        except BaseException:  # a call whose client has gone too
            await self._once.give_up(turn)
            raise
        headers = {name: value for name in KEPT_HEADERS if (value := response.headers.get(name)) is not None}
        await self._once.keep(turn, KeptAnswer(response.status_code, headers, bytes(response.body)))
        return response


def _asked(call: Call, given: Any) -> bytes:
    """The values and not their form: what is sealed differs each time, and spaces mean nothing."""
    return msgspec.json.encode([call.request.method, call.request.url.path, call.sent, given], order="deterministic")


def _again(call: Call, kept: KeptAnswer) -> ASGIResponse:
    headers = dict(kept.headers)
    media_type = headers.pop("content-type", JSON)
    headers |= {"Cache-Control": "no-store", REPLAYED: "true", **call.headers}
    return ASGIResponse(body=kept.body, status_code=kept.status, media_type=media_type, headers=headers)


def _owner(caller: Caller) -> str:
    """Whoever has several tokens is one caller."""
    alone = caller.kind in (CLIENT, SERVICE) or not caller.subject
    return f"{caller.kind}:{caller.id if alone else caller.subject}"
