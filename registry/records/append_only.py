"""Tables whose rows are never changed or removed, and the triggers that see to it."""

from sqlalchemy import text
from sqlalchemy.orm import Session

APPEND_ONLY = (
    "accreditations",
    "audit_lines",
    "confirmations",
    "decisions",
    "eligibilities",
    "filings",
    "imports",
    "legacy_history",
    "occupation_sources",
    "status_changes",
    "suspensions",
)
"""Names of the tables. Truncation is refused too, where the database knows it."""


def guards(dialect: str, table: str) -> list[str]:
    """Statements that make ``table`` append-only on ``sqlite`` or ``postgresql``."""
    if dialect == "sqlite":
        return [
            f"CREATE TRIGGER {table}_no_{action.lower()} BEFORE {action} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            for action in ("UPDATE", "DELETE")
        ]
    return [
        f"CREATE OR REPLACE FUNCTION {table}_guard() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{table} is append-only'; END $$",
        f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION {table}_guard()",
    ]


def unguard(dialect: str, table: str) -> list[str]:
    """Statements that take the guards off again, for a migration."""
    if dialect == "sqlite":
        return [f"DROP TRIGGER {table}_no_{action}" for action in ("update", "delete")]
    return [
        f"DROP TRIGGER {table}_append_only ON {table}",
        f"DROP FUNCTION {table}_guard()",
    ]


def missing_guards(session: Session) -> list[str]:
    """Tables of :data:`APPEND_ONLY` that a PostgreSQL database does not guard at this moment."""
    found = session.execute(
        text(
            "SELECT tgrelid::regclass::text FROM pg_trigger "
            "WHERE NOT tgisinternal AND tgenabled IN ('O', 'A') AND tgname LIKE '%_append_only'"
        )
    )
    return sorted(set(APPEND_ONLY) - set(found.scalars()))
