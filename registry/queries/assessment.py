"""Batches for the console: what waits for whom, one batch whole, its candidates."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, false, func, or_, select
from sqlalchemy.orm import Session

from registry.queries import batch_parts, catalogue, scope
from registry.records.assessment import (
    Batch,
    Confirmation,
    Conflict,
    Result,
)
from registry.records.eligibility import Eligibility, Outcome
from registry.records.errors import NotFoundError
from registry.records.organisations import Site
from registry.rules.permissions import Actor, Role
from schemas.certificate import Instant


@dataclass(frozen=True, slots=True)
class BatchRow:
    """A batch in a list."""

    id: int
    number: str
    site: str
    site_name: str
    province: str
    state: str
    version: int
    awarded: date | None
    opened_at: Instant
    changed_at: Instant
    rows: int
    """Rows that were not taken out."""


@dataclass(frozen=True, slots=True)
class CandidateRow:
    """A row of a batch as the console shows it: never more of the ID number than its last four."""

    id: int
    source_row: int
    name: str
    id_kind: str
    last4: str
    occupation: str
    occupation_name: str
    level: str
    work_type: str | None
    assessed: date
    theory: Decimal
    practice: Decimal
    review: Decimal | None
    ticket: str | None
    has_photo: bool
    outcome: str | None
    """``granted`` or ``refused`` at the present version, once decided."""
    grounds: tuple[dict[str, Any], ...]


@dataclass(frozen=True, slots=True)
class BatchPage:
    """One batch with everything that its page shows but the candidates."""

    batch: BatchRow
    digest: bytes | None
    opened_by: int
    decisions: tuple[batch_parts.DecisionRow, ...]
    team: tuple[batch_parts.MemberRow, ...]
    imports: tuple[batch_parts.ImportRow, ...]
    conflicts: tuple[batch_parts.ConflictRow, ...]


def work_list(session: Session, actor: Actor, limit: int = 100) -> tuple[BatchRow, ...]:
    """Batches that wait for something this actor's roles can do, oldest change first."""
    return _batches(
        session,
        _listed()
        .where(scope.batches(actor), _waits_for(actor))
        .order_by(Batch.changed_at, Batch.id)
        .limit(limit),
    )


def batches(
    session: Session,
    actor: Actor,
    state: str | None = None,
    limit: int = 50,
    before: int | None = None,
) -> tuple[BatchRow, ...]:
    """Batches that the actor may see, newest first.

    Args:
        session: any session.
        actor: who looks.
        state: only those in this state.
        limit: at most so many.
        before: only those with a smaller record id, for the next page.
    """
    wanted = _listed().where(scope.batches(actor))
    if state is not None:
        wanted = wanted.where(Batch.state == state)
    if before is not None:
        wanted = wanted.where(Batch.id < before)
    return _batches(session, wanted.order_by(Batch.id.desc()).limit(limit))


def batch(session: Session, actor: Actor, batch_id: int) -> BatchPage:
    """One batch.

    Raises:
        NotFoundError: there is none, or none that this actor may see.
    """
    found = _batches(session, _listed().where(Batch.id == batch_id, scope.batches(actor)))
    if not found:
        raise NotFoundError("batch", batch_id)
    record = session.get_one(Batch, batch_id)
    return BatchPage(
        batch=found[0],
        digest=record.digest,
        opened_by=record.opened_by,
        decisions=batch_parts.decisions(session, batch_id),
        team=batch_parts.team(session, record),
        imports=batch_parts.imports(session, batch_id),
        conflicts=batch_parts.conflicts(session, batch_id),
    )


def candidates(
    session: Session,
    actor: Actor,
    batch_id: int,
    limit: int = 200,
    offset: int = 0,
    outcome: Outcome | None = None,
) -> tuple[CandidateRow, ...]:
    """Rows of a batch in the order of the workbook; only those of one outcome, if it is given.

    Raises:
        NotFoundError: there is no such batch, or none that this actor may see.
    """
    seen = session.scalar(select(Batch.id).where(Batch.id == batch_id, scope.batches(actor)))
    if seen is None:
        raise NotFoundError("batch", batch_id)
    known = catalogue.for_rules(session)
    # Passed over in the index, before anything is joined: the last page costs what the first does.
    wanted = (
        select(Result.id)
        .where(Result.batch_id == batch_id, Result.removed_at.is_(None))
        .order_by(Result.source_row, Result.id)
        .limit(limit)
        .offset(offset)
    )
    if outcome is not None:
        wanted = wanted.where(
            exists().where(
                Eligibility.result_id == Result.id, Eligibility.outcome == outcome,
                Eligibility.version == Batch.version, Batch.id == Result.batch_id,
            )
        )  # fmt: skip
    rows = session.execute(
        select(Result, Eligibility.outcome, Eligibility.grounds)
        .join(Batch, Batch.id == Result.batch_id)
        .outerjoin(
            Eligibility,
            (Eligibility.result_id == Result.id) & (Eligibility.version == Batch.version),
        )
        .where(Result.id.in_(wanted.subquery().select()))
        .order_by(Result.source_row, Result.id)
    )
    return tuple(
        CandidateRow(
            id=row.id, source_row=row.source_row, name=row.name, id_kind=row.id_kind,
            last4=row.last4, occupation=known[row.occupation_id].code,
            occupation_name=known[row.occupation_id].name, level=row.level,
            work_type=row.work_type, assessed=row.assessed, theory=row.theory,
            practice=row.practice, review=row.review, ticket=row.ticket,
            has_photo=row.photo_id is not None, outcome=outcome, grounds=tuple(grounds or ()),
        )
        for row, outcome, grounds in rows
    )  # fmt: skip


def _listed() -> Select[*tuple[Any, ...]]:
    counted = (
        select(func.count())
        .select_from(Result)
        .where(Result.batch_id == Batch.id, Result.removed_at.is_(None))
        .scalar_subquery()
    )
    return select(
        Batch.id, Batch.number, Site.number, Site.name_zh, Batch.province, Batch.state,
        Batch.version, Batch.awarded, Batch.opened_at, Batch.changed_at, counted,
    ).join(Site, Site.id == Batch.site_id)  # fmt: skip


def _batches(session: Session, wanted: Select[*tuple[Any, ...]]) -> tuple[BatchRow, ...]:
    return tuple(BatchRow(*row) for row in session.execute(wanted))


def _waits_for(actor: Actor) -> ColumnElement[bool]:
    waits: ColumnElement[bool] = false()
    if Role.SITE_REGISTRAR in actor.roles:
        waits = or_(waits, Batch.state == "draft")
    if Role.EXAMINER in actor.roles:
        mine = exists().where(
            Confirmation.batch_id == Batch.id,
            Confirmation.version == Batch.version,
            Confirmation.person_id == actor.person,
        )
        waits = or_(waits, and_(Batch.state == "submitted", scope.assesses(actor.person), ~mine))
    if Role.PROVINCIAL_CHECKER in actor.roles:
        waits = or_(waits, Batch.state == "confirmed", _has_open_conflict())
    if Role.PROVINCIAL_ISSUER in actor.roles:
        waits = or_(waits, Batch.state.in_(("checked", "approved", "issuing")))
    return waits


def _has_open_conflict() -> ColumnElement[bool]:
    return exists().where(
        Conflict.result_id == Result.id,
        Result.batch_id == Batch.id,
        Result.removed_at.is_(None),
        Conflict.settled.is_(None),
    )
