"""Stored files: pictures are shown, the rest is downloaded, and nothing outside the folder is reached."""

import os
from pathlib import Path
from types import SimpleNamespace

import httpx
import pytest
from litestar import Litestar, Router
from PIL import Image

from portal.web.media import MediaFiles, media_route

pytestmark = pytest.mark.anyio

PAGE = b"<!doctype html><script>alert(1)</script>"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A media folder, and beside it what must not be reached."""
    media = tmp_path / "media"
    (media / "covers").mkdir(parents=True)
    (tmp_path / "secret.txt").write_text("secret")
    (media / "out.txt").symlink_to(tmp_path / "secret.txt")
    (media / ".hidden").write_text("secret")
    (media / "covers" / "half.webp.part").write_bytes(b"RIFF")
    for suffix in ("webp", "png", "jpeg", "gif", "avif"):
        Image.new("RGB", (8, 8), "teal").save(media / "covers" / f"a.{suffix}")
    (media / "page.png").write_bytes(PAGE)
    (media / "图 1.svg").write_bytes(b'<svg xmlns="http://www.w3.org/2000/svg"/>')
    (media / "empty.bin").write_bytes(b"")
    (media / "large.bin").write_bytes(os.urandom(700_000))
    return media


async def fetch(folder: Path | None, path: str, method: str = "GET", **headers: str) -> httpx.Response:
    transport = httpx.ASGITransport(app=MediaFiles(folder))
    async with httpx.AsyncClient(transport=transport, base_url="http://portal.test") as client:
        return await client.request(method, f"/{path}", headers=headers)


@pytest.mark.parametrize("suffix", ["webp", "png", "jpeg", "gif", "avif"])
async def test_picture_is_shown(folder: Path, suffix: str) -> None:
    answer = await fetch(folder, f"covers/a.{suffix}")
    assert answer.status_code == 200
    assert answer.content == (folder / "covers" / f"a.{suffix}").read_bytes()
    assert answer.headers["content-type"] == f"image/{suffix}"
    assert answer.headers["content-disposition"].startswith("inline")


async def test_file_can_do_nothing_in_our_name(folder: Path) -> None:
    headers = (await fetch(folder, "covers/a.webp")).headers
    assert headers["content-security-policy"] == "default-src 'none'; sandbox"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cache-control"] == "private, no-cache"
    assert "set-cookie" not in headers


@pytest.mark.parametrize("name", ["page.png", "图 1.svg", "empty.bin"])
async def test_what_is_no_picture_is_downloaded_whatever_its_name_says(folder: Path, name: str) -> None:
    answer = await fetch(folder, name)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["content-disposition"].startswith("attachment")
    assert answer.content == (folder / name).read_bytes()


async def test_name_with_other_letters_is_sent_encoded(folder: Path) -> None:
    sent = (await fetch(folder, "图 1.svg")).headers["content-disposition"]
    assert sent == "attachment; filename*=UTF-8''%E5%9B%BE%201.svg"


async def test_large_file_arrives_whole(folder: Path) -> None:
    answer = await fetch(folder, "large.bin")
    assert answer.content == (folder / "large.bin").read_bytes()
    assert answer.headers["content-length"] == "700000"


async def test_unchanged_file_is_not_sent_again(folder: Path) -> None:
    etag = (await fetch(folder, "covers/a.webp")).headers["etag"]
    answer = await fetch(folder, "covers/a.webp", **{"If-None-Match": f'"other", W/{etag}'})
    assert (answer.status_code, answer.content) == (304, b"")
    Image.new("RGB", (9, 9)).save(folder / "covers" / "a.webp")
    answer = await fetch(folder, "covers/a.webp", **{"If-None-Match": etag})
    assert answer.status_code == 200 and answer.headers["etag"] != etag


async def test_head_tells_the_length_and_sends_nothing(folder: Path) -> None:
    answer = await fetch(folder, "large.bin", "HEAD")
    assert (answer.status_code, answer.headers["content-length"], answer.content) == (200, "700000", b"")


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
async def test_files_are_not_changed_by_address(folder: Path, method: str) -> None:
    answer = await fetch(folder, "covers/a.webp", method)
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD")
    assert (folder / "covers" / "a.webp").exists()


@pytest.mark.parametrize(
    "path",
    [
        "",
        "covers",
        "missing.webp",
        "covers/a.webp/x",
        "%2e%2e/secret.txt",
        "covers/%2e%2e/%2e%2e/secret.txt",
        "..%2fsecret.txt",
        "..%5csecret.txt",
        "covers//a.webp",
        "%2fetc/passwd",
        "out.txt",
        ".hidden",
        "covers/half.webp.part",
        "covers/a.webp%00.png",
        "a" * 300,
        "%ed%a0%80.webp",
    ],
)
async def test_nothing_else_is_found(folder: Path, path: str) -> None:
    answer = await fetch(folder, path)
    assert (answer.status_code, answer.content) == (404, b"")


@pytest.mark.parametrize("mount", ["", "/admin"])
async def test_route_finds_files_wherever_the_portal_is_mounted(folder: Path, mount: str) -> None:
    (folder / "media").mkdir()
    (folder / "media" / "b.gif").write_bytes(b"GIF89a")
    site = SimpleNamespace(settings=SimpleNamespace(storage_url=f"local:{folder}"), path=mount)
    app = Litestar([Router(mount or "/", route_handlers=[media_route(site)])], logging_config=None)  # type: ignore[arg-type]  # stands in for a Site
    transport = httpx.ASGITransport(app=app)  # type: ignore[arg-type]  # Litestar's own ASGI types
    async with httpx.AsyncClient(transport=transport, base_url="http://portal.test") as client:
        for name in ("covers/a.webp", "media/b.gif", "图 1.svg"):
            answer = await client.get(f"{mount}/media/{name}")
            assert answer.content == (folder / name).read_bytes()
            assert answer.headers["content-security-policy"] == "default-src 'none'; sandbox"
        assert (await client.head(f"{mount}/media/covers/a.webp")).status_code == 200
        assert (await client.post(f"{mount}/media/covers/a.webp")).status_code == 405
        assert (await client.get(f"{mount}/media/missing.webp")).status_code == 404


async def test_without_a_folder_there_is_nothing(folder: Path, tmp_path: Path) -> None:
    assert (await fetch(None, "covers/a.webp")).status_code == 404
    assert (await fetch(tmp_path / "missing", "covers/a.webp")).status_code == 404
