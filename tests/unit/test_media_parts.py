"""Parts of stored files, large ones, and storages with troubles."""

import os
import tracemalloc
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import anyio
import pytest

from portal.errors import StorageError
from portal.models.file import StoredFile
from portal.uploads.local import LocalStorage
from portal.web.ranges import choose_part
from tests.unit.media import Media, opened

pytestmark = pytest.mark.anyio


class Broken(LocalStorage):
    """A storage that stops answering after some pieces."""

    pieces = 0

    def read(self, key: str, start: int = 0, length: int | None = None) -> Iterator[bytes]:
        for number, piece in enumerate(super().read(key, start, length)):
            if number == self.pieces:
                raise StorageError
            yield piece


class Short(LocalStorage):
    """A storage whose objects are a byte shorter than was noted."""

    def read(self, key: str, start: int = 0, length: int | None = None) -> Iterator[bytes]:
        return super().read(key, start, (length or 0) - 1)


class Signing(LocalStorage):
    """A storage that browsers can be sent to."""

    def signed_url(self, key: str, seconds: int, disposition: str, media_type: str) -> str | None:
        return f"https://bucket.example.com/{key}?good={seconds}"


@pytest.fixture
async def media(tmp_path: Path) -> AsyncIterator[Media]:
    async with opened(tmp_path) as found:
        yield found


# -- parts

CONTENT = bytes(range(100))
WHOLE = (200, CONTENT, None)


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("bytes=0-0", (206, CONTENT[:1], "bytes 0-0/100")),
        ("bytes=10-19", (206, CONTENT[10:20], "bytes 10-19/100")),
        ("bytes=90-", (206, CONTENT[90:], "bytes 90-99/100")),
        ("bytes=0-", (206, CONTENT, "bytes 0-99/100")),
        ("bytes=99-500", (206, CONTENT[99:], "bytes 99-99/100")),
        ("bytes=-1", (206, CONTENT[99:], "bytes 99-99/100")),
        ("bytes=-500", (206, CONTENT, "bytes 0-99/100")),
        ("bytes=100-", (416, b"", "bytes */100")),
        ("bytes=-0", (416, b"", "bytes */100")),
        ("bytes=999999999999999999-", (416, b"", "bytes */100")),
        ("bytes=0-1,5-6", WHOLE),
        ("bytes=0-1," * 500 + "5-6", WHOLE),
        ("bytes=5-4", WHOLE),
        ("bytes=-", WHOLE),
        ("bytes=a-b", WHOLE),
        ("bytes=1", WHOLE),
        ("bytes=--1", WHOLE),
        ("bytes=+1-2", WHOLE),
        ("bytes=0x1-2", WHOLE),
        ("bytes=1-99999999999999999999999999", WHOLE),
        ("lines=0-1", WHOLE),
        ("0-1", WHOLE),
        ("", WHOLE),
    ],
)
async def test_part_is_sent_as_asked(media: Media, asked: str, expected: tuple[int, bytes, str | None]) -> None:
    key = await media.store(CONTENT)
    answer = await media.fetch(key, Range=asked)
    assert (answer.status_code, answer.content, answer.headers.get("content-range")) == expected
    assert answer.headers["content-length"] == str(len(expected[1]))


async def test_part_of_another_version_is_not_sent(media: Media) -> None:
    key = await media.store(CONTENT)
    etag = (await media.fetch(key)).headers["etag"]
    assert (await media.fetch(key, **{"Range": "bytes=0-1", "If-Range": etag})).status_code == 206
    for other in ('"other"', f"W/{etag}", "Sat, 21 Nov 2026 10:00:00 GMT", ""):
        answer = await media.fetch(key, **{"Range": "bytes=0-1", "If-Range": other})
        assert (answer.status_code, answer.content) == (200, CONTENT), other


def test_part_of_nothing_is_not_there() -> None:
    assert choose_part("GET", {"range": "bytes=0-"}, '"a"', 0).status == 416
    assert choose_part("GET", {"range": "bytes=0-0,2-3"}, '"a"', 9).status == 200


async def test_parts_put_together_are_the_file(media: Media) -> None:
    content = os.urandom(700_000)
    key = await media.store(content)
    parts = [
        (await media.fetch(key, Range=f"bytes={start}-{start + 299_999}")).content for start in (0, 300_000, 600_000)
    ]
    assert b"".join(parts) == content == (await media.fetch(key)).content


# -- a storage with troubles


async def test_storage_that_does_not_answer_is_said(media: Media) -> None:
    key = await media.store(b"picture")
    media.site.uploads.storage = Broken(media.folder)
    answer = await media.fetch(key)
    assert (answer.status_code, answer.content, answer.headers["cache-control"]) == (503, b"", "no-store")


async def test_half_a_file_never_looks_whole(media: Media) -> None:
    key = await media.store(os.urandom(600_000))
    media.site.uploads.storage = broken = Broken(media.folder)
    broken.pieces = 1
    for storage in (broken, Short(media.folder)):
        media.site.uploads.storage = storage
        sent, error = await raw(media, key)
        assert error is not None and sent[0]["status"] == 200
        assert sent[-1]["more_body"] is True  # the end was never announced


async def test_nobody_listening_ends_the_reading(media: Media) -> None:
    key = await media.store(os.urandom(3_000_000))
    sent, error = await raw(media, key, leaves=True)
    assert error is None and len(sent) < 6


async def raw(media: Media, key: str, *, leaves: bool = False) -> tuple[list[Any], Exception | None]:
    """The messages of an answer, and what was raised at its end."""
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    async def receive() -> Any:
        if leaves:
            return {"type": "http.disconnect"}
        return await never()

    scope = {"type": "http", "method": "GET", "path": f"/{key}", "headers": []}
    try:
        await media(scope, receive, send)
    except Exception as error:
        return sent, error
    return sent, None


async def never() -> Any:
    await anyio.sleep_forever()


async def test_storage_that_signs_is_where_the_file_is_fetched(media: Media) -> None:
    key = await media.store(b"picture")
    hidden = await media.store(b"%PDF", "application/pdf", "pdf", private=True, owner="erik")
    media.site.uploads.storage = Signing(media.folder)
    answer = await media.fetch(key)
    assert (answer.status_code, answer.headers["cache-control"]) == (302, "private, max-age=60")
    assert answer.headers["location"].startswith(f"https://bucket.example.com/{key}")
    assert (await media.fetch(hidden)).status_code == 404
    assert (await media.fetch(key, "HEAD")).status_code == 200


async def test_large_file_takes_no_memory(media: Media) -> None:
    size = 200 * 1024 * 1024
    key = await media.store(b"", "application/zip", "zip")
    with (media.folder / key).open("r+b") as file:
        file.truncate(size)
    async with media.database.write() as session:
        row = await session.get(StoredFile, 1)
        assert row is not None
        row.size = size
        await session.commit()
    received = 0

    async def send(message: Any) -> None:
        nonlocal received
        received += len(message.get("body", b""))

    tracemalloc.start()
    try:
        await media({"type": "http", "method": "GET", "path": key, "headers": []}, never, send)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert received == size and peak < 5 * 1024 * 1024
