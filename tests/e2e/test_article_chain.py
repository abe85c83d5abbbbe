"""From a new article to the page its readers see: every way a picture gets in, and nothing lost on the way."""

import json
import re
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from portal.short_ids import short_id
from portal.testing import EditPage, RichText, UploadField
from tests.e2e.conftest import Visit
from tests.e2e.server import Server
from tests.e2e.test_rich_text import picture

SIZE = (800, 600)


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("pictures")
    paths = []
    for colour in ("crimson", "teal", "gold", "plum"):
        path = folder / f"{colour}.png"
        Image.new("RGB", SIZE, colour).save(path)
        paths.append(path)
    return paths


def stored(database: sqlite3.Connection, title: str) -> dict[str, Any]:
    sql = "SELECT id, cover, gallery, body, status FROM article WHERE title = ?"
    row = database.execute(sql, [title]).fetchone()
    found = dict(zip(("id", "cover", "gallery", "body", "status"), row, strict=True))
    found["gallery"] = json.loads(found["gallery"] or "null") or []
    return found


@pytest.mark.parametrize("way", ["attach", "drop", "paste"])
def test_article_comes_into_being_and_is_read_by_strangers(
    page: Page, visit: Visit, pictures: list[Path], database: sqlite3.Connection, way: str
) -> None:
    title = f"All the way by {way}"
    edit = EditPage(page, "articles").new()
    edit.fill(summary="A summary for those who share it.", status="published")
    cover, gallery = UploadField(page, "cover"), UploadField(page, "gallery")
    key = getattr(cover, way)(pictures[0]).crop("-", "ArrowRight").stored()
    gallery.attach(*pictures[1:])
    expect(gallery.widget.locator("[data-key]")).to_have_count(3)
    gallery.tiles.nth(2).get_by_test_id("tile-grip").focus()
    for pressed in ("Space", "ArrowLeft", "ArrowLeft", "Space"):
        page.keyboard.press(pressed)
    keys = gallery.keys

    body = RichText(page, "body").ready()
    body.type("The first sentence.")
    body.paste(files={"pasted.png": picture("navy")})
    expect(body.body.locator('img[src^="/media/"]')).to_have_count(1)
    body.drop(files={"dropped.png": picture("olive")})
    expect(body.body.locator('img[src^="/media/"]')).to_have_count(2)
    written = body.value

    assert edit.save() == 422
    assert set(edit.errors) == {"title"}
    assert (cover.key, gallery.keys, body.value) == (key, keys, written)
    expect(cover.by("upload-picture")).to_be_visible()
    expect(body.body.locator("img")).to_have_count(2)
    edit.fill(title=title)
    assert edit.save("save-edit") == 303

    row = stored(database, title)
    assert (row["cover"], row["gallery"], row["status"]) == (key, keys, "published")
    assert row["body"].count('<img src="/media/') == 2
    assert re.sub("<[^<>]+>", "", row["body"]) == "The first sentence."
    assert edit.page.url.endswith(f"/articles/{row['id']}/edit")
    check_public_page(visit(signed=False), row, title)


def check_public_page(page: Page, row: dict[str, Any], title: str) -> None:
    answer = page.goto(f"/e/{short_id(row['id'])}")
    assert answer and answer.status == 200
    expect(page.get_by_test_id("public-title")).to_have_text(title)
    cover = page.get_by_test_id("public-cover")
    width, height = (int(cover.get_attribute(name) or 0) for name in ("width", "height"))
    assert width and abs(width / height - 16 / 9) < 0.02
    expect(cover).to_have_attribute("srcset", re.compile(r"\.small\.webp 480w"))
    for name, number in (("public-body", 2), ("public-gallery", 3)):
        images = page.get_by_test_id(name).locator("img")
        expect(images).to_have_count(number)
        for image in images.all():
            assert image.get_attribute("loading") == "lazy"
            image.scroll_into_view_if_needed()
            expect(image).to_have_js_property("complete", True)
            assert image.evaluate("(image) => image.naturalWidth > 0 && image.hasAttribute('width')")
    shown = page.get_by_test_id("public-gallery").locator("a")
    assert [link.get_attribute("href") for link in shown.all()] == [f"/media/{key}" for key in row["gallery"]]
    tags = {
        tag.get_attribute("property"): tag.get_attribute("content")
        for tag in page.locator('meta[property^="og:"]').all()
    }
    assert (tags["og:title"], tags["og:description"]) == (title, "A summary for those who share it.")
    assert tags["og:image"].endswith(f"/media/{row['cover']}")
    assert page.locator("script").count() == 0


def test_article_is_written_without_scripts(visit: Visit, pictures: list[Path], database: sqlite3.Connection) -> None:
    title = "All the way on paper"
    page = visit(java_script_enabled=False)
    edit = EditPage(page, "articles").new()
    edit.fill(status="published", body="<p>By hand.</p>")
    cover, gallery = UploadField(page, "cover"), UploadField(page, "gallery")
    cover.attach(pictures[0])
    gallery.attach(*pictures[1:])
    assert edit.save() == 422
    key, keys = cover.key, gallery.keys
    assert key and len(keys) == 3
    assert edit.value("body") == "<p>By hand.</p>"
    edit.fill(title=title)
    assert edit.save("save-edit") == 303
    row = stored(database, title)
    assert (row["cover"], row["gallery"], row["body"]) == (key, keys, "<p>By hand.</p>")
    reader = visit(signed=False, java_script_enabled=False)
    reader.goto(f"/e/{short_id(row['id'])}")
    expect(reader.get_by_test_id("public-body")).to_have_text("By hand.")
    expect(reader.get_by_test_id("public-gallery").locator("img")).to_have_count(3)


def test_two_pictures_on_one_form_do_not_disturb_each_other(
    visit: Visit, newsroom: Server, newsroom_state: Any, pictures: list[Path]
) -> None:
    page = visit(base_url=newsroom.url, storage_state=newsroom_state)
    edit = EditPage(page, "posters", path="/admin").new()
    edit.fill(title="")
    front, back = UploadField(page, "front"), UploadField(page, "back")
    back.drop(pictures[1])
    expect(front.crop_dialog).to_have_count(0)  # only the other one has a shape
    front.attach(pictures[0]).crop()
    keys = front.stored(), back.stored()
    front.paste(pictures[2]).crop()
    keys = front.stored(keys[0]), keys[1]
    assert back.key == keys[1]
    front.by("upload-remove").click()
    assert (front.key, back.key) == ("", keys[1])
    front.attach(pictures[3]).crop()
    keys = front.stored(), keys[1]
    body = RichText(page, "body").ready()
    body.paste(files={"pasted.png": picture("navy")})
    expect(body.body.locator('img[src^="/admin/media/"]')).to_have_count(1)
    assert edit.save() == 422
    assert (front.key, back.key) == keys
    edit.fill(title="Two sides")
    assert edit.save("save-edit") == 303
    assert (front.key, back.key) == keys
    expect(front.by("upload-picture")).to_have_attribute("src", f"/admin/media/{keys[0]}")
    database = sqlite3.connect(newsroom.folder / "fastor.db", timeout=10)
    assert database.execute("SELECT front, back FROM newsroom_poster").fetchall() == [keys]
    (text,) = database.execute("SELECT body FROM newsroom_poster").fetchone()
    database.close()
    assert '<img src="/media/' in text
    page.reload()
    expect(RichText(page, "body").ready().body.locator("img")).to_have_js_property("naturalWidth", 40)
    expect(page.locator(".save-state")).to_have_text("No changes")
