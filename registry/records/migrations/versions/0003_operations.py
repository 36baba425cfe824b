"""Workers that live, and steps that failed."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "workers",
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("version", sa.String(length=40), nullable=False),
        sa.Column("revision", sa.String(length=32), nullable=False),
        sa.Column("started_at", sa.BigInteger(), nullable=False),
        sa.Column("beat_at", sa.BigInteger(), nullable=False),
        sa.Column("step", sa.String(length=40), nullable=True),
        sa.Column("step_since", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_workers")),
    )
    op.create_table(
        "faults",
        sa.Column("step", sa.String(length=40), nullable=False),
        sa.Column("worker", sa.String(length=80), nullable=False),
        sa.Column("error", sa.String(length=80), nullable=False),
        sa.Column("why", sa.Text(), nullable=True),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("first_at", sa.BigInteger(), nullable=False),
        sa.Column("last_at", sa.BigInteger(), nullable=False),
        sa.Column("recovered_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("step", name=op.f("pk_faults")),
    )


def downgrade() -> None:
    op.drop_table("faults")
    op.drop_table("workers")
