"""Files as they are sent in good and in bad faith: each with what has to become of it.

They are made when a test asks for them, so that nothing hostile lies in the tree.
"""

import random
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from PIL import Image

from tests.uploads.drawing import (
    SECRET,
    chunk,
    exif,
    gif_of,
    good,
    many_scans,
    moving,
    png_of,
    quarters,
    saved,
    turned,
    with_text,
)
from tests.uploads.papers import papers

ENDINGS = {"JPEG": "jpg", "PNG": "png", "GIF": "gif", "WEBP": "webp"}
SCRIPT = b"<script>alert(1)</script>"


@dataclass(frozen=True)
class Case:
    """One file; `status` 200 is taken, anything else is how it is refused."""

    name: str
    make: Callable[[], bytes]
    status: int = 200
    kind: str = "image"
    frames: int = 1
    size: tuple[int, int] | None = None
    upright: bool = False
    """The quarter on the upper left is red, the other three are blue."""
    also: frozenset[int] = field(default_factory=frozenset)
    """Other answers that are as good."""


def pictures() -> Iterator[Case]:
    """Good pictures in every mode and shape their formats know."""
    modes = {"JPEG": ("L", "RGB", "CMYK"), "PNG": ("1", "L", "LA", "P", "RGB", "RGBA", "I;16")}
    modes |= {"GIF": ("1", "L", "P", "RGB"), "WEBP": ("RGB", "RGBA")}
    for form, known in modes.items():
        for mode in known:
            for size in ((1, 1), (1, 300), (300, 1), (64, 48), (1000, 700)):
                first = quarters(size).convert("L").convert("I;16") if mode == "I;16" else quarters(size, mode)
                yield Case(f"{mode} {size}.{ENDINGS[form]}", lambda p=first, f=form: saved(p, f), size=size)
    for options in ({"progressive": True}, {"optimize": True}, {"quality": 1}, {"quality": 100}, {"subsampling": 0}):
        yield Case(f"{options}.jpg", lambda o=options: good("JPEG", **o), size=(64, 48), upright=True)
    for options in ({"lossless": True}, {"quality": 1}, {"method": 0}, {"exact": True}):
        yield Case(f"{options}.webp", lambda o=options: good("WEBP", **o), size=(64, 48), upright=True)
    for form in ("JPEG", "PNG", "WEBP"):
        for orientation in range(10):
            name = f"orientation {orientation}.{ENDINGS[form]}"
            yield Case(name, lambda f=form, o=orientation: turned(f, o), size=(64, 48), upright=True)
    for form in ("GIF", "PNG", "WEBP"):
        for frames in (2, 3, 50, 300):
            yield Case(f"{frames} frames.{ENDINGS[form]}", lambda f=form, n=frames: moving(f, n), frames=frames)
    yield Case("see-through.gif", lambda: saved(quarters(mode="RGBA"), "GIF"))
    yield Case("see-through.png", lambda: saved(quarters(mode="P"), "PNG", transparency=0))
    yield Case("see-through colour.png", lambda: saved(quarters(), "PNG", transparency=(0, 0, 255)))
    yield Case("two pictures.jpg", lambda: saved(quarters(), "MPO", save_all=True, append_images=[quarters()]))


def secrets() -> Iterator[Case]:
    """Good pictures that carry what nobody meant to send."""
    xmp = b'<x:xmpmeta xmlns:x="adobe:ns:meta/">' + SECRET + b"</x:xmpmeta>"
    yield Case("comment.jpg", lambda: good("JPEG", comment=SECRET), upright=True)
    yield Case("exif.jpg", lambda: good("JPEG", exif=exif()), upright=True)
    yield Case("xmp.jpg", lambda: good("JPEG", xmp=xmp), upright=True)
    yield Case("profile.jpg", lambda: good("JPEG", icc_profile=SECRET * 9), upright=True)
    yield Case("comment.gif", lambda: good("GIF", comment=SECRET))
    yield Case("comment moving.gif", lambda: moving("GIF", 3, comment=SECRET), frames=3)
    yield Case("xmp.webp", lambda: good("WEBP", xmp=xmp, exif=exif(), icc_profile=SECRET), upright=True)
    yield Case("text.png", lambda: with_text(Comment=SECRET.decode(), Zipped=SECRET.decode() * 99), upright=True)
    for kind in (b"tEXt", b"teSt", b"eXIf", b"iCCP", b"tIME", b"zTXt"):
        data = good("PNG")
        extra = chunk(kind, b"key\0\0" + SECRET)
        yield Case(
            f"{kind.decode()}.png", lambda d=data, e=extra: d[:33] + e + d[33:], upright=True, also=frozenset({422})
        )


TAILS = {
    "html": b"<html>" + SCRIPT,
    "zip": b"PK\x03\x04" + SECRET,
    "php": b"<?php system($_GET[0]); ?>",
    "js": b"*/=1;alert(1)//",
    "zeros": b"\0" * 4096,
    "second": None,
}


def chimeras() -> Iterator[Case]:
    """Pictures that are something else as well; what they are besides is lost."""
    for form, ending in ENDINGS.items():
        for tail, data in TAILS.items():
            whole = good(form) + (data if data is not None else good("PNG"))
            yield Case(f"{tail} behind.{ending}", lambda w=whole + SECRET: w, size=(64, 48))
        yield Case(f"picture inside page.{ending}", lambda f=form: b"<html>" + SCRIPT + good(f), 415)
    yield Case("gifar.jar", lambda: good("GIF") + paper("plain.zip"))
    yield Case("gif script.gif", lambda: b"GIF89a/*" + b"\0" * 40 + b"*/=1;alert(1)", 422, also=frozenset({415}))
    yield Case("script in comment.gif", lambda: good("GIF", comment=b"*/=1;alert(1)//" + SECRET))
    yield Case("script in comment.jpg", lambda: good("JPEG", comment=SCRIPT + SECRET))


def paper(name: str) -> bytes:
    return next(make for known, make, _status in papers() if known == name)()


def mislabelled() -> Iterator[Case]:
    """Content decides, whatever the name says."""
    for form, ending in ENDINGS.items():
        for other in (*ENDINGS.values(), "html", "svg", "exe", "php.jpg", ""):
            if other != ending:
                yield Case(f"{ending} called.{other}", lambda f=form: good(f), size=(64, 48))
    foreign = {
        "svg": b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>',
        "xml svg": b'<?xml version="1.0"?><!DOCTYPE svg [<!ENTITY x SYSTEM "file:///etc/passwd">]><svg>&x;</svg>',
        "html": b"<!doctype html>" + SCRIPT,
        "text": b"only words",
        "exe": b"MZ" + b"\0" * 200,
        "elf": b"\x7fELF" + b"\0" * 200,
        "shell": b"#!/bin/sh\nid\n",
        "pdf": b"%PDF-1.7\n%%EOF",
        "swf": b"FWS\x09" + b"\0" * 100,
        "eps": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n",
        "zeros": b"\0" * 5000,
        "one byte": b"x",
    }
    for form in ("BMP", "TIFF", "ICO", "PPM", "TGA", "PCX", "JPEG2000"):
        foreign[form] = saved(quarters(), form)
    for kind, data in foreign.items():
        yield Case(f"{kind} as picture.jpg", lambda d=data: d, 415)
    yield Case("nothing.png", lambda: b"", 422)


def broken() -> Iterator[Case]:
    """Pictures that stop too early or lie about themselves."""
    for form, ending in ENDINGS.items():
        whole = good(form, size=(300, 200), **({"quality": 95} if form in ("JPEG", "WEBP") else {}))
        for part in (4, 12, 20, 40, len(whole) // 4, len(whole) // 2, len(whole) * 3 // 4):
            yield Case(f"first {part} bytes.{ending}", lambda w=whole, p=part: w[:p], 422, also=frozenset({415}))
        chance = random.Random(form)
        for number in range(6):
            hurt = bytearray(whole)
            for _hit in range(30):
                hurt[chance.randrange(len(hurt))] = chance.randrange(256)
            anyhow = frozenset({200, 415})
            yield Case(f"hurt {number}.{ending}", lambda h=bytes(hurt): h, 422, also=anyhow)
    yield Case("no rows.png", lambda: png_of(100, 100), 422)
    yield Case("no width.png", lambda: png_of(0, 100), 422, also=frozenset({415}))
    yield Case("odd depth.png", lambda: png_of(10, 10, depth=7), 422)
    yield Case("ended moving.gif", lambda: moving("GIF", 9)[:-60], 422, also=frozenset({200}))
    yield Case("ended moving.webp", lambda: moving("WEBP", 9)[:-60], 422)
    yield Case("ended moving.png", lambda: moving("PNG", 9)[:-60], 422, also=frozenset({200}))


def bombs() -> Iterator[Case]:
    """Small files that would be large pictures, or long work."""
    flat = zlib.compress(b"\0" * 1_000_000, 9)
    for side in (5001, 10_000, 30_000, 65_535):
        yield Case(f"{side} square.png", lambda s=side: png_of(s, s), 422)
        yield Case(f"{side} square.gif", lambda s=side: gif_of(s, s, 1), 422)
    yield Case("2 147 483 647.png", lambda: png_of(2**31 - 1, 2**31 - 1), 422)
    yield Case("one bit 10 000.png", lambda: png_of(10_000, 10_000, depth=1, colour=0, rows=b"\0" * 12_510_000), 422)
    yield Case("just too wide.png", lambda: saved(Image.new("1", (5001, 5000)), "PNG"), 422)
    yield Case("allowed.png", lambda: saved(Image.new("L", (5000, 5000)), "PNG"), size=(5000, 5000))
    yield Case("allowed.jpg", lambda: saved(Image.new("L", (5000, 5000)), "JPEG"), size=(5000, 5000))
    yield Case("16 383 square.webp", lambda: saved(Image.new("RGB", (16_383, 2_000)), "WEBP", method=0), 422)
    yield Case("30 000 wide.jpg", lambda: saved(Image.new("L", (30_000, 1_000)), "JPEG"), 422)
    yield Case("301 frames.gif", lambda: gif_of(2, 2, 301), 422)
    yield Case("500 000 frames.gif", lambda: gif_of(2, 2, 500_000), 422)
    yield Case("301 frames.webp", lambda: moving("WEBP", 301, (4, 4)), 422)
    yield Case("301 frames.png", lambda: moving("PNG", 301, (4, 4)), 422)
    yield Case("61 million moving.gif", lambda: gif_of(1000, 1000, 61), 422)
    yield Case("frame outside.gif", lambda: gif_of(1, 1, 1).replace(b"\1\0\1\0\0\2", b"\xff\xff\xff\xff\0\2"), 422)
    yield Case("many scans.jpg", many_scans, 422)
    text = chunk(b"zTXt", b"k\0\0" + zlib.compress(b"\0" * 200_000_000, 9))
    yield Case("text.png", lambda: good("PNG")[:33] + text + good("PNG")[33:], 422, also=frozenset({200}))
    profile = chunk(b"iCCP", b"k\0\0" + flat * 3)
    yield Case("profile.png", lambda: good("PNG")[:33] + profile + good("PNG")[33:], 422, also=frozenset({200}))
    yield Case("13 MB.jpg", lambda: good("JPEG") + b"\0" * 13 * 1024 * 1024, 413)


ODD_NAMES = (
    "../../etc/passwd",
    "C:\\Windows\\a.png",
    "a\0.png",
    "a\r\nSet-Cookie: x=1.png",
    "\u202egnp.exe",
    "CON",
    ".htaccess",
    "x" * 10_000 + ".png",
    "<img src=x onerror=alert(1)>.png",
    "图片.png",
    "\ud800.png",
    "",
    "..",
    "%2e%2e%2f.png",
    "{name!r}.png",
    "a;b|c`d$(e).png",
)


def oddly_named() -> Iterator[Case]:
    """Good pictures whose names are the attack."""
    for name in ODD_NAMES:
        yield Case(name, lambda: good("PNG"), size=(64, 48), upright=True)


def corpus() -> list[Case]:
    """Every case there is."""
    groups = (pictures, secrets, chimeras, mislabelled, broken, bombs, oddly_named)
    cases = [case for group in groups for case in group()]
    return cases + [Case(name, make, status, "file") for name, make, status in papers()]
