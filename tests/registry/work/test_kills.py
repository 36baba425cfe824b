"""A worker is killed with SIGKILL, at random and at every statement; then another one finishes.

The killed worker is a forked child with connections of its own, so nothing of it survives but what
the database and the disk have kept.
"""

import os
import random
import shutil
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Engine, event

from registry.records.session import open_engine
from registry.work import publish
from registry.work.context import Context
from tests.registry.office import Office
from tests.registry.work import ledger, workshop
from tests.registry.work.conftest import Bench
from tests.registry.work.workshop import Clock

ROWS, CHUNK = 5, 2


def forked(work: Callable[[], None]) -> int:
    """Run in a child that never returns into the test runner; answers its process id."""
    child = os.fork()
    if child == 0:
        try:
            work()
        finally:
            os._exit(0)
    return child


def killed(child: int) -> bool:
    """Wait for the child; whether a signal ended it."""
    _, code = os.waitpid(child, 0)
    return os.WIFSIGNALED(code)


def child_context(bench: Bench, url: str, folder: Path, chunk: int) -> tuple[Context, Engine]:
    """A worker with connections that this process opened itself."""
    engine = open_engine(url)
    settings = workshop.config(folder, url)
    return workshop.context(settings, Clock(), bench.signers, engine=engine, chunk=chunk), engine


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


def copy(bench: Bench, place: Path) -> tuple[str, Path]:
    """The database and the folder as they are now, in another place."""
    place.mkdir()
    original = Path(str(bench.database.engine.url).removeprefix("sqlite:///"))
    for file in original.parent.glob(f"{original.name}*"):
        shutil.copyfile(file, place / file.name)
    shutil.copytree(bench.folder, place / "registry")
    return f"sqlite:///{place / original.name}", place / "registry"


def finish_and_check(bench: Bench, url: str, folder: Path, batch: int, count: int) -> None:
    worker, engine = child_context(bench, url, folder, 500)
    worker.clock.now += publish.LEASE + 1  # the dead worker's lease has run out
    workshop.finish(worker)
    with worker.reading() as session:
        ledger.gapless(session)
        ledger.complete(session, batch, count)
    assert ledger.genuine(worker, worker.clock.now) == count + 1
    engine.dispose()


@pytest.fixture
def sqlite(bench: Bench) -> Bench:
    if bench.database.engine.dialect.name != "sqlite":
        pytest.fail("copies of a database are files; other backends have tests of their own")
    return bench


def published_before(bench: Bench, office: Office) -> None:
    """Have every tile of the list out already, so that each death costs few files."""
    bench.write(lambda session: workshop.start(session, office, 1))
    workshop.finish(bench.worker)


def _each_statement(bench: Bench, office: Office, place: Path, stride: int) -> int:
    published_before(bench, office)
    batch = bench.write(lambda session: workshop.start(session, office, ROWS, first=10))
    bench.database.engine.dispose()
    assert isinstance(batch, int)
    total = statements(bench, *copy(bench, place / "count"))
    assert total > 40
    deaths = 0
    for number in range(1, total + 1, stride):
        for moment in ("before", "after"):
            url, folder = copy(bench, place / f"{moment}{number}")

            def work(url=url, folder=folder, number=number, moment=moment) -> None:
                worker, engine = child_context(bench, url, folder, CHUNK)
                suicide(engine, number, moment)
                workshop.finish(worker)

            deaths += killed(forked(work))
            finish_and_check(bench, url, folder, batch, ROWS)
            shutil.rmtree(place / f"{moment}{number}")
    return deaths


@pytest.mark.parametrize("template", ["sqlite"], indirect=True)
def test_killed_at_some_statements(sqlite, here, tmp_path):
    assert _each_statement(sqlite, here, tmp_path, 11) > 6


@pytest.mark.prove
@pytest.mark.parametrize("template", ["sqlite"], indirect=True)
def test_killed_before_and_after_every_statement(sqlite, here, tmp_path):
    assert _each_statement(sqlite, here, tmp_path, 1) > 80


def _random_kills(bench: Bench, office: Office, rows: int, kills: int, seed: int) -> None:
    published_before(bench, office)
    batch = bench.write(lambda session: workshop.start(session, office, rows, first=10))
    bench.database.engine.dispose()
    assert isinstance(batch, int)
    url, chance, deaths = str(bench.database.engine.url), random.Random(seed), 0

    def work() -> None:
        workshop.finish(child_context(bench, url, bench.folder, 25)[0])

    for _ in range(kills * 4):
        child = forked(work)
        time.sleep(chance.uniform(0.01, 0.25))
        os.kill(child, signal.SIGKILL)
        deaths += killed(child)
        if deaths == kills:
            break
    finish_and_check(bench, url, bench.folder, batch, rows)


@pytest.mark.parametrize("template", ["sqlite"], indirect=True)
def test_killed_at_random_moments(sqlite, here):
    _random_kills(sqlite, here, 60, 5, 1)


@pytest.mark.prove
@pytest.mark.parametrize("template", ["sqlite"], indirect=True)
def test_killed_fifty_times_at_random_moments(sqlite, here):
    _random_kills(sqlite, here, 900, 50, 2)
