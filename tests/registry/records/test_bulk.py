"""Many rows at once are the rows that one by one would be."""

import pytest
from sqlalchemy import func, select

from registry.records import bulk
from registry.records.log import Publication
from tests.registry.conftest import Database
from tests.registry.office import NOW


def row(number: int) -> dict[str, object]:
    """A publication with every sort of value: text, number, bytes, instant, nothing."""
    return {
        "sha256": bytes([number]) * 32, "path": f"s/%s{number}", "sequence": 2**40 + number,
        "published_at": NOW, "expires_at": NOW + number if number % 2 else None,
    }  # fmt: skip


def count(database: Database) -> int:
    with database.reading() as session:
        return session.scalars(select(func.count()).select_from(Publication)).one()


def test_rows_read_back_as_they_were_given(database: Database) -> None:
    rows = [row(number) for number in range(7)]
    with database.writing.begin() as session:
        bulk.insert(session, Publication, rows)
    with database.reading() as session:
        found = session.scalars(select(Publication).order_by(Publication.sequence)).all()
        assert [{name: getattr(each, name) for name in rows[0]} for each in found] == rows


def test_no_rows_are_no_statement(database: Database) -> None:
    with database.writing.begin() as session:
        bulk.insert(session, Publication, [])
    assert count(database) == 0


@pytest.mark.parametrize("instant", [-1, 1.5, "1", True, NOW * 1000])
def test_a_value_that_its_column_refuses_inserts_nothing(
    database: Database, instant: object
) -> None:
    with database.writing.begin() as session:
        with pytest.raises(TypeError):
            bulk.insert(session, Publication, [row(1), row(2) | {"published_at": instant}])
    assert count(database) == 0


def test_rows_of_other_columns_are_refused(database: Database) -> None:
    other = dict(reversed(row(2).items()))
    with database.writing.begin() as session:
        with pytest.raises(ValueError, match="same columns"):
            bulk.insert(session, Publication, [row(1), other])
    assert count(database) == 0
