"""Recoveries after a restored backup: places, changes and serials known from public files only."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "recoveries",
        sa.Column("id", KEY, nullable=False),
        sa.Column("cause", sa.String(length=10), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("backup_at", sa.BigInteger(), nullable=True),
        sa.Column("begun_at", sa.BigInteger(), nullable=False),
        sa.Column("finished_at", sa.BigInteger(), nullable=True),
        sa.Column("margin", sa.BigInteger(), nullable=True),
        sa.Column("sequence", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("cause IN ('restored', 'behind')", name=op.f("ck_recoveries_cause")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recoveries")),
    )
    # A place whose certificate is known from public files only has no certificate here.
    with op.batch_alter_table("status") as table:
        table.alter_column("certificate_id", existing_type=KEY, nullable=True)
    op.create_table(
        "recovered_places",
        sa.Column("list", sa.Integer(), nullable=False),
        sa.Column("index", sa.Integer(), nullable=False),
        sa.Column("recovery_id", KEY, nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["list", "index"], ["status.list", "status.index"],
            name=op.f("fk_recovered_places_list_index"),
        ),
        sa.ForeignKeyConstraint(
            ["recovery_id"], ["recoveries.id"],
            name=op.f("fk_recovered_places_recovery_id"),
        ),
        sa.PrimaryKeyConstraint("list", "index", name=op.f("pk_recovered_places")),
    )  # fmt: skip
    op.create_table(
        "recovered_changes",
        sa.Column("status_change_id", KEY, nullable=False),
        sa.Column("recovery_id", KEY, nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["status_change_id"], ["status_changes.id"],
            name=op.f("fk_recovered_changes_status_change_id"),
        ),
        sa.ForeignKeyConstraint(
            ["recovery_id"], ["recoveries.id"],
            name=op.f("fk_recovered_changes_recovery_id"),
        ),
        sa.PrimaryKeyConstraint("status_change_id", name=op.f("pk_recovered_changes")),
    )  # fmt: skip
    _void_serials()


def _void_serials() -> None:
    op.create_table(
        "void_serials",
        sa.Column("id", KEY, nullable=False),
        sa.Column("recovery_id", KEY, nullable=False),
        sa.Column("scheme", sa.String(length=40), nullable=False),
        sa.Column("period", sa.String(length=8), nullable=False),
        sa.Column("organisation", sa.String(length=40), nullable=False),
        sa.Column("level", sa.String(length=4), nullable=False),
        sa.Column("first", sa.BigInteger(), nullable=False),
        sa.Column("last", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("first >= 1 AND last >= first", name=op.f("ck_void_serials_range")),
        sa.ForeignKeyConstraint(
            ["recovery_id"], ["recoveries.id"],
            name=op.f("fk_void_serials_recovery_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_void_serials")),
        sa.UniqueConstraint(
            "scheme", "period", "organisation", "level", "first",
            name=op.f("uq_void_serials_scheme_period_organisation_level_first"),
        ),
    )  # fmt: skip


def downgrade() -> None:
    op.drop_table("void_serials")
    op.drop_table("recovered_changes")
    op.drop_table("recovered_places")
    op.execute("DELETE FROM status WHERE certificate_id IS NULL")
    with op.batch_alter_table("status") as table:
        table.alter_column("certificate_id", existing_type=KEY, nullable=False)
    op.drop_table("recoveries")
