"""A portal that is killed again and again in the middle of an upload, and what is looked at afterwards."""

import hashlib
import io
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Self

import httpx
from PIL import Image
from sqlalchemy import select

from portal.db.engine import Database
from portal.models.article import Article
from portal.models.file import FileUse, StoredFile
from portal.settings import Settings
from portal.uploads.keys import copy_key
from portal.uploads.service import Uploads, objects_of
from portal.uploads.sweep import Sweep

ROOT = Path(__file__).parents[2]
PASSWORD = "correct-horse-battery-9"
PATIENCE = 30
LATER = timedelta(hours=25)
"""When everything that was left behind is old enough to be swept."""


def picture(number: int) -> bytes:
    """Each another one, big enough to have several copies."""
    drawn = io.BytesIO()
    left, right = Image.linear_gradient("L"), Image.radial_gradient("L")
    Image.merge("RGB", (left, right, left.rotate(number * 7 % 360))).resize((1000, 563)).save(drawn, "JPEG")
    return drawn.getvalue()


class Victims:
    """One installation and the servers that serve it, one after the other."""

    def __init__(self, folder: Path, database_url: str | None = None, storage_url: str | None = None) -> None:
        self.folder = folder
        given = {"DATABASE_URL": database_url, "STORAGE_URL": storage_url}
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("FASTOR_")}
        self.environment = inherited | {f"FASTOR_{name}": value for name, value in given.items() if value}
        self.environment |= {"FASTOR_VAR": str(folder), "FASTOR_ADMIN_PASSWORD": PASSWORD, "PYTHONPATH": str(ROOT)}
        self.environment |= {"FASTOR_SECRET": "s" * 40, "TMPDIR": str(folder / "spool")}
        options = {name.lower(): value for name, value in given.items() if value}
        self.settings = Settings(secret="s" * 40, var=folder, **options)  # type: ignore[arg-type]  # texts, both
        self.pid: int | None = None
        self.article = ""
        self._count = 0
        self._cookies = httpx.Cookies()
        self._token = ""

    # -- servers

    def __enter__(self) -> Self:
        (self.folder / "spool").mkdir(exist_ok=True)
        upgrade = [sys.executable, "-m", "portal.cli", "db", "upgrade"]
        subprocess.run(upgrade, cwd=self.folder, env=self.environment, check=True, capture_output=True)
        self._log = (self.folder / "server.log").open("wb")
        self._nursery = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.doomed"],
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            text=True,
        )
        return self

    def __exit__(self, *_error: object) -> None:
        self.kill()
        assert self._nursery.stdin and self._nursery.stdout
        self._nursery.stdin.close()
        self._nursery.wait(timeout=PATIENCE)
        self._nursery.stdout.close()
        self._log.close()

    def start(self, step: int = 0, delay: float = 0.0) -> None:
        """A server that dies `delay` seconds after its step number `step` once it is armed; 0 is never."""
        assert self._nursery.stdin and self._nursery.stdout
        (self.folder / "armed").unlink(missing_ok=True)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self._nursery.stdin.write(f"{port} {step} {delay}\n")
        self._nursery.stdin.flush()
        self.pid = int(self._nursery.stdout.readline())
        self.url = f"http://127.0.0.1:{port}"
        end = time.monotonic() + PATIENCE
        while not self._ready():
            lives = time.monotonic() < end and members(self.pid)
            assert lives, (self.folder / "server.log").read_text()
            time.sleep(0.02)

    def _ready(self) -> bool:
        try:
            return httpx.get(f"{self.url}/health/ready", timeout=5).status_code == 200
        except httpx.TransportError:
            return False

    def arm(self) -> None:
        (self.folder / "armed").touch()

    def kill(self) -> None:
        """`kill -9` for the server and whatever it started; dead already is as good."""
        if self.pid is not None:
            try:
                os.killpg(self.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
            self._wait_for_the_end(self.pid)
            self.pid = None

    def _wait_for_the_end(self, group: int) -> None:
        end = time.monotonic() + PATIENCE
        while members(group):
            assert time.monotonic() < end, "The killed server is still there."
            time.sleep(0.005)

    def steps(self) -> list[str]:
        """What the last server went through while it was armed."""
        return (self.folder / "steps").read_text(errors="replace").splitlines()

    # -- requests

    def browser(self) -> httpx.Client:
        return httpx.Client(base_url=self.url, cookies=self._cookies, timeout=PATIENCE, headers={"Origin": self.url})

    def sign_in(self) -> None:
        with self.browser() as browser:
            page = browser.get("/sign-in").text
            fields = {"username": "admin", "password": PASSWORD, "_csrf_token": _token_of(page)}
            assert browser.post("/sign-in", data=fields).status_code == 303
            self._token = _token_of(browser.get("/password").text)
            self._cookies = browser.cookies
            answer = browser.post("/articles", data={"title": "Tea", "_csrf_token": self._token})
            assert answer.status_code == 303, answer.text
            rows = browser.get("/articles").text
        self.article = re.findall(r"/articles/(\d+)/edit", rows)[0]

    def save_with_a_picture(self) -> int | None:
        """Send the form of the article with a new cover; the answer's status, `None` when none came."""
        try:
            return self.save(("file.cover", picture(self._count))).status_code
        except httpx.TransportError:
            return None

    def save(self, *files: tuple[str, bytes]) -> httpx.Response:
        """Send the form of the article as a browser without scripts does."""
        self._count += 1
        parts: list[tuple[str, Any]] = [("title", (None, f"Tea {self._count}"))]
        parts += [(name, ("sent", content)) for name, content in files]
        with self.browser() as browser:
            return browser.post(f"/articles/{self.article}", files=parts, headers={"X-CSRFToken": self._token})

    def upload(self, content: bytes | None = None, field: str = "cover") -> httpx.Response:
        """Send a file as a script does; a picture unless another is given."""
        self._count += 1
        files = {"file": ("sent", content if content is not None else picture(self._count))}
        address, headers = f"/uploads?resource=articles&field={field}", {"X-CSRFToken": self._token}
        with self.browser() as browser:
            return browser.post(address, files=files, headers=headers)

    def upload_while(self, act: Callable[[], None]) -> httpx.Response:
        """`act` falls into the middle of an upload."""
        timer = threading.Timer(0.5, act)
        timer.start()
        try:
            return self.upload()
        finally:
            timer.join()

    def send_half(self) -> socket.socket:
        """Half of a body; the connection stays open."""
        body = picture(0)
        head = [
            f"POST /uploads?resource=articles&field=cover HTTP/1.1\r\nHost: {self.url.removeprefix('http://')}",
            f"Origin: {self.url}",
            f"X-CSRFToken: {self._token}",
            "Cookie: " + "; ".join(f"{name}={value}" for name, value in self._cookies.items()),
            "Content-Type: multipart/form-data; boundary=b",
            f"Content-Length: {len(body) + 1000}",
        ]
        part = b'--b\r\nContent-Disposition: form-data; name="file"; filename="c.jpg"\r\n\r\n'
        host, port = self.url.removeprefix("http://").split(":")
        half = socket.create_connection((host, int(port)))
        half.sendall("\r\n".join(head).encode() + b"\r\n\r\n" + part + body[: len(body) // 2])
        return half

    # -- afterwards

    async def cover(self) -> str | None:
        database = Database(self.settings.database_url)
        async with database.read() as session:
            found = await session.scalar(select(Article.cover).where(Article.id == int(self.article)))
        await database.dispose()
        return found

    async def examine(self, told: str) -> None:
        """Every row has its objects, whole; what can be seen under a key is whole; what uses a file finds it."""
        database = Database(self.settings.database_url)
        uploads = Uploads.open(database, self.settings)
        async with database.read() as session:
            rows = list(await session.scalars(select(StoredFile)))
            uses = list(await session.scalars(select(FileUse)))
        for row in rows:
            content = b"".join(uploads.storage.read(row.key))
            assert hashlib.sha256(content).hexdigest() == row.sha256 and len(content) == row.size, (told, row.key)
            for name, (_width, _height, size) in row.sizes.items():
                found = uploads.storage.stat(copy_key(row.key, name))
                assert found is not None and found.size == size, (told, copy_key(row.key, name))
        for seen in uploads.storage.list():
            Image.open(io.BytesIO(b"".join(uploads.storage.read(seen.key)))).load()
        cover = await self.cover()
        assert cover is None or cover in {row.key for row in rows}, (told, cover)
        assert {use.file_id for use in uses} == {row.id for row in rows if row.key == cover}, told
        await uploads.close()
        await database.dispose()

    def open_files(self) -> int:
        """Files and connections the server holds."""
        assert self.pid is not None
        return sum(len(list(Path(f"/proc/{process}/fd").iterdir())) for process in members(self.pid))

    def left_over(self) -> list[str]:
        """Temporary files."""
        return sorted(_names(self.folder / "tmp") | _names(self.folder / "spool"))

    async def sweep(self, told: str) -> int:
        """Remove what was left behind, as a day later, and say how much it was; then all there is is used."""
        database = Database(self.settings.database_url)
        uploads = Uploads.open(database, self.settings)
        now = datetime.now(UTC) + LATER
        sweep = Sweep(database, uploads, self.settings.var / "tmp", now=now)
        removed = 0
        async for orphan in sweep.orphans():
            removed += await sweep.remove(orphan)
        async with database.read() as session:
            rows = list(await session.scalars(select(StoredFile)))
        cover = await self.cover()
        assert [row.key for row in rows] == ([cover] if cover else []), told
        expected = {name for row in rows for name in objects_of(row.key, row.sizes)}
        assert {found.key for found in uploads.storage.list()} == expected, told
        assert list(uploads.storage.unfinished()) == [], told
        assert _names(self.settings.var / "media") <= expected, told
        assert _names(self.settings.var / "tmp") == set(), told
        await uploads.close()
        await database.dispose()
        return removed


def members(group: int) -> list[int]:
    """The living processes of a process group."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, _parent, its_group = stat.read_text().rpartition(")")[2].split()[:3]
        except (FileNotFoundError, ProcessLookupError):
            continue
        if int(its_group) == group and state not in "ZX":
            found.append(int(stat.parent.name))
    return found


def picture_processes(group: int) -> list[int]:
    return [pid for pid in members(group) if b"portal.uploads.worker" in Path(f"/proc/{pid}/cmdline").read_bytes()]


def parent_of(process: int) -> int:
    return int(Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[1])


def _names(folder: Path) -> set[str]:
    found: Iterable[Path] = folder.rglob("*") if folder.is_dir() else ()
    return {path.relative_to(folder).as_posix() for path in found if path.is_file()}


def _token_of(page: str) -> str:
    found: Any = re.search(r'name="_csrf_token"[^>]*value="([^"]+)"', page)
    assert found, page
    return str(found[1])
