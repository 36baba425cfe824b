"""Plain rows into the tables of an empty database, and the types that both databases share."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Connection,
    Date,
    LargeBinary,
    Text,
    column,
    insert,
    inspect,
    table,
    text,
)
from sqlalchemy.orm import Session
from sqlalchemy.types import Integer, String, TypeDecorator, TypeEngine

from registry.records.base import Base

PLAIN: dict[str, TypeEngine[Any]] = {
    "integer": BigInteger(), "text": Text(), "bytes": LargeBinary(), "date": Date(),
    "boolean": Boolean(), "json": JSON(none_as_null=True),
}  # fmt: skip
"""Names of the types that rows are written down in."""


def plain_name(kind: TypeEngine[Any]) -> str:
    """Name of the shared type behind a column's type.

    Raises:
        TypeError: there is none, so a row of such a column could not be carried over.
    """
    raw = kind.impl_instance if isinstance(kind, TypeDecorator) else kind
    for name, base in (
        ("boolean", Boolean), ("json", JSON), ("date", Date), ("bytes", LargeBinary),
        ("integer", Integer), ("text", String),
    ):  # fmt: skip
        if isinstance(raw, base):
            return name
    raise TypeError(f"{raw!r} is no type that rows can be written down in")


def plain_type(kind: TypeEngine[Any]) -> TypeEngine[Any]:
    """The shared type behind a column's type."""
    return PLAIN[plain_name(kind)]


def load(
    session: Session, name: str, columns: Sequence[tuple[str, str]], rows: Iterable[Sequence[Any]]
) -> None:
    """Insert rows as they were read.

    Args:
        session: a writing session, prepared by :func:`begin_loading`.
        name: of the table.
        columns: name and shared type of each column.
        rows: values in that order.
    """
    target = table(name, *(column(each, PLAIN[kind]) for each, kind in columns))
    names = [each for each, _ in columns]
    values = [dict(zip(names, row, strict=True)) for row in rows]
    for each in _must_hold_json(name):
        for row in values:
            # The JSON value null, which reads as None like a cell that holds nothing at all.
            row[each] = JSON.NULL if row.get(each) is None else row[each]
    if values:
        session.connection().execute(insert(target), values)


def _must_hold_json(name: str) -> list[str]:
    """JSON columns of a table that may not be empty."""
    known = Base.metadata.tables.get(name)
    if known is None:
        return []
    return [
        each.name for each in known.columns if isinstance(each.type, JSON) and not each.nullable
    ]


def is_empty(connection: Connection) -> bool:
    """Whether a database has no table at all."""
    return not inspect(connection).get_table_names()


def begin_loading(session: Session, names: Iterable[str]) -> list[tuple[str, str, str]]:
    """Put off foreign keys and remove what the migrations put into the tables themselves.

    Answers the foreign keys that :func:`finish_loading` puts back and so checks: rows may refer to
    rows that come later, and a check at the end is one join instead of one look-up per row.
    """
    for name in names:
        if session.execute(text(f'SELECT 1 FROM "{name}" LIMIT 1')).first() is not None:
            session.execute(text(f'DELETE FROM "{name}"'))
    if session.get_bind().dialect.name == "sqlite":
        session.execute(text("PRAGMA defer_foreign_keys = ON"))
        return []
    found = session.execute(
        text(
            "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) "
            "FROM pg_constraint WHERE contype = 'f' AND conparentid = 0 "
            "AND connamespace = current_schema()::regnamespace ORDER BY 1, 2"
        )
    )
    keys = [(row[0], row[1], row[2]) for row in found]
    for owner, name, _ in keys:
        session.execute(text(f'ALTER TABLE {owner} DROP CONSTRAINT "{name}"'))
    return keys


def finish_loading(session: Session, keys: Iterable[tuple[str, str, str]]) -> None:
    """Put the foreign keys back, and let generated keys go on after those that were loaded."""
    for owner, name, definition in keys:
        session.execute(text(f'ALTER TABLE {owner} ADD CONSTRAINT "{name}" {definition}'))
    if session.get_bind().dialect.name == "sqlite":
        return
    found = session.execute(
        text(
            "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = "
            "current_schema() AND column_default LIKE 'nextval(%'"
        )
    ).all()
    for name, key in found:
        session.execute(
            text(
                f"SELECT setval(pg_get_serial_sequence('\"{name}\"', '{key}'), "
                f'coalesce(max("{key}"), 0) + 1, false) FROM "{name}"'
            )
        )


def names(session: Session) -> list[str]:
    """Names of all tables of the database but the one that says which migrations it has seen."""
    found = inspect(session.connection()).get_table_names()
    return [each for each in found if each != "alembic_version"]


def drop_version(session: Session) -> None:
    """Remove the last table of a database whose migrations were all taken back."""
    session.execute(text("DROP TABLE IF EXISTS alembic_version"))
