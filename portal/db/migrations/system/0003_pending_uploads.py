"""Big files that arrive in parts."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from portal.db import columns

revision = "system_0003"
down_revision = "system_0002"
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
        "fastor_pending_upload",
        sa.Column("id", columns.BigKey, autoincrement=True, nullable=False),
        sa.Column("name", columns.ExactString(32), nullable=False),
        sa.Column("key", columns.ExactString(255), nullable=False),
        sa.Column("upload", columns.ExactString(512), nullable=False),
        sa.Column("media_type", columns.ExactString(100), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("part_size", sa.Integer(), nullable=False),
        sa.Column("original_name", sa.String(length=255), nullable=False),
        sa.Column("resource", columns.ExactString(100), nullable=False),
        sa.Column("field", columns.ExactString(100), nullable=False),
        sa.Column("owner", columns.ExactString(150), nullable=False),
        sa.Column("created_at", columns.UTCDateTime(), nullable=False),
        sa.Column("expires_at", columns.UTCDateTime(), nullable=False),
        sa.Column("claimed_at", columns.UTCDateTime(), nullable=True),
        sa.Column("stored_key", columns.ExactString(255), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("name", name="uq_fastor_pending_upload_name"),
        **OPTIONS,
    )
    op.create_index("ix_fastor_pending_upload_owner_expires_at", "fastor_pending_upload", ["owner", "expires_at"])
    op.create_index("ix_fastor_pending_upload_expires_at", "fastor_pending_upload", ["expires_at"])


def downgrade() -> None:
    op.drop_table("fastor_pending_upload")
