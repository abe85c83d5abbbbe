"""A small application behind the outer guard, for the tests that start real servers."""

from typing import Any

from portal.settings import Settings
from portal.web.body import Pace
from portal.web.guard import Limits, OuterGuard

QUICK = Limits(
    form=1000, upload=5000, form_pace=Pace(grace=1.5, idle=0.7), upload_pace=Pace(grace=1.5, idle=0.7, rate=100)
)


async def echo(scope: Any, receive: Any, send: Any) -> None:
    """Answers with the path and the body's length; under `/unread` without reading the body."""
    if scope["type"] != "http":
        return
    length, more = 0, scope["path"] != "/unread"
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            break
        length += len(message.get("body", b""))
        more = message.get("more_body", False)
    text = f"served {scope['path']} {length}\n".encode()
    headers = [(b"content-type", b"text/plain"), (b"content-length", str(len(text)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": text})


app = OuterGuard(echo, Settings(host="0.0.0.0", hosts=("portal.example.com",), secret="s" * 40), QUICK)
