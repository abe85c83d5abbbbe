"""Encryption at rest: nothing readable is stored, and what was tampered with does not open."""

import base64
import random
from collections.abc import Callable
from pathlib import Path

import pytest

from portal.errors import StorageError
from portal.uploads.backends import open_storage
from portal.uploads.storage import Storage

File = Callable[[bytes], Path]
KEY = base64.b64encode(b"k" * 32).decode()
CONTENT = b"nobody may read this. " * 10_000
CHUNK = 64 * 1024
HEADER = 32
NAME = "2026/01/02/a.txt"


@pytest.fixture
def inner(tmp_path: Path) -> Path:
    return tmp_path / "media"


@pytest.fixture
def encrypted(inner: Path, file: File) -> Storage:
    storage = open_storage(f"local:{inner}", KEY)
    storage.put(NAME, file(CONTENT), "text/plain")
    return storage


def refused(storage: Storage, key: str = NAME, start: int = 0, length: int | None = None) -> None:
    with pytest.raises(StorageError, match="damaged"):
        b"".join(storage.read(key, start, length))


def test_nothing_readable_is_stored(encrypted: Storage, inner: Path) -> None:
    assert b"nobody" not in (inner / NAME).read_bytes()


def test_same_content_is_never_stored_the_same(encrypted: Storage, inner: Path, file: File) -> None:
    before = (inner / NAME).read_bytes()
    encrypted.put(NAME, file(CONTENT), "text/plain")
    assert (inner / NAME).read_bytes()[HEADER:] != before[HEADER:]


def test_cut_object_is_refused(encrypted: Storage, inner: Path) -> None:
    whole = (inner / NAME).read_bytes()
    for length in (0, 10, HEADER, HEADER + 5, HEADER + CHUNK + 16, len(whole) - 1):
        (inner / NAME).write_bytes(whole[:length])
        refused(encrypted)


def test_reordered_chunks_are_refused(encrypted: Storage, inner: Path) -> None:
    whole = (inner / NAME).read_bytes()
    sealed = CHUNK + 16
    first, second = whole[HEADER : HEADER + sealed], whole[HEADER + sealed : HEADER + 2 * sealed]
    (inner / NAME).write_bytes(whole[:HEADER] + second + first + whole[HEADER + 2 * sealed :])
    refused(encrypted)
    refused(encrypted, start=CHUNK + 1, length=5)


def test_changed_byte_is_refused_wherever_it_is(encrypted: Storage, inner: Path) -> None:
    whole = (inner / NAME).read_bytes()
    for place in (0, 7, 8, 24, 31, *random.Random(3).sample(range(HEADER, len(whole)), 20), len(whole) - 1):
        changed = bytearray(whole)
        changed[place] ^= 1
        (inner / NAME).write_bytes(changed)
        refused(encrypted)


def test_shortened_length_is_refused(encrypted: Storage, inner: Path) -> None:
    """A header that says the object ends with its first chunk."""
    whole = (inner / NAME).read_bytes()
    (inner / NAME).write_bytes(whole[:24] + CHUNK.to_bytes(8) + whole[HEADER : HEADER + CHUNK + 16])
    refused(encrypted)


def test_object_put_under_another_name_is_refused(encrypted: Storage, inner: Path) -> None:
    (inner / NAME).rename(inner / "b.txt")
    refused(encrypted, "b.txt")


def test_other_key_opens_nothing(encrypted: Storage, inner: Path) -> None:
    refused(open_storage(f"local:{inner}", base64.b64encode(b"o" * 32).decode()))


def test_file_stored_without_encryption_is_refused(inner: Path, file: File) -> None:
    open_storage(f"local:{inner}").put(NAME, file(CONTENT), "text/plain")
    refused(open_storage(f"local:{inner}", KEY))


def test_range_needs_only_its_own_chunks(encrypted: Storage, inner: Path) -> None:
    whole = bytearray((inner / NAME).read_bytes())
    whole[HEADER + 5] ^= 1
    (inner / NAME).write_bytes(whole)
    assert b"".join(encrypted.read(NAME, CHUNK + 7, 100)) == CONTENT[CHUNK + 7 : CHUNK + 107]
    refused(encrypted, start=10, length=5)


def test_waiting_parts_are_not_readable(inner: Path, file: File) -> None:
    storage = open_storage(f"local:{inner}", KEY)
    upload = storage.begin_parts("big.mp4", "video/mp4")
    storage.put_part("big.mp4", upload, 1, file(CONTENT))
    stored = [path.read_bytes() for path in inner.rglob("*") if path.is_file()]
    assert len(stored) == 2
    assert not any(b"nobody" in content or b"big.mp4" in content for content in stored)
