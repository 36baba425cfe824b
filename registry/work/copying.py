"""Copying a whole registry from an SQLite file to an empty PostgreSQL database, or not at all.

Tables, rows, foreign keys and guards are made in one transaction of the target, and counted and
compared in it: a copy that is broken off anywhere leaves the target as empty as it was. The file is
held alone meanwhile, so nothing can change behind the copy, and takes no act any more afterwards,
so that nobody goes on numbering in two places.
"""

import re
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import (
    JSON,
    Connection,
    Engine,
    Table,
    Text,
    cast,
    column,
    event,
    make_url,
    select,
    table,
    text,
)
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from registry.queries import rows
from registry.records import revision
from registry.records import rows as loading
from registry.records.append_only import missing_guards
from registry.records.rows import plain_type
from registry.records.schema import migrate_within
from registry.records.session import open_engine, writing
from registry.work.context import WorkError

MANY = 500
"""Rows in memory at a time; of tables with pictures, eight."""
MOVED = "registry_was_copied"
"""Trigger on the file that refuses every act after the copy."""
_LINE = re.compile(r"line (\d+)(?:, column (\w+))?")


@dataclass(frozen=True, slots=True)
class Sum:
    """How many rows a table has, and what they add up to, in whatever order they are read."""

    rows: int
    digest: int
    """Sum of the SHA-256 of every row, modulo 2**256."""

    def plus(self, part: Sequence[tuple[Any, ...]]) -> "Sum":
        """With some more rows."""
        added = sum(int.from_bytes(sha256(repr(row).encode()).digest()) for row in part)
        return Sum(self.rows + len(part), (self.digest + added) % 2**256)

    def __str__(self) -> str:
        return f"{self.digest:064x}"


@dataclass(frozen=True, slots=True)
class Copied:
    """What was copied: each table with its rows and their digest."""

    tables: dict[str, Sum]

    @property
    def rows(self) -> int:
        """Of all tables."""
        return sum(each.rows for each in self.tables.values())


def copy(source_url: str, target_url: str, told: Callable[[str, int], None]) -> Copied:
    """Copy a registry; afterwards the source refuses every act.

    Args:
        source_url: an SQLite file of this program's tables.
        target_url: a PostgreSQL database without any table.
        told: called with each table and its rows, once copied and once compared.

    Raises:
        WorkError: the source is in use or is no SQLite file, the target is not empty or does not
            take a row, or what arrived is not what was sent; nothing was changed.
        RevisionError: the source has tables of another program.
    """
    source, target = make_url(source_url), make_url(target_url)
    if source.get_backend_name() != "sqlite" or not source.database:
        raise WorkError("the registry is not in an SQLite file; between servers: hallmark backup")
    if target.get_backend_name() != "postgresql":
        raise WorkError("copy to a PostgreSQL database: postgresql+psycopg://USER@HOST/DATABASE")
    if not Path(source.database).is_file():
        raise WorkError(f"{source.database} is not there; run: hallmark migrate")
    engine = open_engine(target_url)
    try:
        with _alone(source.database) as held:
            with writing(engine).begin() as session:
                copied = _copied(held.connection(), session, told)
            # The target has everything and is committed: from now on only it may go on.
            held.execute(text(
                f"CREATE TRIGGER {MOVED} BEFORE UPDATE ON audit_head BEGIN SELECT RAISE(ABORT, "
                "'this registry was copied to another database and goes on there'); END"
            ))  # fmt: skip
            held.commit()
    finally:
        engine.dispose()
    return copied


def _copied(source: Connection, session: Session, told: Callable[[str, int], None]) -> Copied:
    if not loading.is_empty(session.connection()):
        raise WorkError("the target is not empty; drop the database, create it anew, copy again")
    migrate_within(session)
    keys = loading.begin_loading(session, loading.names(session))
    sent = {}
    for each in rows.tables():
        sent[each.name] = _send(source, session, each)
        told(f"{each.name} copied", sent[each.name].rows)
    loading.finish_loading(session, keys)
    for each in rows.tables():
        there = _sum(_stream(session.connection(), each))
        if there != sent[each.name]:
            raise WorkError(
                f"{each.name}: {sent[each.name].rows} rows were sent, {there.rows} arrived, and "
                "they do not say the same; nothing was copied"
            )
        told(f"{each.name} compared", there.rows)
    if missing := missing_guards(session):
        raise WorkError(f"not guarded against changes: {', '.join(missing)}; nothing was copied")
    return Copied(sent)


@contextmanager
def _alone(path: str) -> Iterator[Session]:
    """The only connection to an SQLite file, in a transaction that keeps everybody else out.

    Leaving the write-ahead log behind needs that no other connection is open: SQLite itself tells
    a registry that is being served from one that is not.
    """
    engine = open_engine(f"sqlite:///{path}")
    # Waiting longer does not make a server end.
    event.listen(engine, "connect", lambda raw, _: raw.execute("PRAGMA busy_timeout = 1000"))
    try:
        _journal(engine, "DELETE")
        with writing(engine)() as session:
            revision.check(session)
            if _was_copied(session):
                raise WorkError(
                    "this file was copied already, and the registry goes on in the other database: "
                    "hallmark.toml has to name it as database_url"
                )
            yield session
        _journal(engine, "WAL")
    except (sqlite3.OperationalError, OperationalError) as error:
        if "locked" not in str(error):
            raise
        raise WorkError(
            "somebody uses the registry: stop hallmark serve and hallmark work, then copy again"
        ) from None
    finally:
        engine.dispose()


def _journal(engine: Engine, mode: str) -> None:
    raw = engine.raw_connection()
    try:
        cursor = raw.cursor()
        cursor.execute(f"PRAGMA journal_mode = {mode}")
        cursor.close()
    finally:
        raw.close()


def _was_copied(session: Session) -> bool:
    found = session.execute(
        text("SELECT 1 FROM sqlite_master WHERE type = 'trigger' AND name = :name"), {"name": MOVED}
    )
    return found.first() is not None


def _send(source: Connection, session: Session, wanted: Table) -> Sum:
    """One table through COPY, and what its rows add up to."""
    raw = session.connection().connection.driver_connection
    if not isinstance(raw, psycopg.Connection):
        raise WorkError("copying needs the driver psycopg: postgresql+psycopg://…")
    names = ", ".join(f'"{each.name}"' for each in wanted.columns)
    total = Sum(0, 0)
    try:
        with raw.cursor().copy(f'COPY "{wanted.name}" ({names}) FROM STDIN') as copying:
            for part in _stream(source, wanted):
                total = total.plus(part)
                for row in part:
                    copying.write_row(row)
    except psycopg.Error as error:
        # The server quotes the row in its own words; where it stands is enough.
        place = _LINE.search(error.diag.context or "")
        where = f", row {place[1]}, column {place[2]}" if place else ""
        raise WorkError(
            f"PostgreSQL does not take {wanted.name}{where}: {type(error).__name__}; "
            "nothing was copied"
        ) from None
    return total


def _sum(parts: Iterator[Sequence[tuple[Any, ...]]]) -> Sum:
    total = Sum(0, 0)
    for part in parts:
        total = total.plus(part)
    return total


def _stream(connection: Connection, wanted: Table) -> Iterator[Sequence[tuple[Any, ...]]]:
    """All rows of a table as both databases store them; JSON as the very text that it is."""
    many = 8 if wanted.name in rows.PICTURES else MANY
    columns = {each.name: column(each.name, plain_type(each.type)) for each in wanted.columns}
    plain = table(wanted.name, *columns.values())
    read = [
        cast(plain.columns[name], Text) if isinstance(each.type, JSON) else plain.columns[name]
        for name, each in columns.items()
    ]
    options = {"stream_results": True, "max_row_buffer": many}
    found = connection.execute(select(*read), execution_options=options)
    for part in found.partitions(many):
        yield [tuple(row) for row in part]
