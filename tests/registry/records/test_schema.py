"""Migrations, session makers, append-only tables, and words shared with the rules."""

from datetime import UTC, date, datetime
from decimal import Decimal
from enum import StrEnum

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect, literal, select, text
from sqlalchemy.exc import DBAPIError, StatementError
from sqlalchemy.orm import Session, configure_mappers

from registry.acts import counters
from registry.records import Base, assessment, examiners
from registry.records.accounts import ROLES
from registry.records.append_only import APPEND_ONLY
from registry.records.approval import Step
from registry.records.base import CivilDate, Instant, Mark
from registry.records.certificates import Counter
from registry.records.legacy import LegacyEntry, LegacyImport
from registry.records.schema import migrate, unmigrate
from registry.rules.approval import BatchState
from registry.rules.examiners import Grade, Part, RelationKind
from registry.rules.permissions import Role
from tests.registry import batches
from tests.registry.conftest import Database
from tests.registry.office import NOW, Office


def test_migrations_lead_to_the_models(database: Database) -> None:
    with database.reading() as session:
        context = MigrationContext.configure(session.connection(), opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []


def test_down_and_up_again(database: Database) -> None:
    unmigrate(database.engine)
    with database.reading() as session:
        assert inspect(session.connection()).get_table_names() == ["alembic_version"]
    migrate(database.engine)
    with database.reading() as session:
        context = MigrationContext.configure(session.connection(), opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []
        assert session.execute(text("SELECT position FROM audit_head")).scalar_one() == 0


def test_a_reading_session_sees_one_snapshot(database: Database) -> None:
    value = select(Counter.value).where(Counter.name == "example")
    with database.reading() as session:
        assert session.scalar(value) is None
        with database.writing.begin() as other:
            counters.take(other, "example", 3)
        assert session.scalar(value) is None
    with database.reading() as session:
        assert session.scalar(value) == 3


def test_a_reading_session_cannot_write(database: Database) -> None:
    with database.reading() as session, pytest.raises(DBAPIError):
        session.execute(text("DELETE FROM levels"))
    with database.writing.begin() as session:
        session.execute(text("UPDATE audit_head SET position = position"))


@pytest.mark.parametrize("table", APPEND_ONLY)
@pytest.mark.parametrize("statement", ["DELETE FROM {}", "UPDATE {} SET {} = {}"])
def test_history_cannot_be_changed(
    database: Database, here: Office, table: str, statement: str
) -> None:
    with database.writing.begin() as session:
        batches.issued(session, here)
        column = next(iter(Base.metadata.tables[table].columns)).name
        if not session.execute(text(f"SELECT count(*) FROM {table}")).scalar_one():
            _fill(session, table, here)
    with database.writing() as session, pytest.raises(DBAPIError, match="append-only"):
        session.execute(text(statement.format(table, column, column)))


def _entry(session: Session, here: Office) -> int:
    upload = LegacyImport(
        province="32", source_kind="archive", source="示例档案", reference="示例1号",
        file_name="x.csv", file_hash=bytes(32), imported_by=here.checker.person, imported_at=NOW,
        kept=1, unchanged=0, refused=0, conflicting=0, state="waiting",
    )  # fmt: skip
    session.add(upload)
    session.flush()
    entry = LegacyEntry(
        uid="0" * 32, public_id="x", import_id=upload.id, source_row=2, province="32",
        kind="other", number="示例1", number_key="示例1", name="张示例", id_kind="resident_id",
        id_sealed=b"x", id_key="k", id_lookup=bytes(32), id_lookup_key="k", last4="0016",
        occupation="砖瓦工", issuer="示例厅", issued=date(2015, 6, 30), recorded="unknown",
        recorded_at=NOW,
    )  # fmt: skip
    session.add(entry)
    session.flush()
    return entry.id


def _fill(session: Session, table: str, here: Office) -> None:
    rows = {
        "occupation_sources": (
            "occupation_id, code_2022, source, entered_by, recorded_at",
            f"{here.steel}, '6-29-01-04', 'x', {here.checker.person}, {NOW}",
        ),
        "legacy_history": (
            "entry_id, at, what, detail", f"{_entry(session, here)}, {NOW}, 'removed', '{{}}'",
        ),
        "suspensions": (
            "site_id, step, from_on, decision, recorded_at",
            f"{here.site}, 'suspended', '2026-01-01', 'x', {NOW}",
        ),
        "status_changes": (
            "certificate_id, before, after, decided_on, person_id, recorded_at",
            f"1, 0, 2, '2026-01-01', {here.issuer.person}, {NOW}",
        ),
    }  # fmt: skip
    columns, values = rows[table]
    session.execute(text(f"INSERT INTO {table} ({columns}) VALUES ({values})"))


@pytest.mark.parametrize("table", APPEND_ONLY)
def test_history_cannot_be_replaced(database: Database, here: Office, table: str) -> None:
    if database.engine.dialect.name != "sqlite":
        return  # REPLACE is a statement of SQLite alone
    with database.writing.begin() as session:
        batches.issued(session, here)
        if not session.execute(text(f"SELECT count(*) FROM {table}")).scalar_one():
            _fill(session, table, here)
    with pytest.raises(DBAPIError, match="append-only"), database.writing.begin() as session:
        session.execute(text(f"INSERT OR REPLACE INTO {table} SELECT * FROM {table}"))


def test_an_error_of_the_database_tells_no_parameter(database: Database) -> None:
    statement = text("INSERT INTO persons (name, recorded_at) VALUES (:name, NULL)")
    with pytest.raises(DBAPIError) as told, database.writing.begin() as session:
        session.execute(statement, {"name": "张示例"})
    # PostgreSQL itself adds the row to its own detail; that is the server's setting, not ours.
    assert "张示例" not in str(told.value).split("DETAIL")[0]


def test_nothing_is_loaded_lazily() -> None:
    configure_mappers()
    assert [
        relationship for mapper in Base.registry.mappers for relationship in mapper.relationships
    ] == []


def test_every_constraint_has_a_name() -> None:
    for table in Base.metadata.tables.values():
        assert all(constraint.name for constraint in table.constraints), table.name


@pytest.mark.parametrize(
    ("words", "rules"),
    [
        (ROLES, Role), (assessment.STATES, BatchState), (assessment.PARTS, Part),
        (examiners.GRADES, Grade), (examiners.RELATIONS, RelationKind),
    ],
)  # fmt: skip
def test_records_and_rules_use_the_same_words(words: tuple[str, ...], rules: type[StrEnum]) -> None:
    assert words == tuple(word.value for word in rules)


def test_decided_steps_are_states_or_a_return() -> None:
    assert {step.value for step in Step} <= {*assessment.STATES, "returned"}


@pytest.mark.parametrize(
    ("column", "value"),
    [
        (Instant(), 1.5), (Instant(), True), (Instant(), -1), (Instant(), 1_795_320_000_000),
        (Instant(), "1795320000"), (CivilDate(), datetime(2026, 1, 1, tzinfo=UTC)),
        (CivilDate(), "2026-01-01"), (Mark(), 60.5), (Mark(), Decimal("60.505")),
        (Mark(), Decimal("NaN")),
    ],
)  # fmt: skip
def test_columns_refuse_what_is_nearly_right(
    database: Database, column: Instant | CivilDate | Mark, value: object
) -> None:
    with database.reading() as session, pytest.raises(StatementError):
        session.execute(select(literal(value, column)))


@pytest.mark.parametrize("mark", ["0", "60.5", "99.99", "100"])
def test_a_mark_comes_back_exactly(database: Database, mark: str) -> None:
    with database.reading() as session:
        assert session.scalar(select(literal(Decimal(mark), Mark()))) == Decimal(mark)


def test_a_civil_date_comes_back(database: Database) -> None:
    with database.reading() as session:
        found = session.scalar(select(literal(date(2026, 2, 28), CivilDate())))
    assert found == date(2026, 2, 28)
