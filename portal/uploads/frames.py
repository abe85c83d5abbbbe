"""Frames of pictures, cleaned and written: one for a still picture, several with their timing for an animation."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import ExifTags, Image

TURNS: dict[int | None, Image.Transpose] = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""What makes a picture of each EXIF orientation lie right."""

MODES = {
    "jpg": ("L", "RGB"),
    "png": ("1", "L", "LA", "P", "RGB", "RGBA"),
    "gif": ("1", "L", "P", "RGB", "RGBA"),
    "webp": ("RGB", "RGBA"),
}
OPTIONS: dict[str, dict[str, Any]] = {
    "jpg": {"format": "JPEG", "quality": 88},
    "png": {"format": "PNG"},
    "gif": {"format": "GIF"},
    "webp": {"format": "WEBP", "quality": 88, "method": 2},
}
COPY: dict[str, Any] = {"format": "WEBP", "quality": 80, "method": 1}

Box = tuple[int, int, int, int]


def upright(image: Image.Image) -> Image.Transpose | None:
    """How a picture must be turned; one whose metadata can't be read lies as it lies."""
    try:
        return TURNS.get(image.getexif().get(ExifTags.Base.Orientation))
    except Exception:  # Any library's complaint about metadata: none of it is kept anyway.
        return None


def still(image: Image.Image, target: Path, ending: str) -> Image.Image:
    """Write a picture of one frame; answers what was written."""
    image = cleaned(image, ending)
    image.save(target, **_options(ending, image.width * image.height))
    return image


def cleaned(image: Image.Image, ending: str) -> Image.Image:
    """The picture in a mode its format takes, with nothing beside its pixels."""
    transparency = image.info.get("transparency")
    if image.mode.startswith("I"):
        image = image.convert("I").point(lambda value: value * (1 / 256)).convert("L")
        transparency = None
    if image.mode not in MODES[ending]:
        image = coloured(image, alpha=ending != "jpg")
        transparency = None
    if image.mode == "RGB" and ending == "png" and not _is_colour(transparency):
        transparency = None
    # Writers look here for comments, profiles and the like.
    image.info = {} if transparency is None or ending == "jpg" else {"transparency": transparency}
    return image


def coloured(image: Image.Image, *, alpha: bool) -> Image.Image:
    """In full colour; with an alpha channel if anything shows through."""
    if image.mode == "RGB" and not _is_colour(image.info.get("transparency")):
        image.info.pop("transparency", None)
    mode = "RGBA" if alpha and image.has_transparency_data else "RGB"
    return image if image.mode == mode else image.convert(mode)


def write_copy(image: Image.Image, size: tuple[int, int], target: Path) -> Image.Image:
    """Write a smaller WebP; answers it, so that the next is made from it."""
    if image.mode not in ("RGB", "RGBA"):
        image = coloured(image, alpha=True)
    if image.size != size:
        image = image.resize(size, Image.Resampling.BICUBIC, reducing_gap=2.0)
    image.info = {}
    image.save(target, **COPY)
    return image


def _options(ending: str, pixels: int) -> dict[str, Any]:
    options = dict(OPTIONS[ending])
    if ending == "png":
        # Noise of many pixels would take all the time there is.
        options["compress_level"] = 4 if pixels <= 8_000_000 else 1
    return options


def _is_colour(transparency: Any) -> bool:
    return isinstance(transparency, tuple) and all(0 <= part <= 255 for part in transparency)


@dataclass
class Frames:
    """The frames of an animation as they are shown, and for how long."""

    images: list[Image.Image]
    durations: list[int]
    loop: int | None

    @classmethod
    def read(
        cls, image: Image.Image, count: int, turn: Image.Transpose | None, cut: Callable[[tuple[int, int]], Box]
    ) -> "Frames":
        """Each frame decoded, turned and cut; the size of the first is the size of all."""
        images: list[Image.Image] = []
        durations: list[int] = []
        ending = (image.format or "").lower()
        loop = image.info.get("loop")
        # A PNG may have a picture for those who can't show animations; it is none of the frames.
        for number in range(1 if image.info.get("default_image") else 0, count):
            image.seek(number)
            image.load()
            frame = image.copy() if turn is None else image.transpose(turn)
            frame = cleaned(frame.crop(cut(frame.size)), ending)
            if images and frame.size != images[0].size:
                raise ValueError("the frames differ in size")
            images.append(frame)
            durations.append(round(image.info.get("duration") or 0))
        return cls(images, durations, loop)

    def save(self, target: Path, ending: str) -> Image.Image:
        """Write all of them; answers the first."""
        first, *rest = self.images
        if not rest:
            return still(first, target, ending)
        options = _options(ending, first.width * first.height * len(self.images))
        if self.loop is not None:
            options["loop"] = self.loop
        if ending == "gif":
            options["disposal"] = 2 if any("transparency" in frame.info for frame in self.images) else 1
        first.save(target, save_all=True, append_images=rest, duration=self.durations, **options)
        return first
