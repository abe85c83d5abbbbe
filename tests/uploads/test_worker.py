"""The picture process: bounded, replaced when it dies, and never left behind."""

import asyncio
import gc
import logging
import os
import re
import resource
import signal
import threading
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from portal.uploads.examine import Examiner, Made
from portal.uploads.refusals import Damaged
from portal.uploads.rules import picture_rules
from portal.uploads.worker import Worker, WorkerBusy, WorkerLost
from tests.uploads.drawing import good

pytestmark = pytest.mark.anyio


def job(folder: Path, **changes: Any) -> dict[str, Any]:
    source = folder / "sent"
    if not source.exists():
        source.write_bytes(good("PNG"))
    asked = {"source": str(source), "workshop": str(folder), "stem": "made", "formats": ["png"], "sizes": {}}
    return {**asked, "max_pixels": 1000 * 1000, **changes}


@pytest.fixture
def worker() -> Iterator[Worker]:
    worker = Worker()
    yield worker
    worker.end()


def alive(pid: int | None) -> bool:
    return pid is not None and Path(f"/proc/{pid}").exists()


def large(folder: Path) -> Path:
    path = folder / "large.png"
    if not path.exists():
        path.write_bytes(good("PNG", size=(3000, 3000)))
    return path


@pytest.fixture
async def examiner() -> AsyncIterator[Examiner]:
    examiner = Examiner()
    yield examiner
    await examiner.close()


def children() -> set[int]:
    tasks = Path("/proc/self/task").glob("*/children")
    return {int(pid) for task in tasks for pid in task.read_text().split()}


def test_worker_is_started_by_the_first_job_and_kept(worker: Worker, tmp_path: Path) -> None:
    assert worker.pid is None
    assert "made" in worker.run(job(tmp_path))
    first = worker.pid
    assert "made" in worker.run(job(tmp_path, stem="again"))
    assert worker.pid == first


def test_worker_has_bounds_and_none_of_our_environment(
    worker: Worker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FASTOR_SECRET_KEY", "not for the worker")
    worker.run(job(tmp_path))
    limits = Path(f"/proc/{worker.pid}/limits").read_text()
    assert re.search(r"Max address space +1073741824 +1073741824", limits)
    cpu = re.search(r"Max cpu time +(\d+)", limits)
    assert cpu is not None and int(cpu[1]) <= 10
    assert os.getpriority(os.PRIO_PROCESS, worker.pid or 0) >= 10
    assert "not for the worker" not in Path(f"/proc/{worker.pid}/environ").read_text()


def test_worker_that_is_killed_between_jobs_is_replaced(worker: Worker, tmp_path: Path) -> None:
    worker.run(job(tmp_path))
    first = worker.pid
    os.kill(first or 0, signal.SIGKILL)
    time.sleep(0.1)
    assert "made" in worker.run(job(tmp_path, stem="again"))
    assert worker.pid != first


def test_worker_that_waits_too_long_ends_itself_and_blames_no_picture(tmp_path: Path) -> None:
    worker = Worker(patience=2)
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    begun = time.monotonic()
    with pytest.raises(WorkerBusy):
        worker.run(job(tmp_path, source=str(pipe)))
    assert time.monotonic() - begun > 1.5
    assert worker.pid is None
    assert "made" in worker.run(job(tmp_path))
    worker.end()


def test_worker_that_takes_too_much_of_the_processor_is_ended(worker: Worker, tmp_path: Path) -> None:
    worker.run(job(tmp_path))
    assert worker.pid is not None
    resource.prlimit(worker.pid, resource.RLIMIT_CPU, (1, 1))
    with pytest.raises(WorkerLost):
        for number in range(200):
            worker.run(job(tmp_path, source=str(large(tmp_path)), stem=str(number), max_pixels=25_000_000))
    assert "made" in worker.run(job(tmp_path, stem="again"))


def test_worker_that_dies_of_a_job_is_lost_and_logged(
    worker: Worker, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    worker.run(job(tmp_path))
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    threading.Timer(0.3, os.kill, (worker.pid, signal.SIGSEGV)).start()
    with caplog.at_level(logging.WARNING), pytest.raises(WorkerLost):
        worker.run(job(tmp_path, source=str(pipe)))
    assert "started anew" in caplog.text


def test_worker_survives_orders_that_make_no_sense(worker: Worker, tmp_path: Path) -> None:
    first = job(tmp_path)
    for changes in (
        {"source": "/nowhere"},
        {"sizes": {"thumb": ["a", None]}},
        {"unknown": 1},
        {"workshop": "/nowhere"},
    ):
        assert worker.run({**first, **changes})["refused"] == "damaged"
    assert "made" in worker.run(first)


async def test_picture_whose_worker_dies_is_refused_as_damaged(examiner: Examiner, tmp_path: Path) -> None:
    before = children()
    source = tmp_path / "sent"
    source.write_bytes(good("PNG"))
    await examiner.examine(source, "a.png", picture_rules(), tmp_path)
    (pid,) = children() - before
    os.kill(pid, signal.SIGSTOP)
    asyncio.get_running_loop().call_later(0.3, os.kill, pid, signal.SIGKILL)
    with pytest.raises(Damaged):
        await examiner.examine(source, "b.png", picture_rules(), tmp_path)
    assert isinstance(await examiner.examine(source, "c.png", picture_rules(), tmp_path), Made)


async def test_several_pictures_at_once_all_come_out(tmp_path: Path) -> None:
    examiner = Examiner(workers=2)
    source = tmp_path / "sent"
    source.write_bytes(good("JPEG"))
    made = await asyncio.gather(*(examiner.examine(source, "a", picture_rules(), tmp_path) for _ in range(20)))
    assert len({found.path for found in made}) == 20
    await examiner.close()
    await examiner.close()


async def test_closing_leaves_no_process(tmp_path: Path) -> None:
    before = children()
    examiner = Examiner(workers=2)
    source = tmp_path / "sent"
    source.write_bytes(good("JPEG"))
    await examiner.examine(source, "a", picture_rules(), tmp_path)
    mine = children() - before
    assert mine
    await examiner.close()
    assert not any(alive(pid) for pid in mine)


def test_examiner_serves_one_event_loop_after_another_and_is_cleaned_up_unclosed(tmp_path: Path) -> None:
    before = children()
    source = tmp_path / "sent"
    source.write_bytes(good("JPEG"))
    examiner = Examiner()
    for _loop in range(3):
        asyncio.run(examiner.examine(source, "a", picture_rules(), tmp_path))
    mine = children() - before
    assert len(mine) == 1
    del examiner
    gc.collect()
    time.sleep(0.2)
    assert not any(alive(pid) for pid in mine)
