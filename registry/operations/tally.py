"""Counts in plain numbers, added up where things happen and read by whoever scrapes.

An addition is one look into a dictionary, so that even the busiest route can afford it. Each
process writes its numbers to a file of its own once a second; the exporter of the command adds the
files up. A process that died leaves its last numbers, so no count ever goes back.
"""

import json
import os
import secrets
import threading
from bisect import bisect_left
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

FOLDER = "HALLMARK_TALLY_FOLDER"
"""Environment: where the processes of one command leave their numbers; it sets this itself."""
INTERVAL = 1.0
"""Seconds between two writes of the numbers."""
BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Upper bounds of a histogram's buckets, seconds; one more takes everything above."""

Labels = tuple[str, ...]


class Count:
    """A number per set of labels that only grows."""

    def __init__(self, name: str, about: str, labels: Sequence[str]) -> None:
        self.name, self.about, self.labels = name, about, tuple(labels)
        self.values: dict[Labels, int] = {}
        self._lock = threading.Lock()

    def add(self, *labels: str, by: int = 1) -> None:
        """Add to one set of labels."""
        with self._lock:
            self.values[labels] = self.values.get(labels, 0) + by

    def dump(self) -> Any:
        """As JSON."""
        with self._lock:
            return [[*labels, value] for labels, value in self.values.items()]


class Times:
    """A histogram of seconds per set of labels."""

    def __init__(self, name: str, about: str, labels: Sequence[str]) -> None:
        self.name, self.about, self.labels = name, about, tuple(labels)
        self.values: dict[Labels, list[float]] = {}
        """Counts per bucket, then the sum of all seconds."""
        self._lock = threading.Lock()

    def add(self, seconds: float, *labels: str) -> None:
        """Count one duration."""
        with self._lock:
            row = self.row(*labels)
            row[bisect_left(BUCKETS, seconds)] += 1
            row[-1] += seconds

    def row(self, *labels: str) -> list[float]:
        """The numbers of one set of labels, for a place that adds to them itself."""
        return self.values.setdefault(labels, [0] * (len(BUCKETS) + 1) + [0.0])

    def dump(self) -> Any:
        """As JSON."""
        with self._lock:
            return [[*labels, row] for labels, row in self.values.items()]


REQUESTS = Count(
    "hallmark_requests", "Requests answered, by route template.", ("route", "method", "status")
)
REQUEST_SECONDS = Times("hallmark_request_seconds", "Time to answer a request.", ("route",))
VERDICTS = Count("hallmark_verdicts", "Verdicts of POST /api/v1/verify.", ("verdict",))
ACTS = Count("hallmark_acts", "Acts committed, by their name in the audit.", ("act",))
STEPS = Count("hallmark_steps", "Steps of workers that did something or failed.",
              ("step", "outcome"))  # fmt: skip
STEP_SECONDS = Times("hallmark_step_seconds", "Time that a step took that did something.",
                     ("step",))  # fmt: skip
CERTIFICATES = Count("hallmark_certificates", "Certificates that left the worker.", ("outcome",))
FILES = Count("hallmark_files_published", "Public files written, by kind.", ("kind",))

COUNTS = (REQUESTS, VERDICTS, ACTS, STEPS, CERTIFICATES, FILES)
TIMES = (REQUEST_SECONDS, STEP_SECONDS)


class Verified:
    """Counts of the busiest route: added to by one thread only, therefore without a lock."""

    def __init__(self, route: str) -> None:
        self._request = (route, "POST", "200")
        self._verdicts = VERDICTS.values
        self._row = REQUEST_SECONDS.row(route)
        FOLDED.append(self._fold)

    def add(self, verdict: tuple[str], seconds: float) -> None:
        """Count one answer."""
        self._verdicts[verdict] = self._verdicts.get(verdict, 0) + 1
        self._row[bisect_left(BUCKETS, seconds)] += 1
        self._row[-1] += seconds

    def _fold(self) -> None:
        REQUESTS.values[self._request] = round(sum(self._row[:-1])) - self._others()

    def _others(self) -> int:
        """Answers of the route that are counted elsewhere, because they were refusals."""
        route, method, status = self._request
        return sum(
            value
            for labels, value in REQUESTS.values.items()
            if labels[0] == route and labels != (route, method, status)
        )


FOLDED: list[Callable[[], None]] = []
"""Asked before the numbers are written down."""


def dump() -> dict[str, Any]:
    """Everything that this process counted."""
    for fold in FOLDED:
        fold()
    return {each.name: each.dump() for each in (*COUNTS, *TIMES)}


class Writing:
    """Writes this process's numbers to the folder of its command until it is closed."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / f"{os.getpid()}-{secrets.token_hex(4)}.json"
        self._last = ""
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="tally", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Write a last time and stop."""
        self._ended.set()
        self._thread.join(timeout=5)
        self._write()

    def _run(self) -> None:
        while not self._ended.wait(INTERVAL):
            self._write()

    def _write(self) -> None:
        text = json.dumps(dump())
        if text == self._last:
            return
        part = self._file.with_suffix(".part")
        try:
            part.write_text(text, "utf-8")
            part.replace(self._file)
        except OSError:
            return  # a full disk must not end what is being counted; the next second tries again
        self._last = text


def begin() -> Writing | None:
    """Start writing where the command that started this process collects numbers."""
    folder = os.environ.get(FOLDER)
    return Writing(Path(folder)) if folder else None
