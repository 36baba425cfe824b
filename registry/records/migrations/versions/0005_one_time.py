"""One-time passwords of accounts; the kind of document that a corrected certificate names."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("accounts", sa.Column("password_until", sa.BigInteger(), nullable=True))
    op.add_column("certificates", sa.Column("id_kind", sa.String(length=20), nullable=True))


def downgrade() -> None:
    op.drop_column("certificates", "id_kind")
    op.drop_column("accounts", "password_until")
