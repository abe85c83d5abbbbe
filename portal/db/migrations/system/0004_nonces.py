"""What was used once and must not be used again."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from portal.db import columns

revision = "system_0004"
down_revision = "system_0003"
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
        "fastor_nonce",
        sa.Column("digest", columns.ExactString(64), nullable=False),
        sa.Column("expires_at", columns.UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("digest"),
        **OPTIONS,
    )
    op.create_index("ix_fastor_nonce_expires_at", "fastor_nonce", ["expires_at"])


def downgrade() -> None:
    op.drop_table("fastor_nonce")
