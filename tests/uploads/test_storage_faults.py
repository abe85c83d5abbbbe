"""Storages that are full, gone, cut off or silent: a sentence in bounded time, and nothing left behind."""

import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from portal.errors import StorageError
from portal.uploads.backends import open_storage
from portal.uploads.threads import in_thread
from tests.faults.proxy import proxy_before
from tests.uploads.servers import SECRET, WRITTEN_SECRET, bucket_url

File = Callable[[bytes], Path]
KEY = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="

FULL = textwrap.dedent(
    """
    import resource, sys
    from pathlib import Path
    from portal.errors import StorageError
    from portal.uploads.backends import open_storage

    folder, source, key = sys.argv[1:]
    storage = open_storage(f"local:{folder}", key or None)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, resource.RLIM_INFINITY))
    try:
        storage.put("a/b.bin", Path(source), "application/octet-stream")
    except StorageError as error:
        print(error)
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    print([path for path in Path(folder).rglob("*") if path.is_file()])
    storage.put("a/b.bin", Path(source), "application/octet-stream")
    print(storage.stat("a/b.bin").size)
    """
)


@pytest.mark.parametrize("key", ["", KEY], ids=["plain", "encrypted"])
def test_full_disk_is_told_and_leaves_nothing(tmp_path: Path, file: File, key: str) -> None:
    arguments = [sys.executable, "-c", FULL, str(tmp_path / "media"), str(file(b"x" * 200_000)), key]
    done = subprocess.run(arguments, capture_output=True, text=True, timeout=60)
    assert done.stdout.splitlines() == [
        "The disk for uploaded files is full. Nothing was stored.",
        "[]",
        "200000",
    ], done.stderr


def test_half_of_a_killed_process_is_not_seen_and_can_be_swept(tmp_path: Path, file: File) -> None:
    storage = open_storage(f"local:{tmp_path / 'media'}")
    storage.put("a/b.bin", file(b"whole"), "application/octet-stream")
    half = tmp_path / "media" / "a" / f"c.bin.{'0' * 32}.part"
    half.write_bytes(b"ha")
    assert [found.key for found in storage.list()] == ["a/b.bin"]
    for key, upload, _begun in list(storage.unfinished()):
        assert key == "a/c.bin"
        storage.abort_parts(key, upload)
    assert not half.exists()


def test_folder_that_may_not_be_written_is_told(tmp_path: Path, file: File) -> None:
    (tmp_path / "media").write_text("a file in its place")
    with pytest.raises(StorageError):
        open_storage(f"local:{tmp_path / 'media'}").put("a.txt", file(b"x"), "text/plain")


@pytest.mark.anyio
async def test_refused_connection_is_told_soon_and_mended_by_itself(seaweed: str, file: File) -> None:
    host, port = seaweed.split(":")
    async with proxy_before(host, int(port)) as proxy:
        storage = open_storage(bucket_url(f"127.0.0.1:{proxy.port}"))
        await in_thread(storage.put, "fault.txt", file(b"before"), "text/plain")
        await proxy.refuse()
        begun = time.monotonic()
        with pytest.raises(StorageError) as told:
            await in_thread(storage.stat, "fault.txt")
        assert time.monotonic() - begun < 15
        assert SECRET not in str(told.value) and WRITTEN_SECRET not in repr(told.value.__cause__)
        await proxy.listen()
        found = await in_thread(storage.stat, "fault.txt")
        assert found is not None
        await in_thread(storage.delete, "fault.txt")


@pytest.mark.anyio
async def test_cut_connection_is_tried_again(seaweed: str, file: File) -> None:
    host, port = seaweed.split(":")
    async with proxy_before(host, int(port)) as proxy:
        storage = open_storage(bucket_url(f"127.0.0.1:{proxy.port}"))
        await in_thread(storage.put, "fault.txt", file(b"before"), "text/plain")
        proxy.after(1)
        found = await in_thread(storage.stat, "fault.txt")
        assert found is not None and found.size == 6
        await in_thread(storage.delete, "fault.txt")


@pytest.mark.anyio
async def test_silent_server_holds_nobody_for_long(seaweed: str) -> None:
    host, port = seaweed.split(":")
    async with proxy_before(host, int(port)) as proxy:
        storage = open_storage(bucket_url(f"127.0.0.1:{proxy.port}"))
        proxy.hang()
        begun = time.monotonic()
        with pytest.raises(StorageError):
            await in_thread(storage.stat, "fault.txt")
        assert time.monotonic() - begun < 45


@pytest.mark.parametrize("piece", ["wrong", "a%40b"])
def test_refusal_tells_nothing_secret(seaweed: str, file: File, piece: str) -> None:
    storage = open_storage(bucket_url(seaweed, secret=piece))
    with pytest.raises(StorageError) as told:
        storage.put("a.txt", file(b"x"), "text/plain")
    assert piece not in f"{told.value}{told.value.__cause__!r}{storage!r}"
