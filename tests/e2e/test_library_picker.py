"""What is stored already, chosen once more: for pictures, galleries, files and texts."""

import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from portal.testing import EditPage, LibraryDialog, ListPage, RichText, UploadField, check_accessibility
from tests.e2e.conftest import Visit
from tests.e2e.test_upload_fields import PDF

WIDE, SQUARE = (640, 360), (400, 400)
NAMES = [f"shelf-{colour}.png" for colour in ("red", "green", "blue", "grey")]


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Four pictures of 16:9, a square one, and a document."""
    folder = tmp_path_factory.mktemp("shelf")
    paths = [folder / name for name in NAMES]
    for path, colour in zip(paths, ("#a22", "#2a2", "#22a", "#999"), strict=True):
        Image.new("RGB", WIDE, colour).save(path)
    Image.new("RGB", SQUARE, "#838").save(folder / "poster.png")
    (folder / "shelf-plan.pdf").write_bytes(PDF)
    return [*paths, folder / "poster.png", folder / "shelf-plan.pdf"]


@pytest.fixture
def stocked(visit: Visit, shelf: list[Path], database: sqlite3.Connection) -> None:
    """The library has them; put there once for the whole run."""
    there = {name for (name,) in database.execute("SELECT original_name FROM fastor_file")}
    missing = [path for path in shelf if path.name not in there]
    if not missing:
        return
    page = visit(java_script_enabled=False)
    files = ListPage(page, "files").open()
    files.by("library-files").set_input_files(missing)
    files.by("library-send").click()
    expect(files.toast.first).to_contain_text(f"{len(missing)} files")


@pytest.fixture
def edit(page: Page, stocked: None) -> EditPage:
    return EditPage(page, "articles").new()


@pytest.fixture
def uploads(page: Page) -> Iterator[list[str]]:
    """The addresses that files are sent to meanwhile."""
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url) if request.method == "POST" else None)
    yield sent


def key_of(database: sqlite3.Connection, name: str) -> str:
    sql = "SELECT key FROM fastor_file WHERE original_name = ? ORDER BY id"
    key: str = database.execute(sql, [name]).fetchone()[0]
    return key


def stored_values(database: sqlite3.Connection, title: str) -> tuple[str | None, list[str], str | None, str]:
    sql = "SELECT cover, gallery, attachment, body FROM article WHERE title = ?"
    cover, gallery, attachment, body = database.execute(sql, [title]).fetchone()
    return cover, json.loads(gallery or "null") or [], attachment, body


def test_picture_is_found_and_fills_the_field_without_an_upload(
    edit: EditPage, uploads: list[str], database: sqlite3.Connection
) -> None:
    cover = UploadField(edit.page, "cover")
    library = cover.library()
    check_accessibility(edit.page)
    library.search("shelf green").choose("shelf-green.png")
    key = key_of(database, "shelf-green.png")
    assert cover.key == key
    assert uploads == []
    expect(cover.by("upload-picture")).to_have_attribute("src", f"/media/{key}")
    expect(cover.by("upload-about")).to_contain_text("shelf-green.png")
    expect(cover.by("upload-library")).to_be_focused()
    expect(edit.page.locator(".save-state")).to_have_attribute("data-state", "dirty")
    edit.fill(title="Cover from the library")
    assert edit.save() == 303
    assert stored_values(database, "Cover from the library")[0] == key


def test_picture_of_another_shape_is_cut_first(edit: EditPage, database: sqlite3.Connection) -> None:
    cover = UploadField(edit.page, "cover")
    cover.library().search("poster").choose("poster.png")
    expect(cover.crop_dialog).to_be_visible()
    cover.crop_dialog.get_by_test_id("crop-cancel").click()
    expect(cover.crop_dialog).to_have_count(0)
    assert cover.key == ""
    cover.library().search("poster").choose("poster.png")
    key = cover.crop().stored()
    assert key != key_of(database, "poster.png")
    width, height = database.execute("SELECT width, height FROM fastor_file WHERE key = ?", [key]).fetchone()
    assert (width, height) == (400, 225)


def test_several_fill_a_gallery_once_each(edit: EditPage, uploads: list[str], database: sqlite3.Connection) -> None:
    gallery = UploadField(edit.page, "gallery")
    library = gallery.library()
    expect(library.by("chooser-take")).to_be_disabled()
    library.search("shelf red").file("shelf-red.png").click()
    library.search("shelf blue").file("shelf-blue.png").click()
    expect(library.by("chooser-status")).to_have_text("2 chosen")
    library.choose()
    keys = [key_of(database, f"shelf-{colour}.png") for colour in ("red", "blue")]
    assert gallery.keys == keys
    assert uploads == []

    library = gallery.library().search("shelf")
    expect(library.file("shelf-red.png")).to_have_attribute("aria-disabled", "true")
    library.file("shelf-red.png").click(force=True)
    expect(library.by("chooser-take")).to_be_disabled()
    library.choose("shelf-grey.png")
    edit.fill(title="Gallery from the library")
    assert edit.save() == 303
    assert stored_values(database, "Gallery from the library")[1] == [*keys, key_of(database, "shelf-grey.png")]


def test_gallery_takes_no_more_than_fit(edit: EditPage) -> None:
    gallery = UploadField(edit.page, "gallery")
    gallery.widget.evaluate("(widget) => { widget.dataset.most = 2; }")
    library = gallery.library().search("shelf")
    for colour in ("red", "blue", "green"):
        library.file(f"shelf-{colour}.png").click(force=True)
    expect(library.file("shelf-green.png")).to_have_attribute("aria-selected", "false")
    expect(library.by("chooser-status")).to_have_text("No more fit in here.")
    library.choose()
    expect(gallery.tiles).to_have_count(2)
    gallery.by("upload-library").click()
    expect(gallery.error).to_contain_text("At most 2")
    expect(LibraryDialog(edit.page).dialog).to_have_count(0)


def test_document_fills_a_file_field(edit: EditPage, uploads: list[str], database: sqlite3.Connection) -> None:
    attachment = UploadField(edit.page, "attachment")
    library = attachment.library()
    expect(library.file("shelf-red.png")).to_have_count(0)
    library.choose("shelf-plan.pdf")
    assert attachment.key == key_of(database, "shelf-plan.pdf")
    assert uploads == []
    expect(attachment.by("upload-about")).to_have_attribute("href", f"/media/{attachment.key}")


def test_pictures_are_put_into_a_text_with_their_sizes(edit: EditPage, database: sqlite3.Connection) -> None:
    key = key_of(database, "shelf-blue.png")
    database.execute("UPDATE fastor_file SET alt = 'A blue wall' WHERE key = ?", [key])
    text = RichText(edit.page, "body").ready()
    text.type("Before ")
    text.library().search("shelf blue").choose("shelf-blue.png")
    image = text.body.locator("img")
    expect(image).to_have_attribute("src", f"/media/{key}")
    edit.page.keyboard.type(" after")
    edit.fill(title="Text with a picture of the library")
    assert edit.save() == 303
    body = stored_values(database, "Text with a picture of the library")[3]
    for piece in (f'src="/media/{key}"', 'width="640"', 'height="360"', 'alt="A blue wall"'):
        assert piece in body
    assert body.index("Before") < body.index("<img") < body.index("after")


def test_keys_alone_are_enough(edit: EditPage, database: sqlite3.Connection) -> None:
    press = edit.page.keyboard.press
    gallery = UploadField(edit.page, "gallery")
    gallery.by("upload-library").focus()
    press("Enter")
    library = LibraryDialog(edit.page).opened()
    library.by("chooser-search").focus()
    with edit.page.expect_response("**/uploads/library?*"):
        edit.page.keyboard.type("shelf")
    expect(library.files).to_have_count(4)
    press("ArrowDown")
    expect(library.files.nth(0)).to_be_focused()
    names = [(file.locator(".chooser-name").text_content() or "") for file in library.files.all()]
    for key, place in (("ArrowRight", 1), ("End", 3), ("ArrowLeft", 2), ("Home", 0), ("ArrowLeft", 0)):
        press(key)
        expect(library.files.nth(place)).to_be_focused()
    press("Space")
    press("ArrowRight")
    press("Space")
    press("Enter")
    library.closed()
    assert gallery.keys == [key_of(database, name) for name in names[:2]]
    expect(gallery.by("upload-library")).to_be_focused()
    press("Enter")
    library.opened()
    press("Escape")
    library.closed()
    assert len(gallery.keys) == 2
    expect(gallery.by("upload-library")).to_be_focused()


def test_arrows_go_from_row_to_row(visit: Visit, stocked: None) -> None:
    page = visit(viewport={"width": 390, "height": 844})
    library = UploadField(EditPage(page, "articles").new().page, "gallery").library()
    expect(library.files).to_have_count(24)
    box = library.dialog.bounding_box()
    assert box and (box["x"], box["y"], box["width"], box["height"]) == (0, 0, 390, 844)
    assert library.dialog.evaluate("(dialog) => dialog.scrollWidth <= dialog.clientWidth")
    tops = [file.evaluate("(file) => file.offsetTop") for file in library.files.all()]
    across = tops.count(tops[0])
    assert across == 3
    library.files.nth(1).focus()
    for key, place in (("ArrowDown", 1 + across), ("ArrowDown", 1 + 2 * across), ("ArrowUp", 1 + across)):
        page.keyboard.press(key)
        expect(library.files.nth(place)).to_be_focused()
    check_accessibility(page)


def test_pages_and_folders(edit: EditPage) -> None:
    library = UploadField(edit.page, "cover").library()
    expect(library.by("chooser-previous")).to_be_disabled()
    first = library.files.first.get_attribute("data-key")
    library.next()
    expect(library.by("chooser-range")).to_contain_text("25–")
    expect(library.files.first).to_be_focused()
    library.previous()
    assert library.files.first.get_attribute("data-key") == first
    library.folder("banners")
    expect(library.files.first).to_contain_text("banner-")
    library.search("nothing is called this")
    expect(library.by("empty")).to_be_visible()
    check_accessibility(edit.page)
    library.by("chooser-close").click()
    library.closed()


def test_library_that_does_not_answer_is_asked_again(visit: Visit, stocked: None) -> None:
    page = visit()
    library = UploadField(EditPage(page, "articles").new().page, "cover").library()
    page.route("**/uploads/library?*", lambda route: route.fulfill(status=429))
    library.by("chooser-search").fill("shelf")
    expect(library.by("chooser-error")).to_be_visible()
    check_accessibility(page)
    page.unroute_all()
    library.by("chooser-again").click()
    expect(library.files).to_have_count(4)
    expect(library.by("chooser-error")).to_be_hidden()


def test_refused_pick_is_said_at_the_field(edit: EditPage, database: sqlite3.Connection) -> None:
    cover = UploadField(edit.page, "cover")
    cover.by("key-cover").evaluate("(input, key) => { input.value = key; }", key_of(database, "poster.png"))
    edit.fill(title="Square by hand")
    assert edit.save() == 422
    assert edit.errors["cover"] == "This picture is not 16:9. Please crop it."


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_dialog_in_chinese(visit: Visit, stocked: None, theme: str) -> None:
    page = visit(theme=theme, language="zh-CN")
    library = UploadField(EditPage(page, "articles").new().page, "cover").library()
    expect(library.dialog).to_have_accessible_name("选择图片")
    check_accessibility(page)
