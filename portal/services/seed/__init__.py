"""Fills a portal with sample content that reads like a real one, the same every time."""

import random
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import select

from portal.db.engine import Database
from portal.models.article import Article
from portal.models.banner import Banner
from portal.models.category import Category
from portal.models.customer import Customer
from portal.models.tag import Tag
from portal.services.seed.articles import make_articles
from portal.services.seed.bulk import add_articles
from portal.services.seed.files import add_pictures, uses
from portal.services.seed.others import make_banners, make_categories, make_customers, make_tags
from portal.services.seed.texts import sections
from portal.uploads.service import Uploads

__all__ = ["Seeded", "seed"]


@dataclass(frozen=True)
class Seeded:
    """How many of each were made; zeros where there was content already."""

    pictures: int = 0
    categories: int = 0
    tags: int = 0
    articles: int = 0
    banners: int = 0
    customers: int = 0


async def seed(
    database: Database,
    *,
    uploads: Uploads,
    rows: int | None = None,
    report: Callable[[int], None] | None = None,
) -> Seeded:
    """Fill the starter tables if all of them are empty, then add `rows` articles in bulk when asked.

    The pictures come in by `uploads`. A second call makes nothing but the `rows` it is asked for. Pass a
    database without a statement time-out: this takes longer than a request may.
    """
    pictures = await add_pictures(database, uploads)
    made = Seeded(pictures=pictures) if await _has_content(database) else await _fill(database, pictures)
    if rows:
        await add_articles(database, rows, report)
    return made


async def _has_content(database: Database) -> bool:
    async with database.read() as session:
        for model in (Article, Category, Tag, Banner, Customer):
            if await session.scalar(select(1).select_from(model).limit(1)):
                return True
    return False


async def _fill(database: Database, pictures: int) -> Seeded:
    chance = random.Random("Fastor")
    categories = make_categories(sections(), chance)
    tags = make_tags(chance)
    by_slug = {category.slug: category for category in categories}
    articles = make_articles(sections(), by_slug, {tag.name: tag for tag in tags}, chance)
    banners, customers = make_banners(chance), make_customers(chance)
    async with database.write() as session:
        # Flushed one kind after the other, so that keys follow the order they were made in.
        for kind in (categories, tags, articles, banners, customers):
            session.add_all(kind)
            await session.flush()
            session.add_all(await uses(session, kind))
        await session.commit()
    return Seeded(pictures, len(categories), len(tags), len(articles), len(banners), len(customers))
