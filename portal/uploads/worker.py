"""The processes that read pictures: poor in rights, memory and time, so that a bad picture costs only itself.

One line of JSON asks, one answers. A process ends when its input is closed, so none outlives the portal.
"""

import asyncio
import contextlib
import errno
import json
import logging
import os
import resource
import select
import signal
import subprocess
import sys
import threading
import time
import weakref
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

MEMORY = 1024 * 1024 * 1024
SECONDS = 5
"""Of the processor: on a busy machine they may take long, and that is no fault of the picture."""
MOVING_SECONDS = 10
"""An animation is many pictures."""
PATIENCE = 20
"""Seconds of the wall that nobody waits beyond."""
GRACE = 2
"""A process ends itself when its time is up; this long after, it is ended."""
START_SECONDS = 20
LARGEST_FILE = 512 * 1024 * 1024
JOBS = 500
"""After so many a process makes place for a fresh one."""
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
"""The disk's refusals to take what is made: no fault of the picture."""
READY = b'{"ready": true}\n'

_log = logging.getLogger("portal.uploads")


class WorkerLost(Exception):
    """The process died of a picture, or took too much of the processor."""


class WorkerBusy(Exception):
    """The time was up before the processor had done what a picture may cost."""


class WorkerMissing(Exception):
    """No process starts at all."""


class Worker:
    """One process and the pipes to it; used by one thread at a time."""

    def __init__(self, patience: int = PATIENCE) -> None:
        self._patience = patience
        self._process: subprocess.Popen[bytes] | None = None
        self._jobs = 0
        self._lock = threading.Lock()

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process is not None else None

    def run(self, job: Mapping[str, Any]) -> dict[str, Any]:
        """Hand over a job and wait for its answer; blocks for as long as a picture may take."""
        with self._lock:
            process = self._started()
            self._jobs += 1
            try:
                assert process.stdin is not None
                process.stdin.write(json.dumps(job).encode() + b"\n")
                process.stdin.flush()
                answer = _line(process, self._patience + GRACE)
            except (OSError, WorkerLost, WorkerBusy) as error:
                code = self._end()
                _log.warning("The picture process was lost (%s, exit %s); it is started anew.", error, code)
                busy = isinstance(error, WorkerBusy) or code == -signal.SIGALRM
                raise (WorkerBusy if busy else WorkerLost)(str(error)) from None
            if self._jobs >= JOBS:
                self._end()
        found: dict[str, Any] = json.loads(answer)
        return found

    def end(self) -> None:
        """End the process at once, whatever it is doing."""
        process = self._process
        if process is not None:
            process.kill()
        with self._lock:
            self._end()

    def _started(self) -> subprocess.Popen[bytes]:
        if self._process is not None and self._process.poll() is None:
            return self._process
        self._end()
        self._jobs = 0
        self._process = process = subprocess.Popen(
            [sys.executable, "-P", "-m", "portal.uploads.worker", str(self._patience)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            # Nothing of our environment: it may hold secrets.
            env={"PYTHONPATH": os.pathsep.join(filter(None, sys.path)), "PYTHONUTF8": "1", "MALLOC_ARENA_MAX": "2"},
        )
        try:
            _line(process, START_SECONDS)
        except (WorkerLost, WorkerBusy) as error:
            code = self._end()
            _log.error("The picture process does not start (%s, exit %s).", error, code)
            raise WorkerMissing(str(error)) from None
        return process

    def _end(self) -> int | None:
        process, self._process = self._process, None
        if process is None:
            return None
        process.kill()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()
        return process.wait()


class Workers:
    """Several processes for any event loop; started when first needed."""

    def __init__(self, count: int) -> None:
        self._idle = [Worker() for _ in range(count)]
        self._all = tuple(self._idle)
        self._threads = ThreadPoolExecutor(count, thread_name_prefix="pictures")
        # A portal that is never closed, as in a script, leaves no process behind either.
        self._end = weakref.finalize(self, _end_all, self._all, self._threads)

    async def run(self, job: Mapping[str, Any]) -> dict[str, Any]:
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._run, job)

    async def close(self) -> None:
        await asyncio.to_thread(self._end)

    def _run(self, job: Mapping[str, Any]) -> dict[str, Any]:
        # There are as many threads as processes, so one is always idle here.
        worker = self._idle.pop()
        try:
            return worker.run(job)
        finally:
            self._idle.append(worker)


def _end_all(workers: tuple[Worker, ...], threads: ThreadPoolExecutor) -> None:
    threads.shutdown(wait=False, cancel_futures=True)
    for worker in workers:
        worker.end()


def _line(process: subprocess.Popen[bytes], seconds: float) -> bytes:
    """One whole line of the process; `WorkerLost` when it ends, `WorkerBusy` when the time is up."""
    assert process.stdout is not None
    end = time.monotonic() + seconds
    poll = select.poll()
    poll.register(process.stdout, select.POLLIN | select.POLLHUP)
    got = b""
    while not got.endswith(b"\n"):
        if not poll.poll(max(0.0, end - time.monotonic()) * 1000):
            raise WorkerBusy("too slow")
        piece = os.read(process.stdout.fileno(), 65536)
        if not piece:
            raise WorkerLost("it died")
        got += piece
    return got


def main() -> None:
    """What the process does, from its first line to the end of its input."""
    answers = os.fdopen(os.dup(1), "wb", buffering=0)
    with open(os.devnull, "wb") as nowhere:
        os.dup2(nowhere.fileno(), 1)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.nice(10)
    _limit(resource.RLIMIT_AS, MEMORY)
    _limit(resource.RLIMIT_FSIZE, LARGEST_FILE)
    _limit(resource.RLIMIT_CORE, 0)
    from portal.uploads import pictures

    answers.write(READY)
    patience = int(sys.argv[1])
    for line in sys.stdin.buffer:
        signal.setitimer(signal.ITIMER_REAL, patience)
        _clock(SECONDS)
        answer: dict[str, Any]
        try:
            answer = {"made": pictures.make(pictures.Job(**json.loads(line)), moving=lambda: _clock(MOVING_SECONDS))}
        except pictures.Refusal as refusal:
            answer = {"refused": refusal.reason, "values": refusal.values}
        except OSError as error:
            reason = "full" if error.errno in FULL else "damaged"
            answer = {"refused": reason, "values": {}, "error": f"{type(error).__name__}: {error}"[:300]}
        except Exception as error:  # Decoders raise whatever they like on a broken file.
            answer = {"refused": "damaged", "values": {}, "error": f"{type(error).__name__}: {error}"[:300]}
        signal.setitimer(signal.ITIMER_REAL, 0)
        answers.write(json.dumps(answer).encode() + b"\n")


def _clock(seconds: int) -> None:
    """From now on so many seconds of the processor; then the system ends us, even amid C code."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    hard = resource.getrlimit(resource.RLIMIT_CPU)[1]
    soft = int(usage.ru_utime + usage.ru_stime) + seconds + 1
    resource.setrlimit(resource.RLIMIT_CPU, (soft if hard == resource.RLIM_INFINITY else min(soft, hard), hard))


def _limit(kind: int, most: int) -> None:
    hard = resource.getrlimit(kind)[1]
    most = most if hard == resource.RLIM_INFINITY else min(most, hard)
    resource.setrlimit(kind, (most, most))


if __name__ == "__main__":
    main()
