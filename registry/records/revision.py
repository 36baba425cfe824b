"""Which tables the program knows and which the database has: they work together or not at all.

Migrations only add while an older program may still run (see ``registry/operations/README.md``).
So a program that once found its own tables goes on when the database moves ahead; one that starts
has to find exactly its own.
"""

from functools import cache
from pathlib import Path

from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.orm import Session
from sqlalchemy.pool import ConnectionPoolEntry

from registry.records.errors import RevisionError

FOLDER = Path(__file__).parent / "migrations"


@cache
def known() -> tuple[str, ...]:
    """Revisions that this program has migrations for, newest first."""
    return tuple(each.revision for each in ScriptDirectory(str(FOLDER)).walk_revisions())


def head() -> str:
    """The revision whose tables this program reads and writes."""
    return known()[0]


def found(session: Session) -> str | None:
    """The revision of the database; None where it has no tables."""
    return MigrationContext.configure(session.connection()).get_current_revision()


def check(session: Session) -> None:
    """Let a program go on only over its own tables.

    Raises:
        RevisionError: the database is empty, older, or newer; the sentence says what to do.
    """
    if (there := found(session)) != head():
        raise RevisionError(sentence(there), is_newer=is_newer(there))


def is_newer(there: str | None) -> bool:
    """Whether a newer program made the tables."""
    return there is not None and there not in known()


def sentence(there: str | None) -> str:
    """What differs and what an operator does about it."""
    if there is None:
        return "the database has no tables; run: hallmark migrate"
    if is_newer(there):
        return (
            f"the database is at revision {there}, which is newer than this program "
            f"(it knows {head()}); install the newer program and start that"
        )
    return (
        f"the database is at revision {there}, this program needs {head()}; run: hallmark migrate"
    )


def guard(engine: Engine) -> None:
    """Let no connection of an engine open on tables of another program.

    Whatever uses the engine then raises :class:`RevisionError` instead of reading or writing what
    it does not know. A process that has found its own tables once goes on when a newer program
    has migrated them since: migrations that run beside older programs only add.
    """
    seen = False

    @event.listens_for(engine, "connect")
    def _look(connection: DBAPIConnection, _record: ConnectionPoolEntry) -> None:
        nonlocal seen
        there = _revision_of(connection)
        if there == head():
            seen = True
        elif not (seen and is_newer(there)):
            raise RevisionError(sentence(there), is_newer=is_newer(there))


def _revision_of(connection: DBAPIConnection) -> str | None:
    cursor = connection.cursor()
    try:
        cursor.execute("SELECT version_num FROM alembic_version")
        row = cursor.fetchone()
    except Exception as error:
        # Each driver has its own class for a table that is not there, and they share no other name.
        if "alembic_version" not in str(error):
            raise
        row = None
    finally:
        cursor.close()
        connection.rollback()
    return None if row is None else str(row[0])
