"""A photograph of twelve million pixels, and what Pillow alone needs to do to it what an upload does."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from PIL import Image, ImageOps

from portal.uploads import frames, pictures
from portal.uploads.anatomy import jpeg_scans, looks_like_picture
from portal.uploads.rules import PIXELS, SIZES

WIDTH, HEIGHT = 4000, 3000
COPIES = sorted(SIZES.values(), reverse=True)

Steps = dict[str, float]


def draw(target: Path) -> None:
    """Soft shapes and grain, about as many bytes as a camera makes of it."""
    size = (WIDTH, HEIGHT)
    grain = Image.effect_noise((WIDTH // 4, HEIGHT // 4), 60).resize(size, Image.Resampling.BICUBIC)
    shapes = Image.linear_gradient("L").resize(size), Image.radial_gradient("L").resize(size)
    channels = [Image.blend(shape, grain, 0.3) for shape in shapes]
    Image.merge("RGB", (*channels, grain)).save(target, "JPEG", quality=90)


def bare(source: Path, folder: Path) -> None:
    """As a script would do it that believes everything: turn, write anew, four smaller WebP copies."""
    with Image.open(source) as opened:
        image = ImageOps.exif_transpose(opened)
    image.info = {}
    image.save(folder / "bare.jpg", quality=88)
    for number, box in enumerate(COPIES):
        size = pictures.fitted(image.size, box)
        image = image.resize(size, Image.Resampling.BICUBIC, reducing_gap=2.0)
        image.save(folder / f"bare-{number}.webp", quality=80, method=1)


def steps(source: Path, folder: Path) -> Steps:
    """Processor seconds of what the picture process does, one after the other."""
    found: Steps = {}
    with _timed(found, "check"):
        assert looks_like_picture(source)
        image: Image.Image = Image.open(source, formats=pictures.FORMATS)
        assert image.width * image.height <= PIXELS
        assert jpeg_scans(source, pictures.MOST_SCANS) <= pictures.MOST_SCANS
    with _timed(found, "decode"):
        image.load()
        assert frames.upright(image) is None
    with _timed(found, "write anew"):
        copy = frames.still(image, folder / "step.jpg", "jpg")
    with _timed(found, "smaller copies"):
        for number, box in enumerate(COPIES):
            copy = frames.write_copy(copy, pictures.fitted(copy.size, box), folder / f"step-{number}.webp")
    return found


@contextmanager
def _timed(found: Steps, name: str, clock: Callable[[], float] = time.process_time) -> Iterator[None]:
    began = clock()
    yield
    found[name] = clock() - began
