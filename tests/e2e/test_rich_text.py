"""Writing rich text: typing, pasting, pictures, videos, drafts."""

import base64
import io
import sqlite3

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from portal.testing import EditPage, RichText, check_accessibility
from tests.e2e.conftest import Visit

WORD = """<html xmlns:o="urn:schemas-microsoft-com:office:office"><body><!--StartFragment-->
<p class="MsoNormal" style="mso-margin-top-alt:auto;font-family:Calibri;color:red">Report<o:p></o:p></p>
<img src="file:///C:/Temp/clip_image001.png"><script>alert(1)</script><!--EndFragment--></body></html>"""
WECHAT = """<section style="box-sizing:border-box"><section><span style="letter-spacing:1px">From WeChat</span>
<img data-src="https://mmbiz.qpic.cn/one.png" src="data:image/gif;base64,R0lGODlhAQABAAAAACw="></section></section>"""


def picture(colour: str) -> str:
    """A PNG as Base64."""
    file = io.BytesIO()
    Image.new("RGB", (40, 30), colour).save(file, "PNG")
    return base64.b64encode(file.getvalue()).decode()


def new_article(page: Page, title: str) -> tuple[EditPage, RichText]:
    edit = EditPage(page, "articles").new()
    edit.fill(title=title)
    return edit, RichText(page, "body").ready()


def wait_for_drafts(page: Page, number: int) -> None:
    """Until so many drafts are kept; the policy forbids Playwright's own waiting for a function."""
    found = -1
    for _ in range(60):
        found = page.evaluate("() => Object.keys(localStorage).filter((key) => key.startsWith('portal-draft:')).length")
        if found == number:
            return
        page.wait_for_timeout(100)
    raise AssertionError(f"{found} drafts")


def test_text_is_written_and_saved(page: Page, database: sqlite3.Connection) -> None:
    edit, body = new_article(page, "Written in the editor")
    body.type("A first sentence.")
    assert body.value == "<p>A first sentence.</p>"
    assert edit.save("save-edit") == 303
    stored = database.execute("SELECT body FROM article WHERE title = 'Written in the editor'").fetchone()
    assert stored == ("<p>A first sentence.</p>",)
    expect(body.ready().body).to_have_text("A first sentence.")


def test_opening_changes_nothing(page: Page) -> None:
    EditPage(page, "articles").open(1)
    body = RichText(page, "body").ready()
    assert body.value == body.textarea.evaluate("(textarea) => textarea.defaultValue")
    body.body.click()
    expect(page.locator(".save-state")).to_have_text("No changes")
    body.type("!")
    expect(page.locator(".save-state")).to_have_text("Unsaved changes")


def test_refused_form_keeps_the_text_and_one_editor(page: Page) -> None:
    edit, body = new_article(page, "")
    body.type("Kept.")
    assert edit.save() == 422
    expect(page.locator(".jodit-wysiwyg")).to_have_count(1)
    assert body.value == "<p>Kept.</p>"
    body.type(" And more.")
    assert body.value == "<p>Kept. And more.</p>"


@pytest.mark.parametrize(
    ("html", "kept", "gone"),
    [
        (WORD, ["Report", "picture left out: clip_image001.png"], ["mso", "o:p", "script", "Calibri"]),
        (WECHAT, ["From WeChat", "picture left out: https://mmbiz.qpic.cn/one.png"], ["section", "data-src", "<span"]),
    ],
    ids=["word", "wechat"],
)
def test_pasted_markup_is_cleaned(page: Page, html: str, kept: list[str], gone: list[str]) -> None:
    _edit, body = new_article(page, "Pasted")
    body.paste(html)
    expect(body.body).to_contain_text(kept[0])
    for text in kept:
        assert text in body.value
    for text in gone:
        assert text not in body.value.replace("mmbiz", "")


@pytest.mark.parametrize(
    ("written", "html", "expected"),
    [
        ("", "<p>One</p>\n<ul><li>Two</li></ul>", "<p>One</p><ul><li>Two</li></ul>"),
        ("", "words", "<p>words</p>"),
        ("Before", "<p>phrase</p>", "<p>Beforephrase</p>"),
        ("Before", "<h2>Title</h2><p>Text</p>", "<p>Before</p><h2>Title</h2><p>Text</p>"),
        ("Before", "<ul><li>Item</li></ul>after", "<p>Before</p><ul><li>Item</li></ul><p>after</p>"),
    ],
    ids=["blocks", "words", "phrase", "heading", "mixed"],
)
def test_blocks_come_between_blocks(page: Page, written: str, html: str, expected: str) -> None:
    _edit, body = new_article(page, "Between")
    body.type(written)
    body.paste(html)
    assert body.value.replace("\ufeff", "") == expected
    page.keyboard.type("!")
    assert body.body.inner_text().replace("\ufeff", "").strip().endswith("!")


def test_pasted_and_dropped_pictures_are_uploaded_one_by_one(page: Page) -> None:
    _edit, body = new_article(page, "With pictures")
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url) if "/editor/upload_img" in request.url else None)
    body.paste(files={"red.png": picture("red"), "blue.png": picture("blue")})
    expect(body.body.locator("img")).to_have_count(2)
    body.drop(files={"green.png": picture("green")})
    expect(body.body.locator("img")).to_have_count(3)
    body.paste(f'<p>Inside</p><img alt="Sand" src="data:image/png;base64,{picture("tan")}">')
    expect(body.body.locator("img")).to_have_count(4)
    assert (body.body.locator('img[alt="Sand"]').get_attribute("src") or "").startswith("/media/")
    assert len(sent) == 4 and all("resource=articles&field=body" in url for url in sent)
    assert "data:" not in body.value and "portal-upload" not in body.value


def test_refused_picture_says_why(page: Page) -> None:
    _edit, body = new_article(page, "Broken picture")
    body.paste(files={"broken.png": base64.b64encode(b"not a picture").decode()})
    expect(body.body).to_contain_text("picture left out: broken.png")
    expect(page.get_by_test_id("rich-status")).to_be_visible()
    expect(page.get_by_test_id("toast").first).to_be_visible()


def test_video_is_taken_from_known_sites_alone(page: Page) -> None:
    _edit, body = new_article(page, "Moving")
    body.press("portalVideo")
    address = page.get_by_test_id("video-address")
    address.fill("https://example.com/film")
    address.press("Enter")
    expect(address).to_have_attribute("aria-invalid", "true")
    address.fill("https://www.bilibili.com/video/BV1xx411c7mD")
    address.press("Enter")
    expect(body.body.locator("a.portal-video")).to_have_count(1)
    assert '<p><a class="portal-video" href="https://www.bilibili.com/video/BV1xx411c7mD">' in body.value


def test_draft_is_offered_back(page: Page) -> None:
    _edit, body = new_article(page, "Lost")
    body.type("Nearly lost.")
    wait_for_drafts(page, 1)
    page.on("dialog", lambda dialog: dialog.accept())
    page.reload()
    body.ready()
    assert body.value == ""
    page.get_by_test_id("draft-restore").click()
    assert body.value == "<p>Nearly lost.</p>"
    EditPage(page, "articles").fill(title="Found again")
    assert EditPage(page, "articles").save("save-edit") == 303
    wait_for_drafts(page, 0)


def test_source_and_fullscreen_stay_on_this_origin(page: Page) -> None:
    foreign: list[str] = []
    page.on("request", lambda request: foreign.append(request.url) if "127.0.0.1" not in request.url else None)
    _edit, body = new_article(page, "Source")
    body.type("Plain")
    body.press("source")
    expect(body.editor.locator("textarea.jodit-source__mirror")).to_have_value("<p>Plain</p>")
    body.editor.locator("textarea.jodit-source__mirror").fill("<p>Changed</p>")
    body.press("source")
    expect(body.body).to_have_text("Changed")
    assert body.value == "<p>Changed</p>"
    body.press("fullsize")
    body.press("fullsize")
    assert [url for url in foreign if not url.startswith(("data:", "blob:"))] == []


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_editor_is_accessible(visit: Visit, theme: str) -> None:
    page = visit(theme=theme)
    EditPage(page, "articles").open(1)
    RichText(page, "body").ready()
    check_accessibility(page)


def test_without_scripts_it_is_a_textarea(visit: Visit) -> None:
    page = visit(java_script_enabled=False)
    edit = EditPage(page, "articles").new()
    edit.fill(title="Typed by hand", body="<p>By hand.</p>")
    assert edit.save("save-edit") == 303
    assert edit.value("body") == "<p>By hand.</p>"
