"""Bringing a database to the tables of this code, by migrations only."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine

from registry.records.session import writing


def migrate(engine: Engine, revision: str = "head") -> None:
    """Upgrade the database to ``revision``, all of it in one transaction."""
    with writing(engine).begin() as session:
        command.upgrade(_config(session.connection()), revision)


def unmigrate(engine: Engine, revision: str = "base") -> None:
    """Downgrade the database to ``revision``, all of it in one transaction."""
    with writing(engine).begin() as session:
        command.downgrade(_config(session.connection()), revision)


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    return config
