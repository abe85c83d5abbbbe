"""Stored files: who gets them, and what is sent with them."""

import hashlib
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import httpx
import pytest
from litestar import Litestar, Router
from PIL import Image
from sqlalchemy import event

from portal.auth.actor import Actor
from portal.uploads.keys import copy_key, new_key
from portal.web.media import media_route
from portal.web.media_cache import MediaCache, MediaFacts
from tests.unit.media import Media, opened

pytestmark = pytest.mark.anyio

PAGE = b"<!doctype html><script>alert(1)</script>"
SOMEBODY = Actor(id=1, name="erik")


@pytest.fixture
async def media(tmp_path: Path) -> AsyncIterator[Media]:
    async with opened(tmp_path) as found:
        yield found


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
