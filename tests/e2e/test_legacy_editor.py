"""A page that was made for UMeditor keeps working: its script tags, its calls, its three kinds of upload."""

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from portal.testing import RichText
from tests.e2e.conftest import Visit
from tests.e2e.server import Server
from tests.e2e.test_rich_text import picture

KEYS = {"originalName", "name", "url", "size", "type", "state"}
POST = """([way, dragged, name, content]) => new Promise((resolve) => {
  const bytes = Uint8Array.from(atob(content), (letter) => letter.charCodeAt(0));
  const file = name ? new File([bytes], name, {type: 'image/png'}) : new Blob([bytes], {type: 'image/png'});
  window[way](file, resolve, dragged);
})"""


@pytest.fixture
def old(visit: Visit, newsroom: Server, newsroom_state: Any) -> Page:
    """The old page, its editor ready."""
    page = visit(base_url=newsroom.url, storage_state=newsroom_state)
    page.goto("/admin/old")
    expect(page.locator("portal-richtext")).to_have_attribute("data-ready", "")
    return page


def test_the_calls_of_old_pages_work(old: Page) -> None:
    body = old.locator(".jodit-wysiwyg")
    assert old.evaluate("heard") == ["listener", "ready", "<p>Hello <b>there</b></p>"]
    assert old.evaluate("um === UM.getEditor('myEditor')")
    old.evaluate("um.setContent('<p>One</p><p>Two<br>lines</p>')")
    expect(body).to_have_text("OneTwolines")
    assert old.evaluate("um.getPlainTxt()") == "One\nTwo\nlines"
    old.evaluate("um.setContent('<p>Three</p>', true)")
    assert old.evaluate("um.getContent()") == "<p>One</p><p>Two<br>lines</p><p>Three</p>"
    assert old.evaluate("um.hasContents()")
    old.evaluate("um.focus()")
    old.keyboard.press("ControlOrMeta+End")
    old.keyboard.type("!")
    assert "change" in old.evaluate("heard")
    assert old.evaluate("um.getContent()").endswith("<p>Three!</p>")
    old.evaluate("um.sync()")
    form = "Object.fromEntries(new FormData(document.forms[0]))"
    assert old.evaluate(form)["content"] == old.evaluate("um.getContent()")
    old.locator("h1").click()
    assert "blur" in old.evaluate("heard")


def test_an_editor_is_taken_down_and_made_again(old: Page) -> None:
    old.evaluate("um.setContent('<p>Kept</p>')")
    old.evaluate("um.destroy()")
    expect(old.locator(".jodit-container")).to_have_count(0)
    expect(old.locator("textarea#myEditor")).to_have_value("<p>Kept</p>")
    old.evaluate("UM.getEditor('myEditor'), UM.getEditor('second')")
    expect(old.locator("portal-richtext[data-ready]")).to_have_count(2)
    expect(old.locator(".jodit-wysiwyg").first).to_have_text("Kept")


def test_its_settings_are_read(old: Page) -> None:
    buttons = old.locator(".jodit-toolbar__box .jodit-toolbar-button")
    names = buttons.evaluate_all("(found) => found.map((button) => button.dataset.ref)")
    assert names[:4] == ["source", "undo", "redo", "bold"] and "hr" not in names
    expect(old.locator(".jodit-toolbar-button_bold [aria-label]").first).to_have_attribute("aria-label", "粗体")


@pytest.mark.parametrize(
    ("way", "dragged", "name"),
    [("throughFrame", False, "<b>&amp; 中文.png"), ("byScript", True, "dragged.png"), ("byScript", False, "")],
    ids=["dialog", "dragged", "pasted"],
)
def test_the_three_requests_of_its_dialog_are_answered(old: Page, way: str, dragged: bool, name: str) -> None:
    answer = old.evaluate(POST, [way, dragged, name, picture("red")])
    assert set(answer) == KEYS
    assert (answer["state"], answer["type"]) == ("SUCCESS", ".png")
    assert answer["originalName"] == (name or "blob.png")
    assert answer["url"].startswith("/admin/media/") and answer["url"].endswith(answer["name"])
    old.evaluate("(url) => um.setContent(`<p><img src='${url}'></p>`)", answer["url"])
    expect(old.locator(".jodit-wysiwyg img")).to_have_js_property("naturalWidth", 40)


def test_a_refusal_is_a_sentence_in_the_frame(old: Page) -> None:
    answer = old.evaluate(POST, ["throughFrame", False, "broken.png", "bm90IGEgcGljdHVyZQ=="])
    assert set(answer) == KEYS and answer["url"] == ""
    assert answer["state"] != "SUCCESS" and answer["state"].endswith(".")


def test_its_own_editor_uploads_where_the_settings_say(old: Page) -> None:
    body = RichText(old, "body")
    body.editor = old.locator("portal-richtext")
    with old.expect_request("**/upload_img*") as sent:
        body.paste(files={"red.png": picture("red")})
    assert sent.value.url.partition("?")[0].endswith("/admin/editor/upload_img") and "ticket=" in sent.value.url
    expect(body.body.locator("img")).to_have_attribute("src", re.compile("^/admin/media/"))
    assert 'src="/admin/media/' in old.evaluate("um.getContent()")
