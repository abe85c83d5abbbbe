"""The media library: files come in, are described and found, and go only when nothing uses them."""

import io
from pathlib import Path
from typing import Any

import pytest
from litestar import Litestar
from PIL import Image
from sqlalchemy import select

from portal.models.article import Article
from portal.models.file import FileUse, StoredFile
from portal.web.site import Site
from tests.pages.browser import ORIGIN, Answer, Browser
from tests.pages.conftest import Add, MakeBrowser, Read
from tests.pages.content import article
from tests.pages.test_media_pages import stored

pytestmark = pytest.mark.anyio


def picture(colour: str) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (60, 40), colour).save(file, "PNG")
    return file.getvalue()


async def send(client: Browser, *files: tuple[str, bytes], address: str = "") -> Answer:
    """As the library's form does, without a script."""
    address = address or (await client.get("/files")).page.one("library-upload")["action"]
    parts = [("file", (name, content)) for name, content in files]
    return Answer(await client.http.post(address, files=parts, headers={"Origin": ORIGIN}))


def objects(site: Site, key: str) -> list[Path]:
    folder = Path(site.settings.storage_url.removeprefix("local:"))
    return list(folder.glob(key.rpartition(".")[0] + ".*"))


async def test_several_files_are_added_and_the_refused_named(client: Browser, read: Read, site: Site) -> None:
    answer = await send(client, ("tea.png", picture("red")), ("bad.png", b"no picture"), ("cup.png", picture("blue")))
    page = await client.follow(answer)
    assert page.column("original_name") == ["cup.png", "tea.png"]
    assert page.column("width") == ["60 × 40"] * 2
    toasts = page.toasts()
    assert any("2 files" in text for text in toasts)
    assert any(text.startswith("bad.png: ") for text in toasts)
    found = await read(select(StoredFile.key, StoredFile.kept, StoredFile.owner))
    assert {row[1:] for row in found} == {(True, "maria")}
    assert all(len(objects(site, row[0])) >= 2 for row in found)


async def test_uploads_ask_for_permission_and_ticket(
    portal_app: Litestar, client: Browser, browse: MakeBrowser, read: Read
) -> None:
    reader = await browse(portal_app, "rita", ["files.view"])
    page = (await reader.get("/files")).page
    assert not page.has("library-upload") and not page.has("new")
    theirs = (await client.get("/files")).page.one("library-upload")["action"]
    assert (await send(client, ("tea.png", picture("red")), address="/files/upload")).status == 403
    assert (await send(reader, ("tea.png", picture("red")), address=theirs)).status == 403
    assert (await send(client, address=theirs)).status in (303, 403)
    assert await read(select(StoredFile.id)) == []


async def test_only_words_of_a_file_change_and_none_is_made_by_a_form(
    client: Browser, add: Add, read: Read, site: Site
) -> None:
    await add(file := stored(site, owner="maria"))
    answer = await client.post(f"/files/{file.id}", alt="A cup", folder="", kept="1", owner="eve", private="1")
    assert answer.status == 303
    assert await read(select(StoredFile.alt, StoredFile.folder, StoredFile.kept, StoredFile.owner)) == [
        ("A cup", "", True, "maria")
    ]
    assert (await client.get("/files/new")).status == 404
    assert (await client.post("/files", alt="x")).status == 405


async def test_files_are_searched_and_filtered(client: Browser, add: Add, site: Site) -> None:
    await add(
        stored(site, original_name="tea.webp", folder="drinks"),
        stored(site, original_name="cup.webp", alt="for tea", kept=True, owner="erik"),
        stored(site, original_name="plan.webp", kind="file"),
    )
    for query, names in {
        "?q=tea": ["cup.webp", "tea.webp"],
        "?folder=drinks": ["tea.webp"],
        "?owner=erik": ["cup.webp"],
        "?kept=1": ["cup.webp"],
        "?kind=file": ["plan.webp"],
    }.items():
        assert (await client.get(f"/files{query}")).column("original_name") == names, query


async def test_used_file_is_kept_until_that_is_forced(
    client: Browser, add: Add, read: Read, site: Site, portal_app: Litestar, browse: MakeBrowser
) -> None:
    await add(file := stored(site), row := article("Green tea"))
    await add(FileUse(file_id=file.id, noun="article", row_key=str(row.id), field="cover"))
    assert (await client.get("/files")).column("id") == ["1"]
    page = (await client.get(f"/files/{file.id}")).page
    assert page.one("file-use").text == "Green tea"
    assert page.one("file-use")["href"] == f"/articles/{row.id}/edit"
    stranger = await browse(portal_app, "stan", ["files.view", "files.delete"])
    assert "Green tea" not in (await stranger.get(f"/files/{file.id}")).html

    refused = await client.post(f"/files/{file.id}/delete")
    assert refused.status == 409
    assert refused.page.one("file-use").text == "Green tea"
    everything = await client.post("/files/actions/delete", ids=[file.id], confirmed="1")
    assert everything.status == 409
    assert len(objects(site, file.key)) == 2
    done = await client.post(f"/files/{file.id}/delete", forced="1")
    assert done.status == 303
    assert await read(select(StoredFile.id)) == []
    assert await read(select(FileUse.id)) == []
    assert objects(site, file.key) == []
    assert await read(select(Article.title)) == ["Green tea"]


async def test_unused_files_go_with_their_objects(client: Browser, add: Add, read: Read, site: Site) -> None:
    files: list[Any] = [stored(site, kept=True) for _ in range(3)]
    await add(*files)
    assert (await client.post(f"/files/{files[0].id}/delete")).status == 303
    ids = [file.id for file in files[1:]]
    assert (await client.post("/files/actions/delete", ids=ids, confirmed="1")).status == 303
    assert await read(select(StoredFile.id)) == []
    assert [objects(site, file.key) for file in files] == [[], [], []]
