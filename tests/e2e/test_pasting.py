"""What office programs, WeChat and Google put on the clipboard becomes plain markup; nothing is lost silently.

Beside each clipboard lies what is made of it; a picture or film is `[its address]` there.
"""

import re
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from portal.testing import EditPage, RichText
from tests.e2e.server import Server

CLIPBOARDS = Path(__file__).parent / "clipboards"
NAMES = ("excel", "google_docs", "libreoffice", "wechat", "word", "wps")
CLEANED = """async (html) => {
  const script = document.querySelector('script[src$="/umeditor/umeditor.js"]');
  const { cleaned } = await import(new URL('clean.js', script.src).href);
  const noted = (text) => Object.assign(document.createElement('em'), { textContent: `[${text}]` });
  return cleaned(html, { picture: noted, missing: noted, isVideo: (url) => url.includes('v.qq.com') }).innerHTML;
}"""
LEFT_OUT = {
    "excel": ["clip_image001.png"],
    "google_docs": ["https://lh7-rt.googleusercontent.com/docsz/AD_4nXe?key=abc"],
    "libreoffice": ["part1.8A0B1C2D"],
    "wechat": [
        "https://mmbiz.qpic.cn/sz_mmbiz_jpg/one/640?wx_fmt=jpeg&from=appmsg",
        "https://mmbiz.qpic.cn/mmbiz_png/paper/0?wx_fmt=png",
        "https://mmbiz.qpic.cn/mmbiz_svg/drawn/0",
        "采茶录音",
    ],
    "word": ["clip_image002.jpg", "clip_image003.emz"],
    "wps": ["wps1.jpg"],
}
Clean = Callable[[str], str]


@pytest.fixture(scope="module")
def clean(browser: Browser, server: Server, signed_in: Any) -> Iterator[Clean]:
    """The editor's own cleaning, without the editor."""
    context = browser.new_context(base_url=server.url, storage_state=signed_in)
    page = context.new_page()
    page.goto("/articles/new")
    yield lambda html: tidy(page.evaluate(CLEANED, html))
    context.close()


def clipboard(name: str) -> str:
    return (CLIPBOARDS / f"{name}.html").read_text(encoding="utf-8")


def words(body: RichText) -> list[str]:
    """What is read, without the mark Jodit keeps the caret with."""
    return body.body.inner_text().replace("\ufeff", "").split()


def tidy(html: str) -> str:
    """One line for each block, without the white space beside tags that nobody sees."""
    html = " ".join(html.replace("&nbsp;", " ").split())
    html = re.sub(r"\s*(</?(?:p|h\d|li|ul|ol|table|tbody|tr|td|col|colgroup|div)\b[^<>]*>)\s*", r"\1", html)
    return re.sub(
        r"(</(?:p|h\d|li|ul|ol|tr|table|div|colgroup)>|<tbody>|<(?:ul|ol|table)[^<>]*>)", r"\1\n", html
    ).strip()


@pytest.mark.parametrize("name", NAMES)
def test_a_clipboard_becomes_plain_markup(clean: Clean, name: str) -> None:
    made = clean(clipboard(name))
    assert made == (CLIPBOARDS / f"{name}.cleaned.html").read_text(encoding="utf-8").strip()
    assert clean(made) == made


@pytest.mark.parametrize("name", NAMES)
def test_what_is_pasted_is_saved_with_notes_of_what_is_not(page: Page, database: sqlite3.Connection, name: str) -> None:
    edit = EditPage(page, "articles").new()
    edit.fill(title=f"Pasted from {name}")
    body = RichText(page, "body").ready()
    body.paste(clipboard(name))
    expect(body.body.locator("em", has_text=LEFT_OUT[name][0])).to_be_visible()
    expect(body.body.locator("[class*=portal-upload]")).to_have_count(0)
    written = words(body)
    assert edit.save("save-edit") == 303
    (stored,) = database.execute("SELECT body FROM article WHERE title = ?", [f"Pasted from {name}"]).fetchone()
    assert words(body.ready()) == written
    notes = [found.inner_text() for found in body.body.locator("em", has_text="left out").all()]
    assert [note.strip("[]").partition(": ")[2] for note in notes] == LEFT_OUT[name]
    assert not re.search(r"mso|file:|data:|cid:|C:[/\\]|font-family|class=\"(?!portal-video)", stored)


def test_a_pasted_picture_with_its_data_is_stored(page: Page) -> None:
    EditPage(page, "articles").new()
    body = RichText(page, "body").ready()
    body.paste(clipboard("libreoffice"))
    expect(body.body.locator("img")).to_have_attribute("src", re.compile(r"^/media/\d{4}/"))


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ('<p style="color:#fff">White</p>', "<p>White</p>"),
        ('<p style="color:#fff;background:#063">White</p>', '<p style="background-color: #063; color: #fff">White</p>'),
        ('<p align="center">Middle</p>', '<p style="text-align: center">Middle</p>'),
        ('<a name="here">Text</a><button>Press</button>', "TextPress"),
        ('<video><source src="https://example.com/a.mp4"></video>', "https://example.com/a.mp4"),
        ('<object data="//example.com/a.swf"></object>', "https://example.com/a.swf"),
        ('<audio src="blob:https://example.com/1"></audio>', "<p><em>[audio]</em></p>"),
        (
            '<img src="data:image/gif;base64,AA==" data-original="https://example.com/a.png">',
            "[https://example.com/a.png]",
        ),
        ('<p style="mso-list:l0 level3 lfo1"><span style="mso-list:Ignore">o</span>Deep</p>', "<ul>\n<li>Deep</li>"),
        ("<ul><ul><li>Alone</li></ul></ul>", "<ul>\n<li><ul>\n<li>Alone</li>"),
    ],
    ids=["white", "painted", "align", "anchor", "video", "object", "audio", "lazy", "deep", "nested"],
)
def test_odd_markup(clean: Clean, html: str, expected: str) -> None:
    assert expected in clean(html)
