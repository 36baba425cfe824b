"""Registries on one throw-away server: the same office with few, more and many certificates."""

import shutil
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import text

from registry.records.schema import migrate
from registry.records.session import open_engine
from registry.work import publish
from tests.benchmarks.large import rows, sample
from tests.benchmarks.large.sample import Bench
from tests.postgresql import Server

GIGABYTE = 10**9
LOADING = {
    "fsync": "off", "full_page_writes": "off", "synchronous_commit": "off",
    "wal_level": "minimal", "max_wal_senders": "0", "autovacuum": "off", "max_wal_size": "8GB",
    "checkpoint_timeout": "1h", "maintenance_work_mem": "1GB", "shared_buffers": "2GB",
    "max_parallel_maintenance_workers": "1", "jit": "off",
}  # fmt: skip
"""While rows are generated: nothing has to survive a crash."""
SERVING = {
    "shared_buffers": "4GB", "max_wal_size": "4GB", "checkpoint_timeout": "30min",
    "autovacuum": "off", "jit": "off", "max_parallel_workers_per_gather": "0",
    "effective_cache_size": "8GB",
}  # fmt: skip
"""While operations are timed: as safe as PostgreSQL is by default. Nothing is vacuumed
meanwhile, and one process does a query, so that its CPU time is all there is."""
TEMPLATE = "founded"
DONE = "filled"
"""File that says that all registries are there."""


def disk_needed(counts: Sequence[int]) -> int:
    """Bytes that so many generated certificates take, with room for sorting and for the log."""
    return 5_200 * sum(counts) + 12 * GIGABYTE


def server(folder: Path) -> Server:
    """The server of a folder, running or not."""
    return Server(folder / "server", LOADING)


def build(made: Server, folder: Path, counts: Sequence[int]) -> None:
    """Make the cluster and its registries; the server is left stopped.

    Raises:
        RuntimeError: the disk has no room for them.
    """
    free = shutil.disk_usage(folder).free
    if free < disk_needed(counts):
        raise RuntimeError(
            f"{disk_needed(counts) / GIGABYTE:.0f} GB are needed in {folder},"
            f" {free / GIGABYTE:.0f} GB are free"
        )
    made.create()
    made.start()
    try:
        _database(made, TEMPLATE, "template0")
        sample.found(folder / TEMPLATE, made.url(TEMPLATE)).engine.dispose()
        for count in counts:
            told(f"{count:,} certificates")
            _database(made, _name(count), TEMPLATE)
            rows.fill(made.url(_name(count)), count)
            shutil.copytree(folder / TEMPLATE, folder / _name(count))
    finally:
        made.stop()
    (folder / DONE).touch()


@dataclass(frozen=True, slots=True)
class Opened:
    """The registries, by how many certificates were generated."""

    benches: dict[int, Bench]

    def sizes(self) -> str:
        """A sentence on what they take on the disk."""
        told_of = []
        for count, bench in self.benches.items():
            with bench.worker.reading() as session:
                tables, indexes = session.execute(
                    text(
                        "SELECT sum(pg_table_size(oid)), sum(pg_indexes_size(oid)) FROM pg_class"
                        " WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
                    )
                ).one()
            told_of.append(
                f"{count:,}: {tables / GIGABYTE:.2f} GB and {indexes / GIGABYTE:.2f} GB of indexes"
            )
        return f"On the disk: {'; '.join(told_of)}. {_documents(self.benches)}"


def _documents(benches: dict[int, Bench]) -> str:
    (bench, *_) = benches.values()
    with bench.worker.reading() as session:
        size = session.scalar(
            text("SELECT avg(pg_column_size(document)) FROM forms WHERE length(document) > 2")
        )
    return (
        f"Generated rows hold no JSON document; with theirs, {size:,.0f} bytes each as stored,"
        f" 10,000,000 take {10_000_000 * float(size) / GIGABYTE:.0f} GB more."
    )


@contextmanager
def serving(made: Server, folder: Path, counts: Sequence[int]) -> Iterator[Opened]:
    """The registries on a server with the settings of service, their public files out."""
    made.settings = SERVING
    made.start()
    try:
        benches = {count: _opened(made, folder, count) for count in counts}
        yield Opened(benches)
        for bench in benches.values():
            bench.engine.dispose()
    finally:
        made.stop()


def _opened(made: Server, folder: Path, count: int) -> Bench:
    url = made.url(_name(count))
    told(f"{count:,} certificates: tables and public files are brought up to date")
    migrate(open_engine(url))
    engine = open_engine(url)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE"))
    bench = sample.reopened(folder / _name(count), engine)
    while publish.step(bench.worker):
        pass
    return bench


def told(line: str) -> None:
    """Say how far it has come, on the error stream: the output is the table."""
    print(line, file=sys.stderr, flush=True)


def _name(count: int) -> str:
    return f"certificates_{count}"


def _database(server: Server, name: str, template: str) -> None:
    server.run("createdb", "-h", "127.0.0.1", "-p", server.port, "-U", "hallmark", "-T", template,
               name)  # fmt: skip
