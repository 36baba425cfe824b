"""Who has had a hand in a batch, at its present version."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.records.approval import Decision, Step
from registry.records.assessment import (
    Batch,
    Confirmation,
    Conflict,
    Import,
    Result,
    ResultExaminer,
)
from registry.records.examiners import Examiner
from registry.rules.approval import Hands


def hands(session: Session, batch: Batch) -> Hands:
    """Persons who took part: registrars of every version, confirmations and decisions of this one.

    Whoever entered a row once stays a registrar, whatever was returned and submitted since.
    """
    registrars = set(session.scalars(select(Import.imported_by).where(Import.batch_id == batch.id)))
    registrars.update(
        session.scalars(
            select(Decision.person_id).where(
                Decision.batch_id == batch.id, Decision.step == Step.SUBMITTED
            )
        )
    )
    registrars.update(
        person
        for person in session.scalars(
            select(Conflict.settled_by)
            .join(Result, Result.id == Conflict.result_id)
            .where(Result.batch_id == batch.id, Conflict.settled == "taken")
        )
        if person is not None
    )
    registrars.add(batch.opened_by)
    checkers = _deciders(session, batch, Step.CHECKED)
    approvers = _deciders(session, batch, Step.APPROVED)
    return Hands(
        registrars=frozenset(registrars),
        examiners=team(session, batch.id),
        confirmed=frozenset(
            session.scalars(
                select(Confirmation.person_id).where(
                    Confirmation.batch_id == batch.id,
                    Confirmation.version == batch.version,
                    Confirmation.digest == batch.digest,
                )
            )
        ),
        checker=checkers[0] if checkers else None,
        approver=approvers[0] if approvers else None,
    )


def team(session: Session, batch_id: int) -> frozenset[int]:
    """Person ids of every examiner on the teams of a batch."""
    return frozenset(
        session.scalars(
            select(Examiner.person_id)
            .distinct()
            .join(ResultExaminer, ResultExaminer.examiner_id == Examiner.id)
            .join(Result, Result.id == ResultExaminer.result_id)
            .where(Result.batch_id == batch_id, Result.removed_at.is_(None))
        )
    )


def open_conflicts(session: Session, batch_id: int) -> int:
    """How many conflicts of the batch nobody has settled."""
    return len(
        session.scalars(
            select(Conflict.id)
            .join(Result, Result.id == Conflict.result_id)
            .where(
                Result.batch_id == batch_id,
                Result.removed_at.is_(None),
                Conflict.settled.is_(None),
            )
        ).all()
    )


def _deciders(session: Session, batch: Batch, step: Step) -> list[int]:
    return list(
        session.scalars(
            select(Decision.person_id).where(
                Decision.batch_id == batch.id,
                Decision.step == step,
                Decision.version == batch.version,
            )
        )
    )
