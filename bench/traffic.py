"""A real server under uploads: how long lists take meanwhile, and what big files do to its memory."""

import json
import math
import multiprocessing
import re
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from multiprocessing.synchronize import Event
from pathlib import Path
from typing import Any

from bench.visitor import Visitor
from tests.e2e.server import Server
from tests.uploads.papers import long_film

AT_ONCE = 8
ASKED = 60
"""Lists a turn."""
TURNS = 3
BIG = 200 * 1024 * 1024


@dataclass(frozen=True)
class Lists:
    """Seconds of a list's 95th percentile, alone and beside uploads, and how many of those were taken in."""

    idle: float
    busy: float
    taken: int
    upload: float
    """What one of them waited, the slowest but a twentieth."""


@dataclass(frozen=True)
class Memory:
    """Bytes by which the server grew at most while a file came in by parts, and while it went out."""

    size: int
    incoming: int
    outgoing: int


def lists_beside_uploads(server: Server, photo: Path) -> Lists:
    """Lists alone and lists beside eight uploads take turns."""
    visitor = Visitor(server.port).sign_in()
    ends = multiprocessing.get_context("spawn")
    idle: list[float] = []
    busy: list[float] = []
    waited: list[float] = []
    _lists(visitor.sibling())
    for _turn in range(TURNS):
        idle += _lists(visitor.sibling())
        over, queue = ends.Event(), ends.Queue()
        arguments = (server.port, visitor.cookies, visitor.token, str(photo), over, queue)
        sender = ends.Process(target=_send_until, args=arguments)
        sender.start()
        queue.get()  # all of them are under way
        busy += _lists(visitor.sibling())
        over.set()
        waited += queue.get()
        sender.join()
        time.sleep(1)
    return Lists(late(idle), late(busy), len(waited), late(waited))


def big_files(server: Server) -> Memory:
    """Two hundred megabytes in by parts, and out again."""
    visitor = Visitor(server.port).sign_in()
    film = long_film(BIG)
    status, told = visitor.form("/uploads/parts?resource=articles&field=attachment", name="film.mp4", size=str(BIG))
    if status != 201:
        raise RuntimeError(f"The upload was answered with {status}: {told!r}")
    begun = json.loads(told)
    with Peak(server) as incoming:
        for number in range(math.ceil(BIG / begun["part"])):
            part = film[number * begun["part"] : (number + 1) * begun["part"]]
            url = json.loads(visitor.ask("GET", f"/uploads/parts/{begun['id']}/{number + 1}")[1])["url"]
            status, told = visitor.ask("PUT", url, part, "application/octet-stream")
            if status != 204:
                raise RuntimeError(f"A part was answered with {status}: {told!r}")
        status, told = visitor.form(f"/uploads/parts/{begun['id']}/done")
        if status != 201:
            raise RuntimeError(f"The end of an upload was answered with {status}: {told!r}")
    with Peak(server) as outgoing:
        status, content = visitor.ask("GET", json.loads(told)["url"])
    if status != 200 or content != film:
        raise RuntimeError(f"The file was answered with {status} and {len(content)} bytes")
    return Memory(BIG, incoming.grown, outgoing.grown)


class Peak:
    """How much a server's processes grow, at most and all together, in a block; the one for pictures apart."""

    def __init__(self, server: Server) -> None:
        self._processes = _family(server.process.pid)
        self.grown = 0

    def __enter__(self) -> "Peak":
        for process in self._processes:
            Path(f"/proc/{process}/clear_refs").write_text("5")  # the mark of the highest starts from here
        self._before = {process: _status(process, "VmRSS") for process in self._processes}
        return self

    def __exit__(self, *_error: object) -> None:
        self.grown = sum(_status(process, "VmHWM") - before for process, before in self._before.items())


def late(values: Sequence[float]) -> float:
    """The 95th percentile."""
    return sorted(values)[math.ceil(len(values) * 0.95) - 1]


def _lists(visitor: Visitor) -> list[float]:
    found = []
    for number in range(ASKED):
        began = time.monotonic()
        status, _ = visitor.ask("GET", f"/articles?page={1 + number % 10}")
        if status != 200:
            raise RuntimeError(f"A list was answered with {status}")
        found.append(time.monotonic() - began)
    return found


def _send_until(port: int, cookies: dict[str, str], token: str, photo: str, over: Event, queue: Any) -> None:
    """A process of its own sends pictures, eight at a time, until it is told to end."""
    content = Path(photo).read_bytes()
    head = b'--b\r\nContent-Disposition: form-data; name="file"; filename="photo.jpg"\r\n\r\n'
    body = head + content + b"\r\n--b--\r\n"
    waited: list[float] = []

    def send() -> None:
        visitor = Visitor(port, dict(cookies))
        visitor.token = token
        while not over.is_set():
            began = time.monotonic()
            path, kind = "/uploads?resource=articles&field=cover", "multipart/form-data; boundary=b"
            status, told = visitor.ask("POST", path, body, kind, script=True)
            if status != 201:
                raise RuntimeError(f"An upload was answered with {status}: {told!r}")
            waited.append(time.monotonic() - began)

    threads = [threading.Thread(target=send) for _ in range(AT_ONCE)]
    for thread in threads:
        thread.start()
    time.sleep(0.5)
    queue.put(None)
    for thread in threads:
        thread.join()
    queue.put(waited)


def _family(pid: int) -> list[int]:
    found = [pid]
    for task in Path(f"/proc/{pid}/task").iterdir():
        for child in (task / "children").read_text().split():
            found += _family(int(child))
    return [one for one in found if b"uploads.worker" not in Path(f"/proc/{one}/cmdline").read_bytes()]


def _status(pid: int, name: str) -> int:
    """Bytes of a line of /proc/<pid>/status."""
    found = re.search(rf"^{name}:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text(), re.MULTILINE)
    assert found is not None
    return int(found[1]) * 1024
