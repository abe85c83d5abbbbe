"""Somebody in front of the portal, without the weight of a real browser."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

import httpx

from tests.pages.dom import Element, parse

ORIGIN = "http://localhost"
PASSWORD = "plum velvet tractor nine"

Value = str | bytes | int | Sequence[str | bytes | int]


class Answer:
    """An answer with its page taken apart."""

    def __init__(self, response: httpx.Response) -> None:
        self.response = response
        self.status = response.status_code
        self.headers = response.headers
        self.html = response.text
        self._page: Element | None = None

    @property
    def page(self) -> Element:
        if self._page is None:
            self._page = parse(self.html)
        return self._page

    @property
    def location(self) -> str:
        return self.headers.get("location", "")

    def json(self) -> Any:
        return self.response.json()

    def rows(self) -> list[str]:
        """The keys of the rows of a list, in their order."""
        return [row["data-id"] for row in self.page.all("row")]

    def column(self, name: str) -> list[str]:
        """What stands in a column of a list."""
        cells = [cell for row in self.page.all("row") for cell in row.all(tag="td", data_column=name)]
        return [(cell.all("open") or [cell])[0].text for cell in cells]

    def errors(self) -> dict[str, str]:
        """Field -> the sentence below it."""
        return {found["data-name"]: found.text for found in self.page.all("error") if "data-name" in found}

    def toasts(self) -> list[str]:
        found = [item for item in self.page.all("toast") if item.text]
        return [item.all(tag="p")[0].text for item in found if item.all(tag="p")[0].text]

    def __repr__(self) -> str:
        return f"<{self.status} {self.location} {self.page.text[:200]}>"


class Browser:
    """Opens pages and sends forms, with the token and origin a real browser would add."""

    def __init__(self, app: Any, path: str = "") -> None:
        transport = httpx.ASGITransport(app=app, client=("192.0.2.1", 4711))
        self.http = httpx.AsyncClient(transport=transport, base_url=ORIGIN)
        self.path = path
        self._token = ""

    async def get(self, path: str, headers: Mapping[str, str] | None = None) -> Answer:
        return Answer(await self.http.get(self.path + path, headers=headers))

    async def follow(self, answer: Answer) -> Answer:
        """The page a redirect leads to."""
        assert answer.status == 303, answer
        return Answer(await self.http.get(answer.location))

    async def post(self, path: str, headers: Mapping[str, str] | None = None, /, **fields: Value) -> Answer:
        """Send a form; a list of values is sent as repeated fields."""
        pairs = [(name, value) for name, values in fields.items() for value in _several(values)]
        body = urlencode([("_csrf_token", await self.token()), *pairs])
        kind = {"Content-Type": "application/x-www-form-urlencoded", "Origin": ORIGIN}
        return Answer(await self.http.post(self.path + path, content=body, headers={**kind, **(headers or {})}))

    async def token(self) -> str:
        if not self._token:
            for path in ("/password", "/sign-in"):
                answer = await self.get(path)
                if answer.status == 200:
                    self._token = answer.page.all(tag="input", name="_csrf_token")[0]["value"]
                    break
        return self._token

    async def sign_in(self, username: str, password: str = PASSWORD) -> None:
        self._token = (await self.get("/sign-in")).page.all(tag="input", name="_csrf_token")[0]["value"]
        answer = await self.post("/sign-in", username=username, password=password)
        assert answer.status == 303, answer
        self._token = ""

    async def close(self) -> None:
        await self.http.aclose()


def _several(values: Value) -> list[Any]:
    return [values] if isinstance(values, str | bytes | int) else list(values)


PARTIAL = {"HX-Request": "true", "HX-Request-Type": "partial"}
"""What htmx says when it asks for a part of a page."""
