"""The rules of articles: when one is public, and where it is found."""

from typing import Any

from sqlalchemy import ColumnElement, func

from portal.db.columns import UTCDateTime
from portal.db.mixins import now
from portal.models.article import Article, ArticleStatus
from portal.services.resource import ResourceService
from portal.services.slugs import fill_slug


class ArticleService(ResourceService):
    """Articles get a slug and, when they are first published, their time."""

    async def before_save(self, row: Any, *, created: bool) -> None:
        await fill_slug(self, row, "title")
        if row.status is ArticleStatus.published and row.publish_time is None:
            row.publish_time = now()

    async def publish(self, rows: ColumnElement[bool]) -> int:
        """Show them; those that were public before keep their time."""
        first_time = func.coalesce(Article.__table__.c.publish_time, now(), type_=UTCDateTime())
        return await self.update_rows(rows, {"status": ArticleStatus.published, "publish_time": first_time})

    async def unpublish(self, rows: ColumnElement[bool]) -> int:
        """Take them off the site."""
        return await self.update_rows(rows, {"status": ArticleStatus.offline})
