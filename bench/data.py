"""The databases that are measured; made once and kept under var/bench."""

import asyncio
from pathlib import Path

from sqlalchemy import insert

from portal.auth.accounts import ensure_first_administrator
from portal.db.engine import Database
from portal.db.mapping import mapping_of
from portal.db.migrate import upgrade
from portal.models.article import Article
from portal.models.category import Category
from portal.services.listing import Listing
from portal.services.query import PAGE_SIZES, ListQuery, Sort
from portal.services.seed import seed
from portal.settings import Settings
from portal.uploads.service import Uploads

FOLDER = Path("var/bench")
PASSWORD = "a bench is no secret place"


def settings_for(name: str) -> Settings:
    """An installation whose database has this name."""
    return Settings(
        database_url=f"sqlite+aiosqlite:///{file_of(name)}",
        secret="0" * 64,
        admin_password=PASSWORD,
        var=FOLDER,
    )


def file_of(name: str) -> Path:
    """The file of a database."""
    return FOLDER / f"{name}.db"


async def prepare(name: str, articles: int, categories: int | None = None) -> Settings:
    """The installation `name`, filled the first time it is asked for."""
    settings = settings_for(name)
    made = file_of(name).with_suffix(".made")
    if made.exists():
        await asyncio.to_thread(upgrade, settings.database_url)  # it may be from before the last migration
        return settings
    print(f"Making {file_of(name)} with {articles:,} articles …", flush=True)
    _start_afresh(name)
    await asyncio.to_thread(upgrade, settings.database_url)
    database = Database(settings.database_url, statement_timeout=None)
    uploads = Uploads.open(database, settings)
    await seed(database, uploads=uploads, rows=articles)
    await uploads.close()
    if categories is not None:
        await _add_categories(database, categories)
    await ensure_first_administrator(database, settings)
    await database.dispose()
    made.touch()
    return settings


async def cursor_behind(settings: Settings, rows: int) -> str:
    """A cursor so many rows down the list sorted by publish time, last first, without walking there."""
    database = Database(settings.database_url, statement_timeout=None)
    order, size = (Sort("publish_time", descending=True),), PAGE_SIZES[0]
    async with database.read() as session:
        listing = Listing(mapping_of(Article), session, settings.key("cursor"))
        page = await listing.page(ListQuery(columns=("title",), sort=order, page=rows // size, size=size))
    await database.dispose()
    if page.next_cursor is None:
        raise RuntimeError(f"There is nothing behind row {rows}")
    return page.next_cursor


def _start_afresh(name: str) -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    for file in FOLDER.glob(f"{name}.db*"):
        file.unlink()


async def _add_categories(database: Database, count: int) -> None:
    rows = [
        {"name": f"Section {n}", "slug": f"section-{n}", "position": 1_000_000 + 1000 * n, "version": 1}
        for n in range(count)
    ]
    async with database.write() as session:
        await session.execute(insert(Category), rows)
        await session.commit()
