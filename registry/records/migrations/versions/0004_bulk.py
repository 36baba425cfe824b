"""Issuing and importing by the hundred thousand: what several workers look for, by index."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
STATES = (
    "waiting", "reading", "comparing", "tried", "queued", "importing", "imported", "refused",
    "cancelled",
)  # fmt: skip


def upgrade() -> None:
    op.drop_index("ix_certificates_result_id", "certificates")
    op.create_index(
        "ix_certificates_result_id_version", "certificates", ["result_id", "version"], unique=True
    )
    op.drop_index("ix_certificates_batch_id", "certificates")
    op.create_index("ix_certificates_batch_id_result_id", "certificates", ["batch_id", "result_id"])
    _where("ix_certificates_prepared", "certificates", ["batch_id"], "state = 'prepared'")
    _where(
        "ix_certificates_unreleased", "certificates", ["id"],
        "state = 'issued' AND released_at IS NULL",
    )  # fmt: skip
    op.drop_index("ix_results_batch_id", "results")
    op.create_index("ix_results_batch_id_id", "results", ["batch_id", "id"])
    _where("ix_results_order", "results", ["batch_id", "source_row", "id"], "removed_at IS NULL")
    op.create_table(
        "published",
        sa.Column("path", sa.String(length=200), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("published_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("path", name=op.f("pk_published")),
    )
    op.execute(
        "INSERT INTO published (path, sequence, published_at) "
        "SELECT path, max(sequence), max(published_at) FROM publications "
        "WHERE expires_at IS NOT NULL GROUP BY path"
    )
    _intakes()


def _where(name: str, table: str, columns: list[str], condition: str) -> None:
    op.create_index(
        name, table, columns,
        sqlite_where=sa.text(condition), postgresql_where=sa.text(condition),
    )  # fmt: skip


def _intakes() -> None:
    named = ", ".join(f"'{state}'" for state in STATES)
    op.create_table(
        "intakes",
        sa.Column("id", KEY, nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("batch_id", KEY, nullable=False),
        sa.Column("account_id", KEY, nullable=False),
        sa.Column("task_id", KEY, nullable=False),
        sa.Column("file_name", sa.String(length=200), nullable=False),
        sa.Column("file_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("named", sa.BigInteger(), nullable=False),
        sa.Column("kept", sa.Integer(), nullable=False),
        sa.Column("unchanged", sa.Integer(), nullable=False),
        sa.Column("refused", sa.Integer(), nullable=False),
        sa.Column("conflicting", sa.Integer(), nullable=False),
        sa.Column("why", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(f"state IN ({named})", name=op.f("ck_intakes_state")),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["batches.id"], name=op.f("fk_intakes_batch_id_batches")
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_intakes_account_id_accounts")
        ),
        sa.ForeignKeyConstraint(["task_id"], ["tasks.id"], name=op.f("fk_intakes_task_id_tasks")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_intakes")),
        sa.UniqueConstraint("name", name=op.f("uq_intakes_name")),
    )
    op.create_index("ix_intakes_batch_id", "intakes", ["batch_id"])
    op.create_index("ix_intakes_state_id", "intakes", ["state", "id"])
    # A plain column: SQLite adds a constrained one only by rebuilding a table that has guards.
    op.add_column("imports", sa.Column("intake_id", KEY, nullable=True))
    op.create_index("ix_imports_intake_id", "imports", ["intake_id"])


def downgrade() -> None:
    op.drop_index("ix_imports_intake_id", "imports")
    op.drop_column("imports", "intake_id")
    op.drop_table("intakes")
    op.drop_table("published")
    op.drop_index("ix_results_order", "results")
    op.drop_index("ix_results_batch_id_id", "results")
    op.create_index("ix_results_batch_id", "results", ["batch_id"])
    for name in ("unreleased", "prepared", "batch_id_result_id", "result_id_version"):
        op.drop_index(f"ix_certificates_{name}", "certificates")
    op.create_index("ix_certificates_batch_id", "certificates", ["batch_id"])
    op.create_index("ix_certificates_result_id", "certificates", ["result_id"])
