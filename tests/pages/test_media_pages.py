"""Stored files over the whole product: who gets private ones, on each database."""

from pathlib import Path
from typing import Any

import pytest
from litestar import Litestar
from sqlalchemy import event

from portal.db.engine import Database
from portal.models.file import FileUse, StoredFile
from portal.uploads.keys import copy_key, new_key
from portal.web.site import Site
from tests.pages.browser import Browser
from tests.pages.content import article
from tests.portals import Add, MakeBrowser

pytestmark = pytest.mark.anyio


def stored(site: Site, content: bytes = b"content", **values: Any) -> StoredFile:
    """A record, and its object and smallest copy in the storage."""
    key = new_key("webp")
    for name in (key, copy_key(key, "thumb")):
        path = Path(site.settings.storage_url.removeprefix("local:"), name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    values = {"kind": "image", "media_type": "image/webp", "original_name": "tea.webp", **values}
    sizes = {"thumb": [1, 1, len(content)]}
    return StoredFile(key=key, size=len(content), sha256="a" * 64, sizes=sizes, **values)


async def status(browser: Browser, key: str) -> int:
    return (await browser.get(f"/media/{key}")).status


async def test_public_file_is_there_for_everybody(
    site: Site, add: Add, anonymous: Browser, editor: Browser, client: Browser
) -> None:
    await add(file := stored(site))
    for browser in (anonymous, editor, client):
        for key in (file.key, copy_key(file.key, "thumb")):
            answer = await browser.get(f"/media/{key}")
            assert (answer.status, answer.response.content) == (200, b"content")
            assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert await status(browser, copy_key(file.key, "large")) == 404


async def test_private_file_is_for_those_who_may_see_what_uses_it(
    portal_app: Litestar,
    site: Site,
    add: Add,
    anonymous: Browser,
    editor: Browser,
    client: Browser,
    browse: MakeBrowser,
) -> None:
    await add(row := article("Tea"), file := stored(site, private=True), unused := stored(site, private=True))
    await add(FileUse(file_id=file.id, noun="article", row_key=str(row.id), field="cover"))
    stranger = await browse(portal_app, "tom", ["tags.view"])
    for key in (file.key, copy_key(file.key, "thumb")):
        assert [await status(found, key) for found in (anonymous, stranger, editor, client)] == [404, 404, 200, 200]
    answer = await editor.get(f"/media/{file.key}")
    assert answer.headers["cache-control"] == "private, no-cache"
    assert "set-cookie" not in answer.headers
    assert [await status(found, unused.key) for found in (anonymous, stranger, editor, client)] == [404, 404, 404, 200]


async def test_private_file_of_a_row_that_is_gone_is_nobodys(site: Site, add: Add, editor: Browser) -> None:
    await add(file := stored(site, private=True))
    await add(
        FileUse(file_id=file.id, noun="article", row_key="987654", field="cover"),
        FileUse(file_id=file.id, noun="article", row_key="no number", field="cover"),
        FileUse(file_id=file.id, noun="nothing", row_key="1", field="cover"),
    )
    assert await status(editor, file.key) == 404


async def test_private_file_is_its_owners(site: Site, add: Add, editor: Browser) -> None:
    await add(own := stored(site, private=True, owner="erik"), other := stored(site, private=True, owner="maria"))
    assert (await status(editor, own.key), await status(editor, other.key)) == (200, 404)


async def test_permission_is_asked_at_each_request(site: Site, add: Add, editor: Browser, database: Database) -> None:
    await add(row := article("Tea"), file := stored(site, private=True))
    await add(use := FileUse(file_id=file.id, noun="article", row_key=str(row.id), field="cover"))
    found = await editor.get(f"/media/{file.key}")
    assert found.status == 200
    async with database.write() as session:
        await session.delete(await session.get_one(FileUse, use.id))
        await session.commit()
    answer = await editor.get(f"/media/{file.key}", {"If-None-Match": found.headers["etag"]})
    assert answer.status == 404


async def test_copy_leads_to_its_own_file_among_many(
    site: Site, add: Add, anonymous: Browser, database: Database
) -> None:
    files = [stored(site, content=bytes([number])) for number in range(30)]
    await add(*files)
    for number, file in enumerate(files):
        answer = await anonymous.get(f"/media/{copy_key(file.key, 'thumb')}")
        assert answer.response.content == bytes([number])


async def test_picture_seen_before_costs_no_query(site: Site, add: Add, anonymous: Browser, database: Database) -> None:
    await add(file := stored(site))
    thumb = copy_key(file.key, "thumb")
    assert await status(anonymous, thumb) == 200
    asked: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        asked.append(statement)

    engine = database.engine.sync_engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        assert await status(anonymous, thumb) == 200
    finally:
        event.remove(engine, "before_cursor_execute", note)
    assert asked == []
