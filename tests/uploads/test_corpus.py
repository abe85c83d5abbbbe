"""Files in good and bad faith through the one door: taken clean and upright, or refused with a sentence."""

import os
import random
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from PIL import Image

from portal.uploads.examine import Examiner, Made
from portal.uploads.names import shown_name
from portal.uploads.refusals import UploadRefused
from portal.uploads.rules import Rules, document_rules, picture_rules
from tests.uploads.corpus import ENDINGS, ODD_NAMES, Case, corpus
from tests.uploads.drawing import SECRET, good, moving

pytestmark = pytest.mark.anyio

CASES = corpus()
SECONDS = 3
MUTATIONS = int(os.environ.get("FASTOR_TEST_MUTATIONS", "300"))
RULES: dict[str, Rules] = {"image": picture_rules(), "file": document_rules()}


@pytest.fixture(scope="module")
async def examiner() -> AsyncIterator[Examiner]:
    examiner = Examiner()
    yield examiner
    await examiner.close()


async def answer(examiner: Examiner, case: Case, folder: Path) -> Made | UploadRefused:
    """What becomes of a case; any other exception is a failure."""
    source = folder / "sent"
    source.write_bytes(case.make())
    workshop = folder / "workshop"
    workshop.mkdir()
    begun = time.monotonic()
    try:
        found: Made | UploadRefused = await examiner.examine(source, case.name, RULES[case.kind], workshop)
    except UploadRefused as refusal:
        found = refusal
        assert not list(workshop.iterdir()), "a refused file leaves nothing behind"
    assert time.monotonic() - begun < SECONDS
    return found


def test_corpus_is_large() -> None:
    assert len(CASES) >= 300


@pytest.mark.parametrize("case", CASES, ids=[f"{n} {ascii(case.name)[:40]}" for n, case in enumerate(CASES)])
async def test_file_is_taken_clean_or_refused_with_a_sentence(examiner: Examiner, case: Case, tmp_path: Path) -> None:
    found = await answer(examiner, case, tmp_path)
    if isinstance(found, UploadRefused):
        assert found.status in {case.status, *case.also}, str(found)
        assert found.status in {413, 415, 422}
        assert "{" not in str(found)
    else:
        assert 200 in {case.status, *case.also}
        assert found.path.parent == tmp_path / "workshop"
        if case.kind == "image":
            looks_right(found, case)


def looks_right(made: Made, case: Case) -> None:
    """Whole, upright, and with nothing in it but pixels."""
    for path in (made.path, *(copy.path for copy in made.copies.values())):
        assert SECRET not in path.read_bytes()
    assert "thumb" in made.copies
    with Image.open(made.path) as image:
        assert ENDINGS[str(image.format)] == made.ending
        assert image.size == (made.width, made.height)
        if 200 == case.status:
            assert getattr(image, "n_frames", 1) == case.frames
        assert set(image.info) <= ALLOWED, image.info.keys()
        assert not image.getexif()
        image.load()
        if case.size is not None:
            assert image.size == case.size
        if case.upright:
            lies_right(image)
    with Image.open(made.copies["thumb"].path) as thumb:
        assert thumb.format == "WEBP"
        assert max(thumb.size) <= 160
        assert not thumb.getexif() and set(thumb.info) <= ALLOWED
        if case.upright:
            lies_right(thumb)


ALLOWED = {
    "transparency",
    "duration",
    "loop",
    "background",
    "version",
    "extension",
    "timestamp",
    "disposal",
    "blend",
} | {
    "jfif",
    "jfif_version",
    "jfif_unit",
    "jfif_density",
    "default_image",
    "bbox",
}


def lies_right(image: Image.Image) -> None:
    colours = image.convert("RGB")
    width, height = image.size
    for x in (width // 4, width * 3 // 4):
        for y in (height // 4, height * 3 // 4):
            red, _green, blue = colours.getpixel((x, y))
            assert (red > blue) is (x < width // 2 and y < height // 2)


async def test_changed_files_are_taken_or_refused_and_the_worker_lives(examiner: Examiner, tmp_path: Path) -> None:
    chance = random.Random(20)
    seeds = [good(form, size=(90, 70)) for form in ENDINGS] + [moving(form, 4) for form in ("GIF", "PNG", "WEBP")]
    seeds += [case.make() for case in CASES if case.kind == "file" and case.status == 200]
    for number in range(MUTATIONS):
        data = bytearray(chance.choice(seeds))
        for _change in range(chance.choice((1, 1, 2, 8))):
            place = chance.randrange(len(data))
            action = chance.randrange(4)
            if action == 0:
                data[place] ^= 1 << chance.randrange(8)
            elif action == 1:
                data[place : place + 4] = chance.choice((b"\xff\xff\xff\xff", b"\0\0\0\0", b"\x7f\xff\xff\xff"))
            elif action == 2:
                del data[place : place + chance.randrange(1, 9)]
            else:
                data[place:place] = data[chance.randrange(len(data)) :][: chance.randrange(1, 64)]
            data = data or bytearray(b"x")
        folder = tmp_path / str(number)
        folder.mkdir()
        for kind in ("image", "file"):
            inner = folder / kind
            inner.mkdir()
            await answer(examiner, Case(f"changed {number}", lambda d=bytes(data): d, kind=kind), inner)
    last = Case("afterwards.png", lambda: good("PNG"), size=(64, 48), upright=True)
    (tmp_path / "last").mkdir()
    assert isinstance(await answer(examiner, last, tmp_path / "last"), Made)


@pytest.mark.parametrize("sent", ODD_NAMES, ids=ascii)
def test_shown_name_is_harmless_and_short(sent: str) -> None:
    shown = shown_name(sent)
    assert shown.isprintable() and 0 < len(shown) <= 200
    assert not set("/\\") & set(shown) and shown not in {".", ".."}
    shown.encode()


def test_shown_name_keeps_its_ending_when_cut() -> None:
    assert shown_name("é" * 500 + ".jpeg") == "é" * 195 + ".jpeg"
    assert shown_name("C:\\holiday\\我的 图片.png") == "我的 图片.png"
