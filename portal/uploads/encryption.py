"""Encryption at rest, around any storage.

An object begins with a header: what it is, 16 random bytes, the length of the content. The content follows in chunks
of 64 KiB, each sealed with AES-256-GCM, so that a range needs only its own chunks. The random bytes make a key of
the object's own out of the storage's key, so that counting the chunks is enough of a nonce. Each seal covers the
header, the object's name, the chunk's number and whether it is the last: what is cut, reordered, changed or put
elsewhere does not open.
"""

import contextlib
import hashlib
import hmac
import secrets
import struct
import tempfile
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import IO, NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from portal.errors import StorageError
from portal.i18n import _
from portal.uploads.keys import INCOMING
from portal.uploads.local import telling_disk_errors
from portal.uploads.storage import Storage, StoredObject

CHUNK = 64 * 1024
SEAL = 16
MEDIA_TYPE = "application/octet-stream"

_HEADER = struct.Struct(">7sB16sQ")
_MAGIC = b"fastor\x00"
_VERSION = 1


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
            self._store(key, _read_all(content), size)

    def read(self, key: str, start: int = 0, length: int | None = None) -> Iterator[bytes]:
        if start:
            with contextlib.closing(_Reader(self._inner.read(key, 0, _HEADER.size))) as first:
                header = first.take(_HEADER.size)
            sealed = self._sealed(key, header)
            number = min(start // CHUNK, sealed.last)
            reader = _Reader(self._inner.read(key, _HEADER.size + number * (CHUNK + SEAL)))
        else:
            reader = _Reader(self._inner.read(key, 0, None if length is None else _reach(length)))
            with reader.closing_on_error():
                sealed, number = self._sealed(key, reader.take(_HEADER.size)), 0
        return _cut(sealed.chunks(reader, number), start - number * CHUNK, length)

    def stat(self, key: str) -> StoredObject | None:
        found = self._inner.stat(key)
        return found and _plain(found)

    def delete(self, key: str) -> None:
        self._inner.delete(key)

    def list(self, prefix: str = "") -> Iterator[StoredObject]:
        for found in self._inner.list(prefix):
            if not found.key.startswith(INCOMING):
                yield _plain(found)

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
                arrived[int(name)] = _plain(found).size
        return dict(sorted(arrived.items()))

    def finish_parts(self, key: str, upload: str, media_type: str) -> None:
        arrived = self.parts(key, upload)
        pieces = (piece for number in arrived for piece in self.read(f"{INCOMING}{upload}/{number}"))
        self._store(key, pieces, sum(arrived.values()))
        self.abort_parts(key, upload)

    def abort_parts(self, key: str, upload: str) -> None:
        """The name goes last, so that what is left after an interruption is still known as an upload."""
        if not upload.isalnum():
            self._inner.abort_parts(key, upload)
            return
        for found in list(self._inner.list(f"{INCOMING}{upload}/")):
            if not found.key.endswith("/key"):
                self._inner.delete(found.key)
        self._inner.delete(f"{INCOMING}{upload}/key")

    def unfinished(self) -> Iterator[tuple[str, str, datetime]]:
        yield from self._inner.unfinished()
        for found in self._inner.list(INCOMING):
            if found.key.endswith("/key"):
                with contextlib.suppress(FileNotFoundError):
                    yield self._name(found.key), found.key.split("/")[-2], found.modified

    def _name(self, marker: str) -> str:
        return b"".join(self.read(marker)).decode()

    def _require(self, key: str, upload: str) -> None:
        with contextlib.suppress(FileNotFoundError):
            if upload.isalnum() and self._name(f"{INCOMING}{upload}/key") == key:
                return
        raise StorageError(_("This upload is not open any more. Please begin again."))

    # -- sealing

    def _store(self, key: str, pieces: Iterator[bytes], size: int) -> None:
        header = _HEADER.pack(_MAGIC, _VERSION, secrets.token_bytes(16), size)
        sealed = self._sealed(key, header)
        with telling_disk_errors(), tempfile.NamedTemporaryFile(prefix="fastor-") as draft:
            draft.write(header)
            for number, chunk in enumerate(_in_chunks(pieces)):
                draft.write(sealed.seal(number, chunk))
            if draft.tell() != _HEADER.size + size + SEAL * (sealed.last + 1):
                raise _damaged()  # a source that changed while it was read
            draft.flush()
            self._inner.put(key, Path(draft.name), MEDIA_TYPE)

    def _sealed(self, key: str, header: bytes) -> "_Sealed":
        magic, version, salt, size = _HEADER.unpack(header)
        if magic != _MAGIC or version != _VERSION:
            raise _damaged()
        own = hmac.digest(self._key, b"fastor storage object" + salt, hashlib.sha256)
        return _Sealed(AESGCM(own), header, key.encode(), size)


class _Sealed(NamedTuple):
    """What opens and closes the chunks of one object."""

    cipher: AESGCM
    header: bytes
    name: bytes
    size: int

    @property
    def last(self) -> int:
        """The number of the last chunk; an empty object has an empty one."""
        return max(0, (self.size - 1) // CHUNK)

    def seal(self, number: int, chunk: bytes) -> bytes:
        return self.cipher.encrypt(number.to_bytes(12), chunk, self._bound(number))

    def chunks(self, reader: "_Reader", number: int) -> Iterator[bytes]:
        with contextlib.closing(reader):
            for current in range(number, self.last + 1):
                length = CHUNK if current < self.last else self.size - self.last * CHUNK
                try:
                    yield self.cipher.decrypt(current.to_bytes(12), reader.take(length + SEAL), self._bound(current))
                except InvalidTag as error:
                    raise _damaged() from error

    def _bound(self, number: int) -> bytes:
        return b"".join((self.header, struct.pack(">Q?", number, number == self.last), self.name))


class _Reader:
    """Takes so many bytes out of pieces of other sizes."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._held = bytearray()

    def take(self, length: int) -> bytes:
        while len(self._held) < length:
            piece = next(self._pieces, None)
            if piece is None:
                raise _damaged()
            self._held += piece
        taken = bytes(self._held[:length])
        del self._held[:length]
        return taken

    def close(self) -> None:
        if close := getattr(self._pieces, "close", None):
            close()

    @contextlib.contextmanager
    def closing_on_error(self) -> Iterator[None]:
        try:
            yield
        except BaseException:
            self.close()
            raise


def _damaged() -> StorageError:
    return StorageError(_("A stored file is damaged, or was not encrypted with the key of this portal."))


def _plain(found: StoredObject) -> StoredObject:
    """The size follows from that of the sealed object; that nobody changed it, reading tells."""
    body = max(0, found.size - _HEADER.size)
    return StoredObject(found.key, max(0, body - SEAL * -(-body // (CHUNK + SEAL))), found.modified)


def _reach(length: int) -> int:
    """How many bytes hold the first so many of the content."""
    return _HEADER.size + (length // CHUNK + 1) * (CHUNK + SEAL)


def _read_all(file: IO[bytes]) -> Iterator[bytes]:
    while piece := file.read(CHUNK):
        yield piece


def _in_chunks(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Whole chunks and a last one that may be shorter, or empty when there is nothing at all."""
    held = bytearray()
    sent = False
    for piece in pieces:
        held += piece
        while len(held) >= CHUNK:
            yield bytes(held[:CHUNK])
            del held[:CHUNK]
            sent = True
    if held or not sent:
        yield bytes(held)


def _cut(chunks: Iterator[bytes], skip: int, length: int | None) -> Iterator[bytes]:
    for chunk in chunks:
        piece = chunk[skip:] if length is None else chunk[skip : skip + length]
        skip = max(0, skip - len(chunk))
        if piece:
            yield piece
        if length is not None:
            length -= len(piece)
            if not length:
                return
