"""A server dies under load and its standby takes over: what was acknowledged is there, once."""

import contextlib
import os
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from sqlalchemy import Engine, func, make_url, select, text
from sqlalchemy.exc import DBAPIError

from keys import custody
from registry.acts import assessment, status
from registry.acts.status import Ruling
from registry.queries.policy import policy
from registry.records.assessment import Batch
from registry.records.certificates import CertificateRow, Form
from registry.records.schema import migrate
from registry.records.session import SERVER, open_engine, writing
from registry.records.status import Status, StatusChange
from registry.rules.decision import RefusedError
from registry.rules.status import StatusAct
from registry.work import issue, loop, publish
from registry.work.context import Context
from tests import postgresql
from tests.postgresql import Server
from tests.registry import backends, office
from tests.registry.office import NOW, PERSONAL, SITE, TODAY, Office
from tests.registry.work import ledger, workshop

ROWS = 400
"""Certificates that are being issued while the server dies."""
BEFORE = 60
"""Certificates that are there already, and are revoked one after another meanwhile."""


@pytest.mark.skipif(backends.POSTGRES is None, reason="no PostgreSQL server is named")
def test_a_server_that_is_gone_is_passed_over() -> None:
    there = make_url(backends.POSTGRES or "")
    host, port = there.host or there.query.get("host"), there.port or 5432
    gone = f"127.0.0.1:{postgresql.free_port()}"
    both = there.set(host=None, port=None, query={
        "host": (gone, f"{host}:{port}"), "target_session_attrs": "read-write",
    })  # fmt: skip
    engine = open_engine(both.render_as_string(hide_password=False))
    with engine.connect() as connection:
        assert connection.scalar(text("SHOW application_name")) == SERVER["application_name"]
    engine.dispose()


@pytest.mark.skipif(backends.POSTGRES is None, reason="no PostgreSQL server is named")
def test_a_connection_that_died_in_the_pool_is_replaced() -> None:
    engine = open_engine(backends.POSTGRES or "")
    with engine.connect() as connection:
        process = connection.scalar(text("SELECT pg_backend_pid()"))
    other = open_engine(backends.POSTGRES or "")
    with other.connect() as connection:
        connection.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": process})
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT pg_backend_pid()")) != process
    engine.dispose()
    other.dispose()


@dataclass
class Pair:
    """A primary and the standby that has confirmed every commit before it counts."""

    primary: Server
    standby: Server

    @property
    def url(self) -> str:
        """Names both; whichever takes writes is used."""
        hosts = "&".join(f"host=127.0.0.1:{each.port}" for each in (self.primary, self.standby))
        return (
            f"postgresql+psycopg://{postgresql.USER}@/postgres?{hosts}"
            "&target_session_attrs=read-write&connect_timeout=2"
        )

    def fail_over(self) -> None:
        """The primary dies with everything it is just doing; the standby is promoted."""
        postmaster = self.primary.process
        children = Path(f"/proc/{postmaster}/task/{postmaster}/children").read_text().split()
        for process in (postmaster, *map(int, children)):
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        self.standby.run("pg_ctl", "-D", self.standby.data, "-w", "promote")


@pytest.fixture
def pair() -> Iterator[Pair]:
    """Two real servers on the loopback, in a folder that the server's own user may pass."""
    if postgresql.programs() is None:
        pytest.skip("PostgreSQL's programs are not installed")
    with TemporaryDirectory(prefix="hallmark-pair-") as folder:
        Path(folder).chmod(0o711)
        yield from _pair(Server(Path(folder, "primary")), Server(Path(folder, "standby")))


def _pair(primary: Server, standby: Server) -> Iterator[Pair]:
    primary.create()
    primary.start()
    try:
        standby.run("pg_basebackup", "-h", "127.0.0.1", "-p", primary.port, "-U", postgresql.USER,
                    "-D", standby.data, "-R", "-X", "stream", "-c", "fast")  # fmt: skip
        standby.start()
        try:
            _confirm(primary)
            yield Pair(primary, standby)
        finally:
            standby.stop("immediate")
    finally:
        with contextlib.suppress(RuntimeError):  # dead already
            primary.stop("immediate")


def _confirm(primary: Server) -> None:
    """From now on a commit counts when the standby has it."""
    engine = open_engine(primary.url())
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ALTER SYSTEM SET synchronous_standby_names = '*'"))
        connection.execute(text("SELECT pg_reload_conf()"))
        for _ in range(300):
            state = connection.scalar(text("SELECT sync_state FROM pg_stat_replication"))
            if state == "sync":
                break
            time.sleep(0.1)
        assert state == "sync"
    engine.dispose()


@dataclass
class Acknowledged:
    """What somebody was told is done."""

    revoked: list[int] = field(default_factory=list)
    batches: list[int] = field(default_factory=list)
    seen: dict[int, tuple[str, bytes]] = field(default_factory=dict)
    """Issued certificates that a reader saw: number and hash of the signed form."""
    failures: int = 0


@dataclass
class Load:
    """Everybody at work at once, until told to stop."""

    worker: Context
    engine: Engine
    here: Office
    targets: list[int]
    acknowledged: Acknowledged = field(default_factory=Acknowledged)
    stop: threading.Event = field(default_factory=threading.Event)

    def again_and_again(self, act: Callable[[], bool]) -> Callable[[], None]:
        """A client that goes on after an error, as a person does who sees a page with one."""

        def run() -> None:
            while not self.stop.is_set():
                try:
                    if not act():
                        return
                except DBAPIError:
                    self.acknowledged.failures += 1
                    self.stop.wait(0.1)
                self.stop.wait(0.02)

        return run

    def revoke(self) -> bool:
        """One revocation; what was done before the answer got lost is refused, and is done."""
        if not self.targets:
            return False
        with self.worker.writing() as session:
            found = policy(session)
            code = next(
                row["code"] for row in found.rows("status_grounds")
                if row["act"] == StatusAct.REVOKE
            )  # fmt: skip
            try:
                status.change(
                    session, self.here.issuer, NOW, found, PERSONAL.random, self.targets[0],
                    StatusAct.REVOKE, Ruling(ground=str(code), decided_on=TODAY),
                )  # fmt: skip
                session.commit()
            except RefusedError:
                session.rollback()
        self.acknowledged.revoked.append(self.targets.pop(0))
        return True

    def open_batch(self) -> bool:
        """One more batch."""
        with self.worker.writing.begin() as session:
            batch = assessment.open_batch(session, self.here.registrar, NOW, SITE)
        self.acknowledged.batches.append(batch)
        return True

    def look(self) -> bool:
        """Whoever looks, sees only what is certain."""
        with self.worker.reading() as session:
            for row in session.execute(
                select(CertificateRow.id, CertificateRow.number, Form.cose_hash).join(
                    Form, Form.certificate_id == CertificateRow.id
                )
            ):
                self.acknowledged.seen[row.id] = (row.number, row.cose_hash)
        return True

    def work(self) -> None:
        """The worker's own loop."""

        def failed(_step: str, _error: Exception) -> None:
            self.acknowledged.failures += 1

        loop.run_forever(self.worker, (issue.step, publish.step), self.stop, failed, rest=0.02)


@pytest.mark.prove
def test_what_was_acknowledged_is_there_after_a_failover(pair: Pair, tmp_path: Path) -> None:
    load, batch = _office(pair, tmp_path / "registry")
    jobs = [
        load.work,
        *(load.again_and_again(act) for act in (load.revoke, load.open_batch, load.look)),
    ]
    threads = [threading.Thread(target=job) for job in jobs]
    for thread in threads:
        thread.start()
    try:
        _wait(lambda: len(load.acknowledged.seen) > BEFORE + ROWS // 8)
        pair.fail_over()
        died_at = len(load.acknowledged.seen)
        _wait(lambda: not load.targets and _issued(load.worker, batch))
        opened = len(load.acknowledged.batches)
        _wait(lambda: len(load.acknowledged.batches) > opened + 3)
    finally:
        load.stop.set()
        for thread in threads:
            thread.join(60)
    assert died_at < BEFORE + ROWS  # it died in the middle
    assert load.acknowledged.failures
    _compare(load, batch)
    load.engine.dispose()


def _office(pair: Pair, folder: Path) -> tuple[Load, int]:
    workshop.keys(folder)
    engine = open_engine(pair.url)
    migrate(engine)
    with writing(engine).begin() as session:
        here = office.build(session)
    signers = dict(custody.open_folder(folder / "keys", workshop.PASSPHRASE))
    settings, begun = workshop.config(folder, pair.url), time.monotonic()
    clock = lambda: NOW + 60 + int(time.monotonic() - begun)  # noqa: E731
    worker = workshop.context(settings, clock, signers, engine=engine, chunk=20)
    with worker.writing.begin() as session:
        workshop.start(session, here, BEFORE)
    workshop.finish(worker)
    with worker.writing.begin() as session:
        batch = workshop.start(session, here, ROWS, first=BEFORE + 10)
    with worker.reading() as session:
        targets = list(session.scalars(select(CertificateRow.id).order_by(CertificateRow.id)))
    return Load(worker, engine, here, targets), batch


def _wait(done: Callable[[], bool]) -> None:
    for _ in range(1200):
        with contextlib.suppress(DBAPIError):
            if done():
                return
        time.sleep(0.1)
    raise AssertionError("it does not go on")


def _issued(worker: Context, batch: int) -> bool:
    with worker.reading() as session:
        return session.get_one(Batch, batch).state == "issued"


def _compare(load: Load, batch: int) -> None:
    told, worker = load.acknowledged, load.worker
    with worker.reading() as session:
        changes = Counter(session.scalars(select(StatusChange.certificate_id)))
        states = dict(session.execute(select(Status.certificate_id, Status.state)).all())
        assert all(changes[each] == 1 and states[each] == 1 for each in told.revoked)
        assert len(told.revoked) == BEFORE == sum(changes.values())
        batches = set(session.scalars(select(Batch.id)))
        assert set(told.batches) <= batches and len(told.batches) == len(set(told.batches))
        rows = session.execute(
            select(CertificateRow.id, CertificateRow.number, Form.cose_hash).join(
                Form, Form.certificate_id == CertificateRow.id
            )
        )
        there = {row.id: (row.number, row.cose_hash) for row in rows}
        assert told.seen.items() <= there.items()
        assert session.scalar(select(func.count(CertificateRow.number.distinct()))) == len(there)
        ledger.gapless(session)
        ledger.complete(session, batch, ROWS)
