"""Draws the pictures of the sample content: landscapes, skylines and shapes, nobody's property."""

import hashlib
import math
import random
from collections.abc import Callable

from PIL import Image, ImageDraw

COVERS = 24
BANNERS = 12
AVATARS = 20

COVER_SIZE = (640, 360)
AVATAR_SIZE = (160, 160)

Colour = tuple[int, int, int]

PALETTES: tuple[tuple[Colour, Colour, Colour, Colour], ...] = (
    ((28, 52, 97), (96, 145, 201), (247, 214, 165), (16, 30, 60)),
    ((244, 162, 97), (231, 111, 81), (255, 233, 196), (38, 70, 83)),
    ((46, 83, 57), (143, 179, 127), (240, 234, 214), (24, 46, 36)),
    ((90, 62, 120), (201, 143, 178), (252, 224, 205), (41, 29, 66)),
    ((13, 94, 103), (110, 193, 186), (245, 240, 214), (7, 52, 62)),
    ((62, 70, 84), (164, 175, 189), (247, 200, 115), (30, 35, 45)),
    ((160, 50, 60), (231, 150, 120), (255, 236, 205), (72, 23, 38)),
    ((35, 87, 137), (161, 206, 225), (253, 255, 252), (20, 45, 80)),
)
"""Sky above, sky below, light, and the dark of the foreground."""


def cover_key(number: int) -> str:
    """Where a cover is stored: the same in every installation, so that sample texts can name it."""
    return _key(f"covers/{number}")


def banner_key(number: int) -> str:
    return _key(f"banners/{number}")


def avatar_key(number: int) -> str:
    return _key(f"avatars/{number}")


def _key(name: str) -> str:
    return f"2026/01/01/{hashlib.sha256(name.encode()).hexdigest()[:32]}.webp"


def scene(number: int) -> Callable[[random.Random], Image.Image]:
    """One of the four kinds of picture, in turn."""
    return (landscape, skyline, shapes, sea)[number % 4]


def landscape(chance: random.Random) -> Image.Image:
    """Hills behind hills, and a sun or moon."""
    top, bottom, light, dark = chance.choice(PALETTES)
    image, draw, (width, height) = _canvas(top, bottom)
    _sun(draw, light, chance, width, height)
    for layer in range(4):
        base = height * (0.5 + layer * 0.13)
        swing, length, shift = height * 0.11, width / chance.uniform(1.2, 2.6), chance.uniform(0, 9)
        ridge = [
            (x, base + swing * math.sin(x / length * 2 * math.pi + shift) * math.sin(x / length + layer))
            for x in range(0, width + 8, 8)
        ]
        draw.polygon([(0, height), *ridge, (width, height)], fill=_mix(bottom, dark, 0.3 + layer * 0.23))
    return image.resize(COVER_SIZE, Image.Resampling.LANCZOS)


def skyline(chance: random.Random) -> Image.Image:
    """A town at dusk, some windows lit."""
    top, bottom, light, dark = chance.choice(PALETTES)
    image, draw, (width, height) = _canvas(top, bottom)
    _sun(draw, light, chance, width, height)
    for depth in (0.45, 0.9):
        x = -20
        while x < width:
            house, tall = (
                chance.randrange(50, 130),
                int(height * chance.uniform(0.2, 0.62) * (1.25 - depth / 2)),
            )
            draw.rectangle((x, height - tall, x + house, height), fill=_mix(bottom, dark, depth))
            for _ in range(6 if depth > 0.5 else 0):
                left, up = x + chance.randrange(8, house - 12), height - chance.randrange(10, tall)
                draw.rectangle((left, up, left + 8, up + 12), fill=_mix(dark, light, 0.8))
            x += house + chance.randrange(2, 16)
    return image.resize(COVER_SIZE, Image.Resampling.LANCZOS)


def sea(chance: random.Random) -> Image.Image:
    """Water, a horizon, a sail."""
    top, bottom, light, dark = chance.choice(PALETTES)
    image, draw, (width, height) = _canvas(top, bottom)
    _sun(draw, light, chance, width, height)
    horizon = int(height * 0.62)
    for band in range(12):
        y = horizon + band * (height - horizon) // 12
        draw.rectangle((0, y, width, height), fill=_mix(bottom, dark, 0.25 + band * 0.055))
    x, size = chance.randrange(width // 5, width * 4 // 5), chance.randrange(60, 120)
    draw.polygon([(x, horizon + 18), (x, horizon + 18 - size), (x + size * 0.6, horizon + 18)], fill=light)
    draw.polygon(
        [
            (x - size * 0.4, horizon + 22),
            (x + size * 0.7, horizon + 22),
            (x + size * 0.4, horizon + 44),
            (x, horizon + 44),
        ],
        fill=dark,
    )
    return image.resize(COVER_SIZE, Image.Resampling.LANCZOS)


def shapes(chance: random.Random) -> Image.Image:
    """Overlapping circles and quarter circles on a grid."""
    top, bottom, light, dark = chance.choice(PALETTES)
    image, draw, (width, height) = _canvas(bottom, top)
    step = height // 3
    for x in range(0, width, step):
        for y in range(0, height, step):
            colour = _mix(chance.choice((top, bottom, light)), chance.choice((light, dark)), chance.uniform(0, 0.5))
            kind = chance.randrange(4)
            if kind == 0:
                draw.ellipse((x, y, x + step, y + step), fill=colour)
            elif kind == 1:
                draw.pieslice((x - step, y - step, x + step, y + step), 0, 90, fill=colour)
            elif kind == 2:
                draw.pieslice((x, y, x + 2 * step, y + 2 * step), 180, 270, fill=colour)
            else:
                draw.rectangle((x, y, x + step, y + step), fill=colour)
    return image.resize(COVER_SIZE, Image.Resampling.LANCZOS)


def face(chance: random.Random) -> Image.Image:
    """A head and shoulders without features."""
    top, bottom, light, dark = chance.choice(PALETTES)
    image = Image.new("RGB", (320, 320), _mix(bottom, light, chance.uniform(0.2, 0.8)))
    draw = ImageDraw.Draw(image)
    coat, hair = _mix(top, dark, chance.random()), _mix(dark, bottom, chance.uniform(0, 0.4))
    draw.ellipse((30, 210, 290, 470), fill=coat)
    draw.ellipse((92, 62, 228, 198 + chance.randrange(40)), fill=hair)
    draw.ellipse((105, 90, 215, 225), fill=_mix((236, 200, 170), (141, 96, 70), chance.random()))
    return image.resize(AVATAR_SIZE, Image.Resampling.LANCZOS)


def _canvas(top: Colour, bottom: Colour) -> tuple[Image.Image, ImageDraw.ImageDraw, tuple[int, int]]:
    # Twice the size: scaling down afterwards smooths the edges.
    width, height = COVER_SIZE[0] * 2, COVER_SIZE[1] * 2
    image = Image.new("RGB", (1, height))
    for y in range(height):
        image.putpixel((0, y), _mix(top, bottom, y / height))
    image = image.resize((width, height))
    return image, ImageDraw.Draw(image), (width, height)


def _sun(draw: ImageDraw.ImageDraw, light: Colour, chance: random.Random, width: int, height: int) -> None:
    x, y = chance.randrange(width // 6, width * 5 // 6), chance.randrange(height // 8, height // 2)
    size = chance.randrange(40, 90)
    draw.ellipse((x - size, y - size, x + size, y + size), fill=light)


def _mix(first: Colour, second: Colour, share: float) -> Colour:
    red, green, blue = (int(a + (b - a) * min(share, 1)) for a, b in zip(first, second, strict=True))
    return red, green, blue
