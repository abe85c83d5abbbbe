"""Pictures, galleries and documents in a form."""

import json
import sqlite3
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Page, Route, expect

from portal.testing import EditPage, UploadField, check_accessibility
from tests.e2e.conftest import Visit

SIZE = (640, 480)


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Four pictures that differ."""
    folder = tmp_path_factory.mktemp("pictures")
    paths = [folder / f"{name}.png" for name in ("red", "green", "blue", "grey")]
    for path, colour in zip(paths, ("#a22", "#2a2", "#22a", "#999"), strict=True):
        Image.new("RGB", SIZE, colour).save(path)
    return paths


@pytest.fixture
def edit(page: Page) -> EditPage:
    return EditPage(page, "articles").new()


def stored_values(database: sqlite3.Connection, title: str) -> tuple[str | None, list[str], str | None]:
    sql = "SELECT cover, gallery, attachment FROM article WHERE title = ?"
    cover, gallery, attachment = database.execute(sql, [title]).fetchone()
    return cover, json.loads(gallery or "null") or [], attachment


def dimensions(database: sqlite3.Connection, key: str) -> tuple[int, int]:
    found: tuple[int, int] = database.execute("SELECT width, height FROM fastor_file WHERE key = ?", [key]).fetchone()
    return found


def test_chosen_picture_is_cut_shown_and_saved(
    edit: EditPage, pictures: list[Path], database: sqlite3.Connection
) -> None:
    cover = UploadField(edit.page, "cover")
    cover.attach(pictures[0])
    expect(cover.crop_dialog).to_be_visible()
    check_accessibility(edit.page)
    cover.crop("-", "-", "ArrowRight")
    expect(cover.by("upload-picture")).to_be_visible()
    key = cover.stored()
    expect(edit.page.locator(".save-state")).to_have_attribute("data-state", "dirty")
    expect(cover.by("upload-about")).to_contain_text("red.png")
    width, height = dimensions(database, key)
    assert width < SIZE[0]
    assert abs(width / height - 16 / 9) < 0.02

    with edit.page.expect_response(lambda response: response.url.endswith("/uploads/alt")) as answer:
        cover.by("upload-alt").fill("A red wall")
        cover.by("upload-alt").press("Tab")
    assert answer.value.status == 204
    check_accessibility(edit.page)
    edit.fill(title="With a cover")
    assert edit.save() == 303
    assert stored_values(database, "With a cover")[0] == key
    assert database.execute("SELECT alt FROM fastor_file WHERE key = ?", [key]).fetchone() == ("A red wall",)


def test_picture_is_dropped_and_pasted(edit: EditPage, pictures: list[Path]) -> None:
    cover = UploadField(edit.page, "cover")
    first = cover.drop(pictures[1]).crop().stored()
    cover.paste(pictures[2]).crop()
    assert cover.stored(first) != first


def test_dropped_crop_changes_nothing(edit: EditPage, pictures: list[Path]) -> None:
    cover = UploadField(edit.page, "cover")
    cover.attach(pictures[0])
    cover.crop_dialog.get_by_test_id("crop-cancel").click()
    expect(cover.crop_dialog).to_have_count(0)
    assert cover.key == ""
    expect(cover.by("upload-picture")).to_be_hidden()


def test_stored_picture_is_cut_anew_and_removed(
    edit: EditPage, pictures: list[Path], database: sqlite3.Connection
) -> None:
    cover = UploadField(edit.page, "cover")
    first = cover.attach(pictures[0]).crop().stored()
    expect(cover.by("upload-picture")).to_have_attribute("src", f"/media/{first}")
    cover.by("upload-crop").click()
    second = cover.crop("-", "-", "-").stored(first)
    assert dimensions(database, second) < dimensions(database, first)
    cover.by("upload-remove").click()
    assert cover.key == ""
    expect(cover.by("field-cover")).to_be_focused()


def test_fields_do_not_disturb_each_other(
    edit: EditPage, pictures: list[Path], database: sqlite3.Connection, tmp_path: Path
) -> None:
    document = tmp_path / "report.pdf"
    document.write_bytes(PDF)
    cover, gallery, attachment = (UploadField(edit.page, name) for name in ("cover", "gallery", "attachment"))
    cover.attach(pictures[0]).crop()
    gallery.attach(*pictures[1:])
    attachment.attach(document)
    key, paper = cover.stored(), attachment.stored()
    expect(gallery.widget.locator("[data-key]")).to_have_count(3)
    expect(attachment.by("upload-about")).to_contain_text("report.pdf")
    assert len({key, paper, *gallery.keys}) == 5
    keys = gallery.keys
    edit.fill(title="With everything")
    assert edit.save() == 303
    assert stored_values(database, "With everything") == (key, keys, paper)


def test_refusals_are_said_beside_the_field(edit: EditPage, pictures: list[Path], tmp_path: Path) -> None:
    cover = UploadField(edit.page, "cover")
    (tmp_path / "notes.svg").write_text("<svg/>")
    cover.attach(tmp_path / "notes.svg")
    expect(cover.error).to_contain_text("JPG, PNG")
    big = tmp_path / "big.png"
    big.write_bytes(b"\x89PNG" + bytes(9 * 1024 * 1024))
    cover.attach(big)
    expect(cover.error).to_contain_text("8 MB")
    check_accessibility(edit.page)
    cover.attach(pictures[0]).crop().stored()
    expect(cover.error).to_have_count(0)


def test_server_refuses_what_only_looks_like_a_picture(visit: Visit, tmp_path: Path) -> None:
    page = visit()
    cover = UploadField(EditPage(page, "articles").new().page, "cover")
    fake = tmp_path / "fake.png"
    fake.write_text("This is no picture at all. " * 50)

    def refused(route: Route) -> None:  # a broken picture is what the test is about, not a broken page
        answer = route.fetch()
        assert answer.status in {415, 422}
        route.fulfill(response=answer)

    page.route("**/uploads?*", refused)
    with page.expect_response("**/uploads?*") as answer:
        cover.attach(fake)
    expect(cover.error).to_have_text(answer.value.json()["detail"])
    assert cover.key == ""


def test_upload_is_cancelled_and_tried_again(edit: EditPage, pictures: list[Path]) -> None:
    held: list[Route] = []
    edit.page.route("**/uploads?*", lambda route: held.append(route))
    cover = UploadField(edit.page, "cover")
    cover.attach(pictures[0]).crop()
    expect(cover.by("upload-progress")).to_be_visible()
    expect(cover.by("upload-picture")).to_be_visible()
    cover.by("upload-cancel").click()
    expect(cover.error).to_contain_text("cancelled")
    expect(cover.by("upload-picture")).to_be_hidden()
    edit.page.unroute_all()
    cover.by("upload-retry").click()
    assert cover.stored()
    expect(cover.error).to_have_count(0)


def test_saving_waits_for_the_upload(edit: EditPage, pictures: list[Path], database: sqlite3.Connection) -> None:
    held: list[Route] = []
    released = False

    def hold(route: Route) -> None:
        if released:
            route.continue_()
        else:
            held.append(route)

    edit.page.route("**/uploads?*", hold)
    gallery = UploadField(edit.page, "gallery")
    edit.fill(title="Saved in a hurry")
    gallery.attach(*pictures)
    expect(gallery.tiles).to_have_count(4)
    edit.mark()
    edit.by("save").click()
    expect(edit.page).to_have_url("/articles/new")
    released = True
    for route in held:
        route.continue_()
    edit.arrive()
    assert len(stored_values(database, "Saved in a hurry")[1]) == 4


def test_gallery_is_ordered_by_keys_and_thinned(
    edit: EditPage, pictures: list[Path], database: sqlite3.Connection
) -> None:
    gallery = UploadField(edit.page, "gallery")
    gallery.attach(*pictures)
    expect(gallery.widget.locator("[data-key]")).to_have_count(4)
    before = gallery.keys
    gallery.tiles.nth(0).get_by_test_id("tile-grip").focus()
    for key in ("Space", "ArrowRight", "ArrowRight", "Escape"):
        edit.page.keyboard.press(key)
    assert gallery.keys == before
    for key in ("Space", "ArrowRight", "ArrowRight"):
        edit.page.keyboard.press(key)
    expect(edit.page.locator("#live")).to_have_text("Position 3 of 4")
    edit.page.keyboard.press("Space")
    expect(gallery.tiles.nth(2).get_by_test_id("tile-grip")).to_be_focused()
    order = [before[1], before[2], before[0], before[3]]
    assert gallery.keys == order
    gallery.tiles.nth(0).get_by_test_id("upload-remove").click()
    edit.fill(title="In this order")
    check_accessibility(edit.page)
    assert edit.save("save-edit") == 303
    assert stored_values(database, "In this order")[1] == order[1:]
    edit.page.reload()
    assert UploadField(edit.page, "gallery").keys == order[1:]
    UploadField(edit.page, "gallery").tiles.nth(0).get_by_test_id("tile-grip").press("Alt+ArrowRight")
    expect(edit.page.locator(".save-state")).to_have_attribute("data-state", "dirty")


def test_uploaded_is_kept_when_another_field_is_refused(edit: EditPage, pictures: list[Path]) -> None:
    cover, gallery = UploadField(edit.page, "cover"), UploadField(edit.page, "gallery")
    key = cover.attach(pictures[0]).crop().stored()
    gallery.attach(*pictures[:2])
    expect(gallery.widget.locator("[data-key]")).to_have_count(2)
    edit.fill(title="", slug="not a slug/at all")
    assert edit.save() == 422
    assert cover.key == key
    assert len(gallery.keys) == 2
    expect(cover.by("upload-picture")).to_be_visible()
    cover.by("upload-remove").click()
    assert cover.key == ""


def test_plain_file_input_saves_without_scripts(
    visit: Visit, pictures: list[Path], database: sqlite3.Connection
) -> None:
    edit = EditPage(visit(java_script_enabled=False), "articles").new()
    cover, gallery = UploadField(edit.page, "cover"), UploadField(edit.page, "gallery")
    edit.fill(title="On paper with pictures")
    cover.attach(pictures[0])
    gallery.attach(*pictures[1:])
    assert edit.save("save-edit") == 303
    key, keys, _ = stored_values(database, "On paper with pictures")
    assert key
    assert len(keys) == 3

    gallery.tiles.nth(1).get_by_role("checkbox").uncheck()
    edit.page.locator('[name="clear.cover"]').check()
    assert edit.save("save-edit") == 303
    assert stored_values(database, "On paper with pictures")[:2] in [
        (None, [keys[0], keys[2]]),
        ("", [keys[0], keys[2]]),
    ]


PDF = b"""%PDF-1.4
1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj
2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj
3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 99 99]>>endobj
trailer<</Root 1 0 R>>
%%EOF
"""
