"""Workers sign in and out, tell what fails, and stop over tables that are not theirs."""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from threading import Event

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from registry.queries import operations
from registry.records import revision
from registry.records.certificates import CertificateRow, CertificateState
from registry.records.errors import RevisionError
from registry.records.log import AuditLine
from registry.records.operations import Fault, Worker
from registry.work import issue, loop
from registry.work.attendance import FORGOTTEN, Attendance
from registry.work.context import Context, WorkError
from tests.registry.work import workshop
from tests.registry.work.conftest import Bench

ROOT = Path(__file__).resolve().parents[3]


def _stamp(bench: Bench, name: str) -> None:
    bench.write(
        lambda session: session.execute(
            text("UPDATE alembic_version SET version_num = :name"), {"name": name}
        )
    )


def _workers(bench: Bench) -> list[operations.WorkerSeen]:
    with bench.database.reading() as session:
        return operations.workers(session)


def test_a_worker_is_listed_while_it_works(bench: Bench) -> None:
    with Attendance(bench.worker) as present:
        (seen,) = _workers(bench)
        assert (seen.name, seen.revision) == (bench.worker.worker, revision.head())
        bench.clock.now += 30
        present.beat()
        (seen,) = _workers(bench)
        assert seen.beat_at == bench.clock.now and seen.started_at == bench.clock.now - 30
    assert _workers(bench) == []


def test_one_that_died_is_listed_for_a_week(bench: Bench) -> None:
    dead = bench.another()
    Attendance(dead).__enter__()
    bench.clock.now += FORGOTTEN
    with Attendance(bench.worker):
        assert {each.name for each in _workers(bench)} == {dead.worker, bench.worker.worker}
    bench.clock.now += 1
    with Attendance(bench.worker):
        assert {each.name for each in _workers(bench)} == {bench.worker.worker}


def test_trouble_is_counted_from_its_beginning_and_ends(bench: Bench) -> None:
    trouble: list[Exception] = [WorkError("no key at hand"), ValueError("张三 000000199001010017")]

    def step(context: Context) -> bool:
        if trouble:
            raise trouble.pop(0)
        return True

    step.__module__ = "registry.work.example"
    with Attendance(bench.worker) as present:
        watched = present.watched(step)
        begun = bench.clock.now
        for _ in range(2):
            with pytest.raises((WorkError, ValueError)) as failure:
                watched(bench.worker)
            present.failed("example", failure.value)
            bench.clock.now += 5
        with bench.database.reading() as session:
            (told,) = operations.troubles(session)
        assert (told.step, told.error, told.count) == ("example", "ValueError", 2)
        assert told.why is None, "a foreign error may quote a row"
        assert told.first_at == begun and told.recovered_at is None
    with Attendance(bench.another()) as other:
        assert other.watched(step)(bench.worker)
        with bench.database.reading() as session:
            (told,) = operations.troubles(session)
        assert told.recovered_at == bench.clock.now
        other.failed("example", WorkError("again"))
        with bench.database.reading() as session:
            (told,) = operations.troubles(session)
        assert (told.count, told.why, told.recovered_at) == (1, "again", None)


def test_a_worker_that_starts_over_other_tables_touches_nothing(bench: Bench) -> None:
    before = _rows(bench)
    for name, said in (("9999", "newer than this program"), ("0001", "hallmark migrate")):
        _stamp(bench, name)
        with pytest.raises(RevisionError, match=said), Attendance(bench.worker):
            raise AssertionError("it was let in")
    _stamp(bench, revision.head())
    assert _rows(bench) == before


def test_a_worker_stops_when_the_database_moves_ahead(bench: Bench) -> None:
    done: list[int] = []
    stop = Event()

    def step(context: Context) -> bool:
        done.append(1)
        if len(done) == 3:
            _stamp(bench, "9999")
        return True

    step.__module__ = "registry.work.example"
    rounds = iter(range(9))

    def enough(_context: Context) -> bool:
        if next(rounds, None) is None:
            stop.set()
        return True

    with pytest.raises(RevisionError, match="newer"), Attendance(bench.worker) as present:
        loop.run_forever(
            bench.worker, [present.watched(step), enough], stop, present.failed, rest=0
        )
    assert len(done) == 3


def test_an_old_program_beside_two_workers_does_nothing(bench: Bench, tmp_path: Path) -> None:
    """The third worker is this program without its newest migration, as it was before that."""
    bench.write(lambda session: workshop.start(session, bench.office, 12))
    old = tmp_path / "old"
    for package in ("schemas", "keys", "verifier", "registry"):
        shutil.copytree(ROOT / package, old / package, ignore=shutil.ignore_patterns("__pycache__"))
    (newest,) = (old / "registry/records/migrations/versions").glob(f"{revision.head()}_*.py")
    newest.unlink()
    url = bench.database.engine.url.render_as_string(hide_password=False)
    environment = os.environ | {"HALLMARK_DATABASE_URL": url, "PYTHONPATH": str(old)}
    first = bench.another(chunk=2)
    with Attendance(bench.worker) as one, Attendance(first) as two:
        assert one.watched(issue.step)(bench.worker)
        command = [sys.executable, "-m", "verifier", "work", "--dir", str(bench.folder)]
        third = subprocess.run(
            command, cwd=old, env=environment, capture_output=True, text=True, timeout=120
        )
        assert third.returncode == 1 and "newer than this program" in third.stderr, third.stderr
        assert "Traceback" not in third.stderr
        assert len(_workers(bench)) == 2
        watched = [one.watched(step) for step in workshop.STEPS]
        loop.run_until_idle(bench.worker, [*watched, lambda _: two.watched(issue.step)(first)])
    with bench.database.reading() as session:
        states = session.scalars(select(CertificateRow.state)).all()
    assert states == [CertificateState.ISSUED] * 12


def _rows(bench: Bench) -> tuple[int, int, int]:
    def counts(session: Session) -> tuple[int, int, int]:
        return (
            len(session.scalars(select(Worker.name)).all()),
            len(session.scalars(select(Fault.step)).all()),
            len(session.scalars(select(AuditLine.position)).all()),
        )

    with bench.database.reading() as session:
        return counts(session)
