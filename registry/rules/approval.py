"""The way of a batch: which step follows which, who may take it, and what an approval binds."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from registry.rules.assessment import Result
from registry.rules.decision import Decision, Granted, Reason, Refused, RefusedError, ground, reason
from registry.rules.spellings import score_text

DOMAIN = b"hallmark/batch/1\x00"
"""Prefix of the digest, so that a batch's digest is never another thing's."""


class BatchState(StrEnum):
    """Where a batch stands."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    CONFIRMED = "confirmed"
    CHECKED = "checked"
    APPROVED = "approved"
    ISSUING = "issuing"
    ISSUED = "issued"


class Step(StrEnum):
    """What can be done to a batch."""

    EDIT = "edit"
    SUBMIT = "submit"
    CONFIRM = "confirm"
    CHECK = "check"
    APPROVE = "approve"
    RETURN = "return"
    ISSUE = "issue"
    FINISH = "finish"


_S = BatchState

STEPS: dict[tuple[BatchState, Step], BatchState] = {
    (_S.DRAFT, Step.EDIT): _S.DRAFT,
    (_S.DRAFT, Step.SUBMIT): _S.SUBMITTED,
    (_S.SUBMITTED, Step.CONFIRM): _S.CONFIRMED,
    (_S.SUBMITTED, Step.RETURN): _S.DRAFT,
    (_S.CONFIRMED, Step.CHECK): _S.CHECKED,
    (_S.CONFIRMED, Step.RETURN): _S.DRAFT,
    (_S.CHECKED, Step.APPROVE): _S.APPROVED,
    (_S.CHECKED, Step.RETURN): _S.DRAFT,
    (_S.APPROVED, Step.ISSUE): _S.ISSUING,
    (_S.APPROVED, Step.RETURN): _S.DRAFT,
    (_S.ISSUING, Step.FINISH): _S.ISSUED,
}
"""(state, step) -> next state. Rows change only in ``draft``; a return voids what was confirmed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hands:
    """Persons who have taken part in a batch so far."""

    registrars: frozenset[int] = frozenset()
    """Who uploaded, edited or submitted it."""
    examiners: frozenset[int] = frozenset()
    """Everyone on its teams."""
    confirmed: frozenset[int] = frozenset()
    """Examiners who have confirmed this digest."""
    checker: int | None = None
    approver: int | None = None


def after(state: BatchState, step: Step) -> BatchState:
    """The state after a step.

    Raises:
        RefusedError: the step does not lead on from that state.
    """
    following = STEPS.get((state, step))
    if following is None:
        from_state = reason("batch_state", state=state.value, step=step.value)
        raise RefusedError(from_state)
    return following


def may_take(step: Step, person: int, hands: Hands, policy: str = "") -> Decision:
    """Whether this person may take the step, after what everybody has done (four eyes).

    Persons are compared, never accounts.
    """
    refusals = tuple(_duties(step, person, hands))
    if refusals:
        return Refused(refusals)
    return Granted((ground("separate_duties", step=step.value),), policy)


def _duties(step: Step, person: int, hands: Hands) -> Iterable[Reason]:
    if step is Step.CONFIRM:
        if person not in hands.examiners:
            yield reason("not_on_team")
        if person in hands.registrars:
            yield reason("registrar_confirms")
        if person in hands.confirmed:
            yield reason("confirmed_already")
    if step in (Step.CHECK, Step.APPROVE):
        if person in hands.registrars:
            yield reason("registrar_decides")
        if person in hands.examiners:
            yield reason("examiner_decides")
    if step is Step.APPROVE:
        if hands.checker is None:
            yield reason("not_checked")
        elif person == hands.checker:
            yield reason("checker_approves")


def digest(batch: str, site: str, rows: Iterable[Result]) -> bytes:
    """SHA-256 over the canonical bytes of a batch: what confirmations and approvals bind.

    The order of rows does not matter; any changed fact does.

    Args:
        batch: number of the batch.
        site: number of the site.
        rows: every row to be approved.
    """
    lines = sorted(_canonical(_row(row)) for row in rows)
    head = _canonical({"batch": batch, "rows": len(lines), "site": site})
    return hashlib.sha256(DOMAIN + b"\n".join([head, *lines])).digest()


def _row(row: Result) -> dict[str, Any]:
    return {
        "assessed": row.assessed.isoformat(),
        "identity": [row.identity.kind, row.identity.number], "level": row.level,
        "name": row.name, "occupation": row.occupation, "practice": score_text(row.practice),
        "practice_examiners": sorted(row.practice_examiners),
        "review": None if row.review is None else score_text(row.review),
        "review_examiners": sorted(row.review_examiners),
        "theory": score_text(row.theory), "ticket": row.ticket, "work_type": row.work_type,
    }  # fmt: skip


def _canonical(value: dict[str, Any]) -> bytes:
    # ASCII keys, no floats: this is RFC 8785 without its number rules.
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode(
        "utf-8"
    )


def same_digest(approved: bytes, now: bytes) -> Reason | None:
    """A reason when rows have changed since the digest was approved."""
    return None if approved == now else reason("digest_changed")


def award_date(awarded: date, rows: Iterable[Result], on: date) -> Reason | None:
    """A reason when the date of award lies in the future or before an assessment."""
    latest = max((row.assessed for row in rows), default=awarded)
    if awarded > on:
        return reason("award_in_future", date=awarded, today=on)
    if awarded < latest:
        return reason("award_before_assessment", date=awarded, assessed=latest)
    return None
