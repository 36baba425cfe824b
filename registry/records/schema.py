"""Bringing a database to the tables of this code, by migrations only."""

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, text
from sqlalchemy.orm import Session

from registry.records import revision as revisions
from registry.records.errors import RevisionError
from registry.records.session import writing

LOCK = 0x68616C6C
"""Number of PostgreSQL's advisory lock under which tables are changed."""


def migrate(engine: Engine, revision: str = "head") -> None:
    """Upgrade the database to ``revision``, all of it in one transaction, one at a time.

    Raises:
        RevisionError: the database was made by a newer program.
    """
    with writing(engine).begin() as session:
        _lock(session)
        if revisions.is_newer(there := revisions.found(session)):
            raise RevisionError(revisions.sentence(there), is_newer=True)
        command.upgrade(_config(session.connection()), revision)


def migrate_within(session: Session) -> None:
    """Make all tables in the session's own transaction, for what has to be there whole or not."""
    _lock(session)
    command.upgrade(_config(session.connection()), "head")


def unmigrate(engine: Engine, revision: str = "base") -> None:
    """Downgrade the database to ``revision``, all of it in one transaction."""
    with writing(engine).begin() as session:
        command.downgrade(_config(session.connection()), revision)


def _lock(session: Session) -> None:
    """Let whoever comes second wait, and find everything done. SQLite has one writer anyway."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": LOCK})


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(revisions.FOLDER))
    config.attributes["connection"] = connection
    return config
