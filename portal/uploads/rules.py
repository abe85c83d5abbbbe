"""What may be uploaded where, in plain numbers: made from what a column declares."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from portal.facts import FileFacts
from portal.uploads.keys import THUMB

MEGA = 1024 * 1024

PICTURES = ("jpg", "png", "gif", "webp")
DOCUMENTS = ("pdf", "docx", "xlsx", "zip", "mp3", "mp4")

PICTURE_MB = 12.0
DOCUMENT_MB = 512.0
REQUEST_MB = 64
"""What one request bears, in whole; bigger files come in parts."""
PIXELS = 25_000_000

MEDIA_TYPES: Mapping[str, str] = {
    "jpg": "image/jpeg",
    "png": "image/png",
    "gif": "image/gif",
    "webp": "image/webp",
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "zip": "application/zip",
    "mp3": "audio/mpeg",
    "mp4": "video/mp4",
}
"""What each ending is sent as; nothing else is ever stored."""

SIZES: Mapping[str, tuple[int, int]] = {
    THUMB: (160, 160),
    "small": (480, 960),
    "medium": (960, 1920),
    "large": (1920, 3840),
}
"""The box each standard copy fits into, width first. A copy is never bigger than the picture; the ones that would
be as big as the one before are left out, and `thumb` is always there."""


@dataclass(frozen=True)
class Rules:
    """What one field takes."""

    kind: Literal["image", "file"]
    formats: tuple[str, ...]
    """Endings, as in `MEDIA_TYPES`."""
    max_bytes: int
    max_pixels: int = PIXELS
    ratio: tuple[int, int] | None = None
    sizes: Mapping[str, tuple[int, int]] = field(default_factory=lambda: SIZES)
    folder: str = ""
    private: bool = False

    @property
    def form_mb(self) -> int | None:
        """What a plain form bears, where that is less than what is taken."""
        return REQUEST_MB if self.max_bytes > REQUEST_MB * MEGA else None

    @property
    def accept(self) -> str:
        """For the `accept` of a file input."""
        return ",".join(MEDIA_TYPES[ending] for ending in self.formats)


def picture_rules(facts: FileFacts | None = None) -> Rules:
    facts = facts or FileFacts()
    return Rules(
        kind="image",
        formats=facts.formats or PICTURES,
        max_bytes=int((facts.max_mb or PICTURE_MB) * MEGA),
        max_pixels=min(facts.max_pixels or PIXELS, PIXELS),
        ratio=parse_ratio(facts.ratio),
        sizes={**SIZES, **{name: (width, height) for name, width, height in facts.sizes}},
        folder=facts.folder,
        private=facts.private,
    )


def document_rules(facts: FileFacts | None = None) -> Rules:
    facts = facts or FileFacts()
    return Rules(
        kind="file",
        formats=facts.formats or DOCUMENTS,
        max_bytes=int((facts.max_mb or DOCUMENT_MB) * MEGA),
        folder=facts.folder,
        private=facts.private,
    )


def parse_ratio(text: str | None) -> tuple[int, int] | None:
    """`16:9` as two numbers; `ValueError` for anything else."""
    if text is None:
        return None
    found = re.fullmatch(r"([1-9]\d{0,3}):([1-9]\d{0,3})", text)
    if found is None:
        raise ValueError(f'"{text}" is no ratio; it is written as in "16:9".')
    return int(found[1]), int(found[2])
