"""Tokens of the JSON API, and keys that its clients sign with."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from portal.db import columns

revision = "system_0005"
down_revision = "system_0004"
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
        "fastor_api_token",
        sa.Column("id", columns.BigKey, autoincrement=True, nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("kind", columns.ExactString(16), nullable=False),
        sa.Column("subject", columns.ExactString(100), server_default="", nullable=False),
        sa.Column("user_id", columns.BigKey, nullable=True),
        sa.Column("user_version", sa.Integer(), nullable=True),
        sa.Column("digest", columns.ExactString(64), nullable=False),
        sa.Column("hint", columns.ExactString(8), nullable=False),
        sa.Column("scopes", columns.JSON, nullable=False),
        sa.Column("slot", columns.ExactString(64), nullable=True),
        sa.Column("expires_at", columns.UTCDateTime(), nullable=True),
        sa.Column("last_used_at", columns.UTCDateTime(), nullable=True),
        sa.Column("last_address", sa.String(length=45), nullable=True),
        sa.Column("revoked_at", columns.UTCDateTime(), nullable=True),
        sa.Column("created_at", columns.UTCDateTime(), nullable=False),
        sa.Column("updated_at", columns.UTCDateTime(), nullable=False),
        sa.Column("created_by", columns.ExactString(150), nullable=True),
        sa.Column("updated_by", columns.ExactString(150), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["fastor_user.id"], name="fk_fastor_api_token_user_id_fastor_user", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("digest", name="uq_fastor_api_token_digest"),
        sa.UniqueConstraint("slot", name="uq_fastor_api_token_slot"),
        **OPTIONS,
    )
    op.create_index("ix_fastor_api_token_created_at", "fastor_api_token", ["created_at"])
    op.create_index("ix_fastor_api_token_updated_at", "fastor_api_token", ["updated_at"])
    op.create_index("ix_fastor_api_token_kind_subject", "fastor_api_token", ["kind", "subject"])
    op.create_index("ix_fastor_api_token_user_id", "fastor_api_token", ["user_id"])
    op.create_index("ix_fastor_api_token_expires_at", "fastor_api_token", ["expires_at"])
    op.create_index("ix_fastor_api_token_revoked_at", "fastor_api_token", ["revoked_at"])

    op.create_table(
        "fastor_client_key",
        sa.Column("id", columns.BigKey, autoincrement=True, nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("key_id", columns.ExactString(32), nullable=False),
        sa.Column("secret", columns.ExactString(255), nullable=False),
        sa.Column("scopes", columns.JSON, nullable=False),
        sa.Column("active", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("legacy_allowed", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("sealed_only", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("last_used_at", columns.UTCDateTime(), nullable=True),
        sa.Column("last_address", sa.String(length=45), nullable=True),
        sa.Column("revoked_at", columns.UTCDateTime(), nullable=True),
        sa.Column("created_at", columns.UTCDateTime(), nullable=False),
        sa.Column("updated_at", columns.UTCDateTime(), nullable=False),
        sa.Column("created_by", columns.ExactString(150), nullable=True),
        sa.Column("updated_by", columns.ExactString(150), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("key_id", name="uq_fastor_client_key_key_id"),
        **OPTIONS,
    )
    op.create_index("ix_fastor_client_key_created_at", "fastor_client_key", ["created_at"])
    op.create_index("ix_fastor_client_key_updated_at", "fastor_client_key", ["updated_at"])


def downgrade() -> None:
    op.drop_table("fastor_client_key")
    op.drop_table("fastor_api_token")
