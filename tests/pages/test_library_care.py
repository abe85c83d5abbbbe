"""Looking after what is stored: what belongs to nothing goes, and the storage is tried out."""

from datetime import UTC, datetime, timedelta
from os import utime
from pathlib import Path

import pytest
from litestar import Litestar
from msgspec.structs import replace
from sqlalchemy import select

from portal.models.file import FileUse, StoredFile
from portal.uploads.backends import open_storage
from portal.uploads.keys import copy_key, new_key
from portal.uploads.service import Uploads
from portal.web.site import Site
from tests.pages.browser import Answer, Browser
from tests.pages.content import article
from tests.pages.test_media_pages import stored
from tests.portals import Add, MakeBrowser, Read

pytestmark = pytest.mark.anyio

OLD = datetime.now(UTC) - timedelta(days=3)


def old_object(site: Site) -> str:
    """Something in the storage that no row knows."""
    key = new_key("webp")
    path = Path(site.settings.storage_url.removeprefix("local:"), key)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"lost")
    utime(path, (OLD.timestamp(), OLD.timestamp()))
    return key


def tokens(answer: Answer) -> set[str]:
    return {found["data-token"] for found in answer.page.all("orphan")}


def is_stored(site: Site, key: str) -> bool:
    return site.uploads.storage.stat(key) is not None


@pytest.fixture(autouse=True)
def empty_storage(site: Site) -> None:
    for found in list(site.uploads.storage.list()):
        site.uploads.storage.delete(found.key)


async def test_what_belongs_to_nothing_is_listed(client: Browser, add: Add, site: Site) -> None:
    await add(
        idle := stored(site, created_at=OLD),
        stored(site, created_at=OLD, kept=True),
        stored(site),
        used := stored(site, created_at=OLD),
    )
    await add(one := article("one"))
    await add(FileUse(file_id=used.id, noun="article", row_key=str(one.id), field="cover"))
    lost = old_object(site)
    page = await client.get("/files/orphans")
    assert tokens(page) == {f"row:{idle.key}", f"object:{lost}"}
    (row,) = [found for found in page.page.all("orphan") if found["data-token"].startswith("row:")]
    assert row.all(tag="a")[0]["href"] == f"/files/{idle.id}"
    assert (await client.get("/files")).page.one("to-orphans")["href"] == "/files/orphans"


async def test_ticked_ones_go_and_nothing_else(client: Browser, add: Add, read: Read, site: Site) -> None:
    await add(idle := stored(site, created_at=OLD), other := stored(site, created_at=OLD), kept := stored(site))
    lost = old_object(site)
    # the last two are no orphans, whatever a form says
    chosen = [f"row:{idle.key}", f"object:{lost}", f"row:{kept.key}", f"object:{kept.key}"]
    answer = await client.follow(await client.post("/files/orphans", ids=chosen))
    assert answer.toasts() == ["2 were removed."]
    assert tokens(answer) == {f"row:{other.key}"}
    assert await read(select(StoredFile.id).order_by(StoredFile.id)) == [other.id, kept.id]
    assert not is_stored(site, idle.key) and not is_stored(site, copy_key(idle.key, "thumb"))
    assert not is_stored(site, lost) and is_stored(site, kept.key)


async def test_all_of_them_go(client: Browser, add: Add, read: Read, site: Site) -> None:
    await add(*[stored(site, created_at=OLD) for _ in range(3)], kept := stored(site))
    old_object(site)
    answer = await client.follow(await client.post("/files/orphans", all="1"))
    assert answer.toasts() == ["4 were removed."]
    assert answer.page.has("empty")
    assert await read(select(StoredFile.id)) == [kept.id]
    nothing = await client.follow(await client.post("/files/orphans"))
    assert nothing.toasts() == ["Tick the rows first."]


async def test_removing_asks_for_the_permission_to_delete(
    portal_app: Litestar, client: Browser, browse: MakeBrowser, add: Add, read: Read, site: Site
) -> None:
    await add(idle := stored(site, created_at=OLD))
    reader = await browse(portal_app, "rita", ["files.view", "files.edit", "files.create"])
    assert (await reader.get("/files/orphans")).status == 403
    assert (await reader.post("/files/orphans", ids=[f"row:{idle.key}"])).status == 403
    assert not (await reader.get("/files")).page.has("to-orphans")
    assert await read(select(StoredFile.id)) == [idle.id]


async def test_storage_is_tried_out_when_that_is_asked_for(client: Browser, site: Site) -> None:
    before = len(list(site.uploads.storage.list()))
    page = (await client.get("/files/storage")).page
    assert not page.has("storage-step")
    done = (await client.post("/files/storage")).page
    assert [step["data-state"] for step in done.all("storage-step")] == ["ok"] * 7
    assert done.one("storage-verdict").text == "All is well"
    assert len(list(site.uploads.storage.list())) == before


async def test_step_that_fails_names_the_fix_in_the_readers_language(
    client: Browser, site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("in the way")
    broken = Uploads(site.database, open_storage(f"local:{tmp_path / 'file' / 'media'}", None), tmp_path)
    monkeypatch.setattr(site, "uploads", broken)
    page = (await client.post("/files/storage")).page
    assert [step["data-state"] for step in page.all("storage-step")] == ["failed"]
    assert page.one("storage-fix").text.startswith("The folder can't be used (Not a directory)")
    assert page.one("storage-verdict").text == "1 step failed"
    client.http.cookies.set("fastor_language", "zh-CN")
    assert "can't" not in (await client.post("/files/storage")).page.one("storage-fix").text


async def test_checking_the_storage_is_a_permission_of_its_own(
    portal_app: Litestar, client: Browser, browse: MakeBrowser
) -> None:
    reader = await browse(portal_app, "rita", ["files.view", "files.edit", "files.delete"])
    assert (await reader.get("/files/storage")).status == 403
    assert (await reader.post("/files/storage")).status == 403
    assert not (await reader.get("/files")).page.has("to-storage")
    checker = await browse(portal_app, "chen", ["files.view", "files.check"])
    assert (await checker.get("/files")).page.one("to-storage")["href"] == "/files/storage"
    assert (await checker.post("/files/storage")).status == 200
    boxes = {box["value"] for box in (await client.get("/roles/new")).page.all(tag="input", name="permissions")}
    assert {"files.check", "files.edit"} <= boxes


async def test_address_of_the_storage_is_shown_without_its_secret(
    client: Browser, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(site, "settings", replace(site.settings, storage_url="s3://ID:hidden-secret@host/bucket"))
    page = await client.get("/files/storage")
    assert page.page.one("storage-address").text == "s3://ID:***@host/bucket"
    assert "hidden-secret" not in page.html
