"""The gate of rich text (SECURITY 1.10; ASVS 1.3.1, 1.3.5): nothing acts, nothing of ours is imitated."""

import time
from html import unescape
from html.parser import HTMLParser

import pytest
from playwright.sync_api import sync_playwright

from portal.markup import canonical, clean, keys_in, plain_text, to_public, video_frame_sources, with_addresses
from portal.markup.cleaning import ATTRIBUTES, TAGS
from tests.e2e.browser import launch_options
from tests.security.xss_corpus import families, payloads

KEY = "2026/11/21/" + "a" * 32 + ".jpg"


def own(source: str) -> str | None:
    return canonical(source, "/admin", "https://files.example/media", "https://portal.example")


class Inspector(HTMLParser):
    """Notes whatever should not be there."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in TAGS:
            self.found.append(tag)
        for name, value in attrs:
            if name not in ATTRIBUTES.get(tag, set()) | ({"rel"} if tag == "a" else set()):
                self.found.append(f"{tag} {name}")
            if name in ("href", "src") and ":" in (value or "").partition("/")[0]:
                if (value or "").lower().partition(":")[0] not in ("http", "https", "mailto"):
                    self.found.append(f"{name}={value}")
            if name == "class" and value != "portal-video":
                self.found.append(f"class={value}")

    def handle_comment(self, data: str) -> None:
        self.found.append("comment")

    def handle_decl(self, decl: str) -> None:
        self.found.append("declaration")


def test_the_corpus_is_large() -> None:
    assert len(families()) >= 20 and len(set(payloads())) >= 600


@pytest.mark.parametrize("family", families())
def test_nothing_forbidden_passes_and_what_is_clean_stays(family: str) -> None:
    for payload in families()[family]:
        cleaned = clean(payload, own=own)
        inspector = Inspector()
        inspector.feed(cleaned)
        inspector.close()
        assert not inspector.found, (payload, cleaned)
        assert clean(cleaned, own=own) == cleaned, payload
        assert "url(" not in cleaned or "style" not in cleaned, payload


def test_nothing_runs_in_a_browser_that_forbids_nothing() -> None:
    shown = [clean(payload, own=own) for payload in payloads()]
    shown += [to_public(payload, pictures={}, media_url=str, videos=()) for payload in payloads()]
    dialogs: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(**launch_options())
        page = browser.new_page()
        page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
        page.route("**/*", lambda route: route.abort())
        for start in range(0, len(shown), 100):
            body = "".join(f"<div>{text}</div>" for text in shown[start : start + 100])
            page.set_content(f"<!doctype html><body>{body}", wait_until="domcontentloaded")
            page.evaluate(
                "html => { const d = document.createElement('div'); d.innerHTML = html; document.body.append(d) }", body
            )
            page.evaluate(
                "document.querySelectorAll('body *').forEach(e => { e.focus(); e.dispatchEvent(new Event('click')) })"
            )
            assert page.evaluate("window.ran || 0") == 0
            assert page.evaluate("document.querySelectorAll('script,iframe,svg,math,form,[onerror],[id]').length") == 0
        browser.close()
    assert dialogs == []


def test_what_people_write_stays() -> None:
    text = (
        '<h2 style="text-align:center">Tea</h2><p>a <strong>b</strong> <sub>c</sub></p>'
        '<table><tbody><tr><th scope="col">x</th><td colspan="2">y</td></tr></tbody></table>'
        f'<figure><img src="/media/{KEY}" alt="A &lt;cup&gt;" width="300"><figcaption>z</figcaption></figure>'
        '<pre><code>1 &lt; 2</code></pre><p><a href="/x" rel="noopener noreferrer nofollow">link</a></p>'
    )
    assert clean(text, own=own) == text


@pytest.mark.parametrize(
    "source",
    [f"/media/{KEY}", f"/admin/media/{KEY}", f"https://files.example/media/{KEY}", f"https://portal.example/admin/media/{KEY}"],
)  # fmt: skip
def test_our_own_pictures_are_stored_by_their_key(source: str) -> None:
    cleaned = clean(f'<img src="{source}">', own=own)
    assert cleaned == f'<img src="/media/{KEY}">' and keys_in(cleaned) == [KEY]
    assert with_addresses(cleaned, lambda key: f"/admin/media/{key}") == f'<img src="/admin/media/{KEY}">'


@pytest.mark.parametrize("source", ["https://evil.example/a.png", "//evil.example/a.png"])
def test_other_pictures_leave_a_note(source: str) -> None:
    assert clean(f'<p>x<img src="{source}"></p>', own=own) == "<p>x<em>[picture left out: evil.example]</em></p>"


@pytest.mark.parametrize(
    "source",
    ["data:image/png;base64,AA", "blob:x", "file:///a.png", "/media/../x", "/media/%2e%2e/x", "/media///[x", "//[x"],
)
def test_no_other_address_passes_as_a_picture(source: str) -> None:
    cleaned = clean(f'<img src="{source}">', own=own)
    assert "<img" not in cleaned and "[picture left out" in cleaned


def test_a_frame_of_a_film_becomes_a_link_and_a_frame_on_the_public_page() -> None:
    cleaned = clean('<p><iframe src="https://www.youtube.com/embed/abcdefghijk"></iframe></p>', own=own)
    assert cleaned.startswith('<p><a class="portal-video" href="https://www.youtube.com/watch?v=abcdefghijk"')
    public = to_public(cleaned, pictures={}, media_url=str, videos=["www.youtube.com"])
    assert 'src="https://www.youtube-nocookie.com/embed/abcdefghijk"' in public and "sandbox=" in public
    assert "<iframe" not in to_public(cleaned, pictures={}, media_url=str, videos=["vimeo.com"])
    kept = clean(
        '<p><a class="portal-video" href="https://vimeo.com/123456">a</a> b</p><p><a href="/c">c</a></p>', own=own
    )
    assert to_public(kept, pictures={}, media_url=str, videos=["vimeo.com"]) == kept, "words beside a film"
    assert video_frame_sources(["www.youtube.com", "nowhere"]) == "https://www.youtube-nocookie.com"


def test_the_words_of_a_text() -> None:
    assert plain_text("<h1>A</h1><p>b &lt; <b>c</b></p>") == "A b < c"


def test_no_bracket_stands_inside_an_attribute() -> None:
    cleaned = clean("<a title='<hx-partial x>' href='/?<b>'>x</a>", own=own)
    assert cleaned.count("<") == 2 and "<hx-partial x>" in unescape(cleaned)


@pytest.mark.parametrize(
    "piece", ["<div>", "<b>", "<p>x", "&", "&x ", "<", "<table><tr><td>", "<a>", "<li>", "<!--", "\n"]
)
def test_long_and_deep_texts_take_no_longer_than_their_length(piece: str) -> None:
    text = piece * (400_000 // len(piece))
    begun = time.process_time()
    clean(text, own=own)
    assert time.process_time() - begun < 3


def test_fonts_left_open_in_cells_are_not_multiplied() -> None:
    text = "".join(f"<font color={n}><table><td></font></table>" for n in range(20_000)) + "<p>x" * 20_000
    begun = time.process_time()
    clean(text, own=own)
    assert time.process_time() - begun < 3
