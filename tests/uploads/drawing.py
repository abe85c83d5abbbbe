"""Pictures drawn for tests, and ones put together by hand that no program would write."""

import io
import struct
import zlib
from typing import Any

from PIL import ExifTags, Image, PngImagePlugin

SECRET = b"SECRET-METADATA"


def quarters(size: tuple[int, int] = (64, 48), mode: str = "RGB") -> Image.Image:
    """A picture that shows which way up it lies: red at the upper left, else blue."""
    image = Image.new("RGB", size, (0, 0, 255))
    image.paste((255, 0, 0), (0, 0, size[0] // 2, size[1] // 2))
    return image.convert(mode)


def saved(image: Image.Image, form: str, **options: Any) -> bytes:
    out = io.BytesIO()
    image.save(out, form, **options)
    return out.getvalue()


def good(form: str, mode: str = "RGB", size: tuple[int, int] = (64, 48), **options: Any) -> bytes:
    return saved(quarters(size, mode), form, **options)


def moving(form: str, frames: int, size: tuple[int, int] = (24, 24), **options: Any) -> bytes:
    images = [Image.new("RGB", size, (index * 37 % 256, index * 91 % 256, index % 256)) for index in range(frames)]
    return saved(images[0], form, save_all=True, append_images=images[1:], duration=50, loop=0, **options)


def exif(orientation: int = 1) -> bytes:
    tags = Image.Exif()
    tags[ExifTags.Base.Orientation] = orientation
    tags[ExifTags.Base.ImageDescription] = SECRET.decode()
    tags.get_ifd(ExifTags.IFD.GPSInfo).update({1: "N", 2: (48.0, 8.0, 14.0), 29: SECRET.decode()})
    return tags.tobytes()


def turned(form: str, orientation: int) -> bytes:
    """The quarters laid down as a camera held that way would store them."""
    back = {2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}
    image = quarters((64, 48))
    if orientation in back:
        image = image.transpose(Image.Transpose(back[orientation]))
    return saved(image, form, exif=exif(orientation))


def png_of(width: int, height: int, *, depth: int = 8, colour: int = 2, rows: bytes | None = None) -> bytes:
    """A PNG by hand: its header may promise anything."""
    body = zlib.compress(rows if rows is not None else b"\0" * 100, 9)
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def gif_of(width: int, height: int, frames: int) -> bytes:
    frame = b"," + struct.pack("<HHHH", 0, 0, 1, 1) + b"\0" + b"\x02\x02\x44\x01\0"
    return b"GIF89a" + struct.pack("<HH", width, height) + b"\x80\0\0" + b"\0" * 6 + frame * frames + b";"


def many_scans() -> bytes:
    """A JPEG that goes over the same picture two thousand times."""
    data = good("JPEG", size=(2048, 2048), progressive=True)
    last = data.rindex(b"\xff\xda")
    return data[:-2] + data[last:-2] * 2000 + b"\xff\xd9"


def with_text(**chunks: str) -> bytes:
    texts = PngImagePlugin.PngInfo()
    for key, text in chunks.items():
        texts.add_text(key, text, zip=key.startswith("Z"))
    texts.add_itxt("XML:com.adobe.xmp", f"<x:xmpmeta>{SECRET.decode()}</x:xmpmeta>")
    return good("PNG", pnginfo=texts, exif=exif())
