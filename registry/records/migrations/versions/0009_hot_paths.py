"""What is looked for every second, by an index of its own; numbers compared byte by byte."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

SET = sa.text("state <> 0")
OPEN = sa.text("settled IS NULL")


def upgrade() -> None:
    # The beginning of a number is a range only where characters are compared by their code.
    _collate('"C"')
    op.drop_index("ix_certificates_holder_name_last4", "certificates")
    op.drop_index("ix_certificates_province", "certificates")
    op.create_index(
        "ix_certificates_holder_name_province_id", "certificates", ["holder_name", "province", "id"]
    )
    op.create_index(
        "ix_certificates_last4_province_id", "certificates", ["last4", "province", "id"]
    )
    op.create_index(
        "ix_status_set", "status", ["list", "index"], sqlite_where=SET, postgresql_where=SET
    )
    op.create_index(
        "ix_result_examiners_examiner_id_result_id", "result_examiners",
        ["examiner_id", "result_id"],
    )  # fmt: skip
    op.create_index(
        "ix_conflicts_open", "conflicts", ["result_id"], sqlite_where=OPEN, postgresql_where=OPEN
    )


def downgrade() -> None:
    op.drop_index("ix_conflicts_open", "conflicts")
    op.drop_index("ix_result_examiners_examiner_id_result_id", "result_examiners")
    op.drop_index("ix_status_set", "status")
    op.drop_index("ix_certificates_last4_province_id", "certificates")
    op.drop_index("ix_certificates_holder_name_province_id", "certificates")
    op.create_index("ix_certificates_province", "certificates", ["province"])
    op.create_index("ix_certificates_holder_name_last4", "certificates", ["holder_name", "last4"])
    _collate('"default"')


def _collate(collation: str) -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            f"ALTER TABLE certificates ALTER COLUMN number TYPE varchar(40) COLLATE {collation}"
        )
