"""What a Prometheus scraper reads: the counts of all processes of one command, added up.

It listens on the loopback only and on a port of its own, never where the public comes in.
"""

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from http.server import HTTPServer
from pathlib import Path
from typing import Any

from prometheus_client import CollectorRegistry, start_http_server
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from registry.operations import memory, tally

HOST = "127.0.0.1"
BOUNDS = (*(f"{each:g}" for each in tally.BUCKETS), "+Inf")

Gauges = Callable[[], Iterable[GaugeMetricFamily]]


class Tallies(Collector):
    """The files of a folder as metrics, and the memory of the processes."""

    def __init__(self, folder: Path, process: int, gauges: Gauges | None = None) -> None:
        """Look when asked.

        Args:
            folder: where the processes leave their numbers.
            process: id of the command, whose children count as its own.
            gauges: asked at each scrape for what is not counted but looked up.
        """
        self._folder, self._process, self._gauges = folder, process, gauges

    def collect(self) -> Iterator[Metric]:
        """All metrics of this moment."""
        read = [_read(path) for path in sorted(self._folder.glob("*.json"))]
        for count in tally.COUNTS:
            yield _counter(count, read)
        for times in tally.TIMES:
            yield _histogram(times, read)
        yield self._memory()
        if self._gauges is not None:
            yield from self._gauges()

    def _memory(self) -> Metric:
        family = GaugeMetricFamily(
            "hallmark_resident_bytes", "Memory in use by a process.", labels=("pid", "is")
        )
        for process, name, size in memory.tree(self._process):
            family.add_metric((str(process), name), size)
        return family


def listen(port: int, collector: Collector) -> HTTPServer:
    """Serve ``/metrics`` on the loopback from a thread; port 0 takes a free one.

    Raises:
        OSError: the port is taken.
    """
    registry = CollectorRegistry()
    registry.register(_Unprobed(collector))
    server, _ = start_http_server(port, HOST, registry)
    return server


class _Unprobed(Collector):
    """Registered without being asked for its names first: a look-up may need the database."""

    def __init__(self, collector: Collector) -> None:
        self._collector = collector

    def collect(self) -> Iterable[Metric]:
        return self._collector.collect()

    def describe(self) -> Iterable[Metric]:
        return ()


def _read(path: Path) -> dict[str, Any]:
    try:
        read: dict[str, Any] = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return {}  # being replaced or cut off by a full disk: the next scrape reads it
    return read


def _counter(count: tally.Count, read: Iterable[dict[str, Any]]) -> Metric:
    sums: defaultdict[tuple[str, ...], int] = defaultdict(int)
    for each in read:
        for *labels, value in each.get(count.name, ()):
            sums[tuple(labels)] += value
    family = CounterMetricFamily(count.name, count.about, labels=count.labels)
    for labels, value in sorted(sums.items()):
        family.add_metric(labels, value)
    return family


def _histogram(times: tally.Times, read: Iterable[dict[str, Any]]) -> Metric:
    sums: dict[tuple[str, ...], list[float]] = {}
    for each in read:
        for *labels, row in each.get(times.name, ()):
            before = sums.get(tuple(labels), [0.0] * len(row))
            sums[tuple(labels)] = [a + b for a, b in zip(before, row, strict=True)]
    family = HistogramMetricFamily(times.name, times.about, labels=times.labels)
    for labels, row in sorted(sums.items()):
        total, buckets = 0.0, []
        for bound, value in zip(BOUNDS, row[:-1], strict=True):
            total += value
            buckets.append((bound, total))
        family.add_metric(labels, buckets, row[-1])
    return family
