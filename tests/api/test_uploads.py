"""Files through the API: the rules of the edit form, and a key for the row."""

from io import BytesIO

import httpx
import pytest
from PIL import Image
from sqlalchemy import select

from portal.models.article import Article
from portal.models.file import StoredFile
from tests.api.conftest import Client
from tests.portals import Read

pytestmark = pytest.mark.anyio


def picture(kind: str = "PNG", size: tuple[int, int] = (320, 180)) -> bytes:
    target = BytesIO()
    Image.new("RGB", size, "teal").save(target, kind)
    return target.getvalue()


async def send(api: httpx.AsyncClient, content: bytes, name: str = "cover.png", field: str = "cover") -> httpx.Response:
    return await api.post(f"/api/articles/uploads/{field}", files={"file": (name, content)})


async def test_a_picture_for_a_row(client: Client, read: Read) -> None:
    api = await client("articles.create", "articles.view")
    answer = await send(api, picture())
    assert answer.status_code == 201, answer.text
    file = answer.json()
    assert (file["type"], file["width"], file["height"], file["name"]) == ("image/png", 320, 180, "cover.png")
    assert answer.headers["location"] == file["url"]
    assert (await api.get(file["url"])).status_code == 200
    made = await api.post("/api/articles", json={"title": "Tea", "cover": file["key"]})
    assert (made.status_code, made.json()["cover_url"]) == (201, file["url"])
    assert await read(select(Article.cover)) == [file["key"]]


async def test_what_is_no_file_for_the_field(client: Client, read: Read) -> None:
    api = await client("articles.edit")
    for content, name in ((b"<svg/>", "a.svg"), (b"", "a.png"), (b"no picture", "a.png"), (picture()[:60], "a.png")):
        refused = await send(api, content, name)
        assert refused.status_code in (415, 422), name
        assert refused.headers["content-type"] == "application/problem+json"
        assert refused.json()["detail"]
    assert (await send(api, picture(), field="attachment", name="a.pdf")).status_code in (415, 422)
    assert (await send(api, picture(), field="title")).status_code == 404
    wrong = await api.post("/api/articles/uploads/cover", json={"file": "x"})
    assert (wrong.status_code, wrong.json()["code"]) == (415, "content-type")
    broken = await api.post(
        "/api/articles/uploads/cover", content=b"--x\r\n", headers={"Content-Type": "multipart/form-data; boundary=x"}
    )
    assert broken.status_code in (400, 422)
    empty = await api.post("/api/articles/uploads/cover", files={"other": ("a.png", picture())})
    assert (empty.status_code, empty.json()["code"]) == (422, "no-file")
    big = await send(api, b"\x89PNG" + b"x" * (9 * 1024 * 1024))
    assert big.status_code == 413
    assert await read(select(StoredFile.id)) == []


async def test_who_may(client: Client) -> None:
    assert (await send(await client(), picture())).status_code == 401
    refused = await send(await client("articles.view"), picture())
    assert (refused.status_code, refused.json()["code"]) == (403, "missing-scope")
