"""Issuing by several workers at once: certificates per second, and whether the last cost the first.

``python -m tests.benchmarks.bulk [--count N] [--workers 1 2]`` prints one line per database and
number of workers. PostgreSQL is tried where ``HALLMARK_TEST_POSTGRES`` names a server.
"""

import argparse
import os
import resource
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import create_engine, func, make_url, select, text

from keys import custody
from registry.records.certificates import CertificateRow, CertificateState
from registry.records.schema import migrate
from registry.records.session import open_engine, reading, writing
from registry.work import issue
from tests.registry import office
from tests.registry.work import workshop

COUNT = 10_000
POSTGRES = os.environ.get("HALLMARK_TEST_POSTGRES")


@dataclass(frozen=True, slots=True)
class Spent:
    """What a run took."""

    wall: float
    cpu: float
    """Seconds of all workers together."""
    quarters: tuple[float, float]
    """CPU-seconds of the first and of the last quarter; of one worker alone."""


def main() -> int:
    """Measure and print; never fails for being slow."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.bulk")
    parser.add_argument("--count", type=int, default=COUNT, help="certificates")
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2])
    arguments = parser.parse_args()
    print("database     workers  per second   per CPU-s  last/first quarter")
    for backend in ("sqlite", "postgresql") if POSTGRES else ("sqlite",):
        for workers in arguments.workers:
            spent = measured(backend, workers, arguments.count)
            first, last = spent.quarters
            flat = f"{last / first:.2f}" if workers == 1 and first else ""
            print(
                f"{backend:12}{workers:>8}{arguments.count / spent.wall:>12,.0f}"
                f"{arguments.count / spent.cpu:>12,.0f}{flat:>20}",
                flush=True,
            )
    return 0


def measured(backend: str, workers: int, count: int) -> Spent:
    """Issue a batch of so many by so many processes.

    Raises:
        AssertionError: not every row became a certificate.
    """
    with TemporaryDirectory() as name, _database(backend, Path(name)) as url:
        folder = Path(name) / "registry"
        folder.mkdir()
        workshop.keys(folder)
        engine = open_engine(url)
        migrate(engine)
        with writing(engine).begin() as session:
            workshop.start(session, office.build(session), count)
        engine.dispose()
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        start = time.monotonic()
        read, write = os.pipe()
        children = [_forked(folder, url, count, write) for _ in range(workers)]
        endings = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]
        wall = time.monotonic() - start
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        quarters = [float(each) for each in os.read(read, 200).split()[:2]]
        os.close(read), os.close(write)
        with reading(engine)() as session:
            done = session.scalars(
                select(func.count(CertificateRow.id)).where(
                    CertificateRow.state == CertificateState.ISSUED
                )
            ).one()
        engine.dispose()
    assert endings == [0] * workers and done == count, (endings, done)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Spent(wall, cpu, (quarters[0], quarters[1]))


def _forked(folder: Path, url: str, count: int, told: int) -> int:
    child = os.fork()
    if child:
        return child
    status = 1
    try:
        os.write(told, _work(folder, url, count).encode())
        status = 0
    finally:
        os._exit(status)


def _work(folder: Path, url: str, count: int) -> str:
    signers = dict(custody.open_folder(folder / "keys", workshop.PASSPHRASE))
    config = workshop.config(folder, url)
    made = workshop.context(config, workshop.Clock(), signers, engine=open_engine(url))
    # Forked children would draw the same name, and take each other's claims for their own.
    worker = replace(made, worker=f"process {os.getpid()}")
    each, steps = [], 2 * count // worker.chunk
    for _ in range(100 * steps):
        start = time.process_time()
        if not issue.step(worker):
            with worker.reading() as session:
                if not session.scalar(select(issue._anything())):
                    break
            time.sleep(0.01)  # others hold what is left
            continue
        each.append(time.process_time() - start)
    # Between the first rows that are prepared ahead and the last that are sealed, steps alternate.
    even = each[issue.AHEAD : -issue.AHEAD - 1]
    quarter = len(even) // 4
    return f"{sum(even[:quarter])} {sum(even[len(even) - quarter :])} "


@contextmanager
def _database(backend: str, folder: Path) -> Iterator[str]:
    if backend == "sqlite":
        yield f"sqlite:///{folder / 'bulk.db'}"
        return
    server = make_url(POSTGRES or "")
    name = f"hallmark_bulk_{os.getpid()}"
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8'"))
    try:
        yield server.set(database=name).render_as_string(hide_password=False)
    finally:
        with engine.connect() as connection:
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
        engine.dispose()


if __name__ == "__main__":
    sys.exit(main())
