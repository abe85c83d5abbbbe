"""The tables every portal has."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from portal.db import columns

revision = "system_0001"
down_revision = None
branch_labels = ("system",)
depends_on = None

OPTIONS: dict[str, Any] = {
    "mysql_engine": "InnoDB",
    "mysql_charset": "utf8mb4",
    "mysql_collate": "utf8mb4_unicode_520_ci",
    "sqlite_autoincrement": True,
}


def upgrade() -> None:
    op.create_table(
        "fastor_role",
        sa.Column("id", columns.BigKey, autoincrement=True, nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("description", sa.String(length=255), server_default="", nullable=False),
        sa.Column("permissions", columns.JSON, nullable=False),
        sa.Column("created_at", columns.UTCDateTime(), nullable=False),
        sa.Column("updated_at", columns.UTCDateTime(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("name", name="uq_fastor_role_name"),
        **OPTIONS,
    )
    op.create_index("ix_fastor_role_created_at", "fastor_role", ["created_at"])
    op.create_index("ix_fastor_role_updated_at", "fastor_role", ["updated_at"])

    op.create_table(
        "fastor_sign_in_failure",
        sa.Column("id", columns.BigKey, autoincrement=True, nullable=False),
        sa.Column("name_hash", columns.ExactString(64), nullable=False),
        sa.Column("address", columns.ExactString(45), nullable=True),
        sa.Column("at", columns.UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        **OPTIONS,
    )
    op.create_index("ix_fastor_sign_in_failure_address", "fastor_sign_in_failure", ["address", "at"])
    op.create_index("ix_fastor_sign_in_failure_at", "fastor_sign_in_failure", ["at"])
    op.create_index("ix_fastor_sign_in_failure_name", "fastor_sign_in_failure", ["name_hash", "at"])

    op.create_table(
        "fastor_user",
        sa.Column("id", columns.BigKey, autoincrement=True, nullable=False),
        sa.Column("username", columns.ExactString(150), nullable=False),
        sa.Column("display_name", sa.String(length=150), server_default="", nullable=False),
        sa.Column("email", sa.String(length=254), nullable=True),
        sa.Column("password_hash", sa.String(length=255), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("is_superuser", sa.Boolean(), nullable=False),
        sa.Column("must_change_password", sa.Boolean(), nullable=False),
        sa.Column("language", sa.String(length=20), nullable=True),
        sa.Column("time_zone", sa.String(length=64), nullable=True),
        sa.Column("last_sign_in_at", columns.UTCDateTime(), nullable=True),
        sa.Column("auth_version", sa.Integer(), nullable=False),
        sa.Column("created_at", columns.UTCDateTime(), nullable=False),
        sa.Column("updated_at", columns.UTCDateTime(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("username", name="uq_fastor_user_username"),
        **OPTIONS,
    )
    op.create_index("ix_fastor_user_created_at", "fastor_user", ["created_at"])
    op.create_index("ix_fastor_user_updated_at", "fastor_user", ["updated_at"])

    op.create_table(
        "fastor_session",
        sa.Column("key", columns.ExactString(64), nullable=False),
        sa.Column("user_id", columns.BigKey, nullable=False),
        sa.Column("data", columns.JSON, nullable=False),
        sa.Column("created_at", columns.UTCDateTime(), nullable=False),
        sa.Column("seen_at", columns.UTCDateTime(), nullable=False),
        sa.Column("remember", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("auth_version", sa.Integer(), nullable=False),
        sa.Column("ip", sa.String(length=45), nullable=True),
        sa.Column("user_agent", sa.String(length=255), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["fastor_user.id"], name="fk_fastor_session_user_id_fastor_user", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("key"),
        **OPTIONS,
    )
    op.create_index("ix_fastor_session_seen_at", "fastor_session", ["seen_at"])
    op.create_index("ix_fastor_session_user_id", "fastor_session", ["user_id"])

    op.create_table(
        "fastor_user_role",
        sa.Column("user_id", columns.BigKey, nullable=False),
        sa.Column("role_id", columns.BigKey, nullable=False),
        sa.ForeignKeyConstraint(
            ["role_id"],
            ["fastor_role.id"],
            name="fk_fastor_user_role_role_id_fastor_role",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["fastor_user.id"],
            name="fk_fastor_user_role_user_id_fastor_user",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("user_id", "role_id"),
        **OPTIONS,
    )
    op.create_index("ix_fastor_user_role_role_id", "fastor_user_role", ["role_id"])


def downgrade() -> None:
    op.drop_table("fastor_user_role")
    op.drop_table("fastor_session")
    op.drop_table("fastor_user")
    op.drop_table("fastor_sign_in_failure")
    op.drop_table("fastor_role")
