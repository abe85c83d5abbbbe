"""How long a request's body may take and how big it may be (SECURITY 1.4 and 1.7)."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from portal.web.asgi import Message, Receive

IDLE = 5.0
"""Seconds between two pieces."""


@dataclass(frozen=True)
class Pace:
    """What is asked of a sender: `grace` seconds for all of it, after that a rate, and an end in any case."""

    grace: float = 15.0
    rate: float | None = None
    """Bytes a second, on average, that earn more time."""
    longest: float = 600.0
    idle: float = IDLE

    def left(self, received: int, waited: float) -> float:
        """Seconds the next piece may take."""
        allowed = self.grace if self.rate is None else max(self.grace, received / self.rate)
        return min(self.idle, min(allowed, self.longest) - waited)


FORM = Pace()
UPLOAD = Pace(rate=8000)


class Body:
    """A `receive` that stops slow and endless bodies; once complete it waits freely, for event streams.

    `refuse` is told the status to answer with; the application gets `http.disconnect`.
    """

    def __init__(self, receive: Receive, *, pace: Pace, limit: int, refuse: Callable[[int], Awaitable[None]]) -> None:
        self._receive = receive
        self._pace = pace
        self._limit = limit
        self._refuse = refuse
        self._received = 0
        self._waited = 0.0
        self.complete = False
        self._refused = False

    async def __call__(self) -> Message:
        if self._refused:
            return {"type": "http.disconnect"}
        if self.complete:
            message: Message = await self._receive()
            return message
        return await self._next_piece()

    async def _next_piece(self) -> Message:
        # Only what the sender makes us wait counts, not what the application does in between.
        began = time.monotonic()
        try:
            left = max(0.0, self._pace.left(self._received, self._waited))
            message: Message = await asyncio.wait_for(self._receive(), left)
        except TimeoutError:
            return await self._stop(408)
        self._waited += time.monotonic() - began
        if message["type"] != "http.request":
            self.complete = True
            return message
        self._received += len(message.get("body", b""))
        if self._received > self._limit:
            return await self._stop(413)
        self.complete = not message.get("more_body", False)
        return message

    async def _stop(self, status: int) -> Message:
        self._refused = True
        await self._refuse(status)
        return {"type": "http.disconnect"}
