"""Engines and the two makers of sessions: one that can only read, one that writes.

SQLite: write-ahead log, foreign keys, full synchronisation, ``BEGIN IMMEDIATE`` for writing (two
writers queue up at the start instead of failing in the middle) and ``query_only`` for reading.
PostgreSQL: READ COMMITTED for writing; reading is read-only and REPEATABLE READ, one snapshot from
its first statement to its last, as SQLite has it anyway. The URL may name several servers, of which
one takes writes (see README.md beside this file): a connection that died with its server is
replaced by one to the server that now does, before a transaction begins on it.
"""

import sqlite3
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.orm import Session, sessionmaker

_MODE = "hallmark_mode"
_BUSY_MILLISECONDS = 15_000
SERVER = {
    "connect_timeout": "5", "keepalives_idle": "10", "keepalives_interval": "5",
    "keepalives_count": "3", "tcp_user_timeout": "20000", "application_name": "hallmark",
}  # fmt: skip
"""Settings of libpq that the URL does not set itself: seconds for one host to answer, and how soon
a host that says nothing more, even in the middle of a statement, counts as gone."""


def open_engine(url: str) -> Engine:
    """Engine for a ``sqlite:///…`` or ``postgresql+psycopg://…`` URL, with our settings on it."""
    # Parameters are names and sealed numbers: an error that is logged must not tell them.
    place = make_url(url)
    if place.get_backend_name() != "sqlite":
        ours = {name: value for name, value in SERVER.items() if name not in place.query}
        return create_engine(
            place, hide_parameters=True, isolation_level="READ COMMITTED", pool_pre_ping=True,
            connect_args=ours,
        )  # fmt: skip
    engine = create_engine(url, hide_parameters=True)
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def reading(engine: Engine) -> sessionmaker[Session]:
    """Maker of sessions that cannot write and see one snapshot: the database sees to both."""
    options: dict[str, Any] = {_MODE: "reading", "postgresql_readonly": True}
    if engine.dialect.name != "sqlite":
        # A list is planned and read by several selects: a change between two must not be half seen.
        options["isolation_level"] = "REPEATABLE READ"
    return sessionmaker(engine.execution_options(**options), expire_on_commit=False)


def writing(engine: Engine) -> sessionmaker[Session]:
    """Maker of sessions that write; ``with maker.begin() as session`` commits at its end."""
    return sessionmaker(engine.execution_options(**{_MODE: "writing"}), expire_on_commit=False)


def _prepare_sqlite(connection: sqlite3.Connection, _record: Any) -> None:
    # The driver must not begin transactions by itself: _begin_sqlite says which kind.
    connection.isolation_level = None
    for pragma in (
        f"busy_timeout = {_BUSY_MILLISECONDS}",
        "journal_mode = WAL",
        "synchronous = FULL",
        "foreign_keys = ON",
        # Without it a REPLACE removes rows of an append-only table past the trigger on DELETE.
        "recursive_triggers = ON",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    is_reading = connection.get_execution_options().get(_MODE) == "reading"
    connection.exec_driver_sql(f"PRAGMA query_only = {'ON' if is_reading else 'OFF'}")
    connection.exec_driver_sql("BEGIN" if is_reading else "BEGIN IMMEDIATE")
