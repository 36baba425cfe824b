"""The register of existing certificates."""

import sqlalchemy as sa
from alembic import op

from registry.records.append_only import guards, unguard

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

IDENTIFIER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "legacy_imports",
        sa.Column("id", IDENTIFIER, nullable=False),
        sa.Column("province", sa.String(length=2), nullable=False),
        sa.Column("source_kind", sa.String(length=10), nullable=False),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.Column("reference", sa.String(length=200), nullable=False),
        sa.Column("file_name", sa.String(length=200), nullable=False),
        sa.Column("file_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("imported_by", IDENTIFIER, nullable=False),
        sa.Column("imported_at", sa.BigInteger(), nullable=False),
        sa.Column("kept", sa.Integer(), nullable=False),
        sa.Column("unchanged", sa.Integer(), nullable=False),
        sa.Column("refused", sa.Integer(), nullable=False),
        sa.Column("conflicting", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("decided_by", IDENTIFIER, nullable=True),
        sa.Column("decided_at", sa.BigInteger(), nullable=True),
        sa.Column("why", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "source_kind IN ('archive', 'system', 'list', 'other')",
            name=op.f("ck_legacy_imports_source_kind"),
        ),
        sa.CheckConstraint(
            "state IN ('waiting', 'confirmed', 'discarded')", name=op.f("ck_legacy_imports_state")
        ),
        sa.CheckConstraint(
            "decided_by IS NULL OR decided_by <> imported_by",
            name=op.f("ck_legacy_imports_four_eyes"),
        ),
        sa.ForeignKeyConstraint(
            ["decided_by"], ["persons.id"], name=op.f("fk_legacy_imports_decided_by")
        ),
        sa.ForeignKeyConstraint(
            ["imported_by"], ["persons.id"], name=op.f("fk_legacy_imports_imported_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_legacy_imports")),
    )
    op.create_index(
        op.f("ix_legacy_imports_province"), "legacy_imports", ["province"], unique=False
    )
    op.create_table(
        "legacy_entries",
        sa.Column("id", IDENTIFIER, nullable=False),
        sa.Column("uid", sa.String(length=32), nullable=False),
        sa.Column("public_id", sa.String(length=32), nullable=False),
        sa.Column("import_id", IDENTIFIER, nullable=False),
        sa.Column("source_row", sa.Integer(), nullable=False),
        sa.Column("province", sa.String(length=2), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("number", sa.String(length=60), nullable=False),
        sa.Column("number_key", sa.String(length=60), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("id_kind", sa.String(length=20), nullable=False),
        sa.Column("id_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("id_key", sa.String(length=40), nullable=False),
        sa.Column("id_lookup", sa.LargeBinary(length=32), nullable=False),
        sa.Column("id_lookup_key", sa.String(length=40), nullable=False),
        sa.Column("last4", sa.String(length=4), nullable=False),
        sa.Column("occupation", sa.String(length=120), nullable=False),
        sa.Column("occupation_id", IDENTIFIER, nullable=True),
        sa.Column("level", sa.String(length=60), nullable=True),
        sa.Column("issuer", sa.String(length=160), nullable=False),
        sa.Column("issued", sa.Date(), nullable=False),
        sa.Column("expires", sa.Date(), nullable=True),
        sa.Column("recorded", sa.String(length=12), nullable=False),
        sa.Column("reference", sa.String(length=200), nullable=True),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("confirmed_at", sa.BigInteger(), nullable=True),
        sa.Column("removed_at", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "kind IN ('qualification', 'level', 'training', 'post', 'special', 'other')",
            name=op.f("ck_legacy_entries_kind"),
        ),
        sa.CheckConstraint(
            "recorded IN ('in_force', 'expired', 'cancelled', 'revoked', 'withdrawn', 'unknown')",
            name=op.f("ck_legacy_entries_recorded"),
        ),
        sa.ForeignKeyConstraint(
            ["import_id"], ["legacy_imports.id"], name=op.f("fk_legacy_entries_import_id")
        ),
        sa.ForeignKeyConstraint(
            ["occupation_id"], ["occupations.id"], name=op.f("fk_legacy_entries_occupation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_legacy_entries")),
        sa.UniqueConstraint("public_id", name=op.f("uq_legacy_entries_public_id")),
        sa.UniqueConstraint("uid", name=op.f("uq_legacy_entries_uid")),
    )
    op.create_index(
        op.f("ix_legacy_entries_id_lookup"), "legacy_entries", ["id_lookup"], unique=False
    )
    op.create_index(
        op.f("ix_legacy_entries_import_id"), "legacy_entries", ["import_id"], unique=False
    )
    op.create_index(
        op.f("ix_legacy_entries_name_last4"), "legacy_entries", ["name", "last4"], unique=False
    )
    op.create_index(
        op.f("ix_legacy_entries_number_key"), "legacy_entries", ["number_key"], unique=False
    )
    op.create_index(
        op.f("ix_legacy_entries_province_id"), "legacy_entries", ["province", "id"], unique=False
    )
    op.create_index(
        "ix_legacy_entries_same_certificate",
        "legacy_entries",
        ["province", "kind", "number_key"],
        unique=True,
        sqlite_where=sa.text("removed_at IS NULL"),
        postgresql_where=sa.text("removed_at IS NULL"),
    )
    op.create_table(
        "legacy_changes",
        sa.Column("id", IDENTIFIER, nullable=False),
        sa.Column("uid", sa.String(length=32), nullable=False),
        sa.Column("entry_id", IDENTIFIER, nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("changed", sa.JSON(), nullable=False),
        sa.Column("id_kind", sa.String(length=20), nullable=True),
        sa.Column("id_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("id_key", sa.String(length=40), nullable=True),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("import_id", IDENTIFIER, nullable=True),
        sa.Column("proposed_by", IDENTIFIER, nullable=False),
        sa.Column("proposed_at", sa.BigInteger(), nullable=False),
        sa.Column("decided", sa.String(length=10), nullable=True),
        sa.Column("decided_by", IDENTIFIER, nullable=True),
        sa.Column("decided_at", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "decided IN ('confirmed', 'rejected')", name=op.f("ck_legacy_changes_decided")
        ),
        sa.CheckConstraint(
            "kind IN ('correct', 'remove', 'restore')", name=op.f("ck_legacy_changes_kind")
        ),
        sa.CheckConstraint(
            "decided_by IS NULL OR decided_by <> proposed_by",
            name=op.f("ck_legacy_changes_four_eyes"),
        ),
        sa.ForeignKeyConstraint(
            ["decided_by"], ["persons.id"], name=op.f("fk_legacy_changes_decided_by")
        ),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["legacy_entries.id"], name=op.f("fk_legacy_changes_entry_id")
        ),
        sa.ForeignKeyConstraint(
            ["import_id"], ["legacy_imports.id"], name=op.f("fk_legacy_changes_import_id")
        ),
        sa.ForeignKeyConstraint(
            ["proposed_by"], ["persons.id"], name=op.f("fk_legacy_changes_proposed_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_legacy_changes")),
        sa.UniqueConstraint("uid", name=op.f("uq_legacy_changes_uid")),
    )
    op.create_index(
        op.f("ix_legacy_changes_entry_id"), "legacy_changes", ["entry_id"], unique=False
    )
    op.create_index(
        "ix_legacy_changes_open",
        "legacy_changes",
        ["entry_id"],
        unique=True,
        sqlite_where=sa.text("decided IS NULL"),
        postgresql_where=sa.text("decided IS NULL"),
    )
    op.create_table(
        "legacy_history",
        sa.Column("id", IDENTIFIER, nullable=False),
        sa.Column("entry_id", IDENTIFIER, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("person_id", IDENTIFIER, nullable=True),
        sa.Column("what", sa.String(length=20), nullable=False),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["legacy_entries.id"], name=op.f("fk_legacy_history_entry_id")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["persons.id"], name=op.f("fk_legacy_history_person_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_legacy_history")),
    )
    op.create_index(
        op.f("ix_legacy_history_entry_id"), "legacy_history", ["entry_id"], unique=False
    )
    op.create_table(
        "legacy_images",
        sa.Column("id", IDENTIFIER, nullable=False),
        sa.Column("uid", sa.String(length=32), nullable=False),
        sa.Column("entry_id", IDENTIFIER, nullable=False),
        sa.Column("sha256", sa.LargeBinary(length=32), nullable=False),
        sa.Column("media_type", sa.String(length=20), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("key_name", sa.String(length=40), nullable=False),
        sa.Column("file_name", sa.String(length=200), nullable=False),
        sa.Column("attached_by", IDENTIFIER, nullable=False),
        sa.Column("attached_at", sa.BigInteger(), nullable=False),
        sa.Column("removed_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["attached_by"], ["persons.id"], name=op.f("fk_legacy_images_attached_by")
        ),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["legacy_entries.id"], name=op.f("fk_legacy_images_entry_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_legacy_images")),
        sa.UniqueConstraint("uid", name=op.f("uq_legacy_images_uid")),
    )
    op.create_index(
        op.f("ix_legacy_images_entry_id_sha256"),
        "legacy_images",
        ["entry_id", "sha256"],
        unique=True,
    )
    op.create_table(
        "legacy_requests",
        sa.Column("id", IDENTIFIER, nullable=False),
        sa.Column("entry_id", IDENTIFIER, nullable=False),
        sa.Column("receipt_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=True),
        sa.Column("checks", sa.JSON(), nullable=True),
        sa.Column("basis", sa.Text(), nullable=True),
        sa.Column("checked_by", IDENTIFIER, nullable=True),
        sa.Column("checked_account", IDENTIFIER, nullable=True),
        sa.Column("checked_at", sa.BigInteger(), nullable=True),
        sa.Column("decided_by", IDENTIFIER, nullable=True),
        sa.Column("decided_at", sa.BigInteger(), nullable=True),
        sa.Column("why", sa.Text(), nullable=True),
        sa.Column("result_id", IDENTIFIER, nullable=True),
        sa.CheckConstraint(
            "state <> 'approved' OR (decided_by <> checked_by AND result_id IS NOT NULL)",
            name=op.f("ck_legacy_requests_four_eyes"),
        ),
        sa.CheckConstraint(
            "state IN ('waiting', 'checked', 'approved', 'refused', 'withdrawn')",
            name=op.f("ck_legacy_requests_state"),
        ),
        sa.ForeignKeyConstraint(
            ["checked_account"], ["accounts.id"], name=op.f("fk_legacy_requests_checked_account")
        ),
        sa.ForeignKeyConstraint(
            ["checked_by"], ["persons.id"], name=op.f("fk_legacy_requests_checked_by")
        ),
        sa.ForeignKeyConstraint(
            ["decided_by"], ["persons.id"], name=op.f("fk_legacy_requests_decided_by")
        ),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["legacy_entries.id"], name=op.f("fk_legacy_requests_entry_id")
        ),
        sa.ForeignKeyConstraint(
            ["result_id"], ["results.id"], name=op.f("fk_legacy_requests_result_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_legacy_requests")),
        sa.UniqueConstraint("receipt_hash", name=op.f("uq_legacy_requests_receipt_hash")),
        sa.UniqueConstraint("result_id", name=op.f("uq_legacy_requests_result_id")),
    )
    op.create_index(
        op.f("ix_legacy_requests_entry_id"), "legacy_requests", ["entry_id"], unique=False
    )
    op.create_index(
        "ix_legacy_requests_open",
        "legacy_requests",
        ["entry_id"],
        unique=True,
        sqlite_where=sa.text("state IN ('waiting', 'checked')"),
        postgresql_where=sa.text("state IN ('waiting', 'checked')"),
    )
    op.create_index(
        op.f("ix_legacy_requests_state_id"), "legacy_requests", ["state", "id"], unique=False
    )
    for statement in guards(op.get_bind().dialect.name, "legacy_history"):
        op.execute(statement)


def downgrade() -> None:
    for statement in unguard(op.get_bind().dialect.name, "legacy_history"):
        op.execute(statement)

    op.drop_index(op.f("ix_legacy_requests_state_id"), table_name="legacy_requests")
    op.drop_index(
        "ix_legacy_requests_open",
        table_name="legacy_requests",
        sqlite_where=sa.text("state IN ('waiting', 'checked')"),
        postgresql_where=sa.text("state IN ('waiting', 'checked')"),
    )
    op.drop_index(op.f("ix_legacy_requests_entry_id"), table_name="legacy_requests")
    op.drop_table("legacy_requests")
    op.drop_index(op.f("ix_legacy_images_entry_id_sha256"), table_name="legacy_images")
    op.drop_table("legacy_images")
    op.drop_index(op.f("ix_legacy_history_entry_id"), table_name="legacy_history")
    op.drop_table("legacy_history")
    op.drop_index(
        "ix_legacy_changes_open",
        table_name="legacy_changes",
        sqlite_where=sa.text("decided IS NULL"),
        postgresql_where=sa.text("decided IS NULL"),
    )
    op.drop_index(op.f("ix_legacy_changes_entry_id"), table_name="legacy_changes")
    op.drop_table("legacy_changes")
    op.drop_index(
        "ix_legacy_entries_same_certificate",
        table_name="legacy_entries",
        sqlite_where=sa.text("removed_at IS NULL"),
        postgresql_where=sa.text("removed_at IS NULL"),
    )
    op.drop_index(op.f("ix_legacy_entries_province_id"), table_name="legacy_entries")
    op.drop_index(op.f("ix_legacy_entries_number_key"), table_name="legacy_entries")
    op.drop_index(op.f("ix_legacy_entries_name_last4"), table_name="legacy_entries")
    op.drop_index(op.f("ix_legacy_entries_import_id"), table_name="legacy_entries")
    op.drop_index(op.f("ix_legacy_entries_id_lookup"), table_name="legacy_entries")
    op.drop_table("legacy_entries")
    op.drop_index(op.f("ix_legacy_imports_province"), table_name="legacy_imports")
    op.drop_table("legacy_imports")
