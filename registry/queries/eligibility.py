"""Cases for the eligibility rules: every fact of a batch as it was known at one instant."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from registry.custody.personal import Personal
from registry.queries import approval, catalogue, examiners, organisations, results
from registry.queries.results import StoredResult
from registry.records.assessment import Batch, Result
from registry.records.catalogue import Occupation
from registry.records.certificates import CertificateRow, CertificateState
from registry.records.eligibility import Eligibility, Outcome
from registry.records.status import Status
from registry.rules.approval import BatchState, Hands
from registry.rules.certificates import Holding
from registry.rules.eligibility import Case, Sitting
from registry.rules.examiners import Member, Part, Relation
from registry.rules.identity import Identity
from schemas.certificate import Instant, State


@dataclass(frozen=True, slots=True)
class EligibilityRow:
    """A stored decision over one row."""

    id: int
    result: int
    version: int
    outcome: str
    kind: int | None
    grounds: tuple[dict[str, Any], ...]
    policy: str
    decided_at: Instant


def of_batch(session: Session, batch_id: int, version: int) -> dict[int, EligibilityRow]:
    """Stored decisions over a version of a batch, by result id."""
    rows = session.scalars(
        select(Eligibility).where(Eligibility.batch_id == batch_id, Eligibility.version == version)
    )
    return {
        row.result_id: EligibilityRow(
            row.id, row.result_id, row.version, row.outcome, row.kind, tuple(row.grounds),
            row.policy, row.decided_at,
        )
        for row in rows
    }  # fmt: skip


def counted(session: Session, batch_id: int, version: int) -> dict[str, int]:
    """How many rows of a version of a batch were decided, by outcome."""
    rows = session.execute(
        select(Eligibility.outcome, func.count())
        .where(Eligibility.batch_id == batch_id, Eligibility.version == version)
        .group_by(Eligibility.outcome)
    )
    return {row[0]: row[1] for row in rows}


def cases(
    session: Session,
    personal: Personal,
    batch: Batch,
    *,
    awarded: date,
    on: date,
    known_at: Instant,
    checker: int | None = None,
    approver: int | None = None,
    rows: Collection[StoredResult] | None = None,
) -> dict[int, Case]:
    """Every row of a batch as a case, by result id.

    Args:
        session: any session.
        personal: keys that open the ID numbers.
        batch: the batch.
        awarded: the day of the award that is decided on.
        on: civil date of the decision.
        known_at: what was recorded later is left out.
        checker: person who is checking, before the check is stored.
        approver: person who is approving, before the approval is stored.
        rows: the rows, where they were read in this transaction already.
    """
    by_id = catalogue.for_rules(session)
    codes = {key: occupation.code for key, occupation in by_id.items()}
    by_code = {occupation.code: occupation for occupation in by_id.values()}
    if rows is None:
        rows = results.of_batch(session, personal, batch.id, codes)
    hands = _with(approval.hands(session, batch), checker, approver)
    site = organisations.site_for_rules(session, batch.site_id, codes, known_at)
    body = organisations.body_for_rules(session, batch.site_id, codes, known_at)
    ids = {examiner for row in rows for examiner, _ in row.team}
    known = examiners.for_rules(session, ids, codes, known_at)
    present = _present(personal, rows)
    relations = tuple(
        replace(each, candidate=present.get(each.candidate, each.candidate))
        for each in examiners.relations(session, ids, known_at)
    )
    held: defaultdict[bytes, list[Holding]] = defaultdict(list)
    for lookup, holding in (
        *_holdings(session, present, on, codes),
        *_granted(session, present, batch.id, codes),
    ):
        held[present[lookup]].append(holding)
    sittings: dict[tuple[str, date, tuple[tuple[int, Part], ...]], Sitting] = {}
    found = {}
    for row in rows:
        result = row.result
        key = (result.occupation, result.assessed, row.team)
        if key not in sittings:
            sittings[key] = Sitting(
                occupation=by_code.get(result.occupation),
                assessed=result.assessed,
                site=site,
                body=body,
                team=tuple(Member(examiner=known[each], part=part) for each, part in row.team),
                hands=hands,
                awarded=awarded,
                on=on,
            )
        found[row.id] = _case(row, sittings[key], relations, present[row.lookup], held)
    return found


def holdings_of(
    session: Session, personal: Personal, identity: Identity, on: date, codes: Mapping[int, str]
) -> tuple[Holding, ...]:
    """What one person holds here, or what is prepared or granted, outside any batch."""
    lookups = personal.lookups(identity)
    return tuple(
        holding
        for _, holding in (
            *_holdings(session, lookups, on, codes),
            *_granted(session, lookups, 0, codes),
        )
    )


def _case(
    row: StoredResult,
    sitting: Sitting,
    relations: tuple[Relation, ...],
    candidate: bytes,
    held: Mapping[bytes, Sequence[Holding]],
) -> Case:
    result = row.result
    return Case(
        sitting=sitting, level=result.level, work_type=result.work_type, name=result.name,
        identity=result.identity, candidate=candidate, theory=result.theory,
        practice=result.practice, review=result.review, relations=relations,
        holdings=tuple(held.get(candidate, ())),
    )  # fmt: skip


def _with(hands: Hands, checker: int | None, approver: int | None) -> Hands:
    return replace(
        hands,
        checker=hands.checker if checker is None else checker,
        approver=hands.approver if approver is None else approver,
    )


def _present(personal: Personal, rows: Collection[StoredResult]) -> dict[bytes, bytes]:
    """Look-up values of these persons under every key at hand -> the one under the current key.

    Rows of other days may name the same person under an older key; here each has one value.
    """
    return {
        each: lookups[0]
        for row in rows
        for lookups in (personal.lookups(row.result.identity),)
        for each in lookups
    }


def _holdings(
    session: Session, lookups: Collection[bytes], on: date, codes: Mapping[int, str]
) -> Iterator[tuple[bytes, Holding]]:
    """What these persons hold, or what is prepared for them."""
    ordered = sorted(set(lookups))
    for start in range(0, len(ordered), 500):
        for row in session.execute(
            select(
                CertificateRow.holder_lookup, CertificateRow.number, CertificateRow.level,
                CertificateRow.valid_until, Status.state, Occupation.id,
            )
            .join(Occupation, Occupation.id == CertificateRow.occupation_id)
            .outerjoin(Status, Status.certificate_id == CertificateRow.id)
            .where(
                CertificateRow.holder_lookup.in_(ordered[start : start + 500]),
                CertificateRow.state != CertificateState.VOID,
            )
        ):  # fmt: skip
            yield (
                row.holder_lookup,
                Holding(
                    number=row.number,
                    occupation=codes[row.id],
                    level=row.level,
                    state=State.VALID if row.state is None else State(row.state),
                    expired=row.valid_until is not None and row.valid_until < on,
                ),
            )


def _granted(
    session: Session, lookups: Collection[bytes], batch: int, codes: Mapping[int, str]
) -> Iterator[tuple[bytes, Holding]]:
    """What other batches have granted these persons and not yet prepared."""
    ordered = sorted(set(lookups))
    for start in range(0, len(ordered), 500):
        for row in session.execute(
            select(Result.id_lookup, Result.level, Result.occupation_id, Batch.number)
            .join(Batch, Batch.id == Result.batch_id)
            .join(Eligibility, Eligibility.result_id == Result.id)
            .outerjoin(CertificateRow, CertificateRow.result_id == Result.id)
            .where(
                Result.id_lookup.in_(ordered[start : start + 500]),
                Result.removed_at.is_(None),
                Result.batch_id != batch,
                Batch.state.in_((BatchState.APPROVED, BatchState.ISSUING)),
                Eligibility.version == Batch.version,
                Eligibility.outcome == Outcome.GRANTED,
                CertificateRow.id.is_(None),
            )
        ):  # fmt: skip
            yield (
                row.id_lookup,
                Holding(
                    number="",
                    occupation=codes[row.occupation_id],
                    level=row.level,
                    batch=row.number,
                ),
            )
