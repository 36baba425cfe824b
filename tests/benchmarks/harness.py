"""Measuring side by side: ours and the raw limit in turns of some tens of milliseconds, in one run.

CPU time of the process, never wall time, so that other work on the machine costs little; it still
shares caches and cores, therefore a ratio is the median over many turns, given with its spread.
"""

import gc
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Line:
    """One row of the table of ratios."""

    name: str
    ours: float
    """Operations per CPU-second of one core."""
    limit: float
    """The same of the raw limit."""
    ratios: tuple[float, ...]
    """One per turn."""
    target: float

    @property
    def ratio(self) -> float:
        """Median of the turns."""
        return statistics.median(self.ratios)

    @property
    def spread(self) -> tuple[float, float]:
        """First and third quartile of the turns; both the ratio itself where there was one turn."""
        if len(self.ratios) < 2:
            return self.ratio, self.ratio
        first, _, third = statistics.quantiles(self.ratios, n=4, method="inclusive")
        return first, third


@dataclass(frozen=True, slots=True)
class Time:
    """One row whose target is a time, not a ratio."""

    name: str
    milliseconds: tuple[float, ...]
    target: float

    @property
    def median(self) -> float:
        """Median of the turns, milliseconds of CPU."""
        return statistics.median(self.milliseconds)


@dataclass(frozen=True, slots=True)
class Peer:
    """One way to issue and verify credentials, per CPU-second of one core."""

    name: str
    issued: float
    verified: float


@contextmanager
def without_collector() -> Iterator[None]:
    """Keep Python's cycle collector out of both sides, as ``timeit`` does."""
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def seconds(work: Callable[[], None]) -> float:
    """CPU-seconds of this process that one call takes."""
    start = time.process_time()
    work()
    return time.process_time() - start


def beside(
    name: str, target: float, ours: Callable[[], None], limit: Callable[[], None],
    operations: int, turns: int = 60,
) -> Line:  # fmt: skip
    """Time both in turns; each call makes so many operations."""
    ours(), limit()
    with without_collector():
        pairs = [(seconds(ours), seconds(limit)) for _ in range(turns)]
    return line(name, target, pairs, operations)


def line(name: str, target: float, pairs: list[tuple[float, float]], operations: float) -> Line:
    """A row from pairs of (ours, limit) in CPU-seconds for so many operations."""
    return Line(
        name=name,
        ours=operations / statistics.median(ours for ours, _ in pairs),
        limit=operations / statistics.median(limit for _, limit in pairs),
        ratios=tuple(limit / ours for ours, limit in pairs),
        target=target,
    )


def table(lines: list[Line], times: list[Time]) -> str:
    """Markdown tables as the README shows them."""
    text = [
        "| what | per CPU-second | raw limit | ratio | quartiles | target |",
        "|---|---:|---:|---:|---:|---:|",
    ]
    for each in lines:
        first, third = each.spread
        text.append(
            f"| {each.name} | {each.ours:,.0f} | {each.limit:,.0f} | **{each.ratio:.2f}** "
            f"| {first:.2f} to {third:.2f} | {each.target:.2f} |"
        )
    text += ["", "| what | median, ms of CPU | target, ms |", "|---|---:|---:|"]
    text += [f"| {each.name} | **{each.median:.1f}** | {each.target:.0f} |" for each in times]
    return "\n".join(text)


def beside_others(peers: list[Peer]) -> str:
    """Markdown table of what others would use; the first row is ours."""
    text = ["| library | issued per CPU-second | verified per CPU-second |", "|---|---:|---:|"]
    ours = peers[0]
    for each in peers:
        issued, verified = f"{each.issued:,.0f}", f"{each.verified:,.0f}"
        if each is not ours:
            issued += f" (ours **{ours.issued / each.issued:.0f}** times)"
            verified += f" (ours **{ours.verified / each.verified:.1f}** times)"
        text.append(f"| {each.name} | {issued} | {verified} |")
    return "\n".join(text)
