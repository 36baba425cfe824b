"""What the rules decide on every row of a batch, stored as it was decided."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace

from sqlalchemy import insert
from sqlalchemy.orm import Session

from registry.records.assessment import Batch
from registry.records.base import table
from registry.records.eligibility import Eligibility, Outcome
from registry.rules import eligibility as eligibility_rules
from registry.rules.certificates import Holding
from registry.rules.decision import Granted, Refused
from registry.rules.eligibility import Case
from registry.rules.identity import Identity
from registry.rules.policy import Policy

_ROWS = 1000
"""Rows of one statement."""


@dataclass(frozen=True, slots=True)
class Approval:
    """How many rows an approval granted and refused."""

    granted: int
    refused: int


def store(
    session: Session, now: int, batch: Batch, cases: Mapping[int, Case], policy: Policy
) -> Approval:
    """Decide every row of a batch by the rules, and store each decision with its grounds."""
    rows: list[dict[str, object]] = []
    granted = 0
    # Two rows of one person may pass; only the first becomes a certificate.
    own: defaultdict[Identity | None, list[Holding]] = defaultdict(list)
    for result_id, case in cases.items():
        held = own[case.identity]
        decision = eligibility_rules.decide(replace(case, holdings=(*case.holdings, *held)), policy)
        if isinstance(decision, Granted) and (occupation := case.sitting.occupation):
            held.append(
                Holding(
                    number="", occupation=occupation.code, level=case.level, batch=batch.number
                )
            )  # fmt: skip
        granted += isinstance(decision, Granted)
        rows.append(
            {
                "result_id": result_id, "batch_id": batch.id, "version": batch.version,
                "outcome": _outcome(decision).value, "policy": policy.version,
                "kind": _kind(case, decision, policy), "decided_at": now,
                "grounds": _grounds(decision),
            }
        )  # fmt: skip
        if len(rows) == _ROWS:
            session.execute(insert(table(Eligibility)), rows)
            rows.clear()
    if rows:
        session.execute(insert(table(Eligibility)), rows)
    return Approval(granted, len(cases) - granted)


def _outcome(decision: Granted | Refused) -> Outcome:
    return Outcome.GRANTED if isinstance(decision, Granted) else Outcome.REFUSED


def _kind(case: Case, decision: Granted | Refused, policy: Policy) -> int | None:
    if isinstance(decision, Refused):
        return None
    return int(eligibility_rules.kind(case, policy).kind)


def _grounds(decision: Granted | Refused) -> list[dict[str, object]]:
    if isinstance(decision, Granted):
        return [each.as_dict() for each in decision.grounds]
    return [each.as_dict() for each in decision.reasons]
