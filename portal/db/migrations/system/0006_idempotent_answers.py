"""Answers of the JSON API that are given again."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from portal.db import columns

revision = "system_0006"
down_revision = "system_0005"
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
        "fastor_idempotent_answer",
        sa.Column("digest", columns.ExactString(64), nullable=False),
        sa.Column("request", columns.ExactString(64), nullable=False),
        sa.Column("state", columns.ExactString(16), nullable=False),
        sa.Column("holder", columns.ExactString(32), nullable=False),
        sa.Column("held_until", columns.UTCDateTime(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("headers", columns.JSON, nullable=True),
        sa.Column("body", columns.LongBinary, nullable=True),
        sa.Column("expires_at", columns.UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("digest"),
        **OPTIONS,
    )
    op.create_index("ix_fastor_idempotent_answer_expires_at", "fastor_idempotent_answer", ["expires_at"])


def downgrade() -> None:
    op.drop_table("fastor_idempotent_answer")
