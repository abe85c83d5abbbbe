"""The sweep finds what belongs to nothing, and nothing else."""

import os
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from portal.cli import main
from portal.db.engine import Database
from portal.models.file import FileUse, StoredFile
from portal.models.pending_upload import PendingUpload
from portal.settings import Settings
from portal.uploads.keys import copy_key, incoming_key, new_key
from portal.uploads.service import Uploads
from portal.uploads.sweep import BATCH, Sweep

pytestmark = pytest.mark.anyio

NOW = datetime.now(UTC)
OLD = NOW - timedelta(hours=25)
TABLES = [StoredFile.__table__, FileUse.__table__, PendingUpload.__table__]


class Place:
    """A portal's files, some of them left behind."""

    def __init__(self, settings: Settings, database: Database) -> None:
        self.settings = settings
        self.database = database
        self.uploads = Uploads.open(database, settings)
        self.temporary = settings.var / "tmp"
        self.sweep = Sweep(database, self.uploads, self.temporary, now=NOW)

    async def file(self, *, created: datetime = OLD, used: bool = False, kept: bool = False) -> str:
        key = new_key("webp")
        row = StoredFile(
            key=key,
            kind="image",
            media_type="image/webp",
            size=1,
            sizes={"thumb": [1, 1, 1]},
            sha256="a" * 64,
            original_name="tea.webp",
            kept=kept,
            created_at=created,
        )
        async with self.database.write() as session:
            session.add(row)
            await session.flush()
            if used:
                session.add(FileUse(file_id=row.id, noun="article", row_key="1", field="cover"))
            await session.commit()
        self.object(key)
        self.object(copy_key(key, "thumb"))
        return key

    def object(self, key: str, moment: datetime = OLD) -> str:
        path = self.settings.var / "media" / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")
        os.utime(path, (moment.timestamp(), moment.timestamp()))
        return key

    def folder(self, name: str, moment: datetime) -> str:
        path = self.temporary / name
        path.mkdir(parents=True)
        os.utime(path, (moment.timestamp(), moment.timestamp()))
        return name

    async def upload(self, *, expires: datetime, begun: datetime = OLD) -> PendingUpload:
        """One with a part, and with what was put together from others."""
        key = incoming_key("mp4")
        storage = self.uploads.storage
        upload = storage.begin_parts(key, "video/mp4")
        part = self.settings.var / "part"
        part.write_bytes(b"x")
        storage.put_part(key, upload, 1, part)
        self.age(upload, begun)
        pending = PendingUpload(
            name=upload,
            key=self.object(key, begun),
            upload=upload,
            media_type="video/mp4",
            size=1,
            part_size=1,
            original_name="tea.mp4",
            resource="articles",
            field="attachment",
            owner="maria",
            created_at=begun,
            expires_at=expires,
        )
        async with self.database.write() as session:
            session.add(pending)
            await session.commit()
        return pending

    def age(self, upload: str, moment: datetime = OLD) -> None:
        path = self.settings.var / "media" / ".incoming" / upload
        os.utime(path, (moment.timestamp(), moment.timestamp()))

    async def found(self) -> set[str]:
        return {orphan.name async for orphan in self.sweep.orphans()}


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Place]:
    settings = Settings(secret="s" * 40, var=tmp_path)
    database = Database(settings.database_url)
    async with database.engine.begin() as connection:
        for table in TABLES:
            await connection.run_sync(table.create)  # type: ignore[attr-defined]  # a Table
    place = Place(settings, database)
    yield place
    await place.uploads.close()
    await database.dispose()


async def test_sweep_finds_what_is_old_and_belongs_to_nothing(place: Place) -> None:
    for more in ({"used": True}, {"kept": True}, {"created": NOW}):
        await place.file(**more)  # type: ignore[arg-type]  # one of its options
    place.object(new_key("webp"), NOW)
    place.object("not/ours.txt")
    place.folder("upload-young", NOW)
    place.folder("something-else", OLD)
    expected = {await place.file(), place.object(new_key("pdf")), place.folder("upload-old", OLD)}
    expected.add(place.object(copy_key(new_key("webp"), "thumb")))
    assert await place.found() == expected


async def test_sweep_removes_them_and_is_done(place: Place) -> None:
    keys = [await place.file(used=True)] + [await place.file() for _ in range(3)]
    loose = [place.object(new_key("webp")) for _ in range(BATCH + 5)]
    folder = place.folder("upload-old", OLD)
    async for orphan in place.sweep.orphans():
        assert await place.sweep.remove(orphan)
    assert await place.found() == set()
    media = place.settings.var / "media"
    assert [(media / key).exists() for key in keys] == [True, False, False, False]
    assert not any((media / key).exists() for key in loose)
    assert not (place.temporary / folder).exists()
    async with place.database.read() as session:
        assert list(await session.scalars(select(StoredFile.key))) == keys[:1]


async def test_row_used_in_the_meantime_stays(place: Place) -> None:
    await place.file()
    (orphan,) = [found async for found in place.sweep.orphans()]
    async with place.database.write() as session:
        session.add(FileUse(file_id=orphan.file_id, noun="article", row_key="1", field="cover"))
        await session.commit()
    assert not await place.sweep.remove(orphan)


async def test_uploads_in_parts_go_when_their_time_is_over(place: Place) -> None:
    running = await place.upload(expires=NOW + timedelta(hours=1))
    over = await place.upload(expires=NOW - timedelta(seconds=1))
    stored = await place.upload(expires=NOW - timedelta(seconds=1))
    stored.stored_key = await place.file(used=True)
    async with place.database.write() as session:
        await session.merge(stored)
        await session.commit()
    assert await place.found() == {over.key, stored.key}
    async for orphan in place.sweep.orphans():
        assert await place.sweep.remove(orphan)
    assert await place.found() == set()
    async with place.database.read() as session:
        assert list(await session.scalars(select(PendingUpload.name))) == [running.name]
    assert place.uploads.storage.stat(stored.stored_key) is not None
    assert running.upload in {upload for _key, upload, _moment in place.uploads.storage.unfinished()}


async def test_uploads_without_a_row_go_when_they_are_old(place: Place) -> None:
    storage = place.uploads.storage
    young, old, damaged = (storage.begin_parts(incoming_key("mp4"), "video/mp4") for _ in range(3))
    (place.settings.var / "media" / ".incoming" / damaged / "key").unlink()
    place.object(incoming_key("mp4"), NOW)
    left = place.object(incoming_key("mp4"))
    for upload in (old, damaged):
        place.age(upload)
    found = [orphan async for orphan in place.sweep.orphans()]
    assert {orphan.upload for orphan in found} == {old, damaged, ""}
    assert [orphan.name for orphan in found if not orphan.upload] == [left]
    for orphan in found:
        assert await place.sweep.remove(orphan)
    assert await place.found() == set()
    assert {upload for _key, upload, _moment in storage.unfinished()} == {young}


def test_command_lists_and_removes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("FASTOR_VAR", str(tmp_path / "var"))
    monkeypatch.setenv("FASTOR_SECRET", "s" * 40)
    runner = CliRunner()
    assert runner.invoke(main, ["db", "upgrade"]).exit_code == 0
    lost = tmp_path / "var" / "media" / new_key("webp")
    lost.parent.mkdir(parents=True)
    lost.write_bytes(b"x")
    os.utime(lost, (OLD.timestamp(), OLD.timestamp()))
    listed = runner.invoke(main, ["files", "orphans"])
    assert (listed.exit_code, lost.exists()) == (0, True), listed.output
    assert lost.name in listed.output
    removed = runner.invoke(main, ["files", "orphans", "--remove"])
    assert (removed.exit_code, lost.exists()) == (0, False), removed.output
    assert "There are none." in runner.invoke(main, ["files", "orphans"]).output
