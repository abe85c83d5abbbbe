"""The rules of articles: when one is public, and where it is found."""

from typing import Any

from sqlalchemy import ColumnElement, func, inspect, select
from sqlalchemy.orm import selectinload

from portal.db.columns import UTCDateTime
from portal.db.mixins import now
from portal.errors import NotFound
from portal.markup import keys_in
from portal.models.article import Article, ArticleStatus
from portal.models.user import User
from portal.services.publishing import Published
from portal.services.resource import ResourceService
from portal.services.slugs import fill_slug
from portal.services.stored_files import files_by_key
from portal.short_ids import number_of


class ArticleService(ResourceService):
    """Articles get a slug and, when they are first published, their time."""

    async def before_save(self, row: Any, *, created: bool) -> None:
        await fill_slug(self, row, "title")
        if row.status is not ArticleStatus.published:
            return
        if row.publish_time is None:
            row.publish_time = now()
        if created or inspect(row).attrs.status.history.has_changes():
            self.besides("publish")

    async def publish(self, rows: ColumnElement[bool]) -> int:
        """Show them; those that were public before keep their time."""
        first_time = func.coalesce(Article.__table__.c.publish_time, now(), type_=UTCDateTime())
        return await self.update_rows(rows, {"status": ArticleStatus.published, "publish_time": first_time}, "publish")

    async def unpublish(self, rows: ColumnElement[bool]) -> int:
        """Take them off the site."""
        return await self.update_rows(rows, {"status": ArticleStatus.offline})

    async def published(self, short: str) -> Published:
        """For everybody, so no permission is asked for: the status and the time decide."""
        statement = (
            select(Article)
            .options(selectinload(Article.category))
            .where(
                Article.id == number_of(short),
                Article.status == ArticleStatus.published,
                Article.publish_time <= now(),
            )
        )
        row = await self.session.scalar(statement)
        if row is None:
            raise NotFound
        # The name people chose for themselves; the one they sign in with is nobody's business.
        author = await self.session.scalar(select(User.display_name).where(User.username == row.created_by))
        gallery = tuple(row.gallery or ())
        keys = [*gallery, *keys_in(row.body), *filter(None, (row.cover, row.attachment))]
        return Published(
            row=row,
            body=row.body,
            summary=row.summary,
            cover=row.cover,
            gallery=gallery,
            attachment=row.attachment,
            author=author or "",
            section=str(row.category or ""),
            files=await files_by_key(self.session, keys),
        )
