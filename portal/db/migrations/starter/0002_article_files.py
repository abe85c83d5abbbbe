"""Articles get a gallery and an attachment."""

import sqlalchemy as sa
from alembic import op

from portal.db import columns

revision = "starter_0002"
down_revision = "starter_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("article", sa.Column("gallery", columns.JSON, nullable=True))
    op.add_column("article", sa.Column("attachment", sa.String(length=255), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("article") as batch:
        batch.drop_column("attachment")
        batch.drop_column("gallery")
