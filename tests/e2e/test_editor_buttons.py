"""The editor's buttons and popups: none asks anything of another site, all can be reached by keys and by readers."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from portal.testing import EditPage, RichText, check_accessibility
from tests.e2e.conftest import Visit
from tests.e2e.test_rich_text import picture

PHONE: dict[str, Any] = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
CONTENT = (
    '<p>Some <a href="https://example.com/">linked</a> words</p><table><tbody><tr><td>Cell</td></tr></tbody></table>'
)
OURS = re.compile(r"(data|blob):|http://127\.0\.0\.1:\d+/")
Check = Callable[[Page], None]


@pytest.fixture
def outside(page: Page) -> list[str]:
    """Whatever is asked of other sites."""
    asked: list[str] = []
    page.on("request", lambda found: None if OURS.match(found.url) else asked.append(found.url))
    page.on("filechooser", lambda chooser: None)
    return asked


def written(page: Page) -> RichText:
    """An editor with a link, a table and a picture in it."""
    EditPage(page, "articles").new()
    body = RichText(page, "body").ready()
    body.paste(CONTENT)
    body.type(" ")
    body.paste(files={"red.png": picture("red")})
    expect(body.body.locator('img[src^="/media/"]')).to_have_count(1)
    return body


def names(body: RichText) -> list[str]:
    found: list[str] = body.editor.locator(".jodit-toolbar__box .jodit-toolbar-button").evaluate_all(
        "(buttons) => buttons.map((button) => button.dataset.ref)"
    )
    return found


def leave(page: Page, body: RichText) -> None:
    """Close what is open."""
    page.keyboard.press("Escape")
    expect(page.locator("dialog[open]")).to_have_count(0)
    if body.editor.locator(".jodit-popup").count():
        body.body.click(position={"x": 3, "y": 3})


def press_all(page: Page, body: RichText, popup: Callable[[], None]) -> int:
    """Open a popup again and again, each time for the next of its buttons."""
    pressed = 0
    while pressed < 40:
        popup()
        buttons = body.editor.locator(".jodit-popup button:visible, .jodit-dialog button:visible")
        if buttons.count() <= pressed:
            break
        buttons.nth(pressed).dispatch_event("click")
        pressed += 1
        leave(page, body)
    leave(page, body)
    return pressed


def test_no_button_asks_another_site(page: Page, outside: list[str]) -> None:
    body = written(page)
    for name in names(body):
        button = body.editor.locator(f'.jodit-toolbar__box .jodit-toolbar-button[data-ref="{name}"]')
        body.body.click(position={"x": 20, "y": 20})
        arrow = button.locator(".jodit-toolbar-button__trigger")
        if arrow.count():
            assert press_all(page, body, lambda arrow=arrow: arrow.click()) > 1, name  # type: ignore[misc]  # bound now
        button.locator("button").first.dispatch_event("click")
        if name in {"library", "portalVideo"}:
            expect(page.locator("dialog[open]")).to_be_visible()
        if name in {"source", "fullsize"}:
            button.locator("button").first.dispatch_event("click")
        leave(page, body)
    expect(body.body).to_be_visible()
    assert len(names(body)) >= 18
    assert outside == []


def test_no_popup_asks_another_site(page: Page, outside: list[str]) -> None:
    body = written(page)
    for target in ("td", "img"):
        spot = body.body.locator(target).first
        spot.click()
        expect(body.editor.locator(".jodit-popup").first).to_be_visible()
        leave(page, body)
    body.body.locator("td").first.click()
    expect(body.body.locator("td").first).to_have_css("border-top-style", "double")
    leave(page, body)
    body.body.locator("img").first.dblclick()
    dialog = body.editor.locator(".jodit-dialog__panel")
    expect(dialog.first).to_be_visible()
    for number in range(dialog.locator("button:visible").count()):
        if dialog.locator("button:visible").count() > number:  # one of them closes it
            dialog.locator("button:visible").nth(number).dispatch_event("click")
    assert outside == []


def test_the_toolbar_is_used_by_keys(page: Page) -> None:
    EditPage(page, "articles").new()
    body = RichText(page, "body").ready()
    body.type("word")
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.press("ControlOrMeta+b")
    assert "<strong>word</strong>" in body.value or "<b>word</b>" in body.value
    bold = body.editor.locator('[data-ref="bold"] button')
    bold.focus()
    page.keyboard.press("Enter")
    assert "strong" not in body.value
    body.editor.locator('[data-ref="fullsize"] button').focus()
    page.keyboard.press("Enter")
    box = body.editor.locator(".jodit-container").bounding_box()
    assert box and (box["x"], box["y"], box["width"], box["height"]) == (0, 0, 1440, 900)
    page.keyboard.press("Escape")
    expect(body.editor.locator(".jodit_fullsize")).to_have_count(0)
    body.body.focus()
    page.keyboard.press("Tab")
    assert not body.body.evaluate("(node) => node === document.activeElement")


def open_source(page: Page) -> None:
    RichText(page, "body").press("source")
    expect(page.locator("textarea.jodit-source__mirror")).to_be_visible()


def open_fullscreen(page: Page) -> None:
    RichText(page, "body").press("fullsize")


def open_link(page: Page) -> None:
    RichText(page, "body").press("link")
    expect(page.locator(".jodit-popup input").first).to_be_visible()


def open_video(page: Page) -> None:
    RichText(page, "body").press("portalVideo")
    expect(page.get_by_test_id("video-address")).to_be_visible()


def nothing(page: Page) -> None:
    pass


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(
    "state", [nothing, open_source, open_fullscreen, open_link, open_video], ids=lambda state: state.__name__
)
def test_the_open_editor_is_accessible(visit: Visit, theme: str, state: Check) -> None:
    page = visit(theme=theme, language="zh-CN")
    EditPage(page, "articles").open(1)
    RichText(page, "body").ready()
    state(page)
    check_accessibility(page)


def test_the_editor_fits_a_phone(visit: Visit) -> None:
    page = visit(language="zh-CN", **PHONE)
    EditPage(page, "articles").open(1)
    body = RichText(page, "body").ready()
    body.editor.locator('[data-ref="dots"] button').click()
    more = body.editor.locator(".jodit-popup")
    expect(more.locator('[data-ref="source"]')).to_be_visible()
    check_accessibility(page)
    box = more.bounding_box()
    assert box and box["x"] >= 0 and box["x"] + box["width"] <= 390
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    more.locator('[data-ref="fullsize"] button').click()
    full = body.editor.locator(".jodit-container").bounding_box()
    assert full and (full["x"], full["width"], full["height"]) == (0, 390, 844)
    assert body.editor.locator('[data-ref="bold"] button').first.get_attribute("aria-label") == "粗体"
