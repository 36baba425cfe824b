"""A row to be decided, with every fact that its checks need."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeAlias

from registry.rules.approval import Hands
from registry.rules.catalogue import REVIEWED_LEVELS, Occupation
from registry.rules.certificates import Holding
from registry.rules.decision import Ground, Reason, RefusedError, reason
from registry.rules.examiners import Member, Relation
from registry.rules.identity import Identity
from registry.rules.organisations import Body, Site
from registry.rules.policy import Policy, PolicyError
from registry.rules.spellings import LEVEL_NAMES, Score

PART_NAMES = {"theory": "理论", "practice": "实操", "review": "综合评审"}
"""Parts of an assessment in words."""

Finding: TypeAlias = Ground | tuple[Reason, ...]
"""What a check answers: the ground it found, or all its reasons."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sitting:
    """What all rows of a batch share: one occupation, one site, one day, one team."""

    occupation: Occupation | None
    """None when the catalogue does not know it."""
    assessed: date
    site: Site
    body: Body
    """The assessing body that the site works for, with its filings."""
    team: tuple[Member, ...]
    hands: Hands
    """Who has uploaded, confirmed, checked and approves."""
    awarded: date
    on: date
    """Civil date of the decision."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One row to be decided."""

    sitting: Sitting
    level: str
    work_type: str | None
    name: str
    identity: Identity | None
    candidate: bytes
    """Look-up value of the identity, as declared relations name it."""
    theory: Score | None
    practice: Score | None
    review: Score | None
    relations: tuple[Relation, ...] = ()
    """Relations of the team's examiners; others are ignored."""
    holdings: tuple[Holding, ...] = ()
    """What the same person already holds."""


def part_rules(
    table: str, parts: tuple[str, ...], level: str, on: date, policy: Policy
) -> dict[str, Mapping[str, Any]]:
    """The policy row of each part for a level, in the order of ``parts``.

    The review belongs only to the reviewed levels; every other part must have its row, so that a
    gap in the policy refuses instead of asking for less.

    Raises:
        RefusedError: a part has no row (``setting_missing``).
        PolicyError: a part has several.
    """
    found: dict[str, Mapping[str, Any]] = {}
    for part in parts:
        if part == "review" and level not in REVIEWED_LEVELS:
            continue
        rows = [row for row in policy.rows(table, on, part=part) if level in row["levels"]]
        if not rows:
            setting = f"{table} part={part} level={level}"
            raise RefusedError(reason("setting_missing", setting=setting, date=on))
        if len(rows) > 1:
            raise PolicyError(f"{table}: {len(rows)} rows for {part}, level {level}, on {on}")
        found[part] = rows[0]
    return found


def level_name(level: str) -> str:
    """A level as reasons print it."""
    return LEVEL_NAMES[level][0] if level in LEVEL_NAMES else level
