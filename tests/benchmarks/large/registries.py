"""Three registries on one throw-away server: the same office with few, more and many certificates."""

import os
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

from registry.records.schema import migrate
from registry.records.session import open_engine
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
"""While operations are timed: as safe as PostgreSQL is by default. Vacuuming runs before, not meanwhile,
and a query is done by one process, so that its CPU time is all there is."""
TEMPLATE = "founded"


def disk_needed(counts: Sequence[int]) -> int:
    """Bytes that so many generated certificates take, with room for sorting and for the log."""
    return 5_200 * sum(counts) + 12 * GIGABYTE


def build(folder: Path, counts: Sequence[int]) -> Server:
    """Make the server and its registries; the server is left stopped.

    Raises:
        RuntimeError: the disk has no room for them.
    """
    free = shutil.disk_usage(folder).free
    if free < disk_needed(counts):
        raise RuntimeError(
            f"{disk_needed(counts) / GIGABYTE:.0f} GB are needed in {folder},"
            f" {free / GIGABYTE:.0f} GB are free"
        )
    server = Server(folder / "server", LOADING)
    server.create()
    server.start()
    try:
        _database(server, TEMPLATE, "template0")
        founded = sample.found(folder / TEMPLATE, server.url(TEMPLATE))
        founded.engine.dispose()
        for count in counts:
            told(f"{count:,} certificates")
            _database(server, _name(count), TEMPLATE)
            rows.fill(server.url(_name(count)), count)
            shutil.copytree(folder / TEMPLATE, folder / _name(count))
    finally:
        server.stop()
    return server


def told(line: str) -> None:
    """Say how far it has come, on the error stream: the output is the table."""
    print(line, file=sys.stderr, flush=True)


def _name(count: int) -> str:
    return f"certificates_{count}"


def _database(server: Server, name: str, template: str) -> None:
    server.run("createdb", "-h", "127.0.0.1", "-p", server.port, "-U", "hallmark", "-T", template,
               name)  # fmt: skip
