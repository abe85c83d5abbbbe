"""The measured servers, each in processes of its own: `python -m bench.api_servers NAME` serves one."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.data import FOLDER
from portal.cli.servers import serve
from portal.cli.target import find_target
from portal.logs import log_config
from portal.settings import Settings

OURS, FASTAPI, LITESTAR = "ours", "fastapi", "litestar"
NAMES = (OURS, FASTAPI, LITESTAR)

UNLIMITED = "1000000/second"
"""Buckets are reckoned with at each call and never empty."""

PATIENCE = 40
"""Seconds a server has to start."""


@dataclass(frozen=True)
class Server:
    name: str
    port: int

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}{path}"


@contextlib.contextmanager
def serving(database: Path, workers: int, names: Sequence[str] = NAMES) -> Iterator[dict[str, Server]]:
    """All of them over the same database, with their logs in files."""
    with contextlib.ExitStack() as stack:
        servers = {name: stack.enter_context(_process(name, database, workers)) for name in names}
        for server in servers.values():
            _wait_for(server)
        yield servers


@contextlib.contextmanager
def _process(name: str, database: Path, workers: int) -> Iterator[Server]:
    server = Server(name, _free_port())
    environment = {
        **{key: value for key, value in os.environ.items() if not key.startswith("FASTOR_")},
        "FASTOR_DATABASE_URL": f"sqlite+aiosqlite:///{database}",
        "FASTOR_SECRET": "0" * 64,
        "FASTOR_VAR": str(FOLDER),
        "FASTOR_API_RATE": UNLIMITED,
        "FASTOR_API_USER_RATE": UNLIMITED,
        "FASTOR_API_ADDRESS_RATE": UNLIMITED,
        "FASTOR_LOG_FORMAT": "json",
        "FASTOR_WORKERS": str(workers),
        "FASTOR_PORT": str(server.port),
    }
    with (FOLDER / f"api-{name}.log").open("wb") as log:
        command = [sys.executable, "-m", "bench.api_servers", name]
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=log, start_new_session=True)
        try:
            yield server
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


def _wait_for(server: Server) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        try:
            urllib.request.urlopen(server.url("/api/bench/constant"), timeout=2)
        except urllib.error.HTTPError:
            return  # it wants a token: it is there
        except OSError:
            time.sleep(0.2)
    raise RuntimeError(f"{server.name} did not start: see {FOLDER}/api-{server.name}.log")


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


def _serve(name: str) -> None:
    settings = Settings.load()
    address = f"bench.api_{name}:create"
    if name == FASTAPI:
        import uvicorn

        # as people start it: uvloop and httptools, which are there
        uvicorn.run(
            address,
            factory=True,
            port=settings.port,
            workers=settings.workers,
            log_config=log_config(settings),
            access_log=False,
        )
    else:
        serve("granian", settings, find_target(address), reload=False)


if __name__ == "__main__":
    _serve(sys.argv[1])
