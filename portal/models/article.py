"""Articles: the content most portals are about."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, Integer, String, false
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.db.columns import JSON, BigKey, ExactString, LongText, UTCDateTime, nulls_first
from portal.db.mixins import AuthorMixin, TimestampMixin, VersionMixin
from portal.db.model import Base, Model
from portal.facts import file, gallery, image, rich_text, ui
from portal.i18n import _
from portal.models.category import Category
from portal.models.tag import Tag


class ArticleStatus(StrEnum):
    """Where an article stands on its way to the reader."""

    draft = "draft"
    published = "published"
    offline = "offline"


STATUS_LABELS = {
    ArticleStatus.draft: _("Draft"),
    ArticleStatus.published: _("Published"),
    ArticleStatus.offline: _("Offline"),
}


class ArticleTag(Model):
    """That an article has a tag."""

    __tablename__ = "article_tag"
    __table_args__ = (Index(None, "tag_id", "article_id"),)

    article_id: Mapped[int] = mapped_column(BigKey, ForeignKey("article.id", ondelete="CASCADE"), primary_key=True)
    tag_id: Mapped[int] = mapped_column(BigKey, ForeignKey("tag.id", ondelete="CASCADE"), primary_key=True)


class Article(Base, TimestampMixin, AuthorMixin, VersionMixin):
    """A text with a cover, in a section, published or not yet."""

    __tablename__ = "article"
    # Each ends with the key, as the order of every list does: a filtered or sorted page of a million rows is
    # read straight off the index, also where a million rows share a value.
    __table_args__ = (
        Index(None, "status", "id"),
        Index(None, "category_id", "id"),
        Index(None, "pinned", "id"),
        Index(None, "views", "id"),
        Index(None, "title", "id"),
        Index(None, "publish_time", "id", **nulls_first("publish_time")),
        Index(None, "status", "publish_time", "id", **nulls_first("publish_time")),
        Index(None, "category_id", "publish_time", "id", **nulls_first("publish_time")),
    )

    title: Mapped[str] = mapped_column(String(200), info=ui(label=_("Title"), search=True))
    slug: Mapped[str] = mapped_column(
        ExactString(200),
        unique=True,
        info=ui(label=_("Slug"), help=_("The article's part of the address."), slug_from="title", search=True),
    )
    summary: Mapped[str] = mapped_column(
        String(500),
        default="",
        server_default="",
        info=ui(label=_("Summary"), help=_("Shown in lists and on shared links."), kind="long_text"),
    )
    cover: Mapped[str | None] = mapped_column(
        String(255), info=image(label=_("Cover"), folder="covers", ratio="16:9", max_mb=8)
    )
    body: Mapped[str] = mapped_column(LongText, default="", info=rich_text(label=_("Body"), folder="articles"))
    gallery: Mapped[list[str] | None] = mapped_column(
        JSON, info=gallery(label=_("Gallery"), help=_("Shown below the text."), folder="articles", max_mb=8, most=24)
    )
    attachment: Mapped[str | None] = mapped_column(
        String(255), info=file(label=_("Attachment"), help=_("Readers can download it."), folder="attachments")
    )
    category_id: Mapped[int | None] = mapped_column(BigKey, ForeignKey("category.id", ondelete="RESTRICT"))
    status: Mapped[ArticleStatus] = mapped_column(
        default=ArticleStatus.draft,
        info=ui(
            label=_("Status"),
            choices=STATUS_LABELS,
            badge={
                ArticleStatus.draft: "muted",
                ArticleStatus.published: "ok",
                ArticleStatus.offline: "bad",
            },
            inline=True,
            aside=True,
        ),
    )
    pinned: Mapped[bool] = mapped_column(
        default=False,
        server_default=false(),
        info=ui(label=_("Pinned"), help=_("Stays at the top of its section."), inline=True, aside=True),
    )
    views: Mapped[int] = mapped_column(Integer, default=0, server_default="0", info=ui(label=_("Views"), aside=True))
    publish_time: Mapped[datetime | None] = mapped_column(UTCDateTime, info=ui(label=_("Publish time"), aside=True))

    category: Mapped[Category | None] = relationship(info=ui(label=_("Category"), aside=True))
    tags: Mapped[list[Tag]] = relationship(
        secondary=ArticleTag.__table__, order_by=Tag.name, info=ui(label=_("Tags"), aside=True)
    )

    def __str__(self) -> str:
        return self.title
