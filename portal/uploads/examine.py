"""What a received file really is, and what of it is kept; the sent name and type are never believed."""

import asyncio
import logging
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from portal.errors import StorageFull
from portal.uploads import documents
from portal.uploads.anatomy import looks_like_picture
from portal.uploads.local import telling_disk_errors
from portal.uploads.refusals import EMPTY, UNREADABLE, Damaged, PicturesUnavailable, TooBig, no_such_kind, refused
from portal.uploads.rules import MEDIA_TYPES, PICTURES, Rules
from portal.uploads.worker import WorkerBusy, WorkerLost, WorkerMissing, Workers

_log = logging.getLogger("portal.uploads")


class Box(NamedTuple):
    """A part of a picture, in whole pixels of the picture as it is seen upright."""

    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True)
class Copy:
    """A smaller copy of a picture, always WebP."""

    path: Path
    width: int
    height: int
    size: int


@dataclass(frozen=True)
class Made:
    """What is to be stored."""

    ending: str
    media_type: str
    path: Path
    size: int
    sha256: str
    width: int | None = None
    height: int | None = None
    copies: Mapping[str, Copy] = field(default_factory=dict)
    as_sent: bool = False
    """Not a byte was changed."""


class Examiner:
    """Looks at files for one portal; `close` ends its processes."""

    def __init__(self, *, workers: int = 1) -> None:
        self._workers = Workers(workers)

    async def examine(self, source: Path, name: str, rules: Rules, workshop: Path, crop: Box | None = None) -> Made:
        """The file as it may be stored, inside `workshop`; `UploadRefused` says why it may not."""
        if await asyncio.to_thread(_is_picture, source, rules):
            return await self._picture(source, name, rules, workshop, crop)
        with telling_disk_errors():
            found = await asyncio.to_thread(documents.keep, source, rules, workshop)
        return Made(found.ending, MEDIA_TYPES[found.ending], found.path, found.size, found.sha256, as_sent=True)

    async def close(self) -> None:
        await self._workers.close()

    async def _picture(self, source: Path, name: str, rules: Rules, workshop: Path, crop: Box | None) -> Made:
        stem = secrets.token_hex(8)
        job = {
            "source": str(source),
            "workshop": str(workshop),
            "stem": stem,
            "formats": rules.formats,
            "max_pixels": rules.max_pixels,
            "sizes": dict(rules.sizes),
            "ratio": rules.ratio,
            "crop": crop,
        }
        try:
            answer = await self._workers.run(job)
        except WorkerLost:
            _log.warning("A picture was given up: %r", name[:200])
            answer = {"refused": "damaged", "values": {}}
        except (WorkerMissing, WorkerBusy):
            raise PicturesUnavailable from None
        if "made" in answer:
            return _made(answer["made"])
        await asyncio.to_thread(_sweep, workshop, stem)
        if "error" in answer:
            _log.info("A picture could not be read: %r: %s", name[:200], answer["error"])
        if answer["refused"] == "full":
            raise StorageFull
        if rules.kind == "file" and answer["refused"] == "kind":
            raise no_such_kind(rules.formats)
        raise refused(answer["refused"], answer["values"], rules.formats)


def _is_picture(source: Path, rules: Rules) -> bool:
    """Which way a file goes; the size is looked at before anything else."""
    size = source.stat().st_size
    if size > rules.max_bytes:
        raise TooBig.of(size, rules.max_bytes)
    if size == 0:
        raise Damaged(EMPTY)
    if rules.kind == "image":
        return True
    return not set(PICTURES).isdisjoint(rules.formats) and looks_like_picture(source)


def _made(found: Mapping[str, Any]) -> Made:
    if found["ending"] not in PICTURES:
        raise Damaged(UNREADABLE)
    copies = {
        size: Copy(Path(path), width, height, length) for size, (path, width, height, length) in found["copies"].items()
    }
    return Made(
        ending=found["ending"],
        media_type=MEDIA_TYPES[found["ending"]],
        path=Path(found["path"]),
        size=found["size"],
        sha256=found["sha256"],
        width=found["width"],
        height=found["height"],
        copies=copies,
    )


def _sweep(workshop: Path, stem: str) -> None:
    for left in workshop.glob(f"{stem}.*"):
        left.unlink(missing_ok=True)
