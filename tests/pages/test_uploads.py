"""Files through the door of the portal: by script, by a plain form, by the editor; and what becomes of them."""

import io
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from sqlalchemy import select

from portal.models.article import Article
from portal.models.file import FileUse, StoredFile
from portal.uploads.keys import copy_key
from portal.web.site import Site
from tests.pages.browser import ORIGIN, Answer, Browser
from tests.portals import Read

pytestmark = pytest.mark.anyio


def picture(width: int = 320, height: int = 240, kind: str = "JPEG") -> bytes:
    drawn = io.BytesIO()
    Image.effect_noise((width, height), 40).convert("RGB").save(drawn, kind)
    return drawn.getvalue()


async def send(
    browser: Browser, path: str, files: list[tuple[str, Any]], *, token: bool = True, **headers: str
) -> Answer:
    """A multipart request, with the token a script would add."""
    given = {"Origin": ORIGIN, **headers} | ({"X-CSRFToken": await browser.token()} if token else {})
    return Answer(await browser.http.post(path, files=files, headers=given))


async def uploaded(browser: Browser, field: str = "cover", data: bytes | None = None) -> str:
    answer = await send(browser, f"/uploads?resource=articles&field={field}", [("file", ("a.jpg", data or picture()))])
    assert answer.status == 201, answer
    return str(answer.json()["key"])


def objects(site: Site) -> set[str]:
    return {found.key for found in site.uploads.storage.list()}


def left_over(site: Site) -> list[Path]:
    folder = site.settings.var / "tmp"
    return list(folder.iterdir()) if folder.exists() else []


async def test_a_picture_is_stored_cut_to_its_ratio_and_named_by_us(client: Browser, site: Site, read: Read) -> None:
    files = [("file", ("../../中文 <b>.jpg", picture()))]
    answer = await send(client, "/uploads?resource=articles&field=cover", files)
    found = answer.json()
    assert (answer.status, found["width"], found["height"], found["type"]) == (201, 320, 180, "image/jpeg")
    assert found["name"] == "中文 <b>.jpg" and found["key"].endswith(".jpg")
    assert (await client.get(found["url"])).headers["content-type"] == "image/jpeg"
    assert (await client.get(found["thumb"])).headers["content-type"] == "image/webp"
    assert await read(select(StoredFile.owner, StoredFile.kept, StoredFile.folder)) == [("maria", False, "covers")]
    assert left_over(site) == []


@pytest.mark.parametrize(
    ("data", "status"),
    [(b"", 422), (b"<svg xmlns='http://www.w3.org/2000/svg'/>", 415), (picture()[:900], 422), (b"%PDF-1.7", 415)],
    ids=["nothing", "svg", "truncated", "pdf"],
)
async def test_what_is_no_picture_is_refused_in_a_sentence(
    client: Browser, site: Site, read: Read, data: bytes, status: int
) -> None:
    before = objects(site)
    answer = await send(client, "/uploads?resource=articles&field=cover", [("file", ("a.jpg", data))])
    assert answer.status == status
    assert answer.headers["content-type"].startswith("application/problem+json") and answer.json()["detail"]
    assert await read(select(StoredFile.id)) == [] and objects(site) == before and left_over(site) == []


async def test_only_fields_one_may_fill_in_take_files(client: Browser, editor: Browser, anonymous: Browser) -> None:
    part = [("file", ("a.jpg", picture()))]
    assert (await send(editor, "/uploads?resource=articles&field=cover", part)).status == 201
    assert (await send(editor, "/uploads?resource=banners&field=picture", part)).status == 403
    assert (await send(client, "/uploads?resource=articles&field=title", part)).status == 404
    assert (await send(client, "/uploads?resource=nothing&field=cover", part)).status == 404
    assert (await send(client, "/uploads?resource=articles&field=cover", part, token=False)).status == 403
    assert (await send(anonymous, "/uploads?resource=articles&field=cover", part)).status == 401


async def test_a_saved_row_uses_its_files_and_lets_go_of_replaced_ones(client: Browser, site: Site, read: Read) -> None:
    first, second, inside = await uploaded(client), await uploaded(client), await uploaded(client, "body")
    body = f'<p>one <img src="/media/{inside}" alt="x"></p><script>alert(1)</script>'
    answer = await client.post("/articles", title="Tea", cover=first, gallery=["", second, first], body=body)
    assert answer.status == 303, answer.errors()
    used = select(FileUse.field, StoredFile.key).join(StoredFile, StoredFile.id == FileUse.file_id)
    expected = {("cover", first), ("gallery", first), ("gallery", second), ("body", inside)}
    assert set(await read(used)) == expected
    ((key, stored, gallery),) = await read(select(Article.id, Article.body, Article.gallery))
    assert "<script" not in stored and inside in stored and gallery == [second, first]
    await client.post(f"/articles/{key}", cover=second, gallery="", body="<p>none</p>")
    assert set(await read(used)) == {("cover", second)}
    assert await read(select(StoredFile.key)) == [second]
    assert first not in objects(site) and inside not in objects(site) and second in objects(site)
    await client.post(f"/articles/{key}/delete")
    assert await read(select(StoredFile.key)) == [] and second not in objects(site)


async def test_a_smaller_copy_in_a_text_stands_for_its_picture(client: Browser, site: Site, read: Read) -> None:
    """As it comes with what was copied from a list."""
    key = await uploaded(client, "body")
    thumb = copy_key(key, "thumb")
    gone = copy_key("2026/01/01/" + "0" * 32 + ".jpg", "thumb")
    body = f'<p><img src="{site.media_url(thumb)}" alt="it\'s"> {thumb} <img src="/media/{gone}"></p>'
    assert (await client.post("/articles", title="Tea", body=body)).status == 303
    (kept,) = await read(select(Article.body))
    assert f'<img src="/media/{key}" alt="it\'s"> {thumb} <img src="/media/{gone}">' in kept
    used = select(FileUse.field, StoredFile.key).join(StoredFile, StoredFile.id == FileUse.file_id)
    assert await read(used) == [("body", key)]
    assert (await client.post("/articles", title="Rum", cover=thumb)).status == 422


async def test_a_text_may_speak_of_more_pictures_than_a_database_takes_at_once(client: Browser, read: Read) -> None:
    key = await uploaded(client, "body")
    strange = "".join(f'<img src="/media/{number:x}">' for number in range(33_000))
    body = f'{strange}<img src="/media/{key}">'
    assert (await client.post("/articles", title="Tea", body=body)).status == 303
    assert await read(select(FileUse.field)) == ["body"]


async def test_a_file_that_is_gone_or_of_another_kind_is_a_sentence_at_its_field(client: Browser) -> None:
    key = "2026/01/01/" + "0" * 32 + ".jpg"
    answer = await client.post("/articles", title="Tea", cover=key, attachment="covers/a.webp")
    assert answer.status == 422 and set(answer.errors()) == {"cover", "attachment"}


async def test_a_form_without_scripts_brings_its_files_and_keeps_them_after_a_422(client: Browser, read: Read) -> None:
    action = (await client.get("/articles/new")).page.one("form")["action"]
    parts = [
        ("title", (None, "")),
        ("cover", (None, "")),
        ("gallery", (None, "")),
        ("file.cover", ("c.png", picture(kind="PNG"))),
        ("file.gallery", ("1.jpg", picture())),
        ("file.gallery", ("2.jpg", picture())),
        ("file.attachment", ("a.html", b"<script>alert(1)</script>")),
    ]
    answer = await send(client, action, parts, token=False)
    assert answer.status == 422 and set(answer.errors()) == {"title", "attachment"}
    form = answer.page.one("form").form()
    gallery = [key for key in form["gallery"] if key]
    assert form["cover"][-1].endswith(".png") and len(gallery) == 2
    again = [("title", (None, "Tea")), ("cover", (None, form["cover"][-1])), *[("gallery", (None, k)) for k in gallery]]
    assert (await send(client, answer.page.one("form")["action"], again, token=False)).status == 303
    assert await read(select(Article.cover, Article.gallery)) == [(form["cover"][-1], gallery)]


async def test_a_ticket_is_good_for_its_session_and_its_route_alone(client: Browser, editor: Browser) -> None:
    action = (await client.get("/articles/new")).page.one("form")["action"]
    ticket = action.partition("?")[2]
    part = [("title", (None, "Tea"))]
    assert (await send(editor, action, part, token=False)).status == 403
    files = [("files[]", ("a.jpg", picture()))]
    assert (await send(client, f"/editor/upload_img?{ticket}", files, token=False)).status == 403
    assert (await send(client, "/articles?ticket=" + "a" * 40, part, token=False)).status == 403
    assert (await send(client, action, part, token=False)).status == 303


async def test_a_description_is_kept_and_only_for_ones_own_file(client: Browser, editor: Browser, read: Read) -> None:
    key = await uploaded(client)
    script = {"X-CSRFToken": await client.token()}
    assert (await client.post("/uploads/alt", script, key=key, alt=" A cup ")).status == 204
    other = {"X-CSRFToken": await editor.token()}
    assert (await editor.post("/uploads/alt", other, key=key, alt="mine")).status == 403
    assert await read(select(StoredFile.alt)) == ["A cup"]
    for odd in (b"\xed\xa0\x80", b"\xff", "\0", "\x01"):
        assert (await client.post("/uploads/alt", script, key=key, alt=odd)).status == 422
        assert (await client.post("/uploads/alt", script, key=odd, alt="x")).status == 404
    assert await read(select(StoredFile.alt)) == ["A cup"]


async def test_a_stored_picture_is_cut_anew(client: Browser) -> None:
    key = await uploaded(client)
    path = f"/uploads?resource=articles&field=cover&source={key}&crop=10,10,160,90"
    cut = (await send(client, path, [])).json()
    assert (cut["width"], cut["height"]) == (160, 90) and cut["key"] != key
    assert (await client.get(f"/media/{key}")).status == 200
    assert (await send(client, f"/uploads?resource=articles&field=cover&source={key}&crop=a,b", [])).status == 422
    for odd in ("", "%00", "%FF", "%ED%A0%80", "../a.jpg", key.replace(".jpg", ".thumb.webp")):
        path = f"/uploads?resource=articles&field=cover&source=x{odd}&crop=1,1,9,9"
        assert (await send(client, path, [])).status == 404, odd
