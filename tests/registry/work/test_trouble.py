"""What goes wrong around a batch: ranges and lists that end, clocks, edits, disks, the database."""

import errno
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event

import pytest
from sqlalchemy import Engine, NullPool, create_engine, func, select, text, update

from registry.acts import approval
from registry.acts.approval import return_batch
from registry.records.assessment import Batch
from registry.records.certificates import CertificateRow, Counter
from registry.records.log import Task
from registry.records.schema import migrate
from registry.records.session import open_engine, reading, writing
from registry.records.status import StatusList
from registry.rules.decision import RefusedError
from registry.work import instants, issue, lease, loop, publish, trouble
from registry.work.context import WorkError
from tests import postgresql
from tests.registry import batches, office
from tests.registry.office import NOW
from tests.registry.work import ledger, workshop
from tests.registry.work.conftest import Bench
from tests.registry.work.test_kills import forked
from tests.registry.work.workshop import Clock

HOUR = 3600


def started(bench: Bench, count: int, first: int = 2) -> int:
    found = bench.write(lambda session: workshop.start(session, bench.office, count, first))
    assert isinstance(found, int)
    return found


def note(bench: Bench, batch: int) -> str | None:
    with bench.database.reading() as session:
        return session.scalars(select(Task.note).where(Task.batch_id == batch)).one()


def rows(bench: Bench) -> int:
    with bench.database.reading() as session:
        return session.scalars(select(func.count(CertificateRow.id))).one()


def test_a_range_of_numbers_that_is_used_up_takes_nothing(bench):
    started(bench, 1)
    workshop.finish(bench.worker)
    with bench.database.reading() as session:
        counter = session.scalars(select(Counter.name).where(Counter.name.like("number/%"))).one()

    def to(value: int) -> None:
        bench.write(
            lambda s: s.execute(update(Counter).where(Counter.name == counter).values(value=value))
        )

    to(999_997)
    batch = started(bench, 5, first=20)
    with pytest.raises(WorkError, match="numbering of batch"):
        workshop.finish(bench.worker)
    with bench.database.reading() as session:
        assert session.get_one(Counter, counter).value == 999_997
    assert rows(bench) == 1
    # Whoever waits reads in the page's language what it is and who can settle it.
    assert "号" in (note(bench, batch) or "") and "处理）" in (note(bench, batch) or "")
    to(1)  # the range was made longer
    workshop.finish(bench.worker)
    assert note(bench, batch) is None
    with bench.database.reading() as session:
        ledger.complete(session, batch, 5)


def test_a_status_list_that_fills_up_within_a_chunk(bench):
    started(bench, 1)
    workshop.finish(bench.worker)
    bench.write(lambda s: s.execute(update(StatusList).values(taken=StatusList.size - 2)))
    batch = started(bench, 4, first=20)
    workshop.finish(bench.worker)
    with bench.database.reading() as session:
        ledger.complete(session, batch, 4)
        lists = session.scalars(
            select(CertificateRow.status_list)
            .where(CertificateRow.batch_id == batch)
            .order_by(CertificateRow.status_list)
        ).all()
    assert lists == [1, 1, 2, 2]
    assert ledger.genuine(bench.worker, bench.clock.now) == 5


def test_a_batch_edited_between_approval_and_issue_is_not_issued(bench):
    def approved(session):
        batch = batches.approved(session, bench.office, 3)
        return batch, batches.version(session, batch)

    batch, version = bench.write(approved)
    who = bench.office.issuer
    bench.write(lambda s: return_batch(s, who, NOW, batch, version, "一行有误"))
    with pytest.raises(RefusedError) as refused:
        bench.write(lambda s: approval.issue(s, who, NOW, batch, version))
    assert [each.code for each in refused.value.reasons] == ["batch_edited"]
    workshop.finish(bench.worker)
    assert rows(bench) == 0


def test_a_clock_that_was_set_back_signs_and_publishes_nothing(bench):
    started(bench, 1)
    workshop.finish(bench.worker)
    right = bench.clock.now
    batch = started(bench, 3, first=20)
    bench.clock.now -= HOUR
    before = {path: path.read_bytes() for path in bench.folder.glob("public/*/*") if path.is_file()}
    with pytest.raises(WorkError, match="clock"):
        issue.step(bench.worker)
    assert rows(bench) == 1 and "clock" in (note(bench, batch) or "")
    bench.clock.now = right
    while issue.step(bench.worker):
        pass
    bench.clock.now -= HOUR
    with pytest.raises(WorkError, match="clock"):
        publish.step(bench.worker)
    after = {path: path.read_bytes() for path in bench.folder.glob("public/*/*") if path.is_file()}
    assert after == before
    # Whoever knows that this clock is the right one says so, and is believed.
    assert publish.step(replace(bench.worker, trusts_clock=True))


def test_a_clock_a_little_behind_another_machine_does_not_sign_earlier(bench):
    started(bench, 1)
    workshop.finish(bench.worker)
    latest = bench.clock.now
    batch = started(bench, 2, first=20)
    bench.clock.now -= instants.SKEW // 2
    workshop.finish(bench.worker)
    with bench.database.reading() as session:
        signed = session.scalars(
            select(CertificateRow.signed_at).where(CertificateRow.batch_id == batch)
        ).all()
    assert min(signed) >= latest


def test_a_lease_of_a_clock_that_ran_ahead_holds_nobody_up(bench):
    ahead = bench.another()
    assert lease.take(ahead, "example", bench.clock.now + 86_400, 30)
    assert lease.take(bench.worker, "example", bench.clock.now, 30)


@contextmanager
def small_disk(place: Path, megabytes: int) -> Iterator[Path]:
    """A file system of so many megabytes."""
    place.mkdir()
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(place)],
        check=False, capture_output=True,
    )  # fmt: skip
    if done.returncode:
        pytest.skip("no file system can be mounted here")
    try:
        yield place
    finally:
        subprocess.run(["umount", "--lazy", str(place)], check=True)


def filled(place: Path) -> Path:
    """Take the room that is left."""
    ballast = place / "ballast"
    # Unbuffered, so that nothing is left to be written at the end.
    with ballast.open("wb", buffering=0) as file:
        for size in (1 << 16, 1 << 8, 1):
            try:
                while file.write(bytes(size)) == size:
                    pass
            except OSError as error:
                assert error.errno == errno.ENOSPC
    return ballast


class Told:
    """What the loop says of failing steps; stops it after so many."""

    def __init__(self, most: int) -> None:
        self.stop, self.most = Event(), most
        self.said: list[tuple[str, str]] = []

    def __call__(self, step: str, error: Exception) -> None:
        self.said.append((step, f"{type(error).__name__}: {error}"))
        if len(self.said) >= self.most:
            self.stop.set()


@pytest.mark.parametrize("template", ["sqlite"], indirect=True)
def test_a_disk_that_fills_up_in_the_middle(bench, tmp_path):
    batch = started(bench, 60)
    bench.database.engine.dispose()
    with small_disk(tmp_path / "disk", 24) as disk:
        folder, url = disk / "registry", f"sqlite:///{disk / 'hallmark.db'}"
        shutil.copytree(bench.folder, folder)
        original = str(bench.database.engine.url).removeprefix("sqlite:///")
        shutil.copyfile(original, disk / "hallmark.db")
        engine = open_engine(url)
        worker = workshop.context(
            workshop.config(folder, url), Clock(), bench.signers, engine=engine, chunk=10
        )
        for _ in range(4):
            assert issue.step(worker)
        ballast = filled(disk)
        told = Told(3)
        loop.run_forever(worker, workshop.STEPS, told.stop, told, rest=0.01)
        assert all("is full" in said for _, said in told.said), told.said
        ballast.unlink()
        workshop.finish(worker)
        with worker.reading() as session:
            ledger.gapless(session)
            ledger.complete(session, batch, 60)
            assert session.scalars(select(Task.state).where(Task.batch_id == batch)).one() == "done"
        assert ledger.genuine(worker, worker.clock.now) == 60
        engine.dispose()


def test_a_full_disk_under_the_public_files_hands_nothing_over(bench, tmp_path):
    batch = started(bench, 6)
    with small_disk(tmp_path / "disk", 4) as disk:
        folder = disk / "registry"
        shutil.copytree(bench.folder, folder)
        ballast = filled(disk)
        settings = workshop.config(folder, bench.worker.config.database_url)
        worker = workshop.context(
            settings, bench.clock, bench.signers, engine=bench.database.engine, chunk=4
        )
        told = Told(2)
        loop.run_forever(worker, workshop.STEPS, told.stop, told, rest=0.01)
        assert {said for _, said in told.said} != set() and "disk is full" in told.said[0][1]
        with bench.database.reading() as session:
            released = session.scalars(select(func.max(CertificateRow.released_at))).one()
        assert released is None
        ballast.unlink()
        bench.clock.now += publish.LEASE
        workshop.finish(worker)
        with bench.database.reading() as session:
            ledger.complete(session, batch, 6)
        assert ledger.genuine(worker, bench.clock.now) == 6


def test_trouble_that_nobody_has_words_for_stays_what_it_is():
    error = ValueError("something else")
    assert trouble.told(error) is error
    other = OSError(errno.EACCES, "no")
    assert trouble.told(other) is other


def _until(answer: Callable[[], bool], seconds: float = 120) -> None:
    for _ in range(int(seconds * 20)):
        if answer():
            return
        time.sleep(0.05)
    raise AssertionError("it never came")


@pytest.mark.skipif(postgresql.programs() is None, reason="PostgreSQL is not installed")
def test_a_database_that_is_restarted_in_the_middle(founded, tmp_path):
    # The server runs as a user of its own, who cannot look into folders of the tests.
    place = tmp_path
    with ExitStack() as opened:
        open_to_all = Path(opened.enter_context(TemporaryDirectory()))
        open_to_all.chmod(0o755)
        server = opened.enter_context(postgresql.running(open_to_all / "cluster"))
        url, batch = _office(server.url())
        folder = place / "registry"
        shutil.copytree(founded[0], folder)
        said = place / "said"

        def work() -> None:
            engine = open_engine(url)
            worker = workshop.context(
                workshop.config(folder, url), Clock(), founded[1], engine=engine, chunk=10
            )
            stop = Event()
            signal.signal(signal.SIGTERM, lambda *_: stop.set())

            def failed(step: str, error: Exception) -> None:
                with said.open("a") as file:
                    file.write(f"{step}: {error}\n")

            loop.run_forever(worker, workshop.STEPS, stop, failed, rest=0.02)

        child = forked(work)
        try:
            _until(lambda: _count(url) >= 30)
            server.stop("immediate")
            _until(lambda: said.exists() and "does not answer" in said.read_text())
            server.start()
            _until(lambda: _state(url, batch) == "issued")
        finally:
            os.kill(child, signal.SIGTERM)
            _, ending = os.waitpid(child, 0)
        assert os.waitstatus_to_exitcode(ending) == 0
        engine = open_engine(url)
        worker = workshop.context(
            workshop.config(folder, url), Clock(Clock().now + 60), founded[1], engine=engine
        )
        workshop.finish(worker)
        with reading(engine)() as session:
            ledger.gapless(session)
            ledger.complete(session, batch, 200)
        assert ledger.genuine(worker, worker.clock.now) == 200
        engine.dispose()


def _office(server: str) -> tuple[str, int]:
    # Without a pool: nothing may stay open towards a server that is about to be stopped.
    once = create_engine(server, isolation_level="AUTOCOMMIT", poolclass=NullPool)
    with once.connect() as connection:
        connection.execute(text("CREATE DATABASE office"))
    url = server.rpartition("/")[0] + "/office"
    engine = open_engine(url)
    migrate(engine)
    with writing(engine).begin() as session:
        batch = workshop.start(session, office.build(session), 200)
    engine.dispose()
    return url, batch


def _asked(url: str, question: Callable[..., object]) -> object:
    engine: Engine = open_engine(url)
    try:
        with reading(engine)() as session:
            return question(session)
    finally:
        engine.dispose()


def _count(url: str) -> int:
    issued = select(func.count(CertificateRow.id)).where(CertificateRow.state == "issued")
    found = _asked(url, lambda session: session.scalars(issued).one())
    assert isinstance(found, int)
    return found


def _state(url: str, batch: int) -> object:
    wanted = select(Batch.state).where(Batch.id == batch)
    return _asked(url, lambda session: session.scalars(wanted).one())
