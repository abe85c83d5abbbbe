"""Customers can sign in to the API."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from portal.db import columns

revision = "starter_0003"
down_revision = "starter_0002"
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
        "customer_login",
        sa.Column("user_id", columns.ExactString(40), nullable=False),
        sa.Column("name", columns.ExactString(254), nullable=False),
        sa.Column("password_hash", sa.String(length=255), nullable=False),
        sa.Column("changed_at", columns.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["customer.user_id"], name="fk_customer_login_user_id_customer", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("user_id"),
        sa.UniqueConstraint("name", name="uq_customer_login_name"),
        **OPTIONS,
    )


def downgrade() -> None:
    op.drop_table("customer_login")
