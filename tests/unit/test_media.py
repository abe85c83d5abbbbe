"""Stored files: what is sent with them, parts of them, and that nothing else is reached."""

import hashlib
import os
import tracemalloc
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from litestar import Litestar, Router
from PIL import Image
from sqlalchemy import event

from portal.auth.actor import Actor
from portal.db.engine import Database
from portal.db.model import Model
from portal.errors import StorageError
from portal.models.file import FileUse, StoredFile
from portal.uploads.keys import copy_key, new_key
from portal.uploads.local import LocalStorage
from portal.web.media import MediaFiles, media_route
from portal.web.media_cache import MediaCache, MediaFacts
from portal.web.ranges import choose_part

pytestmark = pytest.mark.anyio

PAGE = b"<!doctype html><script>alert(1)</script>"
SOMEBODY = Actor(id=1, name="erik")


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


class Media:
    """The files of a portal, with a storage in a folder and records in a database."""

    def __init__(self, folder: Path, database: Database) -> None:
        self.folder = folder
        self.database = database
        self.actor: Actor | None = None
        self.site: Any = SimpleNamespace(
            database=database,
            uploads=SimpleNamespace(storage=LocalStorage(folder)),
            url=lambda path: path,
            authenticator=SimpleNamespace(sign_in_url=None),
        )
        self.files = MediaFiles(self.site)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        state = {"fastor": SimpleNamespace(actor=self.actor)}
        await self.files({**scope, "state": state}, receive, send)

    async def fetch(self, path: str, method: str = "GET", **headers: str) -> httpx.Response:
        transport = httpx.ASGITransport(app=self)
        async with httpx.AsyncClient(transport=transport, base_url="http://portal.test") as client:
            return await client.request(method, f"/{path}", headers=headers)

    async def store(self, content: bytes, media_type: str = "image/webp", ending: str = "webp", **values: Any) -> str:
        """Put a file with a record there; returns its key."""
        key = new_key(ending)
        self.put(key, content)
        values = {"kind": media_type.partition("/")[0], "original_name": "tea.webp", "sizes": {}, **values}
        digest = hashlib.sha256(content).hexdigest()
        row = StoredFile(key=key, media_type=media_type, size=len(content), sha256=digest, **values)
        async with self.database.write() as session:
            session.add(row)
            await session.commit()
        return key

    def put(self, name: str, content: bytes) -> None:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


@pytest.fixture
async def media(tmp_path: Path) -> AsyncIterator[Media]:
    database = Database(f"sqlite+aiosqlite:///{tmp_path / 'portal.db'}")
    tables: Any = [StoredFile.__table__, FileUse.__table__]
    async with database.engine.begin() as connection:
        await connection.run_sync(lambda bound: Model.metadata.create_all(bound, tables))
    (tmp_path / "media").mkdir()
    yield Media(tmp_path / "media", database)
    await database.dispose()


# -- files with a record


async def test_picture_is_shown_to_everybody(media: Media) -> None:
    key = await media.store(b"picture", original_name="Tee & Café 茶.webp")
    answer = await media.fetch(key)
    assert (answer.status_code, answer.content) == (200, b"picture")
    headers = dict(answer.headers)
    digest = hashlib.sha256(b"picture").hexdigest()[:32]
    assert headers == {
        "accept-ranges": "bytes",
        "cache-control": "public, max-age=31536000, immutable",
        "content-disposition": "inline; filename*=UTF-8''Tee%20%26%20Caf%C3%A9%20%E8%8C%B6.webp",
        "content-length": "7",
        "content-security-policy": "default-src 'none'; sandbox",
        "content-type": "image/webp",
        "etag": f'"{digest}"',
        "x-content-type-options": "nosniff",
    }


async def test_what_is_no_picture_is_downloaded(media: Media) -> None:
    key = await media.store(PAGE, "application/pdf", "pdf", original_name='a"\r\nb.pdf')
    answer = await media.fetch(key)
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["content-disposition"] == "attachment; filename*=UTF-8''a%22%0D%0Ab.pdf"


async def test_copy_is_sent_when_the_record_names_it(media: Media) -> None:
    key = await media.store(b"picture", "image/png", "png", sizes={"thumb": [1, 1, 5]})
    media.put(copy_key(key, "thumb"), b"small")
    media.put(copy_key(key, "large"), b"large")
    whole, copy = await media.fetch(key), await media.fetch(copy_key(key, "thumb"))
    assert (copy.status_code, copy.content, copy.headers["content-type"]) == (200, b"small", "image/webp")
    assert copy.headers["etag"] == whole.headers["etag"][:-1] + '-thumb"'
    assert copy.headers["content-disposition"] == whole.headers["content-disposition"]
    assert (await media.fetch(copy_key(key, "large"))).status_code == 404


async def test_second_request_asks_the_database_nothing(media: Media) -> None:
    key = await media.store(b"picture", sizes={"thumb": [1, 1, 5]})
    media.put(copy_key(key, "thumb"), b"small")
    asked: list[str] = []
    event.listen(media.database.engine.sync_engine, "before_cursor_execute", lambda *found: asked.append(found[2]))
    await media.fetch(copy_key(key, "thumb"))
    assert len([found for found in asked if "fastor_file" in found]) == 1
    asked.clear()
    assert (await media.fetch(copy_key(key, "thumb"))).content == b"small"
    assert asked == []


@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_deleted_file_is_gone_even_when_it_was_remembered(media: Media, method: str) -> None:
    key = await media.store(b"picture")
    assert (await media.fetch(key)).status_code == 200
    (media.folder / key).unlink()
    answer = await media.fetch(key, method)
    assert (answer.status_code, answer.headers["cache-control"]) == (404, "no-store")


async def test_object_under_our_key_without_a_record_is_gone_for_everybody(media: Media) -> None:
    key = new_key("webp")
    media.put(key, b"left over")
    media.put(copy_key(key, "thumb"), b"left over")
    for actor in (None, SOMEBODY):
        media.actor = actor
        assert (await media.fetch(key)).status_code == 404
        assert (await media.fetch(copy_key(key, "thumb"))).status_code == 404


async def test_private_file_is_nobodys_to_strangers_and_its_owners(media: Media) -> None:
    key = await media.store(b"%PDF", "application/pdf", "pdf", private=True, owner="erik")
    assert (await media.fetch(key)).status_code == 404
    media.actor = SOMEBODY
    answer = await media.fetch(key)
    assert (answer.content, answer.headers["cache-control"]) == (b"%PDF", "private, no-cache")
    media.actor = Actor(id=1, name="erik", must_change_password=True)
    assert (await media.fetch(key)).status_code == 404


async def test_unchanged_file_is_not_sent_again(media: Media) -> None:
    key = await media.store(b"picture")
    etag = (await media.fetch(key)).headers["etag"]
    for asked in (etag, f'"other", W/{etag}', "*"):
        answer = await media.fetch(key, **{"If-None-Match": asked, "Range": "bytes=0-1"})
        assert (answer.status_code, answer.content) == (304, b"")
        assert answer.headers["etag"] == etag and "content-length" not in answer.headers
    assert (await media.fetch(key, **{"If-None-Match": '"other"'})).status_code == 200


async def test_head_tells_the_length_and_sends_nothing(media: Media) -> None:
    key = await media.store(b"picture")
    answer = await media.fetch(key, "HEAD", Range="bytes=0-1")
    assert (answer.status_code, answer.headers["content-length"], answer.content) == (200, "7", b"")


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
async def test_files_are_not_changed_by_address(media: Media, method: str) -> None:
    key = await media.store(b"picture")
    answer = await media.fetch(key, method)
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD")
    assert (media.folder / key).exists()


async def test_empty_file_is_sent(media: Media) -> None:
    key = await media.store(b"", "application/zip", "zip")
    answer = await media.fetch(key)
    assert (answer.status_code, answer.content, answer.headers["content-length"]) == (200, b"", "0")


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
    import anyio

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


# -- what was stored by other means


@pytest.mark.parametrize("suffix", ["webp", "png", "jpeg", "gif", "avif"])
async def test_older_picture_is_shown_to_people_signed_in(media: Media, suffix: str) -> None:
    name = f"starter/covers/a.{suffix}"
    media.put(name, b"")
    Image.new("RGB", (8, 8), "teal").save(media.folder / name)
    assert (await media.fetch(name)).headers["location"] == f"/sign-in?next=/media/{name}"
    media.actor = SOMEBODY
    answer = await media.fetch(name)
    assert answer.content == (media.folder / name).read_bytes()
    assert answer.headers["content-type"] == f"image/{suffix}"
    assert answer.headers["content-disposition"].startswith("inline")
    assert answer.headers["cache-control"] == "private, no-cache"
    assert (await media.fetch(name, **{"If-None-Match": answer.headers["etag"]})).status_code == 304
    assert (await media.fetch(name, Range="bytes=0-3")).status_code == 206


@pytest.mark.parametrize("name", ["page.png", "图.svg", "empty.bin"])
async def test_older_file_is_downloaded_whatever_its_name_says(media: Media, name: str) -> None:
    media.put(name, b"" if name == "empty.bin" else PAGE)
    media.actor = SOMEBODY
    answer = await media.fetch(name)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/octet-stream")
    assert answer.headers["content-disposition"].startswith("attachment; filename*=UTF-8''")


@pytest.mark.parametrize("mount", ["", "/admin"])
async def test_route_finds_files_wherever_the_portal_is_mounted(media: Media, mount: str) -> None:
    key = await media.store(b"picture")
    app = Litestar([Router(mount or "/", route_handlers=[media_route(media.site)])], logging_config=None)
    transport = httpx.ASGITransport(app=app)  # type: ignore[arg-type]  # Litestar's own ASGI types
    async with httpx.AsyncClient(transport=transport, base_url="http://portal.test") as client:
        answer = await client.get(f"{mount}/media/{key}")
        assert answer.content == b"picture"
        assert answer.headers["content-security-policy"] == "default-src 'none'; sandbox"
        assert (await client.head(f"{mount}/media/{key}")).status_code == 200
        assert (await client.post(f"{mount}/media/{key}")).status_code == 405
        assert (await client.get(f"{mount}/media/media/{key}")).status_code == 303
        assert (await client.get(f"{mount}/media/{new_key('webp')}")).status_code == 404


# -- the memory


@pytest.fixture
def facts() -> Callable[..., MediaFacts]:
    def make(name: str, *, private: bool = False) -> MediaFacts:
        return MediaFacts(name, "image/webp", 1, '"a"', "inline", private)

    return make


def test_memory_forgets_what_was_unused_longest(facts: Callable[..., MediaFacts]) -> None:
    cache = MediaCache(most=3)
    for name in "abc":
        cache.keep(name, facts(name))
    assert cache.get("a") is not None
    cache.keep("d", facts("d"))
    assert len(cache) == 3
    assert cache.get("b") is None and cache.get("a") is not None
    cache.drop("a")
    assert cache.get("a") is None


def test_memory_keeps_nothing_private(facts: Callable[..., MediaFacts]) -> None:
    cache = MediaCache()
    cache.keep("a", facts("a", private=True))
    assert cache.get("a") is None
