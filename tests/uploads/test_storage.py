"""What every storage does, whichever the settings name."""

import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from portal.errors import StorageError
from portal.uploads.backends import open_storage
from portal.uploads.keys import new_key
from portal.uploads.storage import Storage, UploadClosed
from portal.uploads.threads import in_thread
from tests.uploads.servers import bucket_url

File = Callable[[bytes], Path]
MEGA = 1024 * 1024
CONTENT = random.Random(5).randbytes(300_000)


def whole(storage: Storage, key: str, start: int = 0, length: int | None = None) -> bytes:
    return b"".join(storage.read(key, start, length))


def sent(address: str, content: bytes) -> Request:
    """As a browser sends a part."""
    return Request(address, content, {"Content-Type": "application/octet-stream"}, method="PUT")


def test_stored_file_comes_back_as_it_was(storage: Storage, file: File) -> None:
    key = new_key("png")
    storage.put(key, file(CONTENT), "image/png")
    assert whole(storage, key) == CONTENT
    found = storage.stat(key)
    assert found is not None and (found.key, found.size) == (key, len(CONTENT))
    assert abs(datetime.now(UTC) - found.modified) < timedelta(minutes=1)


@pytest.mark.parametrize("content", [b"", b"x", CONTENT[:65536], CONTENT[:65537], CONTENT[:131072]], ids=len)
def test_content_of_any_length_comes_back(storage: Storage, file: File, content: bytes) -> None:
    storage.put("a.bin", file(content), "application/octet-stream")
    assert whole(storage, "a.bin") == content
    found = storage.stat("a.bin")
    assert found is not None and found.size == len(content)


RANGES = [(0, 0), (0, 1), (0, 65536), (5, 10), (65530, 20), (65536, 65536), (131072, None), (299_999, 5), (300_000, 1)]


def test_range_is_what_was_asked_for(storage: Storage, file: File) -> None:
    storage.put("a.bin", file(CONTENT), "application/octet-stream")
    for start, length in RANGES:
        end = None if length is None else start + length
        assert whole(storage, "a.bin", start, length) == CONTENT[start:end], (start, length)


def test_pieces_are_small(storage: Storage, file: File) -> None:
    storage.put("a.bin", file(CONTENT * 4), "application/octet-stream")
    assert max(len(piece) for piece in storage.read("a.bin")) <= 256 * 1024


def test_missing_object_is_none_and_not_found(storage: Storage) -> None:
    key = new_key("png")
    assert storage.stat(key) is None
    storage.delete(key)
    for start in (0, 70_000):
        with pytest.raises(FileNotFoundError):
            storage.read(key, start)
    assert list(storage.list()) == []


def test_second_put_replaces(storage: Storage, file: File) -> None:
    storage.put("a.txt", file(b"one"), "text/plain")
    storage.put("a.txt", file(b"two and more"), "text/plain")
    assert whole(storage, "a.txt") == b"two and more"


def test_deleted_object_is_gone(storage: Storage, file: File) -> None:
    storage.put("2026/01/02/a.txt", file(b"one"), "text/plain")
    storage.delete("2026/01/02/a.txt")
    assert storage.stat("2026/01/02/a.txt") is None


def test_list_knows_all_below_a_prefix(storage: Storage, file: File) -> None:
    for key in ("2026/01/a.txt", "2026/01/b.txt", "2026/02/c.txt"):
        storage.put(key, file(b"12345"), "text/plain")
    assert sorted(found.key for found in storage.list("2026/01/")) == ["2026/01/a.txt", "2026/01/b.txt"]
    assert sorted(found.key for found in storage.list("2026/0")) == sorted(found.key for found in storage.list())
    assert list(storage.list("2027/")) == []
    assert {found.size for found in storage.list()} == {5}
    assert len(list(storage.list())) == 3


def test_renamed_object_is_at_its_new_place_only(storage: Storage, file: File) -> None:
    storage.put("a.txt", file(CONTENT), "text/plain")
    storage.rename("a.txt", "folder/b.txt", "text/plain")
    assert storage.stat("a.txt") is None
    assert whole(storage, "folder/b.txt") == CONTENT


def test_parts_become_one_object(storage: Storage, file: File) -> None:
    first, second = CONTENT[:1000] * 5300, b"the end"
    upload = storage.begin_parts("big.mp4", "video/mp4")
    storage.put_part("big.mp4", upload, 2, file(second))
    storage.put_part("big.mp4", upload, 1, file(first))
    assert storage.parts("big.mp4", upload) == {1: len(first), 2: len(second)}
    assert storage.stat("big.mp4") is None and list(storage.list()) == []
    assert [(key, name) for key, name, _begun in storage.unfinished()] == [("big.mp4", upload)]
    storage.finish_parts("big.mp4", upload, "video/mp4")
    assert whole(storage, "big.mp4") == first + second
    assert list(storage.unfinished()) == []


def test_part_sent_again_replaces_the_first(storage: Storage, file: File) -> None:
    upload = storage.begin_parts("big.mp4", "video/mp4")
    storage.put_part("big.mp4", upload, 1, file(b"cut o"))
    storage.put_part("big.mp4", upload, 1, file(b"whole"))
    storage.finish_parts("big.mp4", upload, "video/mp4")
    assert whole(storage, "big.mp4") == b"whole"


def test_aborted_upload_is_forgotten(storage: Storage, file: File) -> None:
    upload = storage.begin_parts("big.mp4", "video/mp4")
    storage.put_part("big.mp4", upload, 1, file(b"1"))
    storage.abort_parts("big.mp4", upload)
    storage.abort_parts("big.mp4", upload)
    assert list(storage.unfinished()) == []
    with pytest.raises(UploadClosed):
        storage.finish_parts("big.mp4", upload, "video/mp4")


def test_signed_address_is_given_by_direct_storages_only(storage: Storage, file: File) -> None:
    storage.put("a.txt", file(b"hello"), "text/plain")
    address = storage.signed_url("a.txt", 60, "attachment; filename=greeting.txt", "text/plain")
    assert (address is not None) == storage.direct == bool(storage.origins)
    if address is not None:
        assert address.startswith(storage.origins)
        with urlopen(address, timeout=10) as answer:
            assert answer.read() == b"hello"
            assert answer.headers["Content-Disposition"] == "attachment; filename=greeting.txt"


def test_browser_sends_parts_of_the_signed_length(storage: Storage, file: File) -> None:
    upload = storage.begin_parts("big.mp4", "video/mp4")
    address = storage.part_url("big.mp4", upload, 1, 5, 60)
    assert (address is not None) == storage.direct
    if address is not None:
        with urlopen(sent(address, b"hello"), timeout=10) as answer:
            assert answer.status == 200
        storage.finish_parts("big.mp4", upload, "video/mp4")
        assert whole(storage, "big.mp4") == b"hello"


def test_real_server_refuses_a_part_of_another_length(seaweed: str) -> None:
    storage = open_storage(bucket_url(seaweed))
    upload = storage.begin_parts("other.mp4", "video/mp4")
    address = storage.part_url("other.mp4", upload, 1, 5, 60)
    assert address is not None
    with pytest.raises(HTTPError, match="403"):
        urlopen(sent(address, b"hello and more"), timeout=10)
    storage.abort_parts("other.mp4", upload)


def test_place_outside_the_folder_is_never_reached(tmp_path: Path, file: File) -> None:
    storage = open_storage(f"local:{tmp_path / 'media'}")
    file(b"outside")
    for key in ("../sent-1", "/etc/hostname", ".incoming/x/1", "a/../../sent-1", "x" * 300):
        assert storage.stat(key) is None
        with pytest.raises(FileNotFoundError):
            storage.read(key)


def test_link_leads_nowhere(tmp_path: Path, file: File) -> None:
    outside = file(b"outside")
    media = tmp_path / "disk"
    (media / "2026").mkdir(parents=True)
    (media / "2026" / "a.txt").symlink_to(outside)
    (media / "2027").symlink_to(tmp_path)
    (tmp_path / "media").symlink_to(media)  # the folder itself may be one
    storage = open_storage(f"local:{tmp_path / 'media'}")
    for key in ("2026/a.txt", f"2027/{outside.name}", "2027/new.txt"):
        assert storage.stat(key) is None
        with pytest.raises(FileNotFoundError):
            storage.read(key)
        with pytest.raises(FileNotFoundError):
            storage.put(key, outside, "text/plain")
        storage.delete(key)
    assert outside.read_bytes() == b"outside" and not (tmp_path / "new.txt").exists()
    storage.put("2026/b.txt", outside, "text/plain")
    assert [found.key for found in storage.list()] == ["2026/b.txt"]


def test_part_that_comes_too_late_is_told_so(storage: Storage, file: File) -> None:
    upload = storage.begin_parts("big.mp4", "video/mp4")
    storage.put_part("big.mp4", upload, 1, file(b"1"))
    storage.finish_parts("big.mp4", upload, "video/mp4")
    with pytest.raises((UploadClosed, StorageError)):  # moto fails in a way of its own
        storage.put_part("big.mp4", upload, 1, file(b"2"))
    assert whole(storage, "big.mp4") == b"1"


@pytest.mark.anyio
async def test_thread_gives_back_what_the_storage_says(tmp_path: Path) -> None:
    storage = open_storage(f"local:{tmp_path / 'media'}")
    assert await in_thread(storage.stat, "a.txt") is None
