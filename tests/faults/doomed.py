"""`python -m tests.faults.doomed`: serves the portal again and again, each time until a chosen step of a request.

All is imported once; every server is a fork of that, started as `fastor run` does, so that dozens of kills take
seconds. A line `port step delay` on the input starts one, its process group is answered. Steps are counted from the
moment the file `armed` is there: every file that is opened, moved or removed, every process, every message to a
bucket and every statement. At the step, or `delay` seconds after it, the whole group gets SIGKILL. What was passed
stands in the file `steps`.
"""

import itertools
import os
import signal
import sys
import threading
from pathlib import Path
from typing import Any

EVENTS = frozenset(
    {
        "open",
        "os.mkdir",
        "os.remove",
        "os.rename",
        "os.rmdir",
        "os.scandir",
        "shutil.rmtree",
        "subprocess.Popen",
        "tempfile.mkdtemp",
        "tempfile.mkstemp",
        "http.client.connect",
        "http.client.send",
    }
)
"""Of Python's audit events."""


class Doom:
    """Counts the steps of this process and those it forks."""

    def __init__(self, folder: Path, step: int, delay: float) -> None:
        self._armed = str(folder / "armed")
        self._step, self._delay = step, delay
        self._log = os.open(folder / "steps", os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND)
        self._count = itertools.count(1)
        self._over = False

    def watch(self) -> None:
        from sqlalchemy import Engine, event
        from sqlalchemy.orm import Session

        sys.addaudithook(self._heard)
        event.listen(Engine, "before_cursor_execute", lambda *told: self.passed(f"before {told[2][:60]!r}"))
        event.listen(Engine, "after_cursor_execute", lambda *told: self.passed(f"after {told[2][:60]!r}"))
        event.listen(Engine, "commit", lambda _connection: self.passed("before COMMIT"))
        event.listen(Session, "after_commit", lambda _session: self.passed("after COMMIT"))

    def _heard(self, name: str, arguments: tuple[Any, ...]) -> None:
        if name in EVENTS:
            self.passed(f"{name} {arguments[0] if arguments else ''!s:.100}")

    def passed(self, what: str) -> None:
        if self._over or not os.path.exists(self._armed):
            return
        number = next(self._count)
        os.write(self._log, f"{number} {what}\n".encode())
        if number != self._step:
            return
        self._over = True
        if self._delay:
            threading.Timer(self._delay, _kill).start()
        else:
            _kill()


def _kill() -> None:
    os.killpg(0, signal.SIGKILL)


def _serve(port: int, step: int, delay: float) -> None:
    from portal.cli.servers import serve
    from portal.cli.target import find_target
    from portal.settings import Settings

    os.environ["FASTOR_PORT"] = str(port)
    settings = Settings.load()
    if step:
        Doom(settings.var, step, delay).watch()
    serve("granian", settings, find_target("portal.app:create_app"), reload=False)


def main() -> None:
    import granian
    import uvloop

    import portal.app
    import portal.uploads.s3

    assert granian and uvloop and portal.uploads.s3  # imported before the forks, not by each of them
    portal.app.create_app()  # imports the rest
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    for line in sys.stdin:
        port, step, delay = line.split()
        child = os.fork()
        if not child:
            os.setpgid(0, 0)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            with open(os.devnull) as nothing:
                os.dup2(nothing.fileno(), 0)
            os.dup2(2, 1)  # ours is for the process groups
            _serve(int(port), int(step), float(delay))
            os._exit(0)
        os.setpgid(child, child)  # by whichever of the two is first
        print(child, flush=True)


if __name__ == "__main__":
    main()
