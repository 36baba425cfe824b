"""What a batch's page shows beside its rows: decisions, team, uploads and differences."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from registry.records.accounts import Person
from registry.records.approval import Decision
from registry.records.assessment import (
    Batch,
    Confirmation,
    Conflict,
    Import,
    Result,
    ResultExaminer,
)
from registry.records.examiners import Examiner
from schemas.certificate import Instant


@dataclass(frozen=True, slots=True)
class DecisionRow:
    """A step that somebody decided."""

    step: str
    version: int
    person: int
    name: str
    decided_at: Instant
    reason: str | None
    checks: dict[str, Any]


@dataclass(frozen=True, slots=True)
class MemberRow:
    """An examiner on the teams of a batch, and when the present version was confirmed."""

    person: int
    card: str
    name: str
    confirmed_at: Instant | None


@dataclass(frozen=True, slots=True)
class ImportRow:
    """An upload into a batch."""

    id: int
    file_name: str
    file_hash: bytes
    name: str
    imported_at: Instant
    kept: int
    unchanged: int
    refused: int
    conflicting: int


@dataclass(frozen=True, slots=True)
class ConflictRow:
    """A difference between an upload and what is recorded."""

    id: int
    result: int
    holder: str
    source_row: int
    column: str
    stored: str
    offered: str
    settled: str | None
    settled_at: Instant | None


def decisions(session: Session, batch_id: int) -> tuple[DecisionRow, ...]:
    """Every step decided over a batch, oldest first."""
    rows = session.execute(
        select(
            Decision.step, Decision.version, Decision.person_id, Person.name,
            Decision.decided_at, Decision.reason, Decision.checks,
        )
        .join(Person, Person.id == Decision.person_id)
        .where(Decision.batch_id == batch_id)
        .order_by(Decision.id)
    )  # fmt: skip
    return tuple(DecisionRow(*row) for row in rows)


def team(session: Session, record: Batch) -> tuple[MemberRow, ...]:
    """Examiners of a batch by card, with their confirmation of the present version."""
    rows = session.execute(
        select(Examiner.person_id, Examiner.card, Person.name, Confirmation.confirmed_at)
        .distinct()
        .join(ResultExaminer, ResultExaminer.examiner_id == Examiner.id)
        .join(Result, Result.id == ResultExaminer.result_id)
        .join(Person, Person.id == Examiner.person_id)
        .outerjoin(
            Confirmation,
            (Confirmation.batch_id == record.id)
            & (Confirmation.version == record.version)
            & (Confirmation.person_id == Examiner.person_id),
        )
        .where(Result.batch_id == record.id, Result.removed_at.is_(None))
        .order_by(Examiner.card)
    )
    return tuple(MemberRow(*row) for row in rows)


def imports(session: Session, batch_id: int) -> tuple[ImportRow, ...]:
    """Uploads into a batch, newest first; the parts of a large workbook are one upload."""
    upload = func.coalesce(Import.intake_id, -Import.id)
    rows = session.execute(
        select(
            func.max(Import.id), func.max(Import.file_name), Import.file_hash, Person.name,
            func.max(Import.imported_at), func.sum(Import.kept), func.sum(Import.unchanged),
            func.sum(Import.refused), func.sum(Import.conflicting),
        )
        .join(Person, Person.id == Import.imported_by)
        .where(Import.batch_id == batch_id)
        .group_by(upload, Import.file_hash, Person.name)
        .order_by(func.max(Import.id).desc())
    )  # fmt: skip
    return tuple(ImportRow(*row) for row in rows)


def conflicts(session: Session, batch_id: int) -> tuple[ConflictRow, ...]:
    """Differences named for a batch, open ones first."""
    rows = session.execute(
        select(
            Conflict.id, Conflict.result_id, Result.name, Conflict.source_row, Conflict.column,
            Conflict.stored, Conflict.offered, Conflict.settled, Conflict.settled_at,
        )
        .join(Result, Result.id == Conflict.result_id)
        .where(Result.batch_id == batch_id, Result.removed_at.is_(None))
        .order_by(Conflict.settled.is_not(None), Conflict.id)
    )  # fmt: skip
    return tuple(ConflictRow(*row) for row in rows)
