"""Large workbooks: tried and stored part by part, killed in between, stopped, refused."""

import hashlib
import io
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
import xlsxwriter
from sqlalchemy import func, select

from registry.acts import accounts, approval, assessment, intakes
from registry.acts.imports import Upload
from registry.exchange import results, workbook
from registry.exchange.columns import ASSESSMENT, SHEET
from registry.queries import intakes as read
from registry.queries.intakes import IntakeRow
from registry.queries.policy import policy
from registry.records.assessment import Batch, Conflict, Import, Result
from registry.records.intake import Intake
from registry.records.log import Task
from registry.rules.decision import RefusedError
from registry.work import importing, lease
from tests.registry import batches
from tests.registry.office import CARDS, NOW, PERSONAL, SITE, STEEL, TODAY, citizen
from tests.registry.work.conftest import Bench

NAME = "workbook-of-a-test"
Changes = dict[int, tuple[int, str]]


def table(count: int, changes: Changes | None = None) -> bytes:
    """A workbook of so many good rows; ``changes`` puts a text into (column) of some rows."""
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer)
    sheet = book.add_worksheet(SHEET)
    sheet.write_row(0, 0, [column.heading for column in ASSESSMENT])
    for row in range(1, count + 1):
        cells = _cells(row)
        if row + 1 in (changes or {}):
            column, text = (changes or {})[row + 1]
            cells[column] = text
        sheet.write_row(row, 0, cells)
    book.close()
    return buffer.getvalue()


def _cells(row: int) -> list[str]:
    return [
        f"张示例{'一二三四五六七八九'[row % 9]}", "居民身份证", citizen(row).number, STEEL, "020",
        "四级/中级工", "2026-11-20", "82", "76.5", "", "、".join(CARDS), "", f"T{row:08d}",
    ]  # fmt: skip


THEORY = 7


@pytest.fixture
def desk(bench: Bench) -> Bench:
    """A worker with keys over ID numbers."""
    bench.worker = replace(bench.worker, personal=PERSONAL)
    return bench


def hand_over(desk: Bench, data: bytes, name: str = NAME, batch: int | None = None) -> int:
    """Keep a workbook as the page does and ask for its trial run; answers the batch."""
    folder = desk.folder / "uploads"
    folder.mkdir(exist_ok=True)
    (folder / f"{name}.data").write_bytes(data)
    upload = Upload("成绩.xlsx", hashlib.sha256(data).digest())

    def act(session):
        opened = batch or assessment.open_batch(session, desk.office.registrar, NOW, SITE)
        intakes.hand_over(session, desk.office.registrar, desk.clock(), opened, name, upload)
        return opened

    found = desk.write(act)
    assert isinstance(found, int)
    return found


def start(desk: Bench, batch: int, name: str = NAME) -> None:
    desk.write(lambda s: intakes.start(s, desk.office.registrar, desk.clock(), batch, name))


def finish(desk: Bench) -> int:
    count = 0
    while importing.step(desk.worker):
        count += 1
    return count


def state(desk: Bench, batch: int, name: str = NAME) -> IntakeRow:
    with desk.database.reading() as session:
        found = read.of_name(session, desk.office.registrar, batch, name)
    assert found is not None
    return found


def stored(desk: Bench, batch: int) -> Sequence[int]:
    with desk.database.reading() as session:
        return session.scalars(
            select(Result.source_row).where(Result.batch_id == batch).order_by(Result.source_row)
        ).all()


def test_a_trial_stores_nothing_and_names_every_problem(desk, monkeypatch):
    monkeypatch.setattr(importing, "PART", 4)
    batch = hand_over(desk, table(11, {5: (THEORY, "abc"), 9: (2, citizen(3).number)}))
    finish(desk)
    found = state(desk, batch)
    assert (found.state, found.total, found.kept, found.refused) == ("tried", 11, 9, 2)
    assert stored(desk, batch) == []
    marked = (desk.folder / "uploads" / f"{NAME}.marked").read_bytes()
    with desk.database.reading() as session:
        limits = results.limits(policy(session), TODAY)
    # The returned workbook can be read again, and says what is wrong in the rows that are.
    assert len(list(workbook.read(marked, ASSESSMENT, limits, SHEET).rows)) == 11
    with desk.database.reading() as session:
        tasks = session.execute(select(Task.kind, Task.state, Task.done, Task.total)).all()
    assert [tuple(row) for row in tasks] == [("trial", "done", 11, 11)]


def test_the_import_keeps_the_good_rows_and_the_same_file_changes_nothing(desk, monkeypatch):
    monkeypatch.setattr(importing, "PART", 4)
    data = table(11, {5: (THEORY, "abc")})
    batch = hand_over(desk, data)
    finish(desk)
    start(desk, batch)
    finish(desk)
    found = state(desk, batch)
    assert (found.state, found.kept, found.refused) == ("imported", 10, 1)
    assert stored(desk, batch) == [row for row in range(2, 13) if row != 5]
    with desk.database.reading() as session:
        version = session.scalars(select(Batch.version).where(Batch.id == batch)).one()
        assert session.scalars(select(func.sum(Import.kept))).one() == 10
    assert version == 2  # one edit, however many parts
    assert not (desk.folder / "uploads" / f"{NAME}.rows").exists()
    hand_over(desk, data, "again", batch)
    finish(desk)
    start(desk, batch, "again")
    finish(desk)
    assert (state(desk, batch, "again").kept, state(desk, batch, "again").unchanged) == (0, 10)
    assert len(stored(desk, batch)) == 10


def test_a_difference_waits_for_a_checker(desk, monkeypatch):
    monkeypatch.setattr(importing, "PART", 4)
    batch = hand_over(desk, table(5))
    finish(desk)
    start(desk, batch)
    finish(desk)
    hand_over(desk, table(5, {4: (THEORY, "90")}), "changed", batch)
    finish(desk)
    assert state(desk, batch, "changed").conflicting == 1
    start(desk, batch, "changed")
    finish(desk)
    with desk.database.reading() as session:
        assert session.scalars(select(Conflict.offered)).all() == ["90"]


def test_a_worker_that_dies_between_parts_is_followed_by_another(desk, monkeypatch):
    monkeypatch.setattr(importing, "PART", 3)
    batch = hand_over(desk, table(10, {4: (THEORY, "abc"), 6: (THEORY, "abc")}))
    # Dies after writing problems of a part and before saying so: the lines are written once.
    moved = importing._moved
    deaths = iter([False, False, False, True])

    def dying(*arguments, **values):
        if next(deaths, False):
            raise KeyboardInterrupt
        return moved(*arguments, **values)

    monkeypatch.setattr(importing, "_moved", dying)
    with pytest.raises(KeyboardInterrupt):
        finish(desk)
    monkeypatch.setattr(importing, "_moved", moved)
    desk.worker = desk.another()
    desk.worker = replace(desk.worker, personal=PERSONAL)
    desk.clock.now += importing.LONG
    finish(desk)
    assert state(desk, batch).refused == 2
    lines = (desk.folder / "uploads" / f"{NAME}.problems").read_bytes().splitlines()
    assert len(lines) == 2
    start(desk, batch)
    assert importing.step(desk.worker) and importing.step(desk.worker)
    assert len(stored(desk, batch)) == 4
    finish(desk)
    assert len(stored(desk, batch)) == 8


def test_while_one_worker_has_it_another_leaves_it_alone(desk):
    batch = hand_over(desk, table(3))
    with desk.database.reading() as session:
        intake = session.scalars(select(Intake.id)).one()
    other = desk.another()
    assert lease.take(other, f"intake/{intake}", desk.clock(), 30)
    assert not importing.step(desk.worker)
    assert state(desk, batch).state == "waiting"


def test_a_worker_without_keys_over_id_numbers_leaves_it_to_another(desk):
    batch = hand_over(desk, table(3))
    assert not importing.step(replace(desk.worker, personal=None))
    assert state(desk, batch).state == "waiting"


def test_stopped_rows_stay_and_the_same_file_goes_on(desk, monkeypatch):
    monkeypatch.setattr(importing, "PART", 4)
    data = table(11)
    batch = hand_over(desk, data)
    finish(desk)
    start(desk, batch)
    importing.step(desk.worker)
    desk.write(lambda s: intakes.call_off(s, desk.office.registrar, desk.clock(), batch, NAME))
    assert finish(desk) == 0
    assert len(stored(desk, batch)) == 4
    hand_over(desk, data, "again", batch)
    finish(desk)
    start(desk, batch, "again")
    finish(desk)
    assert len(stored(desk, batch)) == 11


def test_nothing_is_submitted_while_rows_are_being_stored(desk, monkeypatch):
    monkeypatch.setattr(importing, "PART", 4)
    batch = hand_over(desk, table(9))
    finish(desk)
    start(desk, batch)
    importing.step(desk.worker)

    def submit(session):
        version = batches.version(session, batch)
        approval.submit(session, desk.office.registrar, NOW, PERSONAL, batch, version)

    with pytest.raises(RefusedError) as refused:
        desk.write(submit)
    assert [each.code for each in refused.value.reasons] == ["import_running"]
    finish(desk)
    desk.write(submit)


def test_a_file_that_is_no_workbook_is_refused_as_a_whole(desk):
    batch = hand_over(desk, b"PK\x03\x04 not a workbook")
    finish(desk)
    found = state(desk, batch)
    assert (found.state, found.why[0]["code"]) == ("refused", "workbook_unreadable")


def test_a_file_that_was_taken_away_is_refused(desk):
    batch = hand_over(desk, table(3))
    Path(desk.folder / "uploads" / f"{NAME}.data").unlink()
    finish(desk)
    assert state(desk, batch).why[0]["code"] == "upload_gone"


def test_a_closed_account_imports_nothing_more(desk, monkeypatch):
    monkeypatch.setattr(importing, "PART", 4)
    batch = hand_over(desk, table(9))
    finish(desk)
    start(desk, batch)
    importing.step(desk.worker)
    account = desk.office.registrar.account
    desk.write(lambda s: accounts.close_account(s, desk.office.administrator, NOW, account))
    finish(desk)
    assert (state_of(desk), len(stored(desk, batch))) == (("refused", "importer_gone"), 4)


def state_of(desk: Bench) -> tuple[str, str]:
    """Of the only workbook: its state and why, whoever asks."""
    with desk.database.reading() as session:
        row = session.execute(select(Intake.state, Intake.why)).one()
    return row.state, row.why[0]["code"]


def test_two_workbooks_of_one_batch_wait_for_each_other(desk):
    batch = hand_over(desk, table(3))
    with pytest.raises(RefusedError) as refused:
        hand_over(desk, table(4), "second", batch)
    assert [each.code for each in refused.value.reasons] == ["intake_under_way"]


def test_a_worker_that_was_overtaken_says_nothing(desk, monkeypatch):
    monkeypatch.setattr(importing, "PART", 4)
    batch = hand_over(desk, table(11))
    finish(desk)
    start(desk, batch)
    assert importing.step(desk.worker)
    (stale,) = importing._waiting(desk.worker)
    assert importing.step(desk.worker)
    before = state(desk, batch)
    place = desk.folder / "uploads"
    files = {ending: place / f"{NAME}.{ending}" for ending in importing.ENDINGS}
    importing._store(desk.worker, PERSONAL, stale, files, desk.clock())
    assert state(desk, batch) == before
    finish(desk)
    assert (state(desk, batch).done, len(stored(desk, batch))) == (11, 11)
