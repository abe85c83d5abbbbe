"""What readers are shown of articles: the published ones, newest first. Nobody needs a permission for it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import defer, joinedload, selectinload

from portal.db.mixins import now
from portal.errors import InputError, NotFound
from portal.i18n import _
from portal.models.article import Article, ArticleStatus, ArticleTag
from portal.models.category import Category
from portal.models.tag import Tag
from portal.services.keyset import OrderTerm, read_cursor, segments, write_cursor
from portal.short_ids import number_of

NEWEST_FIRST = (OrderTerm(Article.publish_time, True, nullable=False), OrderTerm(Article.id, True, nullable=False))


@dataclass(frozen=True)
class FeedPart:
    """Some of the feed, and the cursor of what follows; the bodies are not read."""

    rows: Sequence[Article]
    next: str | None


async def article_feed(
    session: AsyncSession, cursor_key: bytes, *, category: str = "", tag: str = "", size: int, after: str = ""
) -> FeedPart:
    """One part; `category` is the slug of a section, `tag` a tag's name, `after` the cursor of the part before.

    `NotFound` where there is no such section or tag, `InputError` for a cursor that is not this feed's.
    """
    name = f"article feed:{len(category)}:{category}:{tag}"
    where = [is_public(), *await _within(session, category, tag)]
    if after:
        values = read_cursor(cursor_key, name, after)
        if values is None:
            raise InputError({"after": _("This cursor is not one of this list's.")})
        where += segments(NEWEST_FIRST, values)
    statement = (
        select(Article)
        .options(defer(Article.body), joinedload(Article.category), selectinload(Article.tags))
        .where(*where)
        .order_by(*[term.column.desc() for term in NEWEST_FIRST])
        .limit(size + 1)
    )
    rows = (await session.scalars(statement)).all()
    last = rows[size - 1] if len(rows) > size else None
    behind = write_cursor(cursor_key, name, [last.publish_time, last.id]) if last is not None else None
    return FeedPart(rows[:size], behind)


async def public_article(session: AsyncSession, name: str) -> Article:
    """The article of this slug or, where none has it, of this short id; `NotFound` unless everybody may read it."""
    found = await session.scalars(
        select(Article)
        .options(joinedload(Article.category), selectinload(Article.tags))
        .where(is_public(), _called(name))
    )
    article: Article = _the_one(found.all(), name)
    return article


async def public_article_id(session: AsyncSession, name: str) -> int:
    """The key of the same, where nothing else is wanted."""
    found = await session.execute(select(Article.id, Article.slug).where(is_public(), _called(name)))
    number: int = _the_one(found.all(), name).id
    return number


def is_public() -> ColumnElement[bool]:
    """Published, and its time has come."""
    return and_(Article.status == ArticleStatus.published, Article.publish_time <= now())


def _called(name: str) -> ColumnElement[bool]:
    number = number_of(name)
    return Article.slug == name if number is None else or_(Article.slug == name, Article.id == number)


def _the_one(found: Sequence[Any], name: str) -> Any:
    if not found:
        raise NotFound
    return next((row for row in found if row.slug == name), found[0])


async def _within(session: AsyncSession, category: str, tag: str) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if category:
        category_id = await session.scalar(select(Category.id).where(Category.slug == category))
        conditions.append(Article.category_id == _known(category_id))
    if tag:
        tag_id = await session.scalar(select(Tag.id).where(Tag.name == tag))
        has_tag = (ArticleTag.article_id == Article.id) & (ArticleTag.tag_id == _known(tag_id))
        conditions.append(exists().where(has_tag))
    return conditions


def _known(key: int | None) -> int:
    if key is None:
        raise NotFound
    return key
