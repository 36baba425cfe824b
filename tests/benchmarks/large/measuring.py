"""CPU time of both sides: this process, and the server's processes that work for it."""

import statistics
import time
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import text

from tests.benchmarks.harness import without_collector
from tests.benchmarks.large.operations import Operation
from tests.benchmarks.large.sample import Bench


@dataclass(frozen=True, slots=True)
class Cost:
    """Milliseconds of one operation."""

    cpu: float
    """Of this process and of the server's processes for its connections."""
    wall: float


@dataclass
class Row:
    """One operation, with its costs by size of the registry, turn by turn."""

    operation: Operation
    costs: dict[int, list[Cost]] = field(default_factory=dict)

    def cpu(self, count: int) -> float:
        """Median of the turns."""
        return statistics.median(each.cpu for each in self.costs[count])

    def ratios(self, small: int, large: int) -> list[float]:
        """Turn by turn, because neighbours in time share their noise."""
        pairs = zip(self.costs[small], self.costs[large], strict=True)
        return [big.cpu / little.cpu for little, big in pairs]

    def wall(self, small: int, large: int) -> float:
        """Ratio of the medians of the time that passed."""
        little, big = (
            statistics.median(each.wall for each in self.costs[count]) for count in (small, large)
        )
        return big / little


def measure(operation: Operation, benches: dict[int, Bench]) -> Row:
    """Time an operation on every registry in turns."""
    row = Row(operation, {count: [] for count in benches})
    for turn in range(operation.turns):
        for count, bench in benches.items():
            work = operation.ready(bench)
            if turn == 0 and operation.repeats:
                work()  # so that what it reads is in memory
            row.costs[count].append(_cost(bench, work, operation.each))
    return row


def _cost(bench: Bench, work: object, each: int) -> Cost:
    if not callable(work):
        raise TypeError("nothing to time")
    processes = _processes(bench)
    with without_collector():
        server, own, wall = _server(processes), time.process_time(), time.perf_counter()
        work()
        wall, own = time.perf_counter() - wall, time.process_time() - own
        server = _server(processes) - server
    return Cost(1000 * (own + server) / each, 1000 * wall / each)


def _processes(bench: Bench) -> list[int]:
    """The server's processes for this registry's connections; they stay as long as the pool."""
    with bench.worker.reading() as session:
        return list(
            session.scalars(
                text("SELECT pid FROM pg_stat_activity WHERE datname = current_database()")
            )
        )


def _server(processes: list[int]) -> float:
    """Seconds that they have run, to the nanosecond where the kernel tells it."""
    total = 0.0
    for each in processes:
        try:
            total += int(Path(f"/proc/{each}/schedstat").read_text().split()[0]) / 1e9
        except FileNotFoundError:
            continue  # a worker of the server that has ended
    return total
