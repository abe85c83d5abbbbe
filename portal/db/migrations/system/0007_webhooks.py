"""Addresses that are told of changes, and what they were told."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from portal.db import columns

revision = "system_0007"
down_revision = "system_0006"
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
        "fastor_webhook",
        sa.Column("id", columns.BigKey, autoincrement=True, nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("address", sa.String(length=500), nullable=False),
        sa.Column("events", columns.JSON, nullable=False),
        sa.Column("secret", columns.ExactString(255), nullable=False),
        sa.Column("active", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("failing_since", columns.UTCDateTime(), nullable=True),
        sa.Column("stopped_at", columns.UTCDateTime(), nullable=True),
        sa.Column("created_at", columns.UTCDateTime(), nullable=False),
        sa.Column("updated_at", columns.UTCDateTime(), nullable=False),
        sa.Column("created_by", columns.ExactString(150), nullable=True),
        sa.Column("updated_by", columns.ExactString(150), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.PrimaryKeyConstraint("id"),
        **OPTIONS,
    )
    op.create_index("ix_fastor_webhook_created_at", "fastor_webhook", ["created_at"])
    op.create_index("ix_fastor_webhook_updated_at", "fastor_webhook", ["updated_at"])

    op.create_table(
        "fastor_webhook_delivery",
        sa.Column("id", columns.BigKey, autoincrement=True, nullable=False),
        sa.Column("event_id", columns.ExactString(40), nullable=False),
        sa.Column("webhook_id", columns.BigKey, nullable=False),
        sa.Column("event", columns.ExactString(120), nullable=False),
        sa.Column("body", columns.LongText, nullable=False),
        sa.Column("state", columns.ExactString(16), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_at", columns.UTCDateTime(), nullable=False),
        sa.Column("holder", columns.ExactString(32), nullable=True),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("answer", columns.LongText, nullable=True),
        sa.Column("duration", sa.Integer(), nullable=True),
        sa.Column("created_at", columns.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["webhook_id"],
            ["fastor_webhook.id"],
            name="fk_fastor_webhook_delivery_webhook_id_fastor_webhook",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id"),
        **OPTIONS,
    )
    op.create_index("ix_fastor_webhook_delivery_state_next_at", "fastor_webhook_delivery", ["state", "next_at"])
    op.create_index("ix_fastor_webhook_delivery_event_id", "fastor_webhook_delivery", ["event_id"])
    op.create_index("ix_fastor_webhook_delivery_webhook_id", "fastor_webhook_delivery", ["webhook_id"])
    op.create_index("ix_fastor_webhook_delivery_created_at", "fastor_webhook_delivery", ["created_at"])


def downgrade() -> None:
    op.drop_table("fastor_webhook_delivery")
    op.drop_table("fastor_webhook")
