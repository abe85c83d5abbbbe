"""Rows that the database deletes by itself let go of their files all the same: the sweep sees to it."""

from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import ForeignKey, MetaData, String, delete, select
from sqlalchemy.orm import Mapped, mapped_column

from portal import image
from portal.db.engine import Database
from portal.db.mapping import mapping_of
from portal.db.model import Model
from portal.models.file import FileUse, StoredFile
from portal.models.pending_upload import PendingUpload
from portal.settings import Settings
from portal.uploads.rules import picture_rules
from portal.uploads.service import Uploads
from portal.uploads.stale_uses import StaleUses
from portal.uploads.sweep import Sweep
from tests.databases import KINDS, fresh_database
from tests.uploads.drawing import good

pytestmark = pytest.mark.anyio


class Album(Model):
    __abstract__ = True
    metadata = MetaData()


class Trip(Album):
    __tablename__ = "trip"
    id: Mapped[int] = mapped_column(primary_key=True)


class Photo(Album):
    """Its key has two parts, one of them with characters that addresses escape."""

    __tablename__ = "photo"
    trip_id: Mapped[int] = mapped_column(ForeignKey("trip.id", ondelete="CASCADE"), primary_key=True)
    place: Mapped[str] = mapped_column(String(50), primary_key=True)
    picture: Mapped[str | None] = mapped_column(String(255), info=image())


class Scene:
    """Photos of trips, each with a stored picture."""

    def __init__(self, database: Database, uploads: Uploads, temporary: Path) -> None:
        self.database, self.uploads, self.temporary = database, uploads, temporary

    async def photo(self, trip: int, place: str, *, kept: bool = False, noun: str = "photo") -> str:
        """The key of its picture."""
        source = self.temporary / "sent.png"
        source.write_bytes(good("PNG"))
        file = await self.uploads.add(source, "a.png", picture_rules(), owner="maria", kept=kept)
        row = Photo(trip_id=trip, place=place, picture=file.key)
        use = FileUse(file_id=file.id, noun=noun, row_key=mapping_of(Photo).key_of(row), field="picture")
        async with self.database.write() as session:
            await session.merge(Trip(id=trip))
            await session.flush()
            session.add_all([row, use])
            await session.commit()
        return file.key

    async def drop_trip(self, trip: int) -> None:
        async with self.database.write() as session:
            await session.execute(delete(Trip).where(Trip.id == trip))
            await session.commit()

    async def rows(self, statement: Any) -> list[Any]:
        async with self.database.read() as session:
            return list(await session.scalars(statement))

    def objects(self) -> set[str]:
        return {found.key for found in self.uploads.storage.list() if "thumb" not in found.key}


@pytest.fixture(scope="module", params=KINDS)
def url(request: pytest.FixtureRequest) -> Iterator[str]:
    with fresh_database(request.param) as url:
        yield url


@pytest.fixture
async def scene(url: str, tmp_path: Path) -> AsyncIterator[Scene]:
    database = Database(url)
    uploads = Uploads.open(database, Settings(secret="s" * 40, database_url=url, var=tmp_path))
    files: list[Any] = [StoredFile.__table__, FileUse.__table__, PendingUpload.__table__]
    async with database.engine.begin() as connection:
        await connection.run_sync(StoredFile.metadata.create_all, files)
        await connection.run_sync(Album.metadata.create_all)
    yield Scene(database, uploads, tmp_path)
    async with database.engine.begin() as connection:
        await connection.run_sync(Album.metadata.drop_all)
        await connection.run_sync(StoredFile.metadata.drop_all, files)
    await uploads.close()
    await database.dispose()


async def test_sweep_lets_go_of_what_a_cascade_deleted(scene: Scene) -> None:
    gone = [await scene.photo(1, place) for place in ("Li/jiang", "Dali~", "大理")]
    stays = await scene.photo(2, "Dali")
    await scene.drop_trip(1)
    assert len(await scene.rows(select(FileUse.id))) == 4  # nobody told us
    later = datetime.now(UTC) + timedelta(hours=25)
    sweep = Sweep(scene.database, scene.uploads, scene.temporary, models=[Trip, Photo], now=later)
    found = [orphan async for orphan in sweep.orphans()]
    assert {(orphan.kind, orphan.file_id is not None) for orphan in found} == {("use", True)} and len(found) == 3
    assert scene.objects() == {*gone, stays}
    assert [await sweep.remove(orphan) for orphan in found] == [True] * 3
    assert await scene.rows(select(StoredFile.key)) == [stays]
    assert len(await scene.rows(select(FileUse.id))) == 1 and scene.objects() == {stays}
    assert [orphan async for orphan in sweep.orphans()] == []


async def test_what_the_library_keeps_stays_without_its_use(scene: Scene) -> None:
    key = await scene.photo(1, "Dali", kept=True)
    await scene.drop_trip(1)
    stale = StaleUses(scene.database, scene.uploads, [Photo])
    assert [await stale.remove(use) async for use in stale.find()] == [True]
    assert await scene.rows(select(StoredFile.key)) == [key] and scene.objects() == {key}
    assert await scene.rows(select(FileUse.id)) == []


async def test_row_that_is_made_again_in_the_meantime_keeps_its_file(scene: Scene) -> None:
    key = await scene.photo(1, "Dali")
    await scene.drop_trip(1)
    stale = StaleUses(scene.database, scene.uploads, [Photo])
    (use,) = [use async for use in stale.find()]
    async with scene.database.write() as session:
        session.add(Trip(id=1))
        await session.flush()
        session.add(Photo(trip_id=1, place="Dali", picture=key))
        await session.commit()
    assert not await stale.remove(use)
    assert len(await scene.rows(select(FileUse.id))) == 1 and scene.objects() == {key}


async def test_tables_that_are_not_known_are_left_alone(scene: Scene) -> None:
    await scene.photo(1, "Dali", noun="somebody_elses")
    await scene.drop_trip(1)
    assert [use async for use in StaleUses(scene.database, scene.uploads, [Photo]).find()] == []
    assert [use async for use in StaleUses(scene.database, scene.uploads, []).find()] == []


async def test_models_without_a_table_here_are_left_alone(scene: Scene) -> None:
    await scene.photo(1, "Dali")
    async with scene.database.engine.begin() as connection:
        await connection.run_sync(Album.metadata.drop_all)
    assert [use async for use in StaleUses(scene.database, scene.uploads, [Photo]).find()] == []
