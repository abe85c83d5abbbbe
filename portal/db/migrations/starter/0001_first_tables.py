"""The tables of the starter content."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from portal.db import columns

revision = "starter_0001"
down_revision = None
branch_labels = ("starter",)
depends_on = None

OPTIONS: dict[str, Any] = {
    "mysql_engine": "InnoDB",
    "mysql_charset": "utf8mb4",
    "mysql_collate": "utf8mb4_unicode_520_ci",
    "sqlite_autoincrement": True,
}


def upgrade() -> None:
    op.create_table(
        "banner",
        sa.Column("id", columns.BigKey, autoincrement=True, nullable=False),
        sa.Column("title", sa.String(length=100), nullable=False),
        sa.Column("picture", sa.String(length=255), nullable=True),
        sa.Column("link", sa.String(length=500), server_default="", nullable=False),
        sa.Column("placement", sa.String(32), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("is_active", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("starts_at", columns.UTCDateTime(), nullable=True),
        sa.Column("ends_at", columns.UTCDateTime(), nullable=True),
        sa.Column("created_at", columns.UTCDateTime(), nullable=False),
        sa.Column("updated_at", columns.UTCDateTime(), nullable=False),
        sa.Column("created_by", columns.ExactString(150), nullable=True),
        sa.Column("updated_by", columns.ExactString(150), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.PrimaryKeyConstraint("id"),
        **OPTIONS,
    )
    op.create_index("ix_banner_created_at", "banner", ["created_at"])
    op.create_index("ix_banner_placement_position_id", "banner", ["placement", "position", "id"])
    op.create_index("ix_banner_updated_at", "banner", ["updated_at"])

    op.create_table(
        "category",
        sa.Column("id", columns.BigKey, autoincrement=True, nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("slug", columns.ExactString(100), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("created_at", columns.UTCDateTime(), nullable=False),
        sa.Column("updated_at", columns.UTCDateTime(), nullable=False),
        sa.Column("created_by", columns.ExactString(150), nullable=True),
        sa.Column("updated_by", columns.ExactString(150), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("slug", name="uq_category_slug"),
        **OPTIONS,
    )
    op.create_index("ix_category_created_at", "category", ["created_at"])
    op.create_index("ix_category_name", "category", ["name"])
    op.create_index("ix_category_position", "category", ["position"])
    op.create_index("ix_category_updated_at", "category", ["updated_at"])

    op.create_table(
        "customer",
        sa.Column("user_id", columns.ExactString(40), nullable=False),
        sa.Column("nickname", sa.String(length=60), nullable=False),
        sa.Column("avatar", sa.String(length=255), nullable=True),
        sa.Column("sex", sa.String(32), nullable=False),
        sa.Column("source", sa.String(32), nullable=False),
        sa.Column("status", sa.String(32), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=True),
        sa.Column("phone", columns.ExactString(32), nullable=True),
        sa.Column("registered_at", columns.UTCDateTime(), nullable=False),
        sa.Column("updated_at", columns.UTCDateTime(), nullable=False),
        sa.Column("created_by", columns.ExactString(150), nullable=True),
        sa.Column("updated_by", columns.ExactString(150), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.PrimaryKeyConstraint("user_id"),
        **OPTIONS,
    )
    op.create_index("ix_customer_nickname_user_id", "customer", ["nickname", "user_id"])
    op.create_index("ix_customer_registered_at_user_id", "customer", ["registered_at", "user_id"])
    op.create_index("ix_customer_status_user_id", "customer", ["status", "user_id"])
    op.create_index("ix_customer_updated_at", "customer", ["updated_at"])

    op.create_table(
        "tag",
        sa.Column("id", columns.BigKey, autoincrement=True, nullable=False),
        sa.Column("name", columns.ExactString(50), nullable=False),
        sa.Column("created_at", columns.UTCDateTime(), nullable=False),
        sa.Column("updated_at", columns.UTCDateTime(), nullable=False),
        sa.Column("created_by", columns.ExactString(150), nullable=True),
        sa.Column("updated_by", columns.ExactString(150), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("name", name="uq_tag_name"),
        **OPTIONS,
    )
    op.create_index("ix_tag_created_at", "tag", ["created_at"])
    op.create_index("ix_tag_updated_at", "tag", ["updated_at"])

    op.create_table(
        "article",
        sa.Column("id", columns.BigKey, autoincrement=True, nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("slug", columns.ExactString(200), nullable=False),
        sa.Column("summary", sa.String(length=500), server_default="", nullable=False),
        sa.Column("cover", sa.String(length=255), nullable=True),
        sa.Column("body", columns.LongText, nullable=False),
        sa.Column("category_id", columns.BigKey, nullable=True),
        sa.Column("status", sa.String(32), nullable=False),
        sa.Column("pinned", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("views", sa.Integer(), server_default="0", nullable=False),
        sa.Column("publish_time", columns.UTCDateTime(), nullable=True),
        sa.Column("created_at", columns.UTCDateTime(), nullable=False),
        sa.Column("updated_at", columns.UTCDateTime(), nullable=False),
        sa.Column("created_by", columns.ExactString(150), nullable=True),
        sa.Column("updated_by", columns.ExactString(150), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.ForeignKeyConstraint(
            ["category_id"], ["category.id"], name="fk_article_category_id_category", ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("slug", name="uq_article_slug"),
        **OPTIONS,
    )
    op.create_index("ix_article_category_id_id", "article", ["category_id", "id"])
    op.create_index(
        "ix_article_category_id_publish_time_id",
        "article",
        ["category_id", "publish_time", "id"],
        **columns.nulls_first("publish_time"),
    )
    op.create_index("ix_article_created_at", "article", ["created_at"])
    op.create_index("ix_article_pinned_id", "article", ["pinned", "id"])
    op.create_index(
        "ix_article_publish_time_id", "article", ["publish_time", "id"], **columns.nulls_first("publish_time")
    )
    op.create_index("ix_article_status_id", "article", ["status", "id"])
    op.create_index(
        "ix_article_status_publish_time_id",
        "article",
        ["status", "publish_time", "id"],
        **columns.nulls_first("publish_time"),
    )
    op.create_index("ix_article_title_id", "article", ["title", "id"])
    op.create_index("ix_article_updated_at", "article", ["updated_at"])
    op.create_index("ix_article_views_id", "article", ["views", "id"])

    op.create_table(
        "article_tag",
        sa.Column("article_id", columns.BigKey, nullable=False),
        sa.Column("tag_id", columns.BigKey, nullable=False),
        sa.ForeignKeyConstraint(
            ["article_id"], ["article.id"], name="fk_article_tag_article_id_article", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["tag_id"], ["tag.id"], name="fk_article_tag_tag_id_tag", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("article_id", "tag_id"),
        **OPTIONS,
    )
    op.create_index("ix_article_tag_tag_id_article_id", "article_tag", ["tag_id", "article_id"])


def downgrade() -> None:
    op.drop_table("article_tag")
    op.drop_table("article")
    op.drop_table("tag")
    op.drop_table("customer")
    op.drop_table("category")
    op.drop_table("banner")
