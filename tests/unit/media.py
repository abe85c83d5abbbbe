"""Stored files in a folder, with records in a database, and the application that hands them out."""

import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx

from portal.auth.actor import Actor
from portal.db.engine import Database
from portal.db.model import Model
from portal.models.file import FileUse, StoredFile
from portal.uploads.keys import new_key
from portal.uploads.local import LocalStorage
from portal.web.media import MediaFiles


class Media:
    """The files of a portal, with a storage in a folder and records in a database."""

    def __init__(self, folder: Path, database: Database) -> None:
        self.folder = folder
        self.database = database
        self.actor: Actor | None = None
        self.site: Any = SimpleNamespace(
            database=database,
            uploads=SimpleNamespace(storage=LocalStorage(folder)),
            url=lambda path: path,
            authenticator=SimpleNamespace(sign_in_url=None),
        )
        self.files = MediaFiles(self.site)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        state = {"fastor": SimpleNamespace(actor=self.actor)}
        await self.files({**scope, "state": state}, receive, send)

    async def fetch(self, path: str, method: str = "GET", **headers: str) -> httpx.Response:
        transport = httpx.ASGITransport(app=self)
        async with httpx.AsyncClient(transport=transport, base_url="http://portal.test") as client:
            return await client.request(method, f"/{path}", headers=headers)

    async def store(self, content: bytes, media_type: str = "image/webp", ending: str = "webp", **values: Any) -> str:
        """Put a file with a record there; returns its key."""
        key = new_key(ending)
        self.put(key, content)
        values = {"kind": media_type.partition("/")[0], "original_name": "tea.webp", "sizes": {}, **values}
        digest = hashlib.sha256(content).hexdigest()
        row = StoredFile(key=key, media_type=media_type, size=len(content), sha256=digest, **values)
        async with self.database.write() as session:
            session.add(row)
            await session.commit()
        return key

    def put(self, name: str, content: bytes) -> None:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


@asynccontextmanager
async def opened(folder: Path) -> AsyncIterator[Media]:
    """An empty storage and empty tables below a folder."""
    database = Database(f"sqlite+aiosqlite:///{folder / 'portal.db'}")
    tables: Any = [StoredFile.__table__, FileUse.__table__]
    async with database.engine.begin() as connection:
        await connection.run_sync(lambda bound: Model.metadata.create_all(bound, tables))
    (folder / "media").mkdir()
    yield Media(folder / "media", database)
    await database.dispose()
