"""An occupation as the rules see it."""

from dataclasses import dataclass
from datetime import date

from registry.rules.decision import Reason, reason
from registry.rules.periods import Period, covered

LEVELS = ("5", "4", "3", "2", "1")
"""Digits of the five national levels, lowest first."""

REVIEWED_LEVELS = frozenset({"2", "1"})
"""技师 and 高级技师: a comprehensive review (综合评审) is part of the assessment."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Occupation:
    """One row of the catalogue, with the periods that decide the kind of certificate."""

    code: str
    """``d-dd-dd-dd``, or another code as text (``SPOP-01``)."""
    name: str
    name_en: str = ""
    levels: frozenset[str] = frozenset()
    """Levels that the occupation has, as digits; empty for special operations."""
    work_types: frozenset[str] = frozenset()
    """Three-digit industry codes of its work types; empty when none is known."""
    confirmed: bool = False
    """Whether the code stands with high confidence or an officer entered its source."""
    special_operation: bool = False
    """建筑施工特种作业: another credential, never issued here."""
    in_force: Period | None = None
    """Days on which the row is in force; None when no limits are known."""
    catalogue: tuple[Period, ...] = ()
    """Periods in which the occupation stood in the national qualification catalogue."""

    def in_catalogue(self, on: date) -> bool:
        """Whether the occupation stood in the national catalogue on that day."""
        return covered(self.catalogue, on)


def issuable(occupation: Occupation) -> Reason | None:
    """A reason when no certificate can be issued for the occupation at all."""
    if occupation.special_operation:
        return reason("occupation_special", "occupation", occupation=occupation.name)
    if not occupation.confirmed:
        return reason("occupation_unconfirmed", "occupation", occupation=occupation.name)
    return None
