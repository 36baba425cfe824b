"""Inserts that know what to do about a row that is there already, in the database's own words."""

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from registry.records.base import Base, table


def insert_into(session: Session, mapped: type[Base]) -> sqlite.Insert | postgresql.Insert:
    """An insert with ``on_conflict_do_nothing`` and ``on_conflict_do_update``.

    Both databases spell them alike, but each has a statement of its own.
    """
    if session.get_bind().dialect.name == "sqlite":
        return sqlite.insert(table(mapped))
    return postgresql.insert(table(mapped))
