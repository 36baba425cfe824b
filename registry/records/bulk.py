"""Many rows into one table at the speed of the driver.

The usual insert binds every value of every row by name, and issuing writes four rows for each
certificate. Here rows go to the driver as tuples, and only columns whose type converts or checks
its values are gone through, one column at a time.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any, TypeAlias

from sqlalchemy import Dialect, LargeBinary
from sqlalchemy.orm import Session

from registry.records.base import Base, table

Process: TypeAlias = Callable[[Any], Any]


def insert(session: Session, mapped: type[Base], rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows that name the same columns in the same order; other columns stay empty.

    Raises:
        TypeError: a value that its column's type refuses; nothing was inserted.
        ValueError: a row names other columns than the first one.
    """
    if not rows:
        return
    names = tuple(rows[0])
    if any(tuple(row) != names for row in rows):
        raise ValueError(f"rows of {mapped.__name__} do not name the same columns")
    connection = session.connection()
    statement, processes = _prepared(mapped, names, connection.dialect)
    columns = zip(*[row.values() for row in rows], strict=True)
    converted = [
        column if process is None else map(process, column)
        for process, column in zip(processes, columns, strict=True)
    ]
    connection.exec_driver_sql(statement, list(zip(*converted, strict=True)))


@lru_cache(maxsize=64)
def _prepared(
    mapped: type[Base], names: tuple[str, ...], dialect: Dialect
) -> tuple[str, tuple[Process | None, ...]]:
    target, spell = table(mapped), dialect.identifier_preparer
    mark = "?" if dialect.paramstyle == "qmark" else "%s"
    listed = ", ".join(spell.quote(name) for name in names)
    marks = ", ".join([mark] * len(names))
    return (
        f"INSERT INTO {spell.format_table(target)} ({listed}) VALUES ({marks})",
        tuple(_process(mapped, name, dialect) for name in names),
    )


def _process(mapped: type[Base], name: str, dialect: Dialect) -> Process | None:
    kind = table(mapped).columns[name].type
    if isinstance(kind, LargeBinary):
        return None  # both drivers take bytes as they are
    return kind.dialect_impl(dialect).bind_processor(dialect)
