"""Pictures, read and written anew. Runs in the worker process only: nothing here is believed of a file.

What comes out is made from pixels alone: no metadata, no text, nothing that followed the picture's end.
"""

import hashlib
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from PIL import GifImagePlugin, Image, UnidentifiedImageError

# Registered here, or the first WebP would make Pillow load every format it knows.
from PIL import JpegImagePlugin as _jpeg
from PIL import MpoImagePlugin as _mpo
from PIL import PngImagePlugin as _png
from PIL import WebPImagePlugin as _webp

from portal.uploads.anatomy import gif_frames, jpeg_scans, looks_like_picture
from portal.uploads.frames import Frames, still, upright, write_copy

PLUGINS = (_jpeg, _mpo, _png, _webp)
FORMATS = ("JPEG", "PNG", "GIF", "WEBP")
ENDINGS = {"JPEG": "jpg", "MPO": "jpg", "PNG": "png", "GIF": "gif", "WEBP": "webp"}
MOST_PIXELS = 25_000_000
MOST_FRAMES = 300
MOST_MOVING_PIXELS = 60_000_000
"""Of all frames of an animation together."""
MOST_SCANS = 100
"""Passes over a JPEG; an honest one has about ten, each costs the time of the whole picture."""

Image.MAX_IMAGE_PIXELS = MOST_PIXELS
GifImagePlugin.LOADING_STRATEGY = GifImagePlugin.LoadingStrategy.RGB_AFTER_DIFFERENT_PALETTE_ONLY
warnings.simplefilter("ignore")
warnings.simplefilter("error", Image.DecompressionBombWarning)


class Refusal(Exception):
    """A reason known to `portal.uploads.refusals`, and what its sentence has to say."""

    def __init__(self, reason: str, **values: Any) -> None:
        super().__init__(reason)
        self.reason = reason
        self.values = values


class Job(NamedTuple):
    """What is asked of the worker, as it comes out of JSON."""

    source: str
    workshop: str
    stem: str
    """New files are called after it."""
    formats: list[str]
    max_pixels: int
    sizes: Mapping[str, tuple[int, int]]
    """From the smallest to the biggest is not promised."""
    ratio: tuple[int, int] | None = None
    crop: tuple[int, int, int, int] | None = None


def make(job: Job, *, moving: Any = None) -> dict[str, Any]:
    """Read a picture, write it anew with its smaller copies; `moving` is called when it is an animation."""
    path = Path(job.source)
    try:
        image = Image.open(path, formats=FORMATS)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise Refusal("pixels", n=_millions(job.max_pixels), m="> 25") from None
    except UnidentifiedImageError:
        raise Refusal("damaged" if looks_like_picture(path) else "kind") from None
    with image:
        count = _bounded(image, path, job)
        if count > 1 and moving is not None:
            moving()
        return _written(image, count, job)


def _bounded(image: Image.Image, path: Path, job: Job) -> int:
    """The number of frames, once format, size and number are known to be bearable; decodes nothing."""
    if ENDINGS[image.format or ""] not in job.formats:
        raise Refusal("kind")
    area = image.width * image.height
    if not 0 < area <= min(job.max_pixels, MOST_PIXELS):
        raise Refusal("pixels", n=_millions(job.max_pixels), m=_millions(area))
    if image.format in ("JPEG", "MPO"):
        if jpeg_scans(path, MOST_SCANS) > MOST_SCANS:
            raise Refusal("scans")
        return 1
    most = max(1, min(MOST_FRAMES, MOST_MOVING_PIXELS // area))
    count = gif_frames(path, MOST_FRAMES) if image.format == "GIF" else getattr(image, "n_frames", 1)
    if count > most:
        raise Refusal("frames", n=most)
    return count


def _written(image: Image.Image, count: int, job: Job) -> dict[str, Any]:
    ending = ENDINGS[image.format or ""]
    target = Path(job.workshop, f"{job.stem}.{ending}")
    turn = upright(image)
    if count > 1:
        frames = Frames.read(image, count, turn, lambda size: cut(size, job))
        first = frames.save(target, ending)
    else:
        # One decode serves the picture and all its copies.
        image.load()
        if turn is not None:
            image = image.transpose(turn)
        box = cut(image.size, job)
        if box != (0, 0, *image.size):
            image = image.crop(box)
        first = still(image, target, ending)
    with target.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return {
        "ending": ending,
        "path": str(target),
        "size": target.stat().st_size,
        "sha256": digest,
        "width": first.width,
        "height": first.height,
        "copies": _copies(first, job),
    }


def _copies(image: Image.Image, job: Job) -> dict[str, tuple[str, int, int, int]]:
    """Each made from the next bigger one; one that would be no smaller than its neighbour is left out."""
    made: dict[str, tuple[str, int, int, int]] = {}
    wanted = sorted(job.sizes.items(), key=lambda item: fitted(image.size, item[1]))
    sizes: dict[tuple[int, int], str] = {}
    for name, box in wanted:
        sizes.setdefault(fitted(image.size, box), name)
    for size, name in reversed(sizes.items()):
        target = Path(job.workshop, f"{job.stem}.{name}.webp")
        image = write_copy(image, size, target)
        made[name] = (str(target), image.width, image.height, target.stat().st_size)
    return made


def fitted(size: tuple[int, int], box: tuple[int, int]) -> tuple[int, int]:
    """The size of a copy: into the box, in the picture's own proportions, never enlarged."""
    scale = min(1.0, box[0] / size[0], box[1] / size[1])
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))


def cut(size: tuple[int, int], job: Job) -> tuple[int, int, int, int]:
    """Left, top, right, bottom of what is kept: the chosen box, and the middle of it in the wanted ratio."""
    left, top, right, bottom = 0, 0, *size
    if job.crop is not None:
        x, y, width, height = job.crop
        left, top, right, bottom = max(0, x), max(0, y), min(right, x + width), min(bottom, y + height)
        if left >= right or top >= bottom:
            raise Refusal("crop")
    if job.ratio is None:
        return left, top, right, bottom
    width, height = right - left, bottom - top
    across, down = job.ratio
    if width * down > (height + 1) * across:
        narrow = max(1, round(height * across / down))
        left += (width - narrow) // 2
        right = left + narrow
    elif height * across > (width + 1) * down:
        low = max(1, round(width * down / across))
        top += (height - low) // 2
        bottom = top + low
    return left, top, right, bottom


def _millions(pixels: int) -> str:
    return f"{pixels / 1_000_000:.4g}"
