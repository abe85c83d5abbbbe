"""`POST /editor/upload_img` as a UMeditor-style client uses it: dialog, drag, paste (PRODUCT.md, annex 1)."""

import json

import pytest

from portal.web.site import Site
from tests.pages.browser import Browser
from tests.pages.test_uploads import picture, send

pytestmark = pytest.mark.anyio

KEYS = {"originalName", "name", "url", "size", "type", "state"}


async def test_the_dialogs_plain_form_gets_json_as_a_page(client: Browser, site: Site) -> None:
    page = await client.get("/articles/new")
    ticket = page.page.one("rich-text")["data-ticket"]
    files = [("files[]", ("<b>&.jpg", picture()))]
    answer = await send(client, f"/editor/upload_img?editorid=body&ticket={ticket}", files, token=False)
    assert answer.status == 200 and answer.headers["content-type"] == "text/html; charset=utf-8"
    assert "<" not in answer.html and "&" not in answer.html
    assert "frame-ancestors 'self'" in answer.headers["content-security-policy"]
    found = json.loads(answer.html)
    assert set(found) == KEYS and found["state"] == "SUCCESS" and found["originalName"] == "<b>&.jpg"
    assert (await client.get(found["url"])).status == 200


@pytest.mark.parametrize("field", ["files[]", "upfile"])
async def test_a_dragged_picture_gets_json(client: Browser, field: str) -> None:
    files = [(field, ("中文.png", picture(kind="PNG")))]
    answer = await send(client, "/editor/upload_img?type=ajax", files, **{"X-Requested-With": "XMLHttpRequest"})
    assert answer.status == 200 and answer.headers["content-type"].startswith("application/json")
    found = answer.json()
    assert set(found) == KEYS and (found["state"], found["type"]) == ("SUCCESS", ".png")
    assert found["name"] == found["url"].rpartition("/")[2] and found["size"] > 0


async def test_a_pasted_picture_says_ajax_in_a_field(client: Browser) -> None:
    parts = [("type", (None, "ajax")), ("files[]", ("blob", picture()))]
    answer = await send(client, "/editor/upload_img", parts)
    assert answer.headers["content-type"].startswith("application/json") and answer.json()["state"] == "SUCCESS"


@pytest.mark.parametrize(
    ("data", "status"), [(b"<svg/>", 415), (picture()[:700], 422), (b"", 422)], ids=["svg", "truncated", "nothing"]
)
async def test_a_refusal_is_a_sentence_in_state(client: Browser, data: bytes, status: int) -> None:
    answer = await send(client, "/editor/upload_img?type=ajax", [("files[]", ("a.jpg", data))])
    assert answer.status == status and set(answer.json()) == KEYS
    assert answer.json()["state"].endswith(".") and answer.json()["url"] == ""


async def test_nobody_uploads_without_signing_in_or_a_text_to_write(
    anonymous: Browser, client: Browser, browse: object, portal_app: object
) -> None:
    part = [("files[]", ("a.jpg", picture()))]
    assert (await send(anonymous, "/editor/upload_img?type=ajax", part)).status == 401
    reader = await browse(portal_app, "rita", ["articles.view"])  # type: ignore[operator]  # a fixture's function
    assert (await send(reader, "/editor/upload_img?type=ajax", part)).status == 403
    assert (await send(client, "/editor/upload_img?type=ajax&callback=alert", [])).json()["state"] != "SUCCESS"
