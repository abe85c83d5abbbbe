"""A row to read: a text with markup looks as it is meant to, cleaned, in a box of its own."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from portal import Column, Resource
from portal.models.article import Article
from tests.pages.browser import Browser
from tests.pages.content import article
from tests.pages.host import add as put
from tests.pages.host import administrator, mounted, running
from tests.pages.test_public import KEY, stored
from tests.portals import Add

pytestmark = pytest.mark.anyio

BODY = (
    '<h2>Leaves</h2><p style="color:red;position:fixed">Green<script>alert(1)</script></p><p hx-get="/sign-out">x</p>'
    f'<img src="/media/{KEY}" onerror="alert(1)"><img src="https://elsewhere.example/a.png">'
    '<p><a class="portal-video" href="https://www.bilibili.com/video/BV1xx411c7mD">Film</a></p>'
)
BOOSTED: Mapping[str, str] = {"HX-Request": "true", "HX-Boosted": "true", "HX-Request-Type": "full"}


async def test_a_rich_text_is_shown_and_not_its_source(client: Browser, add: Add) -> None:
    await add(row := article("Tea", body=BODY), stored(KEY))
    answer = await client.get(f"/articles/{row.id}")
    box = answer.page.one("rich-shown")
    assert box.one(tag="h2").text == "Leaves" and "&lt;h2" not in answer.html
    assert box.all(tag="p")[0]["style"] == "color:red"
    (picture,) = box.all(tag="img")
    assert (picture["src"], picture["width"], picture["loading"]) == (f"/media/{KEY}", "2000", "lazy")
    assert "picture left out: elsewhere.example" in box.text
    assert not box.all(tag="iframe") and box.one(tag="a")["href"].startswith("https://www.bilibili.com/")
    assert not [
        found for found in box.walk() if {"onerror", "hx-get"} & found.attributes.keys() or found.tag == "script"
    ]
    assert "style-src-attr 'unsafe-inline'" in answer.headers["content-security-policy"]


async def test_its_page_is_loaded_whole_and_others_are_not(client: Browser, add: Add) -> None:
    await add(row := article("Tea", body="<p>Green</p>"))
    assert (await client.get(f"/articles/{row.id}", BOOSTED)).headers["hx-redirect"] == f"/articles/{row.id}"
    user = (await client.get("/users")).rows()[0]
    plain = await client.get(f"/users/{user}", BOOSTED)
    assert plain.page.has("detail") and "style-src-attr" not in plain.headers["content-security-policy"]


async def test_an_empty_text_is_a_dash(client: Browser, add: Add) -> None:
    await add(row := article("Tea", gallery=[]))
    page = (await client.get(f"/articles/{row.id}")).page
    assert not page.has("rich-shown") and not page.has("shown-pictures") and "–" in page.one("detail").text


async def test_a_gallery_is_shown_by_its_pictures(client: Browser, add: Add) -> None:
    await add(row := article("Tea", gallery=[KEY, "old/b.png"]), stored(KEY))
    page = (await client.get(f"/articles/{row.id}")).page
    pictures = page.one("shown-pictures")
    small = KEY.replace(".jpg", ".thumb.webp")
    assert [found["src"] for found in pictures.all(tag="img")] == [f"/media/{small}", "/media/old/b.png"]
    assert [found["href"] for found in pictures.all(tag="a")] == [f"/media/{KEY}", "/media/old/b.png"]
    assert KEY not in page.one("detail").text


class TextsResource(Resource):
    model = Article
    name = "texts"
    columns = (Column(Article.title), Column(Article.body))


async def test_a_list_shows_the_words_and_a_mounted_portal_its_own_addresses(tmp_path: Path) -> None:
    portal = mounted(tmp_path, resources=[TextsResource])
    async with running(tmp_path, portal) as app, administrator(app) as client:
        await put(portal, row := article("Tea", body=BODY.replace("Leaves", "Leaves &amp; buds " + "and more " * 40)))
        (words,) = (await client.get("/texts")).column("body")
        assert words.startswith("Leaves & buds and more") and words.endswith("...") and len(words) <= 120
        box = (await client.get(f"/texts/{row.id}")).page.one("rich-shown")
        assert box.one(tag="img")["src"] == f"/admin/media/{KEY}"
