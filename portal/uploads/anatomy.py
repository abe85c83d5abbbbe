"""What can be told of a picture file by walking over its blocks, before anything is decoded."""

import mmap
import re
from pathlib import Path

_MARKER = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")
_STARTS = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF87a", b"GIF89a")
_ALONE = frozenset({0x01, *range(0xD0, 0xD8)})
"""JPEG markers without a length."""


def looks_like_picture(path: Path) -> bool:
    """Whether a file begins as a picture of a kind that is taken, be the rest of it what it may."""
    with path.open("rb") as file:
        head = file.read(16)
    return head.startswith(_STARTS) or (head[:4] == b"RIFF" and head[8:12] == b"WEBP")


def jpeg_scans(path: Path, most: int) -> int:
    """How many passes a JPEG takes to read; counted no further than just above `most`."""
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        if _times(data, b"\xff\xda", most) <= most:
            return 0
        # Chance pairs in embedded previews or in what follows the end don't count: walk from marker to marker.
        count, place, end = 0, 2, len(data)
        while place + 4 <= end and count <= most:
            if data[place] != 0xFF:
                found = _MARKER.search(data, place)
                if found is None:
                    break
                place = found.start()
            code = data[place + 1]
            if code == 0xD9:
                break
            if code == 0xFF or code in _ALONE or code == 0xD8:
                place += 1 if code == 0xFF else 2
                continue
            place += 2 + int.from_bytes(data[place + 2 : place + 4])
            if code == 0xDA:
                count += 1
                found = _MARKER.search(data, place)
                place = found.start() if found else end
        return count


def gif_frames(path: Path, most: int) -> int:
    """How many frames a GIF has; counted no further than just above `most`."""
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        end = len(data)
        place = 13 + _colours(data[10]) if end > 13 else end
        count = 0
        while place < end and count <= most:
            block = data[place]
            if block == 0x2C and place + 10 < end:
                count += 1
                place = _past_parts(data, place + 11 + _colours(data[place + 9]), end)
            elif block == 0x21:
                place = _past_parts(data, place + 2, end)
            elif block == 0x3B:
                break
            else:
                place += 1
        return max(1, count)


def _past_parts(data: mmap.mmap, place: int, end: int) -> int:
    while place < end and data[place]:
        place += data[place] + 1
    return place + 1


def _colours(flags: int) -> int:
    """Bytes of a GIF's colour table."""
    return 3 << ((flags & 7) + 1) if flags & 0x80 else 0


def _times(data: mmap.mmap, pair: bytes, most: int) -> int:
    count, place = 0, data.find(pair)
    while place >= 0 and count <= most:
        count += 1
        place = data.find(pair, place + 2)
    return count
