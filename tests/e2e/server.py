"""The portal as a process, as people run it."""

import os
import re
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from types import TracebackType
from typing import Self

ROOT = Path(__file__).parents[2]
PASSWORD = "correct-horse-battery-9"
PATIENCE = 60


class Server:
    """`fastor run` on a free port of this machine, with a folder of its own."""

    def __init__(self, folder: Path, *, password: str | None = PASSWORD, app: str = "portal.app:create_app") -> None:
        self.folder = folder
        self.app = app
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = folder / "server.log"
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("FASTOR_")}
        self.environment = inherited | {"FASTOR_VAR": str(folder), "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}
        if password:
            self.environment["FASTOR_ADMIN_PASSWORD"] = password

    def command(self, *arguments: str) -> str:
        """Run a command of the portal to its end."""
        done = subprocess.run(
            [sys.executable, "-m", "portal.cli", *arguments],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    @property
    def printed_password(self) -> str:
        """The one that the first start showed."""
        found = re.search(r"password +(\S+)", self.log.read_text(encoding="utf-8"))
        assert found, self.log.read_text(encoding="utf-8")
        return found[1]

    def __enter__(self) -> Self:
        with self.log.open("w", encoding="utf-8") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "portal.cli", "run", "--app", self.app, "--port", str(self.port)],
                cwd=self.folder,
                env=self.environment,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        end = time.monotonic() + PATIENCE
        while not self._ready():
            said = self.log.read_text(encoding="utf-8")
            assert self.process.poll() is None and time.monotonic() < end, f"The server did not start:\n{said}"
            time.sleep(0.1)
        return self

    def _ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/health/ready", timeout=5) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.process.terminate()
        try:
            self.process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
