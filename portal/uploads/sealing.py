"""How an encrypted object is made up.

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
from collections.abc import Iterator
from typing import IO, NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from portal.errors import StorageError
from portal.i18n import _
from portal.uploads.storage import StoredObject

CHUNK = 64 * 1024
SEAL = 16

HEADER = struct.Struct(">7sB16sQ")
MAGIC = b"fastor\x00"
VERSION = 1


def new_header(size: int) -> bytes:
    return HEADER.pack(MAGIC, VERSION, secrets.token_bytes(16), size)


def open_sealed(storage_key: bytes, name: str, header: bytes) -> "Sealed":
    """What opens and closes the chunks below this header."""
    magic, version, salt, size = HEADER.unpack(header)
    if magic != MAGIC or version != VERSION:
        raise damaged()
    own = hmac.digest(storage_key, b"fastor storage object" + salt, hashlib.sha256)
    return Sealed(AESGCM(own), header, name.encode(), size)


class Sealed(NamedTuple):
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

    def chunks(self, reader: "Reader", number: int) -> Iterator[bytes]:
        with contextlib.closing(reader):
            for current in range(number, self.last + 1):
                length = CHUNK if current < self.last else self.size - self.last * CHUNK
                try:
                    yield self.cipher.decrypt(current.to_bytes(12), reader.take(length + SEAL), self._bound(current))
                except InvalidTag as error:
                    raise damaged() from error

    def _bound(self, number: int) -> bytes:
        return b"".join((self.header, struct.pack(">Q?", number, number == self.last), self.name))


class Reader:
    """Takes so many bytes out of pieces of other sizes."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._held = bytearray()

    def take(self, length: int) -> bytes:
        while len(self._held) < length:
            piece = next(self._pieces, None)
            if piece is None:
                raise damaged()
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


def damaged() -> StorageError:
    return StorageError(_("A stored file is damaged, or was not encrypted with the key of this portal."))


def plain_object(found: StoredObject) -> StoredObject:
    """The size follows from that of the sealed object; that nobody changed it, reading tells."""
    body = max(0, found.size - HEADER.size)
    return StoredObject(found.key, max(0, body - SEAL * -(-body // (CHUNK + SEAL))), found.modified)


def reach(length: int) -> int:
    """How many bytes hold the first so many of the content."""
    return HEADER.size + (length // CHUNK + 1) * (CHUNK + SEAL)


def read_all(file: IO[bytes]) -> Iterator[bytes]:
    while piece := file.read(CHUNK):
        yield piece


def in_chunks(pieces: Iterator[bytes]) -> Iterator[bytes]:
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


def cut(chunks: Iterator[bytes], skip: int, length: int | None) -> Iterator[bytes]:
    for chunk in chunks:
        piece = chunk[skip:] if length is None else chunk[skip : skip + length]
        skip = max(0, skip - len(chunk))
        if piece:
            yield piece
        if length is not None:
            length -= len(piece)
            if not length:
                return
