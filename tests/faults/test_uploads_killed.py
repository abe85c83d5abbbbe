"""`kill -9` in the middle of an upload: what was answered is kept, the rest is whole or not there, nothing stays.

Each kill falls on another step of one request, which takes a file in, stores it with its copies, saves the row that
uses it and removes the file it replaces. The steps are drawn by a seed; FASTOR_TEST_KILLS is how many in all.
"""

import os
import random
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from uuid import uuid4

import anyio
import pytest

from tests.databases import fresh_database
from tests.faults.victims import Victims, parent_of, picture_processes
from tests.uploads.servers import bucket_url, seaweed

__all__ = ["seaweed"]

pytestmark = pytest.mark.anyio

KILLS = int(os.environ.get("FASTOR_TEST_KILLS", "40"))
SHARES = {
    "sqlite, local": 0.5,
    "mysql, local": 0.15,
    "postgresql, local": 0.15,
    "sqlite, seaweed": 0.2,
}
SEED = 20261121


@pytest.fixture
def victims(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Victims]:
    database, _, storage = getattr(request, "param", "sqlite, local").partition(", ")
    with ExitStack() as held:
        url = None if database == "sqlite" else held.enter_context(fresh_database(database))
        bucket = (
            bucket_url(request.getfixturevalue(storage), bucket=f"files/{uuid4().hex}") if storage != "local" else None
        )
        yield held.enter_context(Victims(tmp_path, url, bucket))


def moments(steps: int, count: int) -> list[tuple[int, float]]:
    """Steps to be killed at, spread over all of them; every third time a little after the step, between two."""
    chance = random.Random(SEED)
    found = [1 + int((number + chance.random()) * steps / count) for number in range(count)]
    return [(step, chance.uniform(0.001, 0.05) if number % 3 == 2 else 0.0) for number, step in enumerate(found)]


@pytest.mark.parametrize("victims", SHARES, indirect=True)
async def test_kill_at_any_step_leaves_all_whole(victims: Victims, request: pytest.FixtureRequest) -> None:
    victims.start(step=1_000_000)
    victims.sign_in()
    assert victims.save_with_a_picture() == 303
    victims.arm()
    assert victims.save_with_a_picture() == 303
    steps = victims.steps()
    victims.kill()
    count = max(1, round(KILLS * SHARES[request.node.callspec.params["victims"]]))
    died = left = 0
    for step, delay in moments(len(steps), count):
        told = f"killed {delay:.3f} s after step {step}: {steps[step - 1]}"
        victims.start(step, delay)
        # what the kill before has left does not stand in the way
        assert victims.save_with_a_picture() == 303, told
        before = await victims.cover()
        victims.arm()
        answer = victims.save_with_a_picture()
        died += answer is None
        victims.kill()
        await victims.examine(told)
        after = await victims.cover()
        assert answer in (None, 303) and after is not None, told
        assert after != before or answer is None, told
        left += await victims.sweep(told)
    assert died > count * 0.7, (died, count)
    assert left > 0
    victims.start()
    assert victims.save_with_a_picture() == 303


async def test_kill_while_the_body_arrives_leaves_nothing(victims: Victims) -> None:
    victims.start()
    victims.sign_in()
    for _ in range(3):
        half = victims.send_half()
        await anyio.sleep(0.05)
        victims.kill()
        half.close()
        await victims.examine("killed while receiving")
        assert await victims.sweep("killed while receiving") == 0
        victims.start()
        assert victims.upload().status_code == 201
        await victims.examine("after it")
        assert await victims.sweep("after it") == 1


async def test_client_that_hangs_up_in_the_middle_leaves_nothing(victims: Victims) -> None:
    victims.start()
    victims.sign_in()
    assert victims.upload().status_code == 201
    assert victims.pid is not None
    open_files = await settled(victims.open_files)
    for _ in range(20):
        victims.send_half().close()
    assert victims.upload().status_code == 201
    assert await settled(victims.open_files) < open_files + 10  # a database connection more or less, none for each
    assert victims.left_over() == []
    await victims.examine("hung up")
    assert await victims.sweep("hung up") == 2


async def settled(count: Callable[[], int]) -> int:
    """Once it does not change any more."""
    before, now = -1, count()
    while before != now:
        await anyio.sleep(0.5)
        before, now = now, count()
    return now


async def test_killed_picture_process_costs_its_picture_alone(victims: Victims) -> None:
    victims.start()
    victims.sign_in()
    assert victims.upload().status_code == 201
    assert victims.pid is not None
    for moment in ("between two pictures", "in the middle of one"):
        (process,) = picture_processes(victims.pid)
        if moment == "between two pictures":
            os.kill(process, signal.SIGKILL)
        else:
            os.kill(process, signal.SIGSTOP)
            answer = victims.upload_while(lambda process=process: os.kill(process, signal.SIGKILL))
            assert answer.status_code == 422, answer.text
            assert answer.json()["detail"].endswith("."), answer.json()
        assert victims.upload().status_code == 201, moment
        assert picture_processes(victims.pid) not in ([], [process]), moment
    await victims.examine("its process was killed")
    assert not list((victims.folder / "tmp").iterdir())


async def test_killed_server_takes_its_picture_process_with_it(victims: Victims) -> None:
    """The process reads nothing more once nobody holds the other end."""
    victims.start()
    victims.sign_in()
    assert victims.upload().status_code == 201
    assert victims.pid is not None
    (process,) = picture_processes(victims.pid)
    os.kill(parent_of(process), signal.SIGKILL)
    end = time.monotonic() + 5
    while process in picture_processes(victims.pid):
        assert time.monotonic() < end
        await anyio.sleep(0.01)
