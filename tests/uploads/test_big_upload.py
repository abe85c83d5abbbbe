"""200 MB over HTTP to a real server: its memory stays what it was."""

import os
import re
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from portal.uploads.parts import PART
from tests.e2e.server import PASSWORD, Server
from tests.uploads.papers import box, film

SIZE = 200 * 1024 * 1024
GROWTH = 50 * 1024 * 1024
BLOCK = os.urandom(1024 * 1024)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    server = Server(tmp_path)
    server.command("db", "upgrade")
    with server:
        yield server


def pieces(size: int) -> Iterator[bytes]:
    """A film of so many bytes, never held whole."""
    start = film(rest=box(b"moov", b"\0" * 100))
    body = size - len(start)
    yield start + body.to_bytes(4) + b"mdat"
    body -= 8
    while body:
        piece = BLOCK[: min(body, len(BLOCK))]
        body -= len(piece)
        yield piece


def parts(size: int) -> Iterator[bytes]:
    held = b""
    for piece in pieces(size):
        held += piece
        while len(held) >= PART:
            yield held[:PART]
            held = held[PART:]
    if held:
        yield held


def family(pid: int) -> list[int]:
    """A process and what it has started."""
    children = Path(f"/proc/{pid}/task").glob("*/children")
    return [pid, *[found for path in children for child in path.read_text().split() for found in family(int(child))]]


def memory(server: Server, line: str) -> int:
    """Bytes: `VmRSS` is what there is now, `VmHWM` the most there was since the peak was forgotten."""
    texts = [Path(f"/proc/{pid}/status").read_text() for pid in family(server.process.pid)]
    return sum(int(found[1]) * 1024 for text in texts if (found := re.search(rf"{line}:\s+(\d+) kB", text)))


def forget_peak(server: Server) -> None:
    for pid in family(server.process.pid):
        Path(f"/proc/{pid}/clear_refs").write_text("5")


def signed_in(server: Server) -> httpx.Client:
    browser = httpx.Client(base_url=server.url, headers={"Origin": server.url}, timeout=30)
    form = {"_csrf_token": token(browser, "/sign-in"), "username": "admin", "password": PASSWORD}
    assert browser.post("/sign-in", data=form).status_code == 303
    browser.headers["X-CSRFToken"] = token(browser, "/password")
    return browser


def token(browser: httpx.Client, path: str) -> str:
    found = re.search(r'name="_csrf_token" value="([^"]+)"', browser.get(path).text)
    assert found
    return found[1]


def send(browser: httpx.Client, size: int) -> dict[str, object]:
    begun = browser.post(
        "/uploads/parts?resource=articles&field=attachment", data={"name": "long.mp4", "size": str(size)}
    )
    address = f"/uploads/parts/{begun.json()['id']}"
    for number, part in enumerate(parts(size), 1):
        url = browser.get(f"{address}/{number}").json()["url"]
        answer = browser.put(url, content=part, headers={"Content-Type": "application/octet-stream"})
        assert answer.status_code == 204, answer.text
    done = browser.post(f"{address}/done")
    assert done.status_code == 201, done.text
    found: dict[str, object] = done.json()
    return found


def test_memory_of_the_server_does_not_grow(server: Server, record_property: Callable[[str, object], None]) -> None:
    with closing(signed_in(server)) as browser:
        send(browser, PART + 1)  # what is loaded and remembered once
        forget_peak(server)
        before = memory(server, "VmRSS")
        stored = send(browser, SIZE)
        growth = memory(server, "VmHWM") - before
    assert stored["size"] == SIZE
    record_property("growth_mb", round(growth / 1024 / 1024, 1))
    print(f"200 MB in parts: the server grew by {growth / 1024 / 1024:.1f} MB at most")
    assert growth < GROWTH
