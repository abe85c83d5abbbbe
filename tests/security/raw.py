"""One request through the outer guard, in raw ASGI messages."""

import asyncio
from typing import Any

from portal.settings import Settings
from portal.web.body import Pace
from portal.web.guard import Limits, OuterGuard

HOST = (b"host", b"portal.example.com")
SETTINGS = Settings(
    host="0.0.0.0",
    hosts=("portal.example.com",),
    base_url="https://portal.example.com",
    trusted_proxies=("10.0.0.0/8",),
    secret="s" * 40,
)
QUICK = Limits(
    form=1000,
    upload=5000,
    form_pace=Pace(grace=0.9, idle=0.3),
    upload_pace=Pace(grace=0.9, idle=0.3, rate=500, longest=2.5),
)


class Visit:
    """One request through a guard, and what came back."""

    def __init__(self, **scope: Any) -> None:
        self.scope: dict[str, Any] = {
            "type": "http",
            "http_version": "1.1",
            "method": "GET",
            "path": "/articles",
            "query_string": b"",
            "scheme": "http",
            "client": ("192.0.2.1", 4711),
            "headers": [HOST],
            **scope,
        }
        self.seen: dict[str, Any] | None = None
        self.read: list[Any] = []
        self.sent: list[Any] = []

    async def through(self, *pieces: bytes | float, app: Any = None, limits: Limits = QUICK) -> "Visit":
        """Send a body in pieces; a number is a pause in seconds before the next one."""
        queue = list(pieces) or [b""]

        async def receive() -> dict[str, Any]:
            if not queue:
                await asyncio.sleep(60)
            piece = queue.pop(0)
            if isinstance(piece, float):
                await asyncio.sleep(piece)
                piece = queue.pop(0)
            return {"type": "http.request", "body": piece, "more_body": bool(queue)}

        async def send(message: Any) -> None:
            self.sent.append(message)

        await OuterGuard(app or self._reader, SETTINGS, limits)(self.scope, receive, send)
        return self

    async def _reader(self, scope: Any, receive: Any, send: Any) -> None:
        self.seen = scope
        while True:
            message = await receive()
            self.read.append(message)
            if message["type"] == "http.disconnect" or not message.get("more_body"):
                break
        await answer(send, 200)

    @property
    def status(self) -> int:
        return int(self.sent[0]["status"])

    @property
    def headers(self) -> dict[bytes, bytes]:
        return dict(self.sent[0]["headers"])


async def answer(send: Any, status: int, headers: Any = ((b"content-type", b"text/html"),)) -> None:
    await send({"type": "http.response.start", "status": status, "headers": list(headers)})
    await send({"type": "http.response.body", "body": b"<p>", "more_body": False})


LENGTH = (b"content-length", b"4")
CHUNKED = (b"transfer-encoding", b"chunked")
