"""A portal in this process, over any database and storage, with somebody signed in who uploads."""

import asyncio
import io
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from litestar import Litestar
from PIL import Image
from sqlalchemy import select

from portal import Portal, RolePolicy
from portal.app import find_resources
from portal.db.engine import Database
from portal.models.article import Article
from portal.models.file import FileUse, StoredFile
from portal.models.user import User
from portal.uploads.service import Scan, objects_of
from portal.uploads.storage import Storage
from portal.uploads.sweep import Sweep
from portal.web.site import Site
from tests.pages.browser import ORIGIN, PASSWORD, Answer, Browser
from tests.portals import QUICK, create_tables, hurry, settings_for

COVER = "/uploads?resource=articles&field=cover"


def picture() -> bytes:
    drawn = io.BytesIO()
    Image.linear_gradient("L").resize((640, 360)).convert("RGB").save(drawn, "JPEG")
    return drawn.getvalue()


@dataclass
class House:
    site: Site
    client: Browser
    truth: Database
    """The portal's database, past any proxy."""
    storage: Storage
    """Its storage, past any proxy."""

    async def upload(self, content: bytes | None = None, address: str = COVER) -> Answer:
        headers = {"Origin": ORIGIN, "X-CSRFToken": await self.client.token()}
        files = [("file", ("a.jpg", content or picture()))]
        return Answer(await self.client.http.post(address, files=files, headers=headers))

    async def rows(self, statement: Any) -> list[Any]:
        async with self.truth.read() as session:
            return list(await session.scalars(statement))

    async def keys(self) -> set[str]:
        return set(await self.rows(select(StoredFile.key)))

    async def objects(self) -> dict[str, int]:
        return await asyncio.to_thread(lambda: {found.key: found.size for found in self.storage.list()})

    def left_over(self) -> list[Path]:
        folder = self.site.settings.var / "tmp"
        return list(folder.iterdir()) if folder.exists() else []

    async def examine(self, told: object = "") -> None:
        """Each row has its objects, each article its cover, each use its row."""
        objects = await self.objects()
        files = await self.rows(select(StoredFile))
        for file in files:
            assert objects.get(file.key) == file.size, (told, file.key)
            assert set(objects_of(file.key, file.sizes)) <= objects.keys(), (told, file.key)
        covers = set(filter(None, await self.rows(select(Article.cover))))
        used = set(await self.rows(select(StoredFile.key).join(FileUse, FileUse.file_id == StoredFile.id)))
        assert covers == used, told
        assert self.left_over() == [], told

    async def sweep(self) -> None:
        """As a day later; afterwards there is what is used, and nothing else."""
        later = datetime.now(UTC) + timedelta(hours=25)
        sweep = Sweep(self.truth, self.site.uploads, self.site.settings.var / "tmp", models=[Article], now=later)
        for orphan in [orphan async for orphan in sweep.orphans()]:
            assert await sweep.remove(orphan)
        files = await self.rows(select(StoredFile))
        assert set(await self.objects()) == {key for file in files for key in objects_of(file.key, file.sizes)}
        assert {file.key for file in files} == set(filter(None, await self.rows(select(Article.cover))))


@asynccontextmanager
async def house(
    url: str,
    folder: Path,
    *,
    behind: str | None = None,
    scan: Scan | None = None,
    storage: Storage | None = None,
    rows: Iterable[Any] = (),
    **settings: Any,
) -> AsyncIterator[House]:
    """The portal reaches its database at `behind`, the tests theirs at `url`."""
    truth = Database(url)
    await create_tables(truth)
    options = settings_for(behind or url, folder, **settings)
    portal = Portal(find_resources("portal.resources"), policy=RolePolicy(), settings=options, scan_upload=scan)
    hurry(portal.site)
    app = Litestar(plugins=[portal], openapi_config=None, logging_config=None)
    async with app.lifespan():
        async with truth.write() as session:
            user = User(username="maria", password_hash=await QUICK.hash(PASSWORD), is_superuser=True)
            session.add_all([*rows, user])
            await session.commit()
        client = Browser(app)
        await client.sign_in("maria")
        await client.token()
        yield House(portal.site, client, truth, storage or portal.site.uploads.storage)
        await client.close()
    await truth.dispose()
