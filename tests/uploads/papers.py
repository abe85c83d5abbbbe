"""Documents, archives, sound and films, good and bad: name, what makes it, and its status."""

import io
import random
import struct
import zipfile
from collections.abc import Callable, Iterator

Paper = tuple[str, Callable[[], bytes], int]

TYPES = b'<?xml version="1.0"?><Types><Default Extension="xml" ContentType="application/xml"/></Types>'
WORD = {"[Content_Types].xml": TYPES, "word/document.xml": b"<w:document/>"}
SHEET = {"[Content_Types].xml": TYPES, "xl/workbook.xml": b"<workbook/>"}
FRAME = b"\xff\xfb\x90\x00" + b"\0" * 413


def zipped(parts: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, body in parts.items():
            archive.writestr(zipfile.ZipInfo(name), body, method)
    return out.getvalue()


def box(kind: bytes, body: bytes = b"") -> bytes:
    return struct.pack(">I", len(body) + 8) + kind + body


def film(brand: bytes = b"isom", rest: bytes | None = None) -> bytes:
    start = box(b"ftyp", brand + b"\0\0\2\0" + brand)
    return start + (rest if rest is not None else box(b"moov", b"\0" * 100) + box(b"mdat", b"\0" * 1000))


def long_film(size: int) -> bytes:
    """One of so many bytes, no part of which is like another."""
    empty = film(rest=box(b"moov", b"\0" * 100) + box(b"mdat"))
    return film(rest=box(b"moov", b"\0" * 100) + box(b"mdat", random.Random(7).randbytes(size - len(empty))))


def flagged(data: bytes, flag: int) -> bytes:
    """The archive with a flag set on each entry, in its directory and before the entry."""
    out = bytearray(data)
    for start, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        place = out.find(start)
        while place >= 0:
            out[place + at] |= flag & 0xFF
            out[place + at + 1] |= flag >> 8
            place = out.find(start, place + 4)
    return bytes(out)


def link() -> bytes:
    out = io.BytesIO()
    entry = zipfile.ZipInfo("link")
    entry.external_attr = 0o120777 << 16
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(entry, "/etc/passwd")
    return out.getvalue()


def papers() -> Iterator[Paper]:
    plain = zipped({"a.txt": b"words", "folder/b.txt": b"more"})
    yield "plain.zip", lambda: plain, 200
    yield "empty.zip", lambda: zipped({}), 200
    yield "letter.docx", lambda: zipped(WORD), 200
    yield "sheet.xlsx", lambda: zipped(SHEET), 200
    yield "letter.pdf", lambda: b"%PDF-1.7\n1 0 obj\n%%EOF", 200
    yield "without end.pdf", lambda: b"%PDF-1.4\n", 200
    yield "marked.pdf", lambda: b"\xef\xbb\xbf%PDF-1.4\n", 200
    yield "bare.mp3", lambda: FRAME * 5, 200
    yield "tagged.mp3", lambda: b"ID3\x04\0\0\0\0\0\x0a" + b"\0" * 10 + FRAME * 5, 200
    yield "film.mp4", film, 200
    yield "film.mov.mp4", lambda: film(b"mp42"), 200
    yield "locked.zip", lambda: flagged(plain, 1), 200
    yield from _refused_by_kind()
    yield from _damaged(plain)


def _refused_by_kind() -> Iterator[Paper]:
    foreign = {
        "html": b"<html><script>alert(1)</script>",
        "late html": b"<html>%PDF-1.7",
        "svg": b"<svg/>",
        "xml": b"<?xml version='1.0'?><a/>",
        "exe": b"MZ" + b"\0" * 500,
        "self-unpacking": b"MZ" + b"\0" * 100 + zipped({"a": b"b"}),
        "elf": b"\x7fELF" + b"\0" * 500,
        "script": b"#!/bin/sh\n",
        "python": b"import os\n",
        "rtf": b"{\\rtf1}",
        "old word": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600,
        "gzip": b"\x1f\x8b\x08" + b"\0" * 50,
        "rar": b"Rar!\x1a\x07\0" + b"\0" * 50,
        "7z": b"7z\xbc\xaf\x27\x1c" + b"\0" * 50,
        "png": b"\x89PNG\r\n\x1a\n" + b"\0" * 50,
        "one frame": FRAME,
        "frame and noise": FRAME[:200] + b"noise" * 100,
        "heic": film(b"heic"),
        "unknown brand": film(b"evil"),
        "quicktime": film(b"qt  "),
    }
    for kind, data in foreign.items():
        yield f"{kind} as paper.pdf", lambda d=data: d, 415
    yield "macros.docx", lambda: zipped({**WORD, "word/vbaProject.bin": b"x"}), 415
    yield "macros.xlsx", lambda: zipped({**SHEET, "xl/VBAPROJECT.BIN": b"x"}), 415
    macro = TYPES.replace(b"application/xml", b"application/vnd.ms-word.document.macroEnabled.main+xml")
    yield "declared macros.docx", lambda: zipped({**WORD, "[Content_Types].xml": macro}), 415
    yield "program.jar", lambda: zipped({"META-INF/MANIFEST.MF": b"Main-Class: A"}), 415
    yield "program.apk", lambda: zipped({"AndroidManifest.xml": b"x"}), 415


def _damaged(plain: bytes) -> Iterator[Paper]:
    names = ("../up", "a/../../up", "/root", "\\root", "C:\\a", "..\\up", "a\nb", "nul\0.txt", "..")
    for name in names:
        yield f"{name} inside.zip", lambda n=name: zipped({"x" * len(n): b""}).replace(b"x" * len(n), n.encode()), 422
    yield "link.zip", link, 422
    yield "twice.zip", lambda: zipped({"aa": b"1", "ab": b"2"}).replace(b"ab", b"aa"), 422
    yield "hidden names.zip", lambda: flagged(plain, 0x2000), 422
    yield "locked.docx", lambda: flagged(zipped(WORD), 1), 422
    yield "bomb.zip", lambda: zipped({"a": b"\0" * 50_000_000}), 422
    yield "many.zip", lambda: zipped({f"{n}": b"" for n in range(2001)}, zipfile.ZIP_STORED), 422
    promise = struct.pack("<I", 600 * 1024 * 1024)
    yield "promises.zip", lambda: zipped({"a": b"1" * 777}).replace(struct.pack("<I", 777), promise), 422
    yield "half.zip", lambda: plain[: len(plain) // 2], 422
    yield "no directory.zip", lambda: b"PK\x03\x04" + b"\0" * 100, 422
    yield "broken part.docx", lambda: zipped(WORD, zipfile.ZIP_STORED).replace(b"<w:document/>", b"<w:d0cument/>"), 422
    yield "half.mp4", lambda: film()[:-10], 422
    yield "no film.mp4", lambda: film(rest=box(b"mdat", b"\0" * 99)), 422
    yield "bad tag.mp3", lambda: b"ID3\x04\0\0\xff\xff\xff\xff" + FRAME * 3, 422
    yield "only a tag.mp3", lambda: b"ID3\x04\0\0\0\0\0\x0a" + b"\0" * 500, 422
    yield "nothing.pdf", lambda: b"", 422
