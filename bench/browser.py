"""A browser without a network: an ASGI application is started, asked and stopped inside this process."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlencode

ASGI = Callable[..., Awaitable[None]]
Form = list[tuple[str, str]]


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Sequence[tuple[str, str]]
    body: str

    def header(self, name: str) -> str | None:
        return next((value for key, value in self.headers if key == name), None)


@dataclass
class Client:
    """A browser's worth of cookies in front of an ASGI application."""

    app: ASGI
    cookies: dict[str, str] = field(default_factory=dict)

    async def get(self, path: str) -> Answer:
        return await self.request("GET", path)

    async def post(self, path: str, form: Sequence[tuple[str, str]]) -> Answer:
        return await self.request("POST", path, urlencode(form).encode())

    async def request(self, method: str, path: str, body: bytes = b"") -> Answer:
        started: dict[str, Any] = {}
        chunks: list[bytes] = []
        messages = iter([{"type": "http.request", "body": body, "more_body": False}])

        async def receive() -> dict[str, Any]:
            return next(messages, {"type": "http.disconnect"})

        async def send(message: dict[str, Any]) -> None:
            if message["type"] == "http.response.start":
                started.update(message)
            else:
                chunks.append(message.get("body", b""))

        await self.app(self._scope(method, path, len(body)), receive, send)
        headers = [(name.decode("latin-1").lower(), value.decode("latin-1")) for name, value in started["headers"]]
        for cookie in (value for name, value in headers if name == "set-cookie"):
            name, _, value = cookie.split(";")[0].partition("=")
            self.cookies[name] = value
        return Answer(started["status"], headers, b"".join(chunks).decode("utf-8", "replace"))

    def _scope(self, method: str, path: str, length: int) -> dict[str, Any]:
        plain, _, query = path.partition("?")
        headers = [(b"host", b"127.0.0.1:8000"), (b"accept", b"text/html"), (b"user-agent", b"bench")]
        if self.cookies:
            headers.append((b"cookie", "; ".join(f"{k}={v}" for k, v in self.cookies.items()).encode()))
        if method == "POST":
            headers += [
                (b"content-type", b"application/x-www-form-urlencoded"),
                (b"content-length", str(length).encode()),
                (b"origin", b"http://127.0.0.1:8000"),
                (b"sec-fetch-site", b"same-origin"),
            ]
        return {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.3"},
            "http_version": "1.1",
            "method": method,
            "scheme": "http",
            "path": plain,
            "raw_path": plain.encode(),
            "query_string": query.encode(),
            "root_path": "",
            "headers": headers,
            "client": ("127.0.0.1", 50000),
            "server": ("127.0.0.1", 8000),
            "state": {},
            "extensions": {},
        }


@asynccontextmanager
async def started(app: ASGI) -> AsyncIterator[Client]:
    """The application between its start-up and its shutdown."""
    inbox: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    outbox: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    scope = {"type": "lifespan", "asgi": {"version": "3.0", "spec_version": "2.0"}, "state": {}}
    task = asyncio.ensure_future(app(scope, inbox.get, outbox.put))
    await inbox.put({"type": "lifespan.startup"})
    answer = asyncio.ensure_future(outbox.get())
    await asyncio.wait({answer, task}, return_when=asyncio.FIRST_COMPLETED)
    if not answer.done() or answer.result()["type"] != "lifespan.startup.complete":
        answer.cancel()
        raise RuntimeError(f"The application did not start: {task.exception() if task.done() else answer.result()}")
    try:
        yield Client(app)
    finally:
        await inbox.put({"type": "lifespan.shutdown"})
        await task


class _FormReader(HTMLParser):
    """Collects what a browser would send of each form of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: dict[str, Form] = {}
        self._form: Form | None = None
        self._named: dict[str, Form] = {}
        self._text: list[str] | None = None
        self._area = self._select = ""
        self._target: Form | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._form = self.forms.setdefault(found.get("action", ""), [])
            self._named[found.get("id", "")] = self._form
            return
        form = self._named.get(found["form"]) if "form" in found else self._form
        name, kind = found.get("name", ""), found.get("type", "text")
        if form is None and tag != "option":
            return
        if tag == "input" and name and form is not None:
            if kind in ("submit", "button", "file", "image") or (
                kind in ("checkbox", "radio") and "checked" not in found
            ):
                return
            form.append((name, found.get("value", "on" if kind == "checkbox" else "")))
        elif tag == "textarea":
            self._area, self._text, self._target = name, [], form
        elif tag == "select":
            self._select, self._target = name, form
        elif tag == "option" and "selected" in found and self._select and self._target is not None:
            self._target.append((self._select, found.get("value", "")))

    def handle_data(self, data: str) -> None:
        if self._text is not None:
            self._text.append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea" and self._text is not None:
            if self._target is not None:
                self._target.append((self._area, "".join(self._text).removeprefix("\n")))
            self._text = None
        elif tag == "select":
            self._select = ""
        elif tag == "form":
            self._form = None


def forms(page: str) -> dict[str, Form]:
    """The forms of a page by their action, filled as they stand there."""
    reader = _FormReader()
    reader.feed(page)
    return reader.forms
