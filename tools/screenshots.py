"""Takes the pictures of docs/images anew: `python tools/screenshots.py`.

A portal of its own is started with the seeded content, and Chromium photographs it: every page in the light and
in the dark, wide and on a phone, in Chinese, and some in English too.
"""

import io
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from PIL import Image
from playwright.sync_api import Browser, Page, expect, sync_playwright

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from portal.testing import LibraryDialog, RichText, SignInPage, UploadField  # noqa: E402  # found only now
from tests.e2e.browser import launch_options  # noqa: E402
from tests.e2e.server import PASSWORD, Server  # noqa: E402

IMAGES = ROOT / "docs" / "images"
PAGES = {
    "list": "/articles",
    "edit": "/articles/264/edit",
    "editor": "/articles/264/edit",
    "crop": "/articles/264/edit",
    "picker": "/articles/264/edit",
    "article": "/articles/264",
    "library": "/files",
    "library-grid": "/files?view=grid",
    "storage": "/files/storage",
    "public": "/e/FoZKYU",
    "reorder": "/banners/order?placement=home",
    "dashboard": "/",
    "sign-in": "/sign-in",
}
ENGLISH = ("list", "editor", "library-grid")
THEMES = ("light", "dark")
WIDE, PHONE = 1440, 390
LARGEST = 120 * 1024
"""Bytes of a picture; a README with larger ones loads slowly."""
COLOURS = (256, 128, 64, 32)


@dataclass(frozen=True)
class Shot:
    """One picture: what is on it and how it looks."""

    page: str
    theme: str
    width: int = WIDE
    language: str = "zh-CN"

    @property
    def name(self) -> str:
        parts = [self.page, self.theme]
        parts += [str(self.width)] if self.width != WIDE else []
        parts += [self.language] if self.language != "zh-CN" else []
        return "-".join(parts) + ".png"


def shots() -> list[Shot]:
    """All pictures there are."""
    found = [Shot(page, theme, width) for page in PAGES for theme in THEMES for width in (WIDE, PHONE)]
    return [*found, *(Shot(page, "light", language="en") for page in ENGLISH)]


def show_editor(page: Page) -> None:
    """The text itself, with the palette of colours open where there is room."""
    body = RichText(page, "body").ready()
    body.editor.evaluate("(host) => scrollTo(0, host.getBoundingClientRect().top + scrollY - 120)")
    body.body.locator("p").first.click()
    arrow = body.editor.locator('[data-ref="brush"] .jodit-toolbar-button__trigger')
    if arrow.count():
        arrow.click()


def show_crop(page: Page) -> None:
    """The cover in the dialog that cuts it."""
    cover = UploadField(page, "cover")
    cover.by("upload-crop").click()
    page.locator("[data-testid=crop] .cropper-crop-box").wait_for()
    for pressed in ("-", "-", "ArrowRight"):
        page.get_by_test_id("crop-stage").press(pressed)


def show_picker(page: Page) -> None:
    """What the gallery may take from the library."""
    dialog = LibraryDialog(page)
    UploadField(page, "gallery").by("upload-library").click()
    expect(dialog.files.first).to_be_visible()
    for file in dialog.files.all()[:2]:
        file.click()


def check_storage(page: Page) -> None:
    """The doctor, asked."""
    page.get_by_test_id("check-storage").click()
    expect(page.get_by_test_id("storage-step").first).to_be_visible()
    # where it lies on this machine changes with every run
    page.get_by_test_id("storage-address").evaluate("(code) => { code.textContent = 'local:media'; }")


STEPS: Mapping[str, Callable[[Page], None]] = {
    "editor": show_editor,
    "crop": show_crop,
    "picker": show_picker,
    "storage": check_storage,
}
"""What is done on a page before its picture is taken."""


def main(names: Sequence[str]) -> None:
    """Take all pictures, or those whose names begin with one of `names`."""
    wanted = [shot for shot in shots() if not names or shot.name.startswith(tuple(names))]
    IMAGES.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix="fastor-screenshots-") as folder, sync_playwright() as playwright:
        server = Server(Path(folder))
        server.command("db", "upgrade")
        server.command("seed")
        browser = playwright.chromium.launch(**launch_options())
        with server:
            for shot in wanted:
                picture = take(browser, server.url, shot)
                (IMAGES / shot.name).write_bytes(picture)
                print(f"{shot.name:28} {len(picture) / 1024:6.1f} KB")
        browser.close()


def take(browser: Browser, address: str, shot: Shot) -> bytes:
    """One picture, in a browser of its own."""
    options: dict[str, Any] = {"viewport": {"width": shot.width, "height": 900 if shot.width == WIDE else 844}}
    if shot.width == PHONE:
        options |= {"has_touch": True, "is_mobile": True, "device_scale_factor": 2}
    context = browser.new_context(
        base_url=address, locale=shot.language, timezone_id="Asia/Shanghai", reduced_motion="reduce", **options
    )
    cookies = {"fastor_theme": shot.theme, "fastor_language": shot.language}
    context.add_cookies([{"name": name, "value": value, "url": address} for name, value in cookies.items()])
    page = context.new_page()
    if shot.page not in ("sign-in", "public"):
        SignInPage(page).open().sign_in("admin", PASSWORD)
    page.goto(PAGES[shot.page])
    settle(page)
    if shot.page in STEPS:
        STEPS[shot.page](page)
        settle(page)
    picture = page.screenshot()
    context.close()
    return small(picture)


def settle(page: Page) -> None:
    """Wait for what comes late: numbers, pictures, pickers."""
    page.wait_for_load_state("networkidle")
    page.evaluate(
        "Promise.all([...document.images].filter(i => !i.complete && i.loading != 'lazy').map(i => i.decode()))"
    )
    page.wait_for_timeout(300)


def small(picture: bytes) -> bytes:
    """A palette of as many colours as the size allows; those of the design stay exactly as they are."""
    image = Image.open(io.BytesIO(picture)).convert("RGB")
    packed = b""
    for colours in COLOURS:
        out = io.BytesIO()
        reduced(image, colours).save(out, "PNG", optimize=True)
        packed = out.getvalue()
        if len(packed) < LARGEST:
            break
    return packed


def reduced(image: Image.Image, colours: int) -> Image.Image:
    """Half of the palette are the most frequent colours; the other half is near to the rest, pictures above all."""
    counted = sorted(image.getcolors(image.width * image.height) or [], reverse=True)
    frequent = [colour for _count, colour in counted[: colours // 2]]
    near = image.quantize(colours - len(frequent), method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    exact = {colour: place for place, colour in enumerate(frequent)}
    parts = image.tobytes()
    pixels = zip(zip(parts[0::3], parts[1::3], parts[2::3], strict=True), near.tobytes(), strict=True)
    found = Image.frombytes("P", image.size, bytes(exact.get(pixel, len(frequent) + n) for pixel, n in pixels))
    found.putpalette([part for colour in frequent for part in colour] + (near.getpalette() or []))
    return found


if __name__ == "__main__":
    main(sys.argv[1:])
