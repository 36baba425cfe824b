"""A program works over exactly its own tables, and two migrations at once are one."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from registry.records import revision
from registry.records.errors import RevisionError
from registry.records.schema import migrate, unmigrate
from registry.records.session import open_engine, reading, writing
from tests.registry.conftest import Database


@pytest.fixture
def empty(database: Database) -> Engine:
    """A database without tables."""
    unmigrate(database.engine)
    with database.writing.begin() as session:
        session.execute(text("DROP TABLE alembic_version"))
    return database.engine


def _stamp(database: Database, name: str) -> None:
    with database.writing.begin() as session:
        session.execute(text("UPDATE alembic_version SET version_num = :name"), {"name": name})


def test_its_own_tables_are_good(database: Database) -> None:
    with database.reading() as session:
        assert revision.found(session) == revision.head()
        revision.check(session)


def test_older_tables_are_refused(database: Database) -> None:
    unmigrate(database.engine, revision.known()[1])
    with database.reading() as session, pytest.raises(RevisionError, match="hallmark migrate") as e:
        revision.check(session)
    assert not e.value.is_newer
    migrate(database.engine)
    with database.reading() as session:
        revision.check(session)


def test_newer_tables_are_refused_and_not_migrated(database: Database) -> None:
    _stamp(database, "9999")
    with database.reading() as session, pytest.raises(RevisionError, match="newer program") as e:
        revision.check(session)
    assert e.value.is_newer
    with pytest.raises(RevisionError, match="newer program"):
        migrate(database.engine)


def test_no_tables_are_refused(empty: Engine) -> None:
    with reading(empty)() as session, pytest.raises(RevisionError, match="no tables"):
        revision.check(session)


def test_no_connection_opens_on_other_tables(database: Database) -> None:
    url = database.engine.url.render_as_string(hide_password=False)
    late, early = open_engine(url), open_engine(url)
    for engine in (late, early):
        revision.guard(engine)
    with reading(early)() as session:
        session.execute(text("SELECT 1"))
    early.dispose()
    _stamp(database, "9999")
    with reading(early)() as session:  # it knew its own tables before they were added to
        session.execute(text("SELECT 1"))
    with writing(late)() as session, pytest.raises(RevisionError, match="newer program"):
        session.execute(text("SELECT 1"))
    early.dispose()
    _stamp(database, revision.known()[1])
    for engine in (late, early):
        with reading(engine)() as session, pytest.raises(RevisionError, match="hallmark migrate"):
            session.execute(text("SELECT 1"))
        engine.dispose()


def test_two_migrations_at_once_are_one(empty: Engine, tmp_path: Path) -> None:
    url = empty.url.render_as_string(hide_password=False)
    environment = os.environ | {"HALLMARK_DATABASE_URL": url}
    command = [sys.executable, "-m", "verifier", "migrate", "--dir", str(tmp_path / "folder")]
    runs = [
        subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    told = [run.communicate(timeout=120)[1] for run in runs]
    assert [run.returncode for run in runs] == [0, 0, 0], told
    with reading(empty)() as session:
        revision.check(session)
