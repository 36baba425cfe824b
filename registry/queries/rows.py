"""Whole tables as plain rows, in the order of their keys: what a backup or a copy is made of.

Rows hold only what both databases share: integers, texts, bytes, civil dates, booleans, JSON. They
are read lazily, from the one snapshot of the session, so that a table of any size costs the same
memory.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Table, column, select, table
from sqlalchemy.orm import Session

from registry.records.base import Base
from registry.records.rows import plain_type

TRANSIENT = frozenset({"web_sessions", "form_tokens", "throttles", "leases", "workers", "faults"})
"""Tables that mean nothing in another place or at another time: signed-in browsers, leases."""

PICTURES = frozenset({"photos", "legacy_images"})
"""Tables whose rows are large, so that few are in memory at a time."""


def tables() -> tuple[Table, ...]:
    """Tables worth keeping, each after those that it refers to."""
    return tuple(each for each in Base.metadata.sorted_tables if each.name not in TRANSIENT)


def stream(session: Session, source: Table) -> Iterator[Sequence[tuple[Any, ...]]]:
    """All rows of one table as they are stored, some at a time, ordered by primary key."""
    many = 8 if source.name in PICTURES else 500
    columns = [column(each.name, plain_type(each.type)) for each in source.columns]
    plain = table(source.name, *columns)
    statement = select(*plain.columns).order_by(
        *(plain.columns[each.name] for each in source.primary_key.columns)
    )
    # A server would send all of the table at once otherwise.
    options = {"stream_results": True, "max_row_buffer": many}
    found = session.connection().execute(statement, execution_options=options)
    for part in found.partitions(many):
        yield [tuple(row) for row in part]
