"""Archives of photographs on their way in, and candidates by ticket."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "photo_intakes",
        sa.Column("id", KEY, nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("batch_id", KEY, nullable=False),
        sa.Column("account_id", KEY, nullable=False),
        sa.Column("file_name", sa.String(length=200), nullable=False),
        sa.Column("file_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("named", sa.BigInteger(), nullable=False),
        sa.Column("attached", sa.Integer(), nullable=False),
        sa.Column("replaced", sa.Integer(), nullable=False),
        sa.Column("refused", sa.Integer(), nullable=False),
        sa.Column("strangers", sa.Integer(), nullable=False),
        sa.Column("why", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "state IN ('waiting', 'running', 'done', 'refused', 'cancelled')",
            name=op.f("ck_photo_intakes_state"),
        ),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["batches.id"], name=op.f("fk_photo_intakes_batch_id_batches")
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_photo_intakes_account_id_accounts")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_photo_intakes")),
        sa.UniqueConstraint("name", name=op.f("uq_photo_intakes_name")),
    )
    op.create_index("ix_photo_intakes_batch_id", "photo_intakes", ["batch_id"])
    op.create_index("ix_photo_intakes_state_id", "photo_intakes", ["state", "id"])
    op.create_index("ix_results_batch_id_ticket", "results", ["batch_id", "ticket"])
    op.create_index("ix_results_photo_id", "results", ["photo_id"])


def downgrade() -> None:
    op.drop_index("ix_results_photo_id", "results")
    op.drop_index("ix_results_batch_id_ticket", "results")
    op.drop_table("photo_intakes")
