"""All tables as they are at the start."""

import sqlalchemy as sa
from alembic import op

from registry.records.append_only import guards, unguard

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

IDENTIFIER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

APPEND_ONLY = (
    "accreditations",
    "audit_lines",
    "confirmations",
    "decisions",
    "eligibilities",
    "filings",
    "imports",
    "occupation_sources",
    "status_changes",
    "suspensions",
)


def upgrade() -> None:
    op.create_table(
        "audit_head",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.LargeBinary(length=32), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_audit_head_single")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_head")),
    )
    op.create_table(
        "bodies",
        sa.Column("id", IDENTIFIER, nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("issuer", sa.String(length=64), nullable=True),
        sa.Column("key_name", sa.String(length=64), nullable=True),
        sa.Column("letter", sa.String(length=1), nullable=True),
        sa.Column("code", sa.String(length=4), nullable=True),
        sa.Column("province", sa.String(length=2), nullable=True),
        sa.Column("parent_id", IDENTIFIER, nullable=True),
        sa.Column("successor_id", IDENTIFIER, nullable=True),
        sa.Column("url", sa.String(length=200), nullable=False),
        sa.Column("phone", sa.String(length=40), nullable=True),
        sa.Column("appeal_body_zh", sa.String(length=120), nullable=True),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "role IN ('centre', 'department', 'implementing')", name=op.f("ck_bodies_role")
        ),
        sa.ForeignKeyConstraint(["parent_id"], ["bodies.id"], name=op.f("fk_bodies_parent_id")),
        sa.ForeignKeyConstraint(
            ["successor_id"], ["bodies.id"], name=op.f("fk_bodies_successor_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bodies")),
        sa.UniqueConstraint("issuer", name=op.f("uq_bodies_issuer")),
    )
    op.create_index(op.f("ix_bodies_province"), "bodies", ["province"], unique=False)
    op.create_table(
        "catalogue_versions",
        sa.Column("id", IDENTIFIER, nullable=False),
        sa.Column("edition", sa.String(length=120), nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("loaded_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_catalogue_versions")),
    )
    op.create_table(
        "counters",
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_counters")),
    )
    op.create_table(
        "form_tokens",
        sa.Column("token_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("session_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("used_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_form_tokens")),
    )
    op.create_index(
        op.f("ix_form_tokens_session_hash"), "form_tokens", ["session_hash"], unique=False
    )
    op.create_table(
        "levels",
        sa.Column("code", sa.String(length=4), nullable=False),
        sa.Column("name_zh", sa.String(length=40), nullable=False),
        sa.Column("name_en", sa.String(length=60), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_levels")),
    )
    op.create_table(
        "persons",
        sa.Column("id", IDENTIFIER, nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("id_lookup", sa.LargeBinary(length=32), nullable=True),
        sa.Column("id_lookup_key", sa.String(length=40), nullable=True),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_persons")),
        sa.UniqueConstraint("id_lookup", name=op.f("uq_persons_id_lookup")),
    )
    op.create_table(
        "photos",
        sa.Column("id", IDENTIFIER, nullable=False),
        sa.Column("sha256", sa.LargeBinary(length=32), nullable=False),
        sa.Column("media_type", sa.String(length=20), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_photos")),
        sa.UniqueConstraint("sha256", name=op.f("uq_photos_sha256")),
    )
    op.create_table(
        "publications",
        sa.Column("id", IDENTIFIER, nullable=False),
        sa.Column("path", sa.String(length=200), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(length=32), nullable=False),
        sa.Column("published_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_publications")),
        sa.UniqueConstraint("path", "sequence", name=op.f("uq_publications_path_sequence")),
    )
    op.create_table(
        "status_lists",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("taken", sa.Integer(), nullable=False),
        sa.Column("permutation_key", sa.LargeBinary(length=32), nullable=False),
        sa.Column("opened_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_status_lists")),
    )
    op.create_table(
        "throttles",
        sa.Column("id", IDENTIFIER, nullable=False),
        sa.Column("door", sa.String(length=20), nullable=False),
        sa.Column("caller", sa.LargeBinary(length=32), nullable=False),
        sa.Column("window_from", sa.BigInteger(), nullable=False),
        sa.Column("failures", IDENTIFIER, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_throttles")),
        sa.UniqueConstraint("door", "caller", name=op.f("uq_throttles_door_caller")),
    )
    op.create_index("ix_throttles_window_from", "throttles", ["window_from"], unique=False)
    op.create_table(
        "work_types",
        sa.Column("code", sa.String(length=3), nullable=False),
        sa.Column("name_zh", sa.String(length=80), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_work_types")),
    )
    op.create_table(
        "accounts",
        sa.Column("id", IDENTIFIER, nullable=False),
        sa.Column("person_id", IDENTIFIER, nullable=False),
        sa.Column("sign_in_name", sa.String(length=80), nullable=False),
        sa.Column("password_hash", sa.String(length=200), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("password_changed_at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("state IN ('active', 'closed')", name=op.f("ck_accounts_state")),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_accounts_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accounts")),
        sa.UniqueConstraint("sign_in_name", name=op.f("uq_accounts_sign_in_name")),
    )
    op.create_index(op.f("ix_accounts_person_id"), "accounts", ["person_id"], unique=False)
    op.create_table(
        "body_names",
        sa.Column("id", IDENTIFIER, nullable=False),
        sa.Column("body_id", IDENTIFIER, nullable=False),
        sa.Column("zh", sa.String(length=120), nullable=False),
        sa.Column("en", sa.String(length=200), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["body_id"], ["bodies.id"], name=op.f("fk_body_names_body_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_body_names")),
    )
    op.create_index(op.f("ix_body_names_body_id"), "body_names", ["body_id"], unique=False)
    op.create_table(
        "designations",
        sa.Column("id", IDENTIFIER, nullable=False),
        sa.Column("body_id", IDENTIFIER, nullable=False),
        sa.Column("department_id", IDENTIFIER, nullable=False),
        sa.Column("province", sa.String(length=2), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=True),
        sa.Column("source", sa.String(length=300), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["body_id"], ["bodies.id"], name=op.f("fk_designations_body_id")),
        sa.ForeignKeyConstraint(
            ["department_id"], ["bodies.id"], name=op.f("fk_designations_department_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_designations")),
    )
    op.create_index(op.f("ix_designations_body_id"), "designations", ["body_id"], unique=False)
    op.create_table(
        "examiners",
        sa.Column("id", IDENTIFIER, nullable=False),
        sa.Column("person_id", IDENTIFIER, nullable=False),
        sa.Column("card", sa.String(length=20), nullable=False),
        sa.Column("grade", sa.String(length=20), nullable=False),
        sa.Column("province", sa.String(length=2), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("grade IN ('examiner', 'senior')", name=op.f("ck_examiners_grade")),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_examiners_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_examiners")),
        sa.UniqueConstraint("card", name=op.f("uq_examiners_card")),
    )
    op.create_index(op.f("ix_examiners_person_id"), "examiners", ["person_id"], unique=False)
    op.create_index(op.f("ix_examiners_province"), "examiners", ["province"], unique=False)
    op.create_table(
        "occupations",
        sa.Column("id", IDENTIFIER, nullable=False),
        sa.Column("key", sa.String(length=40), nullable=False),
        sa.Column("code_2015", sa.String(length=20), nullable=True),
        sa.Column("code_2022", sa.String(length=20), nullable=True),
        sa.Column("code_confidence", sa.String(length=10), nullable=False),
        sa.Column("name_zh", sa.String(length=80), nullable=False),
        sa.Column("name_en", sa.String(length=120), nullable=False),
        sa.Column("field", sa.String(length=40), nullable=False),
        sa.Column("is_special", sa.Boolean(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("confidence", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("version_id", IDENTIFIER, nullable=False),
        sa.CheckConstraint(
            "code_confidence IN ('high', 'medium', 'low')",
            name=op.f("ck_occupations_code_confidence"),
        ),
        sa.ForeignKeyConstraint(
            ["version_id"], ["catalogue_versions.id"], name=op.f("fk_occupations_version_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_occupations")),
        sa.UniqueConstraint("key", name=op.f("uq_occupations_key")),
    )
    op.create_index(op.f("ix_occupations_code_2022"), "occupations", ["code_2022"], unique=False)
    op.create_index(op.f("ix_occupations_name_zh"), "occupations", ["name_zh"], unique=False)
    op.create_table(
        "policy_rows",
        sa.Column("id", IDENTIFIER, nullable=False),
        sa.Column("policy_table", sa.String(length=40), nullable=False),
        sa.Column("row", sa.JSON(), nullable=False),
        sa.Column("entered_by", IDENTIFIER, nullable=True),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["entered_by"], ["persons.id"], name=op.f("fk_policy_rows_entered_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_policy_rows")),
    )
    op.create_table(
        "sites",
        sa.Column("id", IDENTIFIER, nullable=False),
        sa.Column("number", sa.String(length=8), nullable=False),
        sa.Column("serial", sa.String(length=6), nullable=True),
        sa.Column("body_id", IDENTIFIER, nullable=False),
        sa.Column("province", sa.String(length=2), nullable=False),
        sa.Column("name_zh", sa.String(length=120), nullable=False),
        sa.Column("name_en", sa.String(length=200), nullable=False),
        sa.Column("host_kind", sa.String(length=20), nullable=False),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column("phone", sa.String(length=40), nullable=True),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("closed_at", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "host_kind IN ('enterprise', 'college', 'training')", name=op.f("ck_sites_host_kind")
        ),
        sa.ForeignKeyConstraint(["body_id"], ["bodies.id"], name=op.f("fk_sites_body_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sites")),
        sa.UniqueConstraint("number", name=op.f("uq_sites_number")),
    )
    op.create_index(op.f("ix_sites_body_id"), "sites", ["body_id"], unique=False)
    op.create_index(op.f("ix_sites_province"), "sites", ["province"], unique=False)
    op.create_table(
        "accreditations",
        sa.Column("id", IDENTIFIER, nullable=False),
        sa.Column("site_id", IDENTIFIER, nullable=False),
        sa.Column("occupation_id", IDENTIFIER, nullable=False),
        sa.Column("level", sa.String(length=4), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=True),
        sa.Column("decision", sa.String(length=200), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["level"], ["levels.code"], name=op.f("fk_accreditations_level")),
        sa.ForeignKeyConstraint(
            ["occupation_id"], ["occupations.id"], name=op.f("fk_accreditations_occupation_id")
        ),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_accreditations_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accreditations")),
    )
    op.create_index(
        op.f("ix_accreditations_site_id_occupation_id_level"),
        "accreditations",
        ["site_id", "occupation_id", "level"],
        unique=False,
    )
    op.create_table(
        "audit_lines",
        sa.Column("position", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("account_id", IDENTIFIER, nullable=True),
        sa.Column("person_id", IDENTIFIER, nullable=True),
        sa.Column("act", sa.String(length=40), nullable=False),
        sa.Column("subject", sa.String(length=80), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("previous", sa.LargeBinary(length=32), nullable=False),
        sa.Column("hash", sa.LargeBinary(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_audit_lines_account_id")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["persons.id"], name=op.f("fk_audit_lines_person_id")
        ),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_audit_lines")),
        sa.UniqueConstraint("hash", name=op.f("uq_audit_lines_hash")),
    )
    op.create_index(op.f("ix_audit_lines_account_id"), "audit_lines", ["account_id"], unique=False)
    op.create_index(op.f("ix_audit_lines_subject"), "audit_lines", ["subject"], unique=False)
    op.create_table(
        "batches",
        sa.Column("id", IDENTIFIER, nullable=False),
        sa.Column("number", sa.String(length=14), nullable=False),
        sa.Column("site_id", IDENTIFIER, nullable=False),
        sa.Column("province", sa.String(length=2), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=True),
        sa.Column("awarded", sa.Date(), nullable=True),
        sa.Column("opened_by", IDENTIFIER, nullable=False),
        sa.Column("opened_at", sa.BigInteger(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "state IN ('draft', 'submitted', 'confirmed', 'checked', 'approved', 'issuing', 'issued')",
            name=op.f("ck_batches_state"),
        ),
        sa.ForeignKeyConstraint(["opened_by"], ["persons.id"], name=op.f("fk_batches_opened_by")),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_batches_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_batches")),
        sa.UniqueConstraint("number", name=op.f("uq_batches_number")),
    )
    op.create_index(op.f("ix_batches_province"), "batches", ["province"], unique=False)
    op.create_index(op.f("ix_batches_site_id"), "batches", ["site_id"], unique=False)
    op.create_index(op.f("ix_batches_state"), "batches", ["state"], unique=False)
    op.create_table(
        "catalogue_memberships",
        sa.Column("id", IDENTIFIER, nullable=False),
        sa.Column("occupation_id", IDENTIFIER, nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("confidence", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["occupation_id"],
            ["occupations.id"],
            name=op.f("fk_catalogue_memberships_occupation_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_catalogue_memberships")),
        sa.UniqueConstraint(
            "occupation_id", "from_on", name=op.f("uq_catalogue_memberships_occupation_id_from_on")
        ),
    )
    op.create_table(
        "examiner_scopes",
        sa.Column("id", IDENTIFIER, nullable=False),
        sa.Column("examiner_id", IDENTIFIER, nullable=False),
        sa.Column("occupation_id", IDENTIFIER, nullable=False),
        sa.Column("level", sa.String(length=4), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=True),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["examiner_id"], ["examiners.id"], name=op.f("fk_examiner_scopes_examiner_id")
        ),
        sa.ForeignKeyConstraint(["level"], ["levels.code"], name=op.f("fk_examiner_scopes_level")),
        sa.ForeignKeyConstraint(
            ["occupation_id"], ["occupations.id"], name=op.f("fk_examiner_scopes_occupation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_examiner_scopes")),
    )
    op.create_index(
        op.f("ix_examiner_scopes_examiner_id_occupation_id_level"),
        "examiner_scopes",
        ["examiner_id", "occupation_id", "level"],
        unique=False,
    )
    op.create_table(
        "filings",
        sa.Column("id", IDENTIFIER, nullable=False),
        sa.Column("body_id", IDENTIFIER, nullable=False),
        sa.Column("occupation_id", IDENTIFIER, nullable=False),
        sa.Column("level", sa.String(length=4), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=True),
        sa.Column("source", sa.String(length=300), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["body_id"], ["bodies.id"], name=op.f("fk_filings_body_id")),
        sa.ForeignKeyConstraint(["level"], ["levels.code"], name=op.f("fk_filings_level")),
        sa.ForeignKeyConstraint(
            ["occupation_id"], ["occupations.id"], name=op.f("fk_filings_occupation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_filings")),
    )
    op.create_index(
        op.f("ix_filings_body_id_occupation_id_level"),
        "filings",
        ["body_id", "occupation_id", "level"],
        unique=False,
    )
    op.create_table(
        "grants",
        sa.Column("id", IDENTIFIER, nullable=False),
        sa.Column("account_id", IDENTIFIER, nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("province", sa.String(length=2), nullable=True),
        sa.Column("site_id", IDENTIFIER, nullable=True),
        sa.Column("granted_by", IDENTIFIER, nullable=True),
        sa.Column("granted_at", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "role IN ('candidate', 'site_registrar', 'examiner', 'provincial_checker', 'provincial_issuer', 'administrator')",
            name=op.f("ck_grants_role"),
        ),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_grants_account_id")),
        sa.ForeignKeyConstraint(["granted_by"], ["accounts.id"], name=op.f("fk_grants_granted_by")),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_grants_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_grants")),
    )
    op.create_index(op.f("ix_grants_account_id"), "grants", ["account_id"], unique=False)
    op.create_table(
        "occupation_levels",
        sa.Column("occupation_id", IDENTIFIER, nullable=False),
        sa.Column("level", sa.String(length=4), nullable=False),
        sa.ForeignKeyConstraint(
            ["level"], ["levels.code"], name=op.f("fk_occupation_levels_level")
        ),
        sa.ForeignKeyConstraint(
            ["occupation_id"], ["occupations.id"], name=op.f("fk_occupation_levels_occupation_id")
        ),
        sa.PrimaryKeyConstraint("occupation_id", "level", name=op.f("pk_occupation_levels")),
    )
    op.create_table(
        "occupation_sources",
        sa.Column("id", IDENTIFIER, nullable=False),
        sa.Column("occupation_id", IDENTIFIER, nullable=False),
        sa.Column("code_2022", sa.String(length=20), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("entered_by", IDENTIFIER, nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["entered_by"], ["persons.id"], name=op.f("fk_occupation_sources_entered_by")
        ),
        sa.ForeignKeyConstraint(
            ["occupation_id"], ["occupations.id"], name=op.f("fk_occupation_sources_occupation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_occupation_sources")),
    )
    op.create_index(
        op.f("ix_occupation_sources_occupation_id"),
        "occupation_sources",
        ["occupation_id"],
        unique=False,
    )
    op.create_table(
        "occupation_work_types",
        sa.Column("occupation_id", IDENTIFIER, nullable=False),
        sa.Column("work_type", sa.String(length=3), nullable=False),
        sa.ForeignKeyConstraint(
            ["occupation_id"],
            ["occupations.id"],
            name=op.f("fk_occupation_work_types_occupation_id"),
        ),
        sa.ForeignKeyConstraint(
            ["work_type"], ["work_types.code"], name=op.f("fk_occupation_work_types_work_type")
        ),
        sa.PrimaryKeyConstraint(
            "occupation_id", "work_type", name=op.f("pk_occupation_work_types")
        ),
    )
    op.create_table(
        "relations",
        sa.Column("id", IDENTIFIER, nullable=False),
        sa.Column("examiner_id", IDENTIFIER, nullable=False),
        sa.Column("id_lookup", sa.LargeBinary(length=32), nullable=False),
        sa.Column("id_lookup_key", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("declared_by", IDENTIFIER, nullable=True),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('kin', 'student', 'apprentice', 'colleague')", name=op.f("ck_relations_kind")
        ),
        sa.ForeignKeyConstraint(
            ["declared_by"], ["persons.id"], name=op.f("fk_relations_declared_by")
        ),
        sa.ForeignKeyConstraint(
            ["examiner_id"], ["examiners.id"], name=op.f("fk_relations_examiner_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_relations")),
        sa.UniqueConstraint(
            "examiner_id", "id_lookup", "kind", name=op.f("uq_relations_examiner_id_id_lookup_kind")
        ),
    )
    op.create_index(op.f("ix_relations_id_lookup"), "relations", ["id_lookup"], unique=False)
    op.create_table(
        "suspensions",
        sa.Column("id", IDENTIFIER, nullable=False),
        sa.Column("site_id", IDENTIFIER, nullable=True),
        sa.Column("examiner_id", IDENTIFIER, nullable=True),
        sa.Column("step", sa.String(length=12), nullable=False),
        sa.Column("occupation_id", IDENTIFIER, nullable=True),
        sa.Column("level", sa.String(length=4), nullable=True),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=True),
        sa.Column("decision", sa.String(length=200), nullable=False),
        sa.Column("replaces_id", IDENTIFIER, nullable=True),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("step IN ('suspended', 'removed')", name=op.f("ck_suspensions_step")),
        sa.CheckConstraint(
            "(site_id IS NULL) <> (examiner_id IS NULL)", name=op.f("ck_suspensions_subject")
        ),
        sa.ForeignKeyConstraint(
            ["examiner_id"], ["examiners.id"], name=op.f("fk_suspensions_examiner_id")
        ),
        sa.ForeignKeyConstraint(["level"], ["levels.code"], name=op.f("fk_suspensions_level")),
        sa.ForeignKeyConstraint(
            ["occupation_id"], ["occupations.id"], name=op.f("fk_suspensions_occupation_id")
        ),
        sa.ForeignKeyConstraint(
            ["replaces_id"], ["suspensions.id"], name=op.f("fk_suspensions_replaces_id")
        ),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_suspensions_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_suspensions")),
        sa.UniqueConstraint("replaces_id", name=op.f("uq_suspensions_replaces_id")),
    )
    op.create_index(
        op.f("ix_suspensions_examiner_id"), "suspensions", ["examiner_id"], unique=False
    )
    op.create_index(op.f("ix_suspensions_site_id"), "suspensions", ["site_id"], unique=False)
    op.create_table(
        "confirmations",
        sa.Column("id", IDENTIFIER, nullable=False),
        sa.Column("batch_id", IDENTIFIER, nullable=False),
        sa.Column("person_id", IDENTIFIER, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("confirmed_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["batches.id"], name=op.f("fk_confirmations_batch_id")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["persons.id"], name=op.f("fk_confirmations_person_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_confirmations")),
        sa.UniqueConstraint(
            "batch_id",
            "person_id",
            "version",
            name=op.f("uq_confirmations_batch_id_person_id_version"),
        ),
    )
    op.create_table(
        "decisions",
        sa.Column("id", IDENTIFIER, nullable=False),
        sa.Column("batch_id", IDENTIFIER, nullable=False),
        sa.Column("step", sa.String(length=12), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("person_id", IDENTIFIER, nullable=False),
        sa.Column("account_id", IDENTIFIER, nullable=False),
        sa.Column("decided_at", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("checks", sa.JSON(), server_default=sa.text("'{}'"), nullable=False),
        sa.CheckConstraint(
            "step IN ('submitted', 'checked', 'approved', 'returned')",
            name=op.f("ck_decisions_step"),
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_decisions_account_id")
        ),
        sa.ForeignKeyConstraint(["batch_id"], ["batches.id"], name=op.f("fk_decisions_batch_id")),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_decisions_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decisions")),
    )
    op.create_index(
        op.f("ix_decisions_batch_id_version_step"),
        "decisions",
        ["batch_id", "version", "step"],
        unique=True,
    )
    op.create_table(
        "imports",
        sa.Column("id", IDENTIFIER, nullable=False),
        sa.Column("batch_id", IDENTIFIER, nullable=False),
        sa.Column("file_name", sa.String(length=200), nullable=False),
        sa.Column("file_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("imported_by", IDENTIFIER, nullable=False),
        sa.Column("imported_at", sa.BigInteger(), nullable=False),
        sa.Column("kept", sa.Integer(), nullable=False),
        sa.Column("unchanged", sa.Integer(), nullable=False),
        sa.Column("refused", sa.Integer(), nullable=False),
        sa.Column("conflicting", sa.Integer(), nullable=False),
        sa.Column("problems", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["batch_id"], ["batches.id"], name=op.f("fk_imports_batch_id")),
        sa.ForeignKeyConstraint(
            ["imported_by"], ["persons.id"], name=op.f("fk_imports_imported_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_imports")),
    )
    op.create_index(op.f("ix_imports_batch_id"), "imports", ["batch_id"], unique=False)
    op.create_table(
        "tasks",
        sa.Column("id", IDENTIFIER, nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("batch_id", IDENTIFIER, nullable=True),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("held", sa.Integer(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("requested_by", IDENTIFIER, nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.Column("lease_owner", sa.String(length=40), nullable=True),
        sa.Column("lease_until", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "state IN ('waiting', 'running', 'done', 'failed')", name=op.f("ck_tasks_state")
        ),
        sa.ForeignKeyConstraint(["batch_id"], ["batches.id"], name=op.f("fk_tasks_batch_id")),
        sa.ForeignKeyConstraint(
            ["requested_by"], ["persons.id"], name=op.f("fk_tasks_requested_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tasks")),
    )
    op.create_index(op.f("ix_tasks_batch_id"), "tasks", ["batch_id"], unique=False)
    op.create_index(op.f("ix_tasks_state_id"), "tasks", ["state", "id"], unique=False)
    op.create_table(
        "results",
        sa.Column("id", IDENTIFIER, nullable=False),
        sa.Column("uid", sa.String(length=32), nullable=False),
        sa.Column("batch_id", IDENTIFIER, nullable=False),
        sa.Column("import_id", IDENTIFIER, nullable=False),
        sa.Column("source_row", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("id_kind", sa.String(length=20), nullable=False),
        sa.Column("id_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("id_key", sa.String(length=40), nullable=False),
        sa.Column("id_lookup", sa.LargeBinary(length=32), nullable=False),
        sa.Column("id_lookup_key", sa.String(length=40), nullable=False),
        sa.Column("last4", sa.String(length=4), nullable=False),
        sa.Column("occupation_id", IDENTIFIER, nullable=False),
        sa.Column("level", sa.String(length=4), nullable=False),
        sa.Column("work_type", sa.String(length=3), nullable=True),
        sa.Column("assessed", sa.Date(), nullable=False),
        sa.Column("theory", sa.Integer(), nullable=False),
        sa.Column("practice", sa.Integer(), nullable=False),
        sa.Column("review", sa.Integer(), nullable=True),
        sa.Column("ticket", sa.String(length=20), nullable=True),
        sa.Column("photo_id", IDENTIFIER, nullable=True),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("removed_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["batch_id"], ["batches.id"], name=op.f("fk_results_batch_id")),
        sa.ForeignKeyConstraint(["import_id"], ["imports.id"], name=op.f("fk_results_import_id")),
        sa.ForeignKeyConstraint(["level"], ["levels.code"], name=op.f("fk_results_level")),
        sa.ForeignKeyConstraint(
            ["occupation_id"], ["occupations.id"], name=op.f("fk_results_occupation_id")
        ),
        sa.ForeignKeyConstraint(["photo_id"], ["photos.id"], name=op.f("fk_results_photo_id")),
        sa.ForeignKeyConstraint(
            ["work_type"], ["work_types.code"], name=op.f("fk_results_work_type")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_results")),
        sa.UniqueConstraint("uid", name=op.f("uq_results_uid")),
    )
    op.create_index(op.f("ix_results_batch_id"), "results", ["batch_id"], unique=False)
    op.create_index(
        "ix_results_same_assessment",
        "results",
        ["id_lookup", "occupation_id", "level", "assessed"],
        unique=True,
        sqlite_where=sa.text("removed_at IS NULL"),
        postgresql_where=sa.text("removed_at IS NULL"),
    )
    op.create_table(
        "conflicts",
        sa.Column("id", IDENTIFIER, nullable=False),
        sa.Column("import_id", IDENTIFIER, nullable=False),
        sa.Column("result_id", IDENTIFIER, nullable=False),
        sa.Column("source_row", sa.Integer(), nullable=False),
        sa.Column("column_name", sa.String(length=20), nullable=False),
        sa.Column("stored", sa.Text(), nullable=False),
        sa.Column("offered", sa.Text(), nullable=False),
        sa.Column("value", sa.JSON(), nullable=False),
        sa.Column("settled", sa.String(length=10), nullable=True),
        sa.Column("settled_by", IDENTIFIER, nullable=True),
        sa.Column("settled_at", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("settled IN ('kept', 'taken')", name=op.f("ck_conflicts_settled")),
        sa.CheckConstraint(
            "(settled IS NULL) = (settled_by IS NULL) AND (settled IS NULL) = (settled_at IS NULL)",
            name=op.f("ck_conflicts_settlement"),
        ),
        sa.ForeignKeyConstraint(["import_id"], ["imports.id"], name=op.f("fk_conflicts_import_id")),
        sa.ForeignKeyConstraint(["result_id"], ["results.id"], name=op.f("fk_conflicts_result_id")),
        sa.ForeignKeyConstraint(
            ["settled_by"], ["persons.id"], name=op.f("fk_conflicts_settled_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_conflicts")),
    )
    op.create_index(op.f("ix_conflicts_result_id"), "conflicts", ["result_id"], unique=False)
    op.create_table(
        "eligibilities",
        sa.Column("id", IDENTIFIER, nullable=False),
        sa.Column("result_id", IDENTIFIER, nullable=False),
        sa.Column("batch_id", IDENTIFIER, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.String(length=10), nullable=False),
        sa.Column("kind", sa.Integer(), nullable=True),
        sa.Column("grounds", sa.JSON(), nullable=False),
        sa.Column("policy", sa.String(length=80), nullable=False),
        sa.Column("decided_at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "outcome IN ('granted', 'refused')", name=op.f("ck_eligibilities_outcome")
        ),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["batches.id"], name=op.f("fk_eligibilities_batch_id")
        ),
        sa.ForeignKeyConstraint(
            ["result_id"], ["results.id"], name=op.f("fk_eligibilities_result_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_eligibilities")),
        sa.UniqueConstraint(
            "result_id", "version", name=op.f("uq_eligibilities_result_id_version")
        ),
    )
    op.create_index(op.f("ix_eligibilities_batch_id"), "eligibilities", ["batch_id"], unique=False)
    op.create_table(
        "pickup_codes",
        sa.Column("id", IDENTIFIER, nullable=False),
        sa.Column("code_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("result_id", IDENTIFIER, nullable=False),
        sa.Column("made_by", IDENTIFIER, nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["made_by"], ["persons.id"], name=op.f("fk_pickup_codes_made_by")),
        sa.ForeignKeyConstraint(
            ["result_id"], ["results.id"], name=op.f("fk_pickup_codes_result_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pickup_codes")),
        sa.UniqueConstraint("code_hash", name=op.f("uq_pickup_codes_code_hash")),
    )
    op.create_index(op.f("ix_pickup_codes_result_id"), "pickup_codes", ["result_id"], unique=False)
    op.create_table(
        "result_examiners",
        sa.Column("result_id", IDENTIFIER, nullable=False),
        sa.Column("part", sa.String(length=10), nullable=False),
        sa.Column("examiner_id", IDENTIFIER, nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "part IN ('theory', 'practice', 'review')", name=op.f("ck_result_examiners_part")
        ),
        sa.ForeignKeyConstraint(
            ["examiner_id"], ["examiners.id"], name=op.f("fk_result_examiners_examiner_id")
        ),
        sa.ForeignKeyConstraint(
            ["result_id"],
            ["results.id"],
            name=op.f("fk_result_examiners_result_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint(
            "result_id", "part", "examiner_id", name=op.f("pk_result_examiners")
        ),
    )
    op.create_table(
        "certificates",
        sa.Column("id", IDENTIFIER, nullable=False),
        sa.Column("batch_id", IDENTIFIER, nullable=False),
        sa.Column("result_id", IDENTIFIER, nullable=False),
        sa.Column("eligibility_id", IDENTIFIER, nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("scheme", sa.String(length=40), nullable=False),
        sa.Column("period", sa.String(length=8), nullable=False),
        sa.Column("organisation", sa.String(length=40), nullable=False),
        sa.Column("level", sa.String(length=4), nullable=False),
        sa.Column("serial", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("uuid", sa.String(length=36), nullable=False),
        sa.Column("public_id", sa.String(length=32), nullable=False),
        sa.Column("status_list", sa.Integer(), nullable=False),
        sa.Column("status_index", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Integer(), nullable=False),
        sa.Column("issuer", sa.String(length=64), nullable=False),
        sa.Column("key_name", sa.String(length=64), nullable=False),
        sa.Column("signed_at", sa.BigInteger(), nullable=False),
        sa.Column("policy", sa.String(length=80), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("supersedes_id", IDENTIFIER, nullable=True),
        sa.Column("site_id", IDENTIFIER, nullable=False),
        sa.Column("occupation_id", IDENTIFIER, nullable=False),
        sa.Column("province", sa.String(length=2), nullable=False),
        sa.Column("holder_name", sa.String(length=80), nullable=False),
        sa.Column("holder_lookup", sa.LargeBinary(length=32), nullable=False),
        sa.Column("holder_lookup_key", sa.String(length=40), nullable=False),
        sa.Column("last4", sa.String(length=4), nullable=False),
        sa.Column("assessed", sa.Date(), nullable=False),
        sa.Column("awarded", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("prepared_at", sa.BigInteger(), nullable=False),
        sa.Column("issued_at", sa.BigInteger(), nullable=True),
        sa.Column("released_at", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "state IN ('prepared', 'issued', 'held', 'void')", name=op.f("ck_certificates_state")
        ),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["batches.id"], name=op.f("fk_certificates_batch_id")
        ),
        sa.ForeignKeyConstraint(
            ["eligibility_id"], ["eligibilities.id"], name=op.f("fk_certificates_eligibility_id")
        ),
        sa.ForeignKeyConstraint(["level"], ["levels.code"], name=op.f("fk_certificates_level")),
        sa.ForeignKeyConstraint(
            ["occupation_id"], ["occupations.id"], name=op.f("fk_certificates_occupation_id")
        ),
        sa.ForeignKeyConstraint(
            ["result_id"], ["results.id"], name=op.f("fk_certificates_result_id")
        ),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_certificates_site_id")),
        sa.ForeignKeyConstraint(
            ["status_list"], ["status_lists.number"], name=op.f("fk_certificates_status_list")
        ),
        sa.ForeignKeyConstraint(
            ["supersedes_id"], ["certificates.id"], name=op.f("fk_certificates_supersedes_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_certificates")),
        sa.UniqueConstraint("number", "version", name=op.f("uq_certificates_number_version")),
        sa.UniqueConstraint("public_id", name=op.f("uq_certificates_public_id")),
        sa.UniqueConstraint(
            "scheme",
            "period",
            "organisation",
            "level",
            "serial",
            "version",
            name=op.f("uq_certificates_scheme_period_organisation_level_serial_version"),
        ),
        sa.UniqueConstraint(
            "status_list", "status_index", name=op.f("uq_certificates_status_list_status_index")
        ),
        sa.UniqueConstraint("supersedes_id", name=op.f("uq_certificates_supersedes_id")),
        sa.UniqueConstraint("uuid", name=op.f("uq_certificates_uuid")),
    )
    op.create_index(op.f("ix_certificates_batch_id"), "certificates", ["batch_id"], unique=False)
    op.create_index(
        op.f("ix_certificates_holder_lookup"), "certificates", ["holder_lookup"], unique=False
    )
    op.create_index(
        op.f("ix_certificates_holder_name_last4"),
        "certificates",
        ["holder_name", "last4"],
        unique=False,
    )
    op.create_index(op.f("ix_certificates_province"), "certificates", ["province"], unique=False)
    op.create_index(op.f("ix_certificates_result_id"), "certificates", ["result_id"], unique=False)
    op.create_index(op.f("ix_certificates_site_id"), "certificates", ["site_id"], unique=False)
    op.create_index(op.f("ix_certificates_state_id"), "certificates", ["state", "id"], unique=False)
    op.create_table(
        "web_sessions",
        sa.Column("token_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("account_id", IDENTIFIER, nullable=True),
        sa.Column("pickup_id", IDENTIFIER, nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("seen_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_web_sessions_account_id")
        ),
        sa.ForeignKeyConstraint(
            ["pickup_id"], ["pickup_codes.id"], name=op.f("fk_web_sessions_pickup_id")
        ),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_web_sessions")),
    )
    op.create_index(
        op.f("ix_web_sessions_account_id"), "web_sessions", ["account_id"], unique=False
    )
    op.create_table(
        "corrections",
        sa.Column("certificate_id", IDENTIFIER, nullable=False),
        sa.Column("corrected_id", IDENTIFIER, nullable=False),
        sa.Column("ground", sa.String(length=40), nullable=False),
        sa.Column("authority_id", IDENTIFIER, nullable=False),
        sa.Column("decision", sa.String(length=200), nullable=True),
        sa.Column("decided_on", sa.Date(), nullable=False),
        sa.Column("person_id", IDENTIFIER, nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["authority_id"], ["bodies.id"], name=op.f("fk_corrections_authority_id")
        ),
        sa.ForeignKeyConstraint(
            ["certificate_id"], ["certificates.id"], name=op.f("fk_corrections_certificate_id")
        ),
        sa.ForeignKeyConstraint(
            ["corrected_id"], ["certificates.id"], name=op.f("fk_corrections_corrected_id")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["persons.id"], name=op.f("fk_corrections_person_id")
        ),
        sa.PrimaryKeyConstraint("certificate_id", name=op.f("pk_corrections")),
    )
    op.create_index(
        op.f("ix_corrections_corrected_id"), "corrections", ["corrected_id"], unique=False
    )
    op.create_table(
        "forms",
        sa.Column("certificate_id", IDENTIFIER, nullable=False),
        sa.Column("cose", sa.LargeBinary(), nullable=False),
        sa.Column("document", sa.LargeBinary(), nullable=False),
        sa.Column("cose_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("jcs_hash", sa.LargeBinary(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["certificate_id"], ["certificates.id"], name=op.f("fk_forms_certificate_id")
        ),
        sa.PrimaryKeyConstraint("certificate_id", name=op.f("pk_forms")),
        sa.UniqueConstraint("cose_hash", name=op.f("uq_forms_cose_hash")),
        sa.UniqueConstraint("jcs_hash", name=op.f("uq_forms_jcs_hash")),
    )
    op.create_table(
        "status",
        sa.Column("list", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("index", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("state", sa.Integer(), nullable=False),
        sa.Column("cose8", sa.LargeBinary(length=8), nullable=False),
        sa.Column("jcs8", sa.LargeBinary(length=8), nullable=False),
        sa.Column("certificate_id", IDENTIFIER, nullable=False),
        sa.ForeignKeyConstraint(
            ["certificate_id"], ["certificates.id"], name=op.f("fk_status_certificate_id")
        ),
        sa.ForeignKeyConstraint(["list"], ["status_lists.number"], name=op.f("fk_status_list")),
        sa.PrimaryKeyConstraint("list", "index", name=op.f("pk_status")),
    )
    op.create_index(op.f("ix_status_certificate_id"), "status", ["certificate_id"], unique=True)
    op.create_table(
        "status_changes",
        sa.Column("id", IDENTIFIER, nullable=False),
        sa.Column("certificate_id", IDENTIFIER, nullable=False),
        sa.Column("before", sa.Integer(), nullable=False),
        sa.Column("after", sa.Integer(), nullable=False),
        sa.Column("ground", sa.String(length=40), nullable=True),
        sa.Column("ground_zh", sa.Text(), nullable=True),
        sa.Column("ground_en", sa.Text(), nullable=True),
        sa.Column("authority_id", IDENTIFIER, nullable=True),
        sa.Column("decision", sa.String(length=200), nullable=True),
        sa.Column("decided_on", sa.Date(), nullable=False),
        sa.Column("appeal_body", sa.String(length=120), nullable=True),
        sa.Column("appeal_until", sa.Date(), nullable=True),
        sa.Column("replacement_id", IDENTIFIER, nullable=True),
        sa.Column("person_id", IDENTIFIER, nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["authority_id"], ["bodies.id"], name=op.f("fk_status_changes_authority_id")
        ),
        sa.ForeignKeyConstraint(
            ["certificate_id"], ["certificates.id"], name=op.f("fk_status_changes_certificate_id")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["persons.id"], name=op.f("fk_status_changes_person_id")
        ),
        sa.ForeignKeyConstraint(
            ["replacement_id"], ["certificates.id"], name=op.f("fk_status_changes_replacement_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_status_changes")),
    )
    op.create_index(
        op.f("ix_status_changes_certificate_id_id"),
        "status_changes",
        ["certificate_id", "id"],
        unique=False,
    )
    op.create_table(
        "log_entries",
        sa.Column("id", IDENTIFIER, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Integer(), nullable=False),
        sa.Column("commitment", sa.LargeBinary(length=32), nullable=False),
        sa.Column("index", sa.BigInteger(), nullable=True),
        sa.Column("nonce", sa.LargeBinary(length=16), nullable=True),
        sa.Column("certificate_id", IDENTIFIER, nullable=True),
        sa.Column("status_change_id", IDENTIFIER, nullable=True),
        sa.Column("queued_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["certificate_id"], ["certificates.id"], name=op.f("fk_log_entries_certificate_id")
        ),
        sa.ForeignKeyConstraint(
            ["status_change_id"],
            ["status_changes.id"],
            name=op.f("fk_log_entries_status_change_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_log_entries")),
        sa.UniqueConstraint("commitment", name=op.f("uq_log_entries_commitment")),
        sa.UniqueConstraint("index", name=op.f("uq_log_entries_index")),
    )
    op.create_index(
        op.f("ix_log_entries_certificate_id"), "log_entries", ["certificate_id"], unique=False
    )
    dialect = op.get_bind().dialect.name
    for table in APPEND_ONLY:
        for statement in guards(dialect, table):
            op.execute(statement)
    head = sa.table(
        "audit_head",
        sa.column("id", sa.Integer()),
        sa.column("position", sa.BigInteger()),
        sa.column("hash", sa.LargeBinary()),
    )
    op.execute(head.insert().values(id=1, position=0, hash=bytes(32)))


def downgrade() -> None:
    dialect = op.get_bind().dialect.name
    for table in APPEND_ONLY:
        for statement in unguard(dialect, table):
            op.execute(statement)
    op.drop_index(op.f("ix_log_entries_certificate_id"), table_name="log_entries")
    op.drop_table("log_entries")
    op.drop_index(op.f("ix_status_changes_certificate_id_id"), table_name="status_changes")
    op.drop_table("status_changes")
    op.drop_index(op.f("ix_status_certificate_id"), table_name="status")
    op.drop_table("status")
    op.drop_table("forms")
    op.drop_index(op.f("ix_corrections_corrected_id"), table_name="corrections")
    op.drop_table("corrections")
    op.drop_index(op.f("ix_web_sessions_account_id"), table_name="web_sessions")
    op.drop_table("web_sessions")
    op.drop_index(op.f("ix_certificates_state_id"), table_name="certificates")
    op.drop_index(op.f("ix_certificates_site_id"), table_name="certificates")
    op.drop_index(op.f("ix_certificates_result_id"), table_name="certificates")
    op.drop_index(op.f("ix_certificates_province"), table_name="certificates")
    op.drop_index(op.f("ix_certificates_holder_name_last4"), table_name="certificates")
    op.drop_index(op.f("ix_certificates_holder_lookup"), table_name="certificates")
    op.drop_index(op.f("ix_certificates_batch_id"), table_name="certificates")
    op.drop_table("certificates")
    op.drop_table("result_examiners")
    op.drop_index(op.f("ix_pickup_codes_result_id"), table_name="pickup_codes")
    op.drop_table("pickup_codes")
    op.drop_index(op.f("ix_eligibilities_batch_id"), table_name="eligibilities")
    op.drop_table("eligibilities")
    op.drop_index(op.f("ix_conflicts_result_id"), table_name="conflicts")
    op.drop_table("conflicts")
    op.drop_index(
        "ix_results_same_assessment",
        table_name="results",
        sqlite_where=sa.text("removed_at IS NULL"),
        postgresql_where=sa.text("removed_at IS NULL"),
    )
    op.drop_index(op.f("ix_results_batch_id"), table_name="results")
    op.drop_table("results")
    op.drop_index(op.f("ix_tasks_state_id"), table_name="tasks")
    op.drop_index(op.f("ix_tasks_batch_id"), table_name="tasks")
    op.drop_table("tasks")
    op.drop_index(op.f("ix_imports_batch_id"), table_name="imports")
    op.drop_table("imports")
    op.drop_index(op.f("ix_decisions_batch_id_version_step"), table_name="decisions")
    op.drop_table("decisions")
    op.drop_table("confirmations")
    op.drop_index(op.f("ix_suspensions_site_id"), table_name="suspensions")
    op.drop_index(op.f("ix_suspensions_examiner_id"), table_name="suspensions")
    op.drop_table("suspensions")
    op.drop_index(op.f("ix_relations_id_lookup"), table_name="relations")
    op.drop_table("relations")
    op.drop_table("occupation_work_types")
    op.drop_index(op.f("ix_occupation_sources_occupation_id"), table_name="occupation_sources")
    op.drop_table("occupation_sources")
    op.drop_table("occupation_levels")
    op.drop_index(op.f("ix_grants_account_id"), table_name="grants")
    op.drop_table("grants")
    op.drop_index(op.f("ix_filings_body_id_occupation_id_level"), table_name="filings")
    op.drop_table("filings")
    op.drop_index(
        op.f("ix_examiner_scopes_examiner_id_occupation_id_level"), table_name="examiner_scopes"
    )
    op.drop_table("examiner_scopes")
    op.drop_table("catalogue_memberships")
    op.drop_index(op.f("ix_batches_state"), table_name="batches")
    op.drop_index(op.f("ix_batches_site_id"), table_name="batches")
    op.drop_index(op.f("ix_batches_province"), table_name="batches")
    op.drop_table("batches")
    op.drop_index(op.f("ix_audit_lines_subject"), table_name="audit_lines")
    op.drop_index(op.f("ix_audit_lines_account_id"), table_name="audit_lines")
    op.drop_table("audit_lines")
    op.drop_index(
        op.f("ix_accreditations_site_id_occupation_id_level"), table_name="accreditations"
    )
    op.drop_table("accreditations")
    op.drop_index(op.f("ix_sites_province"), table_name="sites")
    op.drop_index(op.f("ix_sites_body_id"), table_name="sites")
    op.drop_table("sites")
    op.drop_table("policy_rows")
    op.drop_index(op.f("ix_occupations_name_zh"), table_name="occupations")
    op.drop_index(op.f("ix_occupations_code_2022"), table_name="occupations")
    op.drop_table("occupations")
    op.drop_index(op.f("ix_examiners_province"), table_name="examiners")
    op.drop_index(op.f("ix_examiners_person_id"), table_name="examiners")
    op.drop_table("examiners")
    op.drop_index(op.f("ix_designations_body_id"), table_name="designations")
    op.drop_table("designations")
    op.drop_index(op.f("ix_body_names_body_id"), table_name="body_names")
    op.drop_table("body_names")
    op.drop_index(op.f("ix_accounts_person_id"), table_name="accounts")
    op.drop_table("accounts")
    op.drop_table("work_types")
    op.drop_index("ix_throttles_window_from", table_name="throttles")
    op.drop_table("throttles")
    op.drop_table("status_lists")
    op.drop_table("publications")
    op.drop_table("photos")
    op.drop_table("persons")
    op.drop_table("levels")
    op.drop_index(op.f("ix_form_tokens_session_hash"), table_name="form_tokens")
    op.drop_table("form_tokens")
    op.drop_table("counters")
    op.drop_table("catalogue_versions")
    op.drop_index(op.f("ix_bodies_province"), table_name="bodies")
    op.drop_table("bodies")
    op.drop_table("audit_head")
