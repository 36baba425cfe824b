"""Why a row was taken out of its batch stands in the row, not in the audit."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("results", sa.Column("removed_why", sa.Text(), nullable=True))


def downgrade() -> None:
    op.drop_column("results", "removed_why")
