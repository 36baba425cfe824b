"""Civil periods: first and last day, both inclusive, in Asia/Shanghai."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Period:
    """From ``first`` to ``last``, both included; ``last`` None means without end."""

    first: date
    last: date | None = None

    def __post_init__(self) -> None:
        if self.last is not None and self.last < self.first:
            raise ValueError(f"period ends on {self.last} before it begins on {self.first}")

    def covers(self, day: date) -> bool:
        """Whether ``day`` lies in the period."""
        return self.first <= day and (self.last is None or day <= self.last)


def covered(periods: Iterable[Period], day: date) -> bool:
    """Whether any of the periods covers ``day``."""
    return any(period.covers(day) for period in periods)
