"""Documents, archives, sound and film: what they are by their content, and that they may be handed on."""

import hashlib
import os
import secrets
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from portal.uploads.archives import archive_kinds
from portal.uploads.refusals import Damaged, no_such_kind
from portal.uploads.rules import Rules

HEAD = 4096
FILM_BRANDS = frozenset(
    {
        b"isom",
        b"iso2",
        b"iso3",
        b"iso4",
        b"iso5",
        b"iso6",
        b"iso8",
        b"iso9",
        b"mp41",
        b"mp42",
        b"avc1",
        b"dash",
        b"MSNV",
    }
    | {b"M4V ", b"M4VH", b"M4VP", b"M4A ", b"mmp4", b"3gp4", b"3gp5", b"3gp6"}
)
MOST_BOXES = 10_000
MOST_PADDING = 4096

_RATES = {
    True: (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    False: (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
"""Kilobits a second of layer III, by whether it is MPEG 1."""
_SAMPLES = {3: (44100, 48000, 32000), 2: (22050, 24000, 16000), 0: (11025, 12000, 8000)}


@dataclass(frozen=True)
class Kept:
    """A document inside the workshop."""

    ending: str
    path: Path
    size: int
    sha256: str


def keep(source: Path, rules: Rules, workshop: Path) -> Kept:
    """Find out what a file is and put it into the workshop unchanged; blocks, so call it in a thread."""
    with source.open("rb") as file:
        kinds = found_kinds(file)
        ending = next((kind for kind in kinds if kind in rules.formats), None)
        if ending is None:
            raise no_such_kind(rules.formats)
        file.seek(0)
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        size = file.tell()
    target = workshop / f"{secrets.token_hex(8)}.{ending}"
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)
    return Kept(ending, target, size, digest)


def found_kinds(file: BinaryIO) -> Sequence[str]:
    """The endings a file may be stored under, the most exact first; none for what is taken nowhere."""
    head = file.read(HEAD)
    if head.removeprefix(b"\xef\xbb\xbf").lstrip(b"\r\n\t \0")[:5] == b"%PDF-":
        return ("pdf",)
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return archive_kinds(file)
    checks: tuple[tuple[str, Callable[[BinaryIO, bytes], bool]], ...] = (("mp4", _is_film), ("mp3", _is_sound))
    return next(((kind,) for kind, check in checks if check(file, head)), ())


def _is_film(file: BinaryIO, head: bytes) -> bool:
    """A row of boxes that begins with a known brand, goes exactly to the end, and holds a film."""
    length = int.from_bytes(head[:4])
    if head[4:8] != b"ftyp" or not 16 <= length <= len(head) or length % 4:
        return False
    if head[8:12] not in FILM_BRANDS and head[8:12] != b"qt  ":
        return False
    if FILM_BRANDS.isdisjoint(head[place : place + 4] for place in (8, *range(16, length, 4))):
        return False
    end = file.seek(0, os.SEEK_END)
    place, kinds = 0, set()
    for _box in range(MOST_BOXES):
        if place == end:
            break
        file.seek(place)
        start = file.read(16)
        length, kind = int.from_bytes(start[:4]), start[4:8]
        if length == 1:
            length = int.from_bytes(start[8:16])
        elif length == 0:
            length = end - place
        if length < 8 or place + length > end:
            raise Damaged
        kinds.add(kind)
        place += length
    if place != end or b"moov" not in kinds:
        raise Damaged
    return True


def _is_sound(file: BinaryIO, head: bytes) -> bool:
    """Two MPEG frames in a row, at the start or after a tag."""
    tagged = head[:3] == b"ID3"
    place = 0
    if tagged:
        size = head[6:10]
        if len(size) < 4 or max(size) > 0x7F:
            raise Damaged
        place = 10 + (size[0] << 21 | size[1] << 14 | size[2] << 7 | size[3]) + (10 if head[5] & 0x10 else 0)
    file.seek(place)
    data = file.read(MOST_PADDING + 8192)
    if tagged:
        data = data.lstrip(b"\0")
    first = _frame(data)
    second = _frame(data[first:]) if first else 0
    if tagged and not second:
        raise Damaged
    return bool(second)


def _frame(data: bytes) -> int:
    """Bytes of the MPEG audio frame (layer III) that starts here; 0 if none does."""
    if len(data) < 4 or data[0] != 0xFF or data[1] & 0xE6 != 0xE2:
        return 0
    version, rate, sampling = data[1] >> 3 & 3, data[2] >> 4, data[2] >> 2 & 3
    if version == 1 or rate in (0, 15) or sampling == 3:
        return 0
    bits = _RATES[version == 3][rate] * 1000
    return (144 if version == 3 else 72) * bits // _SAMPLES[version][sampling] + (data[2] >> 1 & 1)
