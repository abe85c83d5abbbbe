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
from portal.uploads.keys import copy_key
from portal.web.site import Site
from tests.pages.browser import ORIGIN, PARTIAL, Answer, Browser
from tests.pages.content import article
from tests.pages.test_media_pages import stored
from tests.portals import Add, MakeBrowser, Read

pytestmark = pytest.mark.anyio


def picture(colour: str, size: tuple[int, int] = (60, 40)) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", size, colour).save(file, "PNG")
    return file.getvalue()


async def send(client: Browser, *files: tuple[str, bytes], address: str = "", folder: str = "") -> Answer:
    """As the library's form does, without a script."""
    address = address or (await client.get("/files")).page.one("library-upload")["action"]
    parts = [("file", (name, content)) for name, content in files]
    return Answer(await client.http.post(address, files=parts, data={"folder": folder}, headers={"Origin": ORIGIN}))


async def send_one(client: Browser, name: str, content: bytes, address: str = "/files/uploads") -> Answer:
    """As its script does."""
    headers = {"Origin": ORIGIN, "X-CSRFToken": await client.token(), "Accept": "application/json"}
    return Answer(await client.http.post(address, files={"file": (name, content)}, headers=headers))


def names_of(answer: Answer) -> list[str]:
    """The names of the files in the grid."""
    return [tile.one("open").text for tile in answer.page.all("row")]


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
        stored(site, original_name="plan.pdf", kind="file", media_type="application/pdf"),
        stored(site, original_name="song.mp3", kind="file", media_type="audio/mpeg"),
    )
    for query, names in {
        "?q=tea": ["cup.webp", "tea.webp"],
        "?folder=drinks": ["tea.webp"],
        "?owner=erik": ["cup.webp"],
        "?kept=1": ["cup.webp"],
        "?folder=/": ["song.mp3", "plan.pdf", "cup.webp"],
        "?type=document": ["plan.pdf"],
        "?type=sound&type=picture": ["song.mp3", "cup.webp", "tea.webp"],
        "?type=video": [],
        "?type=nonsense&used=maybe&q=tea": ["cup.webp", "tea.webp"],
        "?folder=%FF&owner=%ED%A0%80&type=%FF&used=%FF&kept=%FF&q=tea": ["cup.webp", "tea.webp"],
    }.items():
        assert (await client.get(f"/files{query}")).column("original_name") == names, query


async def test_files_that_nothing_uses_are_told_apart(client: Browser, add: Add, site: Site) -> None:
    await add(used := stored(site, original_name="used.webp"), stored(site, original_name="idle.webp"))
    await add(FileUse(file_id=used.id, noun="article", row_key="1", field="cover"))
    assert (await client.get("/files?used=1")).column("original_name") == ["used.webp"]
    unused = await client.get("/files?used=0&view=grid")
    assert names_of(unused) == ["idle.webp"]
    assert unused.page.one("chips").text.startswith("Used No")


async def test_grid_shows_the_same_files_as_the_list(client: Browser, add: Add, site: Site) -> None:
    await add(
        picture := stored(site, original_name="tea.webp", width=60, height=40),
        stored(site, original_name="plan.pdf", kind="file", media_type="application/pdf", private=True),
    )
    listed = await client.get("/files?q=a&sort=original_name")
    assert listed.page.one("view-list")["aria-current"] == "true"
    grid = await client.get(listed.page.one("view-grid")["href"])
    assert names_of(grid) == listed.column("original_name") == ["plan.pdf", "tea.webp"]
    document, tile = grid.page.all("row")
    assert [image["src"] for image in tile.all(tag="img")] == [site.thumb_url(picture.key)]
    assert not document.all(tag="img") and "Private" in document.text
    assert "60 × 40" in tile.text
    assert tile.one("open")["href"] == f"/files/{picture.id}"
    # search, filters, reset and the way back keep the view
    assert [found["value"] for found in grid.page.one("search-form").all(tag="input", name="view")] == ["grid"]
    assert [found["value"] for found in grid.page.one("filters").all(tag="input", name="view")] == ["grid"]
    assert grid.page.one("reset")["href"] == "/files?view=grid"
    assert grid.page.one("view-list")["href"] == "/files?q=a&sort=original_name"


async def test_tile_shows_the_sharper_copy_where_there_is_one(client: Browser, add: Add, site: Site) -> None:
    file = stored(site)
    file.sizes = {"thumb": [160, 90, 1], "small": [480, 270, 1]}
    await add(file)
    (tile,) = (await client.get("/files?view=grid")).page.all("row")
    assert [image["src"] for image in tile.all(tag="img")] == [site.media_url(copy_key(file.key, "small"))]


async def test_folders_are_listed_with_their_numbers(client: Browser, add: Add, site: Site) -> None:
    assert "hidden" in (await client.get("/files")).page.one("folders")
    await add(*[stored(site, folder=folder) for folder in ("a & b", "a & b", "tea", "")])
    page = (await client.get("/files?view=grid")).page
    folders = {found["data-name"]: found for found in page.all("folder")}
    assert [found.text for found in folders.values()] == ["All files 4", "In no folder 1", "a & b 2", "tea 1"]
    inside = (await client.get(folders["a & b"]["href"])).page
    assert len(inside.all("row")) == 2
    assert [found["data-name"] for found in inside.all("folder") if "aria-current" in found] == ["a & b"]
    assert len((await client.get(folders["/"]["href"])).page.all("row")) == 1
    assert (await client.get("/files?folder=tea", PARTIAL)).page.one("folders").all("folder")


async def test_upload_goes_into_the_folder_that_is_looked_at(client: Browser, read: Read) -> None:
    page = (await client.get("/files?folder=drinks")).page
    form = page.one("library-upload")
    (folder,) = [found["value"] for found in form.all(tag="input", name="folder")]
    await send(client, ("tea.png", picture("red")), address=form["action"], folder=folder)
    one = await send_one(client, "cup.png", picture("blue"), form["data-url"])
    assert one.status == 201
    await send(client, ("pot.png", picture("green")), folder=" /hot \u202e drinks/ ")
    names = select(StoredFile.original_name, StoredFile.folder).order_by(StoredFile.id)
    assert await read(names) == [("tea.png", "drinks"), ("cup.png", "drinks"), ("pot.png", "hot drinks")]


async def test_script_sends_one_file_and_is_told_what_became_of_it(
    portal_app: Litestar, client: Browser, browse: MakeBrowser, read: Read
) -> None:
    taken = await send_one(client, "tea.png", picture("red"))
    assert taken.status == 201
    assert (taken.json()["name"], taken.json()["width"]) == ("tea.png", 60)
    refused = await send_one(client, "tea.png", b"no picture")
    assert refused.status == 415
    assert refused.json()["detail"].startswith("This is no picture")
    assert (await send_one(client, "", b"")).status == 422
    reader = await browse(portal_app, "rita", ["files.view", "files.edit"])
    assert (await send_one(reader, "tea.png", picture("red"))).status == 403
    assert await read(select(StoredFile.original_name, StoredFile.kept)) == [("tea.png", True)]


async def test_what_was_just_added_or_used_is_counted(client: Browser) -> None:
    async def counts() -> list[str]:
        answers = [await client.get(f"/files/count{query}", PARTIAL) for query in ("", "?used=0", "?q=cup")]
        return [answer.page.one("count").text for answer in answers]

    assert await counts() == ["0", "0", "0"]
    key = (await send_one(client, "a.png", picture("red", (160, 90)))).json()["key"]
    assert await counts() == ["1", "1", "0"]
    assert (await client.post("/articles", title="Tea", cover=key)).status == 303
    assert (await client.post("/uploads/alt", key=key, alt="A cup")).status == 204
    assert await counts() == ["1", "0", "1"]


async def test_ticked_files_are_put_into_a_folder(
    portal_app: Litestar, client: Browser, browse: MakeBrowser, add: Add, read: Read, site: Site
) -> None:
    files = [stored(site, original_name=f"{n}.webp") for n in range(3)]
    await add(*files)
    moved = await client.post("/files/folder?view=grid", ids=[file.id for file in files[:2]], folder="  Hot  drinks ")
    assert moved.location == "/files?view=grid"
    assert (await client.follow(moved)).toasts() == ["2 files are in “Hot drinks” now."]
    every = await client.post("/files/folder?folder=Hot+drinks", all="1", folder="")
    assert (await client.follow(every)).toasts() == ["2 files are in no folder now."]
    assert (await client.follow(await client.post("/files/folder", folder="x"))).toasts() == ["Tick the rows first."]
    long = await client.post("/files/folder", ids=[files[0].id], folder="x" * 101)
    assert (await client.follow(long)).toasts() == ["At most 100 characters; this has 101."]
    assert await read(select(StoredFile.folder, StoredFile.version).order_by(StoredFile.id)) == [
        ("", 3), ("", 3), ("", 1),
    ]  # fmt: skip
    reader = await browse(portal_app, "rita", ["files.view", "files.delete"])
    assert (await reader.post("/files/folder", ids=[files[0].id], folder="mine")).status == 403
    assert not (await reader.get("/files")).page.has("move")


async def test_file_is_renamed_and_keeps_its_ending(client: Browser, add: Add, read: Read, site: Site) -> None:
    await add(file := stored(site, kind="file", media_type="application/pdf"))
    for sent, kept in {"../Plan 2027": "Plan 2027.webp", "tea.exe": "tea.exe.webp", "cup.WEBP": "cup.WEBP"}.items():
        assert (await client.post(f"/files/{file.id}", original_name=sent)).status == 303
        assert await read(select(StoredFile.original_name)) == [kept]
    assert (await client.post(f"/files/{file.id}", original_name=" ")).status == 422


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
