"""The sample content is lifelike, the same every time, and made once."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from sqlalchemy import Table, func, select

from portal.db import migrate
from portal.db.engine import Database
from portal.models.article import Article, ArticleStatus, ArticleTag
from portal.models.banner import Banner, Placement
from portal.models.category import Category
from portal.models.customer import Customer
from portal.models.file import FileUse, StoredFile
from portal.models.tag import Tag
from portal.services.seed import Seeded, seed
from portal.uploads.local import LocalStorage
from portal.uploads.service import Uploads

MODELS = (Category, Tag, Article, ArticleTag, Banner, Customer)


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    migrate.upgrade(database_url)
    database = Database(database_url, statement_timeout=None)
    yield database
    await database.dispose()


@pytest.fixture
async def uploads(database: Database, tmp_path: Path) -> AsyncIterator[Uploads]:
    uploads = Uploads(database, LocalStorage(tmp_path / "media"), tmp_path / "tmp")
    yield uploads
    await uploads.close()


async def contents(database: Database) -> dict[str, list[Any]]:
    async with database.read() as session:
        return {
            model.__tablename__: [
                tuple(row)
                for row in await session.execute(_in_order(model.__table__))  # type: ignore[arg-type]  # tables all
            ]
            for model in MODELS
        }


def _in_order(table: Table) -> Any:
    return select(table).order_by(*table.primary_key.columns)


async def count(database: Database, model: Any) -> int:
    async with database.read() as session:
        return int(await session.scalar(select(func.count()).select_from(model)) or 0)


@pytest.mark.anyio
async def test_portal_is_filled_as_a_real_one(database: Database, uploads: Uploads) -> None:
    made = await seed(database, uploads=uploads)
    assert made.categories == 12 and made.tags == 40 and made.customers == 120
    assert made.articles >= 250 and made.banners >= 60
    async with database.read() as session:
        articles = (await session.scalars(select(Article))).all()
        home = await session.scalar(select(func.count()).where(Banner.placement == Placement.home))
        links = await session.scalar(select(func.count()).select_from(ArticleTag))
    assert len({article.title for article in articles}) == len(articles)
    assert {article.status for article in articles} == set(ArticleStatus)
    assert all(article.created_by == "starter" and len(article.body) > 150 for article in articles)
    assert all(article.publish_time for article in articles if article.status is ArticleStatus.published)
    assert all(0 < len(article.summary) <= 200 for article in articles)
    assert home is not None and home > 40
    assert links is not None and links > 300


@pytest.mark.anyio
async def test_pictures_named_by_rows_are_stored_small_and_known_to_be_used(
    database: Database, uploads: Uploads, tmp_path: Path
) -> None:
    await seed(database, uploads=uploads)
    async with database.read() as session:
        names = {
            *(await session.scalars(select(Article.cover))),
            *(await session.scalars(select(Banner.picture))),
            *(await session.scalars(select(Customer.avatar))),
        } - {None}
        known = set(await session.scalars(select(StoredFile.key)))
        used = set(await session.scalars(select(StoredFile.key).join(FileUse, FileUse.file_id == StoredFile.id)))
    assert names <= used <= known
    assert len(known) == 56
    files = [path for path in (tmp_path / "media").rglob("*.webp")]
    assert sum(path.stat().st_size for path in files) < 6_000_000
    for name in names:
        with Image.open(tmp_path / "media" / str(name)) as picture:
            assert picture.format == "WEBP" and picture.size in {(640, 360), (160, 160)}


@pytest.mark.anyio
async def test_some_articles_have_pictures_a_table_a_film_and_a_gallery(database: Database, uploads: Uploads) -> None:
    await seed(database, uploads=uploads)
    async with database.read() as session:
        articles = (await session.scalars(select(Article).where(Article.body.contains("portal-video")))).all()
        fields = set(await session.scalars(select(FileUse.field)))
    assert len(articles) == 3
    assert all("<table>" in article.body and "<img " in article.body for article in articles)
    assert all(article.gallery and len(article.gallery) == 6 for article in articles)
    assert {"cover", "body", "gallery", "picture", "avatar"} <= fields


@pytest.mark.anyio
async def test_second_seeding_changes_nothing(database: Database, uploads: Uploads) -> None:
    await seed(database, uploads=uploads)
    before = await contents(database)
    assert await seed(database, uploads=uploads) == Seeded()
    assert await contents(database) == before


@pytest.mark.anyio
async def test_content_is_left_alone_when_there_is_any(database: Database, uploads: Uploads) -> None:
    async with database.write() as session:
        session.add(Tag(name="mine"))
        await session.commit()
    assert (await seed(database, uploads=uploads)).articles == 0
    assert await count(database, Article) == 0


@pytest.mark.anyio
async def test_bulk_articles_are_spread_and_rows_can_be_added_afterwards(database: Database, uploads: Uploads) -> None:
    seeded, told = await seed(database, uploads=uploads), []
    await seed(database, uploads=uploads, rows=600, report=told.append)
    await seed(database, uploads=uploads, rows=50)
    assert told == [600]
    assert await count(database, Article) == seeded.articles + 650
    async with database.write() as session:
        bulk = (await session.scalars(select(Article).where(Article.id > seeded.articles))).all()
        assert {article.status for article in bulk} == set(ArticleStatus)
        assert len({article.category_id for article in bulk}) == 12
        assert len({article.slug for article in bulk}) == len(bulk)
        tagged = select(func.count(ArticleTag.article_id.distinct())).where(ArticleTag.article_id > seeded.articles)
        assert 60 < (await session.scalar(tagged) or 0) < 250
        uses = select(FileUse.row_key, StoredFile.key).join(StoredFile).where(FileUse.field == "cover")
        used = dict((await session.execute(uses.where(FileUse.noun == "article"))).tuples().all())
        assert {str(article.id): article.cover for article in bulk}.items() <= used.items()
        # The next key is given by the database itself.
        session.add(Article(title="by hand", slug="by-hand"))
        await session.commit()


@pytest.mark.anyio
async def test_content_is_the_same_on_every_database_and_every_day(tmp_path: Path) -> None:
    from tests.databases import KINDS, fresh_database, server

    found = []
    for kind in KINDS:
        if kind != "sqlite" and server(kind) is None:
            continue
        with fresh_database(kind) as url:
            migrate.upgrade(url)
            database = Database(url, statement_timeout=None)
            uploads = Uploads(database, LocalStorage(tmp_path / kind), tmp_path / "tmp")
            await seed(database, uploads=uploads)
            found.append(await contents(database))
            await uploads.close()
            await database.dispose()
    assert all(other == found[0] for other in found)
