"""Examiners (考评员) as the rules see them, and the relations that call for avoidance (回避)."""

from dataclasses import dataclass
from enum import StrEnum

from registry.rules.organisations import Scope, Suspension
from registry.rules.periods import Period


class Grade(StrEnum):
    """Grade of an examiner's card."""

    EXAMINER = "examiner"
    """考评员."""
    SENIOR = "senior"
    """高级考评员."""


class RelationKind(StrEnum):
    """Why an examiner must not assess a candidate."""

    KIN = "kin"
    STUDENT = "student"
    APPRENTICE = "apprentice"
    COLLEAGUE = "colleague"


@dataclass(frozen=True, slots=True, kw_only=True)
class Examiner:
    """One card holder with every fact that a decision needs."""

    id: int
    person: int
    """Id of the person, the same for every account of that person."""
    card: str
    grade: Grade
    province: str
    """Two digits of GB/T 2260: the card is good there."""
    card_period: Period
    scopes: tuple[Scope, ...] = ()
    suspensions: tuple[Suspension, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Relation:
    """A declared relation between an examiner and a candidate."""

    examiner: int
    """:attr:`Examiner.id`."""
    candidate: bytes
    """Look-up value of the candidate's identity (never the number itself)."""
    kind: RelationKind


class Part(StrEnum):
    """Part of an assessment that an examiner marks."""

    THEORY = "theory"
    PRACTICE = "practice"
    REVIEW = "review"


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """An examiner's place on the team of one part."""

    examiner: Examiner
    part: Part
    leader: bool = False
