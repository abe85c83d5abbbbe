"""Archives: bounded by their directory, before anybody unpacks them, and told from the documents that are archives."""

import os
import stat
import struct
import zipfile
from collections.abc import Sequence
from typing import BinaryIO

from portal.i18n import _
from portal.uploads.refusals import Damaged, WrongKind

MOST_ENTRIES = 2000
MOST_UNPACKED = 512 * 1024 * 1024
MOST_RATIO = 200
SMALL = 4 * 1024 * 1024
"""Unpacked; below this the ratio does not matter."""
MOST_DIRECTORY = 2 * 1024 * 1024
MOST_PART = 1024 * 1024

ENCRYPTED, HIDDEN_NAMES = 0x1, 0x2040
OFFICE = {"docx": "word/document.xml", "xlsx": "xl/workbook.xml"}
TYPES = "[Content_Types].xml"
PROGRAMS = ("meta-inf/manifest.mf", "androidmanifest.xml")

TOO_MUCH = _("The archive holds too much to be unpacked safely.")
LEADS_OUT = _("The archive holds names that can't be unpacked safely.")
MACROS = _("Documents with macros are not taken.")


def archive_kinds(file: BinaryIO) -> Sequence[str]:
    """The endings a zip archive may be stored under."""
    _bound_directory(file)
    try:
        with zipfile.ZipFile(file) as archive:
            entries = archive.infolist()
            _bound(entries, file.seek(0, os.SEEK_END))
            return _kinds(archive, entries)
    except (zipfile.BadZipFile, zipfile.LargeZipFile, NotImplementedError, ValueError, EOFError, OSError) as error:
        raise Damaged from error


def _bound_directory(file: BinaryIO) -> None:
    """Entries and bytes of the directory, before it is read into memory."""
    end = file.seek(0, os.SEEK_END)
    file.seek(max(0, end - 65_557 - 76))
    tail = file.read()
    place = tail.rfind(b"PK\x05\x06")
    if place < 0 or place + 22 > len(tail):
        raise Damaged
    count, size = struct.unpack_from("<HL", tail, place + 10)
    if place >= 76 and tail[place - 20 : place - 16] == b"PK\x06\x07":
        if tail[place - 76 : place - 72] != b"PK\x06\x06":
            raise Damaged
        count, size = struct.unpack_from("<QQ", tail, place - 76 + 32)
    if count > MOST_ENTRIES or size > MOST_DIRECTORY:
        raise Damaged(TOO_MUCH)


def _bound(entries: Sequence[zipfile.ZipInfo], packed: int) -> None:
    unpacked = sum(entry.file_size for entry in entries)
    if len(entries) > MOST_ENTRIES or unpacked > MOST_UNPACKED or unpacked > max(SMALL, packed * MOST_RATIO):
        raise Damaged(TOO_MUCH)
    names = {entry.filename for entry in entries}
    if len(names) < len(entries) or any(entry.flag_bits & HIDDEN_NAMES or _leads_out(entry) for entry in entries):
        raise Damaged(LEADS_OUT)


def _leads_out(entry: zipfile.ZipInfo) -> bool:
    name = entry.orig_filename
    parts = name.replace("\\", "/").split("/")
    return (
        name.startswith(("/", "\\"))
        or ".." in parts
        or name[1:2] == ":"
        or any(ord(sign) < 32 for sign in name)
        or stat.S_ISLNK(entry.external_attr >> 16)
    )


def _kinds(archive: zipfile.ZipFile, entries: Sequence[zipfile.ZipInfo]) -> Sequence[str]:
    by_name = {entry.filename: entry for entry in entries}
    lowered = {name.lower() for name in by_name}
    if any(name.endswith("vbaproject.bin") for name in lowered):
        raise WrongKind(MACROS)
    if not lowered.isdisjoint(PROGRAMS):
        return ()
    if TYPES in by_name:
        for kind, part in OFFICE.items():
            if part in by_name:
                if any(entry.flag_bits & ENCRYPTED for entry in entries):
                    raise Damaged
                if b"macroenabled" in _start(archive, by_name[TYPES]).lower():
                    raise WrongKind(MACROS)
                _start(archive, by_name[part])
                return kind, "zip"
    return ("zip",)


def _start(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    """The first megabyte of an entry, so that a broken one is found; never more than that in memory."""
    try:
        with archive.open(entry) as part:
            return part.read(MOST_PART)
    except Exception as error:  # Each packing method has its own complaints.
        raise Damaged from error
