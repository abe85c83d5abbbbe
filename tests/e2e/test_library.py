"""The media library in a browser."""

import base64
import re
import sqlite3
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Page, Route, expect

from portal.testing import ListPage, check_accessibility
from tests.e2e.conftest import Visit
from tests.e2e.server import ROOT

AXE = ROOT / "node_modules/axe-core/axe.min.js"
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}


def draw(path: Path, size: tuple[int, int] = (300, 200)) -> Path:
    Image.new("RGB", size, "teal").save(path)
    return path


def drop(page: Page, *paths: Path, on: str = ".list-panel") -> None:
    """Carry files over the page and let them go."""
    files = [[path.name, base64.b64encode(path.read_bytes()).decode()] for path in paths]
    page.locator(on).evaluate(
        """async (target, files) => {
            const transfer = new DataTransfer();
            for (const [name, text] of files) {
                const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
                transfer.items.add(new File([bytes], name));
            }
            for (const name of ['dragenter', 'dragover']) {
                target.dispatchEvent(new DragEvent(name, { dataTransfer: transfer, bubbles: true, cancelable: true }));
            }
            window.dropVisible = !document.querySelector('.library-drop').hidden;
            target.dispatchEvent(new DragEvent('drop', { dataTransfer: transfer, bubbles: true, cancelable: true }));
        }""",
        files,
    )
    assert page.evaluate("window.dropVisible")
    expect(page.get_by_test_id("library-drop")).to_be_hidden()


@pytest.mark.parametrize("scripts", [True, False])
def test_files_are_added_looked_at_and_deleted(visit: Visit, tmp_path: Path, *, scripts: bool) -> None:
    names = [f"{colour}-{scripts}.png" for colour in ("red", "blue")]
    library = ListPage(visit(java_script_enabled=scripts), "files").open()
    library.by("library-files").set_input_files([draw(tmp_path / name) for name in names])
    if not scripts:
        library.by("library-send").click()
    for name in names:
        expect(library.row(name)).to_contain_text("300 × 200")
    for name in names:
        library.open()
        library.go(f"/files/{library.row(name).get_attribute('data-id')}")
        expect(library.by("detail")).to_contain_text("Nothing uses it.")
        library.by("delete").click()
        library.by("confirm-delete").click()
        expect(library.row(name)).to_have_count(0)


def test_dropped_files_show_how_far_they_are_and_why_not(page: Page, tmp_path: Path) -> None:
    library = ListPage(page, "files").open(folder="dropped", view="grid")
    (tmp_path / "bad.png").write_bytes(b"no picture")
    (tmp_path / "notes.txt").write_text("no kind of file for here")
    drop(page, draw(tmp_path / "one.png"), tmp_path / "bad.png", tmp_path / "notes.txt", draw(tmp_path / "two.png"))
    # the list comes anew by itself, with its folders, and only what was refused stays in sight
    expect(library.by("open").get_by_text("one.png")).to_be_visible()
    expect(library.by("open").get_by_text("two.png")).to_be_visible()
    expect(library.by("folders").get_by_text("dropped")).to_have_attribute("aria-current", "true")
    expect(library.toast).to_contain_text("2 files were added.")
    sending = library.by("sending")
    expect(sending).to_have_count(2)
    expect(sending.filter(has_text="bad.png")).to_contain_text("This is no picture")
    expect(sending.filter(has_text="notes.txt")).to_contain_text("Files of this kind are not taken here")
    check_accessibility(page, axe=AXE)
    for _ in range(2):
        sending.first.get_by_test_id("sending-stop").click()
    expect(library.by("library-sending")).to_be_hidden()


def test_upload_is_stopped_and_tells_when_the_session_has_ended(page: Page, tmp_path: Path) -> None:
    library = ListPage(page, "files").open()
    held: list[Route] = []
    page.route("**/files/uploads*", lambda route: held.append(route))
    library.by("library-files").set_input_files([draw(tmp_path / "slow.png"), draw(tmp_path / "lost.png")])
    slow, lost = (library.by("sending").filter(has_text=name) for name in ("slow.png", "lost.png"))
    expect(lost).to_have_attribute("data-state", "sending")
    slow.get_by_test_id("sending-stop").click()
    expect(slow).to_contain_text("cancelled")
    held[-1].fulfill(status=401, body="")
    expect(lost).to_contain_text("Your session has ended")
    expect(library.row("slow.png")).to_have_count(0)


def test_grid_is_ticked_and_moved_by_keys(page: Page, database: sqlite3.Connection, tmp_path: Path) -> None:
    library = ListPage(page, "files").open(view="grid", folder="by keys")
    paths = [draw(tmp_path / f"key-{n}.png") for n in range(3)]
    library.by("library-files").set_input_files(paths)
    expect(library.rows).to_have_count(3)
    boxes = library.rows.locator("input[name=ids]")
    boxes.first.focus()
    page.keyboard.press("Space")
    boxes.nth(1).focus()
    page.keyboard.press("Space")
    expect(library.by("bulk-bar")).to_contain_text("2 selected")
    check_accessibility(page, axe=AXE)
    library.by("move").focus()
    page.keyboard.press("Enter")
    expect(library.by("move-folder")).to_be_focused()
    page.keyboard.type("moved")
    library.replaced(lambda: library.by("move-ok").press("Enter"))
    expect(library.rows).to_have_count(1)
    expect(page).to_have_url(re.compile("view=grid"))
    stored = dict(database.execute("SELECT original_name, folder FROM fastor_file WHERE original_name LIKE 'key-%'"))
    assert sorted(stored.values()) == ["by keys", "moved", "moved"]
    library.by("tick-all").check()
    expect(library.by("bulk-bar")).to_contain_text("1 selected")


def test_folders_and_views_are_links(visit: Visit) -> None:
    library = ListPage(visit(java_script_enabled=False), "files").open()
    library.by("view-grid").click()
    expect(library.by("grid")).to_be_visible()
    folder = library.by("folders").get_by_text("banners")
    folder.click()
    expect(library.rows).to_have_count(12)
    library.by("view-list").click()
    expect(library.rows).to_have_count(12)
    expect(library.by("grid")).to_have_count(0)
    library.rows.first.locator("input[name=ids]").check()
    library.by("move").click()
    library.by("move-folder").fill("banners")
    library.by("move-ok").click()
    expect(library.toast).to_contain_text("1 files are in “banners” now.")


def test_search_brings_the_folders_along(page: Page) -> None:
    library = ListPage(page, "files").open(view="grid")
    library.search("cover-03")
    expect(library.rows).to_have_count(1)
    expect(library.by("folders").get_by_text("covers")).to_have_attribute(
        "href", "/files?q=cover-03&view=grid&folder=covers"
    )


def test_replaced_picture_is_what_the_article_shows(page: Page, database: sqlite3.Connection, tmp_path: Path) -> None:
    file_id, key, article_id = database.execute(
        "SELECT f.id, f.key, u.row_key FROM fastor_file f JOIN fastor_file_use u ON u.file_id = f.id"
        " WHERE u.noun = 'article' AND u.field = 'cover' ORDER BY f.id LIMIT 1"
    ).fetchone()
    page.goto(f"/files/{file_id}")
    page.get_by_test_id("replace-file").set_input_files(draw(tmp_path / "square.png", (90, 90)))
    page.get_by_test_id("replace").click()
    expect(page.get_by_test_id("error")).to_contain_text("16:9")
    page.get_by_test_id("replace-file").set_input_files(draw(tmp_path / "wide.png", (960, 540)))
    page.get_by_test_id("replace").click()
    expect(page.get_by_test_id("toast")).to_contain_text("The file was replaced")
    expect(page.get_by_test_id("detail")).to_contain_text("960 × 540")
    page.goto(f"/articles/{article_id}/edit")
    shown = page.locator('[data-testid=upload][data-name="cover"] img').first
    expect(shown).to_have_js_property("complete", value=True)
    assert shown.evaluate("(image) => image.naturalWidth") > 0
    assert key.rpartition(".")[0] not in (shown.get_attribute("src") or "")


def test_what_is_left_behind_is_removed(page: Page, database: sqlite3.Connection, tmp_path: Path) -> None:
    library = ListPage(page, "files").open()
    library.by("library-files").set_input_files(draw(tmp_path / "idle.png"))
    expect(library.row("idle.png")).to_be_visible()
    database.execute(
        "UPDATE fastor_file SET kept = 0, created_at = '2026-01-01 00:00:00' WHERE original_name = 'idle.png'"
    )
    library.by("library-menu").click()
    library.replaced(library.by("to-orphans").click)
    orphans = library.by("orphan")
    expect(orphans).not_to_have_count(0)
    check_accessibility(page, axe=AXE)
    library.by("remove-all").click()
    library.replaced(library.confirm)
    expect(library.by("empty")).to_be_visible()
    assert database.execute("SELECT count(*) FROM fastor_file WHERE original_name = 'idle.png'").fetchone() == (0,)


@pytest.mark.parametrize(("language", "theme"), [("en", "light"), ("zh-CN", "dark")])
def test_library_is_accessible(visit: Visit, language: str, theme: str) -> None:
    page = visit(language=language, theme=theme)
    for address in ("/files", "/files?view=grid", "/files/1", "/files/1/edit", "/files/orphans", "/files/storage"):
        page.goto(address)
        page.wait_for_load_state("networkidle")
        check_accessibility(page, axe=AXE)
    page.get_by_test_id("check-storage").click()
    expect(page.get_by_test_id("storage-step")).to_have_count(7)
    check_accessibility(page, axe=AXE)


def test_library_fits_a_phone(visit: Visit) -> None:
    page = visit(language="zh-CN", **PHONE)
    for address in ("/files", "/files?view=grid", "/files/1", "/files/orphans", "/files/storage"):
        page.goto(address)
        page.wait_for_load_state("networkidle")
        check_accessibility(page, axe=AXE)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, address
