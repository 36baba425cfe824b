"""Workers are killed with SIGKILL, at random and at every statement; then another one finishes.

The killed worker is a forked child with connections of its own, so nothing of it survives but what
the database and the disk have kept.
"""

import os
import random
import shutil
import signal
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from sqlalchemy import Engine, event

from registry.records.session import open_engine
from registry.work import issue, publish
from registry.work.context import Context
from tests.registry.conftest import Template
from tests.registry.office import Office
from tests.registry.work import ledger, workshop
from tests.registry.work.conftest import Bench
from tests.registry.work.workshop import Clock

ROWS, CHUNK = 5, 2
HASTE = 10
"""Seconds of a hurried clock in one real second: claims of the dead run out while others work."""
OVER = max(issue.CLAIM, publish.LEASE) + 1
"""Seconds after which nothing that a dead worker held is kept from the living."""


@dataclass
class Hurried(Clock):
    """A clock that is the same in every process and runs fast."""

    started: float = 0.0

    def __call__(self) -> int:
        return self.now + int((time.time() - self.started) * HASTE)


def forked(work: Callable[[], None]) -> int:
    """Run in a child that never returns into the test runner; answers its process id."""
    child = os.fork()
    if child == 0:
        status = 1
        try:
            work()
            status = 0
        except BaseException:
            traceback.print_exc()  # told by the test that waits for it
        finally:
            os._exit(status)
    return child


def killed(child: int) -> bool:
    """Wait for the child; whether a signal ended it."""
    _, code = os.waitpid(child, 0)
    return os.WIFSIGNALED(code)


def child_context(
    bench: Bench, url: str, folder: Path, chunk: int, clock: Clock | None = None
) -> tuple[Context, Engine]:
    """A worker with connections that this process opened itself."""
    engine = open_engine(url)
    settings = workshop.config(folder, url)
    made = workshop.context(settings, clock or Clock(), bench.signers, engine=engine, chunk=chunk)
    # Forked children would draw the same name, and take each other's claims for their own.
    return replace(made, worker=f"process {os.getpid()}"), engine


def suicide(engine: Engine, statement: int, moment: str) -> None:
    """Kill this process before or after its nth statement (transaction control included)."""
    seen = [0]

    def count(*_: object) -> None:
        seen[0] += 1
        if seen[0] == statement:
            os.kill(os.getpid(), signal.SIGKILL)

    event.listen(engine, f"{moment}_cursor_execute", count)
    if moment == "before":
        event.listen(engine, "commit", count)


def statements(bench: Bench, url: str, folder: Path) -> int:
    """How many statements the whole work takes."""
    read, write = os.pipe()

    def work() -> None:
        worker, engine = child_context(bench, url, folder, CHUNK)
        seen = [0]

        def count(*_: object) -> None:
            seen[0] += 1

        event.listen(engine, "before_cursor_execute", count)
        event.listen(engine, "commit", count)
        workshop.finish(worker)
        os.write(write, str(seen[0]).encode())

    assert not killed(forked(work))
    return int(os.read(read, 20))


def finish_and_check(
    bench: Bench, url: str, folder: Path, batch: int, count: int, at: int | None = None
) -> None:
    """Another worker finishes; then every row has one certificate, and all of them verify."""
    clock = Clock((Clock().now if at is None else at) + OVER)
    worker, engine = child_context(bench, url, folder, 500, clock)
    workshop.finish(worker)
    with worker.reading() as session:
        ledger.gapless(session)
        ledger.complete(session, batch, count)
    assert ledger.genuine(worker, worker.clock.now) == count + 1
    engine.dispose()


def address(bench: Bench) -> str:
    """The database, for processes that open it themselves."""
    return bench.database.engine.url.render_as_string(hide_password=False)


def begun(bench: Bench, office: Office, rows: int) -> int:
    """A batch whose issue was started, in a registry whose tiles are all out already."""
    bench.write(lambda session: workshop.start(session, office, 1))
    workshop.finish(bench.worker)
    batch = bench.write(lambda session: workshop.start(session, office, rows, first=10))
    # Children must not inherit an open connection.
    bench.database.engine.dispose()
    assert isinstance(batch, int)
    return batch


def _each_statement(
    bench: Bench, office: Office, template: Template, place: Path, stride: int
) -> int:
    batch = begun(bench, office, ROWS)
    twin = template.backend.twin
    with twin(address(bench)) as url:
        shutil.copytree(bench.folder, place / "count")
        total = statements(bench, url, place / "count")
    assert total > 40
    deaths = 0
    for number in range(1, total + 1, stride):
        for moment in ("before", "after"):
            folder = place / f"{moment}{number}"
            shutil.copytree(bench.folder, folder)
            with twin(address(bench)) as url:

                def work(url=url, folder=folder, number=number, moment=moment) -> None:
                    worker, engine = child_context(bench, url, folder, CHUNK)
                    suicide(engine, number, moment)
                    workshop.finish(worker)

                deaths += killed(forked(work))
                finish_and_check(bench, url, folder, batch, ROWS)
            shutil.rmtree(folder)
    return deaths


def test_killed_at_some_statements(bench, here, template, tmp_path):
    assert _each_statement(bench, here, template, tmp_path, 41) > 3


@pytest.mark.prove
def test_killed_before_and_after_every_statement(bench, here, template, tmp_path):
    assert _each_statement(bench, here, template, tmp_path, 1) > 80


def _random_kills(
    bench: Bench, office: Office, rows: int, kills: int, seed: int, chunk: int = 100
) -> None:
    """Kill so many workers: the first half one by one, then always one of three."""
    batch = begun(bench, office, rows)
    url, chance, deaths = address(bench), random.Random(seed), 0
    clock = Hurried(started=time.time())

    def work() -> None:
        worker, _ = child_context(bench, url, bench.folder, chunk, clock)
        while True:
            workshop.finish(worker)
            time.sleep(0.01)

    living: list[int] = []
    while deaths < kills:
        while len(living) < (1 if deaths < kills // 2 else 3):
            living.append(forked(work))
        time.sleep(chance.uniform(0.02, 0.35))
        victim = living.pop(chance.randrange(len(living)))
        os.kill(victim, signal.SIGKILL)
        deaths += killed(victim)
    for each in living:
        os.kill(each, signal.SIGKILL)
        killed(each)
    finish_and_check(bench, url, bench.folder, batch, rows, clock())


def test_killed_at_random_moments(bench, here):
    _random_kills(bench, here, 120, 6, 1, chunk=10)


@pytest.mark.prove
def test_killed_two_hundred_times_at_random_moments(bench, here):
    _random_kills(bench, here, 20_000, 200, 2)


def _together(bench: Bench, office: Office, rows: int, count: int, chunk: int) -> None:
    """So many workers on one batch at once; all of them end well."""
    batch = begun(bench, office, rows)
    url = address(bench)
    ready, go = os.pipe()

    def work() -> None:
        os.close(go)
        worker, _ = child_context(bench, url, bench.folder, chunk)
        os.read(ready, 1)  # until everybody is there
        workshop.finish(worker)

    children = [forked(work) for _ in range(count)]
    os.close(ready)
    os.close(go)
    endings = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]
    assert endings == [0] * count
    finish_and_check(bench, url, bench.folder, batch, rows)


def test_eight_workers_on_one_batch(bench, here):
    _together(bench, here, 160, 8, 5)


@pytest.mark.prove
def test_eight_workers_on_a_large_batch(bench, here):
    _together(bench, here, 8_000, 8, 100)
