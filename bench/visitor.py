"""Somebody in front of a real server."""

import http.client
import re
from typing import Any
from urllib.parse import urlencode

from tests.e2e.server import PASSWORD


class Visitor:
    """Somebody signed in, over one connection that is kept."""

    def __init__(self, port: int, cookies: dict[str, str] | None = None) -> None:
        self.port = port
        self.cookies = cookies or {}
        self.token = ""
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)

    def ask(
        self, method: str, path: str, body: Any = None, kind: str = "", *, script: bool = False
    ) -> tuple[int, bytes]:
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        if method != "GET":
            headers |= {"Origin": f"http://127.0.0.1:{self.port}", "Content-Type": kind}
        if script:
            headers["X-CSRFToken"] = self.token
        self._connection.request(method, path, body, headers)
        answer = self._connection.getresponse()
        for name, value in answer.getheaders():
            if name.lower() == "set-cookie":
                name, _, value = value.partition(";")[0].partition("=")
                self.cookies[name] = value
        return answer.status, answer.read()

    def form(self, path: str, **fields: str) -> tuple[int, bytes]:
        encoded = urlencode({**fields, "_csrf_token": self.token})
        return self.ask("POST", path, encoded, "application/x-www-form-urlencoded", script=True)

    def sign_in(self) -> "Visitor":
        self._read_token("/sign-in")
        status, _ = self.form("/sign-in", username="admin", password=PASSWORD)
        if status != 303:
            raise RuntimeError(f"Signing in was answered with {status}")
        self._read_token("/password")
        return self

    def _read_token(self, path: str) -> None:
        page = self.ask("GET", path)[1].decode()
        found = re.search(r'name="_csrf_token"[^>]*value="([^"]+)"', page)
        if found is None:
            raise RuntimeError(f"{path} has no form")
        self.token = found[1]

    def sibling(self) -> "Visitor":
        """The same person on a connection of their own."""
        other = Visitor(self.port, dict(self.cookies))
        other.token = self.token
        return other
