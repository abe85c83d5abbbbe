"""Articles by the hundred thousand, for load work: readable, spread over statuses, categories and years."""

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import func, insert, select, text

from portal.db.engine import Database
from portal.models.article import Article, ArticleStatus, ArticleTag
from portal.models.category import Category
from portal.models.file import FileUse, StoredFile
from portal.models.tag import Tag
from portal.services.seed.articles import first_sentences
from portal.services.seed.calendar import AUTHOR, NOW
from portal.services.seed.pictures import COVERS, cover_key
from portal.services.seed.texts import Section, sections

CHUNK = 10_000
"""Rows a transaction: small enough for other writers to get in between."""

STATUSES = (ArticleStatus.published,) * 14 + (ArticleStatus.draft,) * 4 + (ArticleStatus.offline,) * 2

TAGGED = 0.2
"""The share of articles that get tags."""

YEARS = 6

Row = dict[str, Any]


async def add_articles(database: Database, rows: int, report: Callable[[int], None] | None = None) -> None:
    """Insert `rows` articles; `report` hears the number done after every chunk."""
    async with database.read() as session:
        start = await session.scalar(select(func.max(Article.id))) or 0
        categories = dict((await session.execute(select(Category.slug, Category.id))).tuples().all())
        tag_ids = list(await session.scalars(select(Tag.id).order_by(Tag.id)))
        covers = select(StoredFile.key, StoredFile.id).where(StoredFile.key.in_(map(cover_key, range(COVERS))))
        file_ids = dict((await session.execute(covers)).tuples().all())
    chance = random.Random(f"bulk {start}")
    made = _articles(start, rows, categories, chance)
    for done in range(0, rows, CHUNK):
        chunk = [next(made) for _ in range(min(CHUNK, rows - done))]
        links = list(_links([row["id"] for row in chunk], tag_ids, chance))
        async with database.write() as session:
            # On the connection: through the session it would be the ORM's bulk insert, twice as slow.
            connection = await session.connection()
            await connection.execute(insert(Article), chunk)
            await connection.execute(insert(FileUse), list(_uses(chunk, file_ids)))
            if links:
                await connection.execute(insert(ArticleTag), links)
            await session.commit()
        if report:
            report(done + len(chunk))
    await _mend_sequence(database)


def _articles(start: int, rows: int, categories: dict[str, int], chance: random.Random) -> Iterator[Row]:
    known = [section for section in sections() if section.slug in categories] or list(sections())
    texts = {section.slug: _texts(section) for section in known}
    first, step = NOW - timedelta(days=365 * YEARS), timedelta(days=365 * YEARS) / max(rows, 1)
    for number in range(rows):
        section = chance.choice(known)
        status = chance.choice(STATUSES)
        created = first + step * number
        summary, body = chance.choice(texts[section.slug])
        key = start + number + 1
        draft = status is ArticleStatus.draft
        yield {
            "id": key,
            "title": f"{chance.choice(section.titles)} · {key}",
            "slug": f"{section.slug}-a{key}",
            "summary": summary,
            "cover": cover_key(chance.randrange(COVERS)),
            "body": body,
            "category_id": categories.get(section.slug),
            "status": status,
            "pinned": not draft and chance.random() < 0.002,
            "views": 0 if draft else int(chance.expovariate(1 / 900)),
            "publish_time": None if draft else created + timedelta(minutes=chance.randrange(5, 2880)),
            "created_at": created,
            "updated_at": created + timedelta(minutes=chance.randrange(0, 14_400)),
            "created_by": AUTHOR,
            "updated_by": AUTHOR,
            "version": 1,
        }


def _texts(section: Section) -> list[tuple[str, str]]:
    """Summaries and short bodies: a million full ones would fill the disk and show nothing more."""
    return [
        (first_sentences(opening, section.language), f"<p>{opening}</p>\n<p>{paragraph}</p>")
        for opening in section.openings
        for paragraph in section.paragraphs
    ]


def _links(keys: Sequence[int], tag_ids: Sequence[int], chance: random.Random) -> Iterator[Row]:
    if not tag_ids:
        return
    for key in keys:
        if chance.random() < TAGGED:
            for tag_id in chance.sample(tag_ids, min(chance.choice((1, 1, 2, 3)), len(tag_ids))):
                yield {"article_id": key, "tag_id": tag_id}


def _uses(rows: Sequence[Row], file_ids: Mapping[str, int]) -> Iterator[Row]:
    """What the service would note of each; without it the covers could be deleted from under them."""
    for row in rows:
        file_id = file_ids[row["cover"]]
        yield {"file_id": file_id, "noun": Article.__tablename__, "row_key": str(row["id"]), "field": "cover"}


async def _mend_sequence(database: Database) -> None:
    # PostgreSQL's sequence does not follow keys that were given.
    if database.dialect == "postgresql":
        async with database.write() as session:
            await session.execute(
                text("SELECT setval(pg_get_serial_sequence('article', 'id'), (SELECT max(id) FROM article))")
            )
            await session.commit()
