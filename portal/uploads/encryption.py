"""Encryption at rest, around any storage; `sealing.py` says what an object looks like."""

import contextlib
import secrets
import tempfile
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path

from portal.uploads.keys import INCOMING
from portal.uploads.local import telling_disk_errors
from portal.uploads.sealing import (
    CHUNK,
    HEADER,
    SEAL,
    Reader,
    cut,
    damaged,
    in_chunks,
    new_header,
    open_sealed,
    plain_object,
    reach,
    read_all,
)
from portal.uploads.storage import Storage, StoredObject, UploadClosed

MEDIA_TYPE = "application/octet-stream"


class EncryptedStorage:
    """Nothing readable reaches the inner storage. Parts of big files wait in it as objects of their own."""

    direct = False
    origins: tuple[str, ...] = ()

    def __init__(self, inner: Storage, key: bytes) -> None:
        self._inner = inner
        self._key = key

    def put(self, key: str, source: Path, media_type: str) -> None:
        with telling_disk_errors(), source.open("rb") as content:
            size = content.seek(0, 2)
            content.seek(0)
            self._store(key, read_all(content), size)

    def read(self, key: str, start: int = 0, length: int | None = None) -> Iterator[bytes]:
        if start:
            with contextlib.closing(Reader(self._inner.read(key, 0, HEADER.size))) as first:
                header = first.take(HEADER.size)
            sealed = open_sealed(self._key, key, header)
            number = min(start // CHUNK, sealed.last)
            place = HEADER.size + number * (CHUNK + SEAL)
            most = None if length is None else reach(start - number * CHUNK + length)
            reader = Reader(self._inner.read(key, place, most))
        else:
            reader = Reader(self._inner.read(key, 0, None if length is None else reach(length)))
            with reader.closing_on_error():
                sealed, number = open_sealed(self._key, key, reader.take(HEADER.size)), 0
        return cut(sealed.chunks(reader, number), start - number * CHUNK, length)

    def stat(self, key: str) -> StoredObject | None:
        found = self._inner.stat(key)
        return found and plain_object(found)

    def delete(self, key: str) -> None:
        self._inner.delete(key)

    def list(self, prefix: str = "") -> Iterator[StoredObject]:
        for found in self._inner.list(prefix):
            if not _upload_of(found.key):
                yield plain_object(found)

    def rename(self, source: str, target: str, media_type: str) -> None:
        """Sealed anew: the name is part of the seal."""
        found = self.stat(source)
        if found is None:
            raise FileNotFoundError(source)
        self._store(target, self.read(source), found.size)
        self._inner.delete(source)

    def signed_url(self, key: str, seconds: int, disposition: str, media_type: str) -> str | None:
        return None

    # -- big files, in parts: `incoming/<upload>/<number>`, and `incoming/<upload>/key` with where it will go

    def begin_parts(self, key: str, media_type: str) -> str:
        upload = secrets.token_hex(16)
        name = key.encode()
        self._store(f"{INCOMING}{upload}/key", iter([name]), len(name))
        return upload

    def part_url(self, key: str, upload: str, number: int, length: int, seconds: int) -> str | None:
        return None

    def put_part(self, key: str, upload: str, number: int, source: Path) -> None:
        self._require(key, upload)
        self.put(f"{INCOMING}{upload}/{number:d}", source, MEDIA_TYPE)

    def parts(self, key: str, upload: str) -> Mapping[int, int]:
        self._require(key, upload)
        arrived = {}
        for found in self._inner.list(f"{INCOMING}{upload}/"):
            name = found.key.rpartition("/")[2]
            if name.isdecimal():
                arrived[int(name)] = plain_object(found).size
        return dict(sorted(arrived.items()))

    def finish_parts(self, key: str, upload: str, media_type: str) -> None:
        arrived = self.parts(key, upload)
        pieces = (piece for number in arrived for piece in self.read(f"{INCOMING}{upload}/{number}"))
        self._store(key, pieces, sum(arrived.values()))
        self.abort_parts(key, upload)

    def abort_parts(self, key: str, upload: str) -> None:
        """The name goes last, so that what is left after an interruption is still known as an upload."""
        found = list(self._inner.list(f"{INCOMING}{upload}/")) if upload.isalnum() else []
        if not found:
            self._inner.abort_parts(key, upload)
            return
        for part in found:
            if not part.key.endswith("/key"):
                self._inner.delete(part.key)
        self._inner.delete(f"{INCOMING}{upload}/key")

    def unfinished(self) -> Iterator[tuple[str, str, datetime]]:
        yield from self._inner.unfinished()
        last: dict[str, datetime] = {}
        for found in self._inner.list(INCOMING):
            if upload := _upload_of(found.key):
                last[upload] = max(found.modified, last.get(upload, found.modified))
        for upload, modified in last.items():
            key = ""  # of one that was interrupted while it was aborted
            with contextlib.suppress(FileNotFoundError):
                key = self._name(f"{INCOMING}{upload}/key")
            yield key, upload, modified

    def _name(self, marker: str) -> str:
        return b"".join(self.read(marker)).decode()

    def _require(self, key: str, upload: str) -> None:
        with contextlib.suppress(FileNotFoundError):
            if upload.isalnum() and self._name(f"{INCOMING}{upload}/key") == key:
                return
        raise UploadClosed

    # -- sealing

    def _store(self, key: str, pieces: Iterator[bytes], size: int) -> None:
        header = new_header(size)
        sealed = open_sealed(self._key, key, header)
        with telling_disk_errors(), tempfile.NamedTemporaryFile(prefix="fastor-") as draft:
            draft.write(header)
            for number, chunk in enumerate(in_chunks(pieces)):
                draft.write(sealed.seal(number, chunk))
            if draft.tell() != HEADER.size + size + SEAL * (sealed.last + 1):
                raise damaged()  # a source that changed while it was read
            draft.flush()
            self._inner.put(key, Path(draft.name), MEDIA_TYPE)


def _upload_of(key: str) -> str:
    """The upload that an object is a part of, if it is one."""
    upload, slash, _part = key.removeprefix(INCOMING).partition("/")
    return upload if slash and key.startswith(INCOMING) else ""
