"""Stored files, and which rows use them."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from portal.db import columns

revision = "system_0002"
down_revision = "system_0001"
branch_labels = None
depends_on = None

OPTIONS: dict[str, Any] = {
    "mysql_engine": "InnoDB",
    "mysql_charset": "utf8mb4",
    "mysql_collate": "utf8mb4_unicode_520_ci",
    "sqlite_autoincrement": True,
}


def upgrade() -> None:
    op.create_table(
        "fastor_file",
        sa.Column("id", columns.BigKey, autoincrement=True, nullable=False),
        sa.Column("key", columns.ExactString(255), nullable=False),
        sa.Column("kind", columns.ExactString(16), nullable=False),
        sa.Column("media_type", columns.ExactString(100), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=True),
        sa.Column("height", sa.Integer(), nullable=True),
        sa.Column("sizes", columns.JSON, nullable=False),
        sa.Column("sha256", columns.ExactString(64), nullable=False),
        sa.Column("original_name", sa.String(length=255), nullable=False),
        sa.Column("alt", sa.String(length=500), server_default="", nullable=False),
        sa.Column("folder", sa.String(length=100), server_default="", nullable=False),
        sa.Column("owner", columns.ExactString(150), nullable=True),
        sa.Column("private", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("kept", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("created_at", columns.UTCDateTime(), nullable=False),
        sa.Column("updated_at", columns.UTCDateTime(), nullable=False),
        sa.Column("created_by", columns.ExactString(150), nullable=True),
        sa.Column("updated_by", columns.ExactString(150), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("key", name="uq_fastor_file_key"),
        **OPTIONS,
    )
    op.create_index("ix_fastor_file_created_at", "fastor_file", ["created_at"])
    op.create_index("ix_fastor_file_updated_at", "fastor_file", ["updated_at"])
    op.create_index("ix_fastor_file_folder_id", "fastor_file", ["folder", "id"])
    op.create_index("ix_fastor_file_kind_id", "fastor_file", ["kind", "id"])
    op.create_index("ix_fastor_file_kept_created_at", "fastor_file", ["kept", "created_at"])
    op.create_index("ix_fastor_file_sha256", "fastor_file", ["sha256"])

    op.create_table(
        "fastor_file_use",
        sa.Column("id", columns.BigKey, autoincrement=True, nullable=False),
        sa.Column("file_id", columns.BigKey, nullable=False),
        sa.Column("noun", columns.ExactString(100), nullable=False),
        sa.Column("row_key", columns.ExactString(200), nullable=False),
        sa.Column("field", columns.ExactString(100), nullable=False),
        sa.ForeignKeyConstraint(
            ["file_id"], ["fastor_file.id"], name="fk_fastor_file_use_file_id_fastor_file", ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint(
            "file_id", "noun", "row_key", "field", name="uq_fastor_file_use_file_id_noun_row_key_field"
        ),
        **OPTIONS,
    )
    op.create_index("ix_fastor_file_use_noun_row_key", "fastor_file_use", ["noun", "row_key"])


def downgrade() -> None:
    op.drop_table("fastor_file_use")
    op.drop_table("fastor_file")
