"""Two processes with one Redis: one run for all callers of both, whole old values, and nothing lost with a process."""

import json
import secrets
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from redis import Redis

from portal.cache.redis_store import TURN, RedisStore
from tests.api import cache_worker

EACH = 50
"""Callers in each of the two processes."""

PATIENCE = 20.0
"""Seconds until something has gone wrong."""


class Worker:
    """One of the processes."""

    def __init__(self, url: str, key: str, log: Path) -> None:
        with log.open("a") as errors:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "tests.api.cache_worker", url, key],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
                cwd=Path(__file__).parents[2],
            )

    def tell(self, command: str, folder: Path, callers: int = EACH) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps([command, str(folder), callers]) + "\n")
        self.process.stdin.flush()

    def hear(self) -> Any:
        assert self.process.stdout is not None
        return json.loads(self.process.stdout.readline())

    def kill(self) -> None:
        self.process.kill()
        self.process.communicate()


class Pair:
    """The two processes, and what they complain about."""

    def __init__(self, url: str, folder: Path) -> None:
        self.url = url
        self.key = secrets.token_hex(16)
        self.log = folder / "log"
        self.workers = [self.another(), self.another()]
        assert [worker.hear() for worker in self.workers] == ["ready", "ready"]

    def another(self) -> Worker:
        return Worker(self.url, self.key, self.log)

    def end(self) -> None:
        for worker in self.workers:
            worker.kill()
        with Redis.from_url(self.url) as redis:
            for name in redis.scan_iter(f"{RedisStore(self.url, self.key.encode()).prefix}*", count=1000):
                redis.delete(name)


@pytest.fixture(scope="module")
def pair(redis_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    pair = Pair(redis_url, tmp_path_factory.mktemp("pair"))
    yield pair
    pair.end()


class Scene:
    """What the function of both processes reads in one test."""

    def __init__(self, pair: Pair, folder: Path) -> None:
        self.pair = pair
        self.folder = folder
        self.log_before = len(pair.log.read_text())
        self.write(source="old", works="0.3")

    def write(self, **files: str) -> None:
        for name, text in files.items():
            (self.folder / name).write_text(text)

    def ask(self) -> list[dict[str, Any]]:
        """A hundred callers at once, fifty in each process."""
        for worker in self.pair.workers:
            worker.tell("ask", self.folder)
        answers = [worker.hear() for worker in self.pair.workers]
        assert all(answer["whole"] for answer in answers)
        return answers

    def values(self) -> set[str]:
        return {value for answer in self.ask() for value in answer["values"]}

    def invalidate(self, worker: Worker) -> None:
        worker.tell("invalidate", self.folder)
        worker.hear()

    @property
    def runs(self) -> int:
        path = self.folder / "runs"
        return len(path.read_text().splitlines()) if path.exists() else 0

    def wait_for_runs(self, number: int, more: float = 0.0) -> None:
        """Until so many have begun, and for some seconds more."""
        until = time.monotonic() + PATIENCE
        while self.runs < number:
            assert time.monotonic() < until, self.runs
            time.sleep(0.02)
        time.sleep(more)

    @property
    def log(self) -> str:
        return self.pair.log.read_text()[self.log_before :]


@pytest.fixture
def scene(pair: Pair, tmp_path: Path) -> Scene:
    return Scene(pair, tmp_path)


def test_a_hundred_callers_on_a_cold_key_run_it_once(scene: Scene) -> None:
    assert scene.values() == {"old"}
    assert scene.runs == 1


def test_on_an_old_key_all_get_the_old_value_at_once_and_one_process_makes_the_next(scene: Scene) -> None:
    scene.ask()
    time.sleep(cache_worker.SOFT)
    scene.write(source="new", works="1.2")
    answers = scene.ask()
    assert [answer["values"] for answer in answers] == [["old"], ["old"]]
    assert all(answer["seconds"] < 1.0 for answer in answers), answers
    scene.wait_for_runs(2, more=1.5)
    assert scene.values() == {"new"} and scene.runs == 2


@pytest.mark.parametrize("late", [cache_worker.SOFT, cache_worker.TTL], ids=["soft", "ttl"])
def test_where_the_next_value_fails_all_get_the_old_one(scene: Scene, late: float) -> None:
    scene.ask()
    time.sleep(late)
    scene.write(source="new", failing="")
    assert scene.values() == {"old"}
    scene.wait_for_runs(2, more=0.6)
    assert scene.values() == {"old"} and scene.runs == 2
    assert scene.log.count("failed; its old value is used for now") == 1, scene.log


def test_a_change_in_one_process_is_seen_by_the_other_at_once(scene: Scene) -> None:
    first, second = scene.pair.workers
    for number in range(10):
        scene.write(source=f"version {number}", works="0")
        scene.invalidate(first)
        second.tell("ask", scene.folder)
        assert second.hear()["values"] == [f"version {number}"]


def test_what_one_process_read_before_a_change_is_kept_by_neither(scene: Scene) -> None:
    first, second = scene.pair.workers
    scene.write(works="1")
    first.tell("ask", scene.folder)
    scene.wait_for_runs(1, more=0.1)
    scene.write(source="new", works="0")
    scene.invalidate(second)
    assert first.hear()["values"] == ["old"]
    assert scene.values() == {"new"}


def test_nobody_waits_longer_than_a_turn_for_a_process_that_was_killed(scene: Scene) -> None:
    doomed = scene.pair.another()
    doomed.hear()
    scene.write(works="60")
    doomed.tell("ask", scene.folder)
    scene.wait_for_runs(1, more=0.1)
    scene.write(works="0")
    doomed.kill()
    answers = scene.ask()
    assert [answer["values"] for answer in answers] == [["old"], ["old"]] and scene.runs == 2
    assert all(answer["seconds"] < TURN + 2 for answer in answers)


def test_a_run_that_takes_longer_than_a_turn_is_still_the_only_one(scene: Scene) -> None:
    scene.write(works=str(TURN + 1.5))
    assert scene.values() == {"old"}
    assert scene.runs == 1
