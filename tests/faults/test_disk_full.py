"""The disk is full in an upload: a sentence, nothing half, nothing left behind, and on it goes once there is room.

A limit on the size of files, which a running process can be given and relieved of, refuses writes as a full disk does.
"""

import io
import random
import resource
import zipfile
from collections.abc import Iterator

import pytest
from PIL import Image

from tests.faults.victims import Victims, members

pytestmark = pytest.mark.anyio

ROOM = 900_000
"""Bytes that fit."""
TRIES = 5
FULL = "The disk for uploaded files is full. Nothing was stored."


@pytest.fixture(scope="module")
def victims(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Victims]:
    with Victims(tmp_path_factory.mktemp("full")) as victims:
        victims.start()
        victims.sign_in()
        assert victims.upload().status_code == 201
        yield victims


def archive() -> bytes:
    """More than there is room for, in memory as well: it is refused while it arrives."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as file:
        file.writestr("noise.bin", random.Random(1).randbytes(3 * ROOM))
    return packed.getvalue()


def growing_picture() -> bytes:
    """There is room for what is sent, but not for what is made of it."""
    drawn = io.BytesIO()
    noise = Image.frombytes("RGB", (1600, 1000), random.Random(2).randbytes(1600 * 1000 * 3))
    noise.save(drawn, "JPEG", quality=35)
    assert len(drawn.getvalue()) < ROOM
    return drawn.getvalue()


def limit(victims: Victims, size: int | None) -> None:
    """Give the server and its picture process so much room, or all they may have."""
    assert victims.pid is not None
    for process in members(victims.pid):
        _soft, hard = resource.prlimit(process, resource.RLIMIT_FSIZE)
        resource.prlimit(process, resource.RLIMIT_FSIZE, (hard if size is None else size, hard))


@pytest.mark.parametrize(("field", "content"), [("attachment", archive()), ("cover", growing_picture())],
                         ids=["while it arrives", "while copies are made"])  # fmt: skip
async def test_full_disk_is_told_and_leaves_nothing(victims: Victims, field: str, content: bytes) -> None:
    await victims.sweep("before")
    limit(victims, ROOM)
    for _ in range(TRIES):
        answer = victims.upload(content, field)
        assert (answer.status_code, answer.json()["detail"]) == (503, FULL)
        with victims.browser() as browser:
            assert browser.get("/articles").status_code == 200
    assert victims.left_over() == []
    await victims.examine("full")
    assert await victims.sweep("full") == 0
    limit(victims, None)
    assert victims.upload(content, field).status_code == 201


async def test_full_disk_under_a_form_without_scripts_is_a_page_that_keeps_the_words(victims: Victims) -> None:
    limit(victims, ROOM)
    answer = victims.save(("file.attachment", archive()))
    assert answer is not None and answer.status_code == 503
    assert FULL in answer.text and "Retry-After" in answer.headers
    limit(victims, None)
    answer = victims.save(("file.attachment", archive()))
    assert answer is not None and answer.status_code == 303
