"""Other content for a file in use: what uses it shows the new one, and whoever had it in a form is told."""

import asyncio
import dataclasses
from typing import Any

import pytest
from litestar import Litestar
from sqlalchemy import select, update

from portal.db.engine import Database
from portal.models.article import Article
from portal.models.file import FileUse, StoredFile
from portal.services.changes import Change
from portal.services.unit_of_work import UnitOfWork
from portal.uploads.keys import new_key
from portal.web.site import Site
from tests.pages.browser import ORIGIN, Answer, Browser
from tests.pages.content import article
from tests.pages.test_library import objects, picture
from tests.pages.test_media_pages import stored
from tests.portals import Add, MakeBrowser, Read

pytestmark = pytest.mark.anyio

WIDE = (160, 90)
PAPER = b"%PDF-1.7\n1 0 obj\n%%EOF"


async def replace(client: Browser, file_id: int, name: str, content: bytes, **fields: str) -> Answer:
    """Send the form of the file's page."""
    form = (await client.get(f"/files/{file_id}")).page.one("replace-form")
    sent = {**{field: values[-1] for field, values in form.form().items() if field != "file"}, **fields}
    parts = {"file": (name, content)} if name else None
    files: Any = parts or {"other": ("", b"")}
    return Answer(await client.http.post(form["action"], files=files, data=sent, headers={"Origin": ORIGIN}))


async def used_everywhere(add: Add, site: Site) -> tuple[StoredFile, Article]:
    """A picture that is cover, in the gallery and in the text of an article."""
    await add(
        file := stored(site, alt="A cup", folder="drinks", kept=True, width=320, height=180),
        other := stored(site),
    )
    text = f'<p><img src="/media/{file.key}" width="160" height="90"><img src="/media/{other.key}"></p>'
    await add(row := article("Tea", cover=file.key, gallery=[other.key, file.key], body=text))
    uses = [FileUse(file_id=file.id, noun="article", row_key=str(row.id), field=name) for name in FIELDS]
    await add(*uses)
    return file, row


FIELDS = ("cover", "gallery", "body")


async def key_of(read: Read, file_id: int) -> str:
    (key,) = await read(select(StoredFile.key).where(StoredFile.id == file_id))
    return str(key)


async def test_everything_that_uses_it_shows_the_new_one(client: Browser, add: Add, read: Read, site: Site) -> None:
    file, row = await used_everywhere(add, site)
    old = file.key
    answer = await replace(client, file.id, "new cup.png", picture("red", WIDE))
    assert answer.location == f"/files/{file.id}"
    new = await key_of(read, file.id)
    assert new != old and new.endswith(".png")
    ((cover, gallery, body, version, by),) = await read(
        select(Article.cover, Article.gallery, Article.body, Article.version, Article.updated_by)
    )
    assert cover == new and gallery[1] == new and gallery[0] != new
    assert f'<img src="/media/{new}" width="160" height="90">' in body and old not in body
    assert (version, by) == (row.version + 1, "maria")
    columns = (StoredFile.alt, StoredFile.folder, StoredFile.kept, StoredFile.original_name, StoredFile.width)
    assert await read(select(*columns).where(StoredFile.id == file.id)) == [
        ("A cup", "drinks", True, "new cup.png", 160)
    ]
    assert await read(select(FileUse.field).order_by(FileUse.field)) == sorted(FIELDS)
    assert objects(site, old) == [] and len(objects(site, new)) == 2
    assert (await client.get(f"/media/{new}")).status == 200
    assert (await client.get(f"/media/{old}")).status == 404
    assert (await client.get(f"/articles/{row.id}/edit")).html.count(new) >= 3


async def test_form_that_was_open_meanwhile_is_a_conflict(client: Browser, add: Add, read: Read, site: Site) -> None:
    file, row = await used_everywhere(add, site)
    form = (await client.get(f"/articles/{row.id}/edit")).page.one("form").form()
    stale = file.key
    assert (await replace(client, file.id, "cup.png", picture("red", WIDE))).status == 303
    late = await client.post(f"/articles/{row.id}", **{**form, "title": "Green tea"})
    assert late.status == 409
    settled = await client.post(f"/articles/{row.id}", **late.page.one("conflict").form())
    assert settled.status == 303
    new = await key_of(read, file.id)
    assert await read(select(Article.title, Article.cover)) == [("Green tea", new)]
    fresh = (await client.get(f"/articles/{row.id}/edit")).page.one("form").form()
    gone = await client.post(f"/articles/{row.id}", **{**fresh, "cover": stale})
    assert gone.status == 422
    assert "not there any more" in gone.errors()["cover"]
    assert await read(select(Article.cover)) == [new]


async def test_picture_keeps_its_width_in_a_text(client: Browser, add: Add, read: Read, site: Site) -> None:
    await add(file := stored(site, width=320, height=180))
    await add(row := article("Tea", body=f'<p><img src="/media/{file.key}" width="160" height="90"></p>'))
    await add(FileUse(file_id=file.id, noun="article", row_key=str(row.id), field="body"))
    assert (await replace(client, file.id, "cup.png", picture("red", (60, 40)))).status == 303
    assert 'width="160" height="107">' in (await read(select(Article.body)))[0]


async def test_what_a_field_does_not_take_changes_nothing(client: Browser, add: Add, read: Read, site: Site) -> None:
    file, row = await used_everywhere(add, site)
    before = sorted(site_objects(site))
    square = await replace(client, file.id, "cup.png", picture("red", (60, 60)))
    assert square.status == 422
    assert "“Tea”" in square.page.one("error").text and "16:9" in square.page.one("error").text
    paper = await replace(client, file.id, "cup.pdf", PAPER)
    assert paper.status == 415
    nothing = await replace(client, file.id, "", b"")
    assert nothing.status == 422 and "no file" in nothing.page.one("error").text
    assert await key_of(read, file.id) == file.key
    assert await read(select(Article.cover, Article.version)) == [(file.key, row.version)]
    assert sorted(site_objects(site)) == before


async def test_document_is_replaced_by_a_document(client: Browser, add: Add, read: Read, site: Site) -> None:
    await add(file := stored(site, kind="file", media_type="application/pdf", original_name="prices.pdf"))
    await add(row := article("Tea", attachment=file.key))
    await add(FileUse(file_id=file.id, noun="article", row_key=str(row.id), field="attachment"))
    assert (await replace(client, file.id, "tea.png", picture("red"))).status == 415
    assert (await replace(client, file.id, "prices 2027.pdf", PAPER)).status == 303
    new = await key_of(read, file.id)
    assert await read(select(Article.attachment)) == [new]
    assert new.endswith(".pdf") and new != file.key


async def test_replacing_asks_for_permission_ticket_and_the_version_that_was_seen(
    portal_app: Litestar, client: Browser, browse: MakeBrowser, add: Add, read: Read, site: Site
) -> None:
    await add(file := stored(site))
    reader = await browse(portal_app, "rita", ["files.view", "files.delete"])
    assert not (await reader.get(f"/files/{file.id}")).page.has("replace-form")
    address = (await client.get(f"/files/{file.id}")).page.one("replace-form")["action"]
    bare = address.partition("?")[0]
    for browser, target in ((reader, address), (client, bare)):
        sent = await browser.http.post(target, files={"file": ("a.png", picture("red"))}, headers={"Origin": ORIGIN})
        assert sent.status_code == 403
    assert (await replace(client, file.id, "a.png", picture("red"), _version="7")).status == 409
    assert await key_of(read, file.id) == file.key


async def test_file_of_rows_that_are_not_managed_here_stays(client: Browser, add: Add, read: Read, site: Site) -> None:
    await add(file := stored(site))
    await add(FileUse(file_id=file.id, noun="letter", row_key="1", field="scan"))
    refused = await replace(client, file.id, "a.png", picture("red"))
    assert refused.status == 409
    assert "does not manage" in refused.page.one("error").text
    assert await key_of(read, file.id) == file.key and len(objects(site, file.key)) == 2


async def test_row_that_is_gone_is_no_obstacle(client: Browser, add: Add, read: Read, site: Site) -> None:
    await add(file := stored(site))
    await add(FileUse(file_id=file.id, noun="article", row_key="999999", field="cover"))
    assert (await replace(client, file.id, "a.png", picture("red"))).status == 303
    assert await key_of(read, file.id) != file.key


async def test_whoever_picks_the_file_meanwhile_waits_and_is_told(
    client: Browser, add: Add, read: Read, site: Site, database: Database
) -> None:
    """A saver and a replacement at once: whatever the order, no row ends with a key that leads nowhere."""
    await add(file := stored(site), row := article("Tea"))
    form = (await client.get(f"/articles/{row.id}/edit")).page.one("form").form()
    async with database.write() as session:
        await session.scalar(select(StoredFile.id).where(StoredFile.id == file.id).with_for_update())
        saving = asyncio.create_task(client.post(f"/articles/{row.id}", **{**form, "gallery": file.key}))
        await asyncio.sleep(0.5)
        assert not saving.done()
        await session.execute(update(StoredFile).where(StoredFile.id == file.id).values(key=new_key("webp")))
        await session.commit()
    answer = await saving
    assert answer.status == 422
    assert "not there any more" in answer.errors()["gallery"]
    assert await read(select(FileUse.id)) == []


async def test_replacing_and_saving_at_once_leaves_no_row_with_an_old_key(
    client: Browser, add: Add, read: Read, site: Site
) -> None:
    await add(file := stored(site), *[article(f"Tea {n}") for n in range(4)])
    ids = await read(select(Article.id).order_by(Article.id))
    forms = {row: (await client.get(f"/articles/{row}/edit")).page.one("form").form() for row in ids}

    async def save(row: int, pause: float) -> int:
        await asyncio.sleep(pause)
        return (await client.post(f"/articles/{row}", **{**forms[row], "gallery": file.key})).status

    saves = [save(row, 0.08 * n) for n, row in enumerate(ids)]
    replaced, *saved = await asyncio.gather(replace(client, file.id, "cup.png", picture("red")), *saves)
    assert replaced.status in {303, 409} and set(saved) <= {303, 422}
    key = await key_of(read, file.id)
    galleries = await read(select(Article.gallery).order_by(Article.id))
    assert galleries == [[key] if status == 303 else None for status in saved]
    assert len(await read(select(FileUse.id))) == saved.count(303)


class Notebook:
    """An observer that writes down."""

    def __init__(self) -> None:
        self.recorded: list[Change] = []
        self.told: list[Change] = []

    async def recording(self, work: UnitOfWork, changes: Any) -> None:
        assert work.session.in_transaction()
        self.recorded += changes

    async def committed(self, changes: Any) -> None:
        self.told += changes


async def test_observers_are_told_of_every_row(
    client: Browser, add: Add, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, row = await used_everywhere(add, site)
    notebook = Notebook()
    usual = site.work
    monkeypatch.setattr(site, "work", lambda *given: dataclasses.replace(usual(*given), observers=(notebook,)))
    assert (await replace(client, file.id, "cup.png", picture("red", WIDE))).status == 303
    expected = [
        Change("fastor_file", "edit", (str(file.id),), "files"),
        Change("article", "edit", (str(row.id),), "articles"),
    ]
    assert notebook.recorded == notebook.told == expected


def site_objects(site: Site) -> list[str]:
    return [found.key for found in site.uploads.storage.list()]
