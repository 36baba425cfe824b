"""Large workbooks on their way in: how far one is, and whether a batch waits for one."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from registry.queries import scope
from registry.records.assessment import Batch
from registry.records.errors import NotFoundError
from registry.records.intake import STORING, TRYING, Intake, IntakeState
from registry.rules.permissions import Actor
from schemas.certificate import Instant

OPEN = (*TRYING, IntakeState.TRIED, *STORING)
"""Something is still to be done, by the worker or by a person."""


@dataclass(frozen=True, slots=True)
class IntakeRow:
    """A large workbook and how far the worker has come with it."""

    id: int
    name: str
    batch: int
    account: int
    file_name: str
    state: str
    total: int
    done: int
    named: int
    kept: int
    unchanged: int
    refused: int
    conflicting: int
    why: tuple[dict[str, Any], ...]
    created_at: Instant
    changed_at: Instant

    @property
    def is_working(self) -> bool:
        """Whether the worker has something to do with it."""
        return self.state in (*TRYING, *STORING)

    @property
    def is_storing(self) -> bool:
        """Whether rows are being stored, or are about to be."""
        return self.state in STORING


def of_name(session: Session, actor: Actor, batch_id: int, name: str) -> IntakeRow | None:
    """The workbook that is kept under a name, or None where a small one is.

    Raises:
        NotFoundError: there is no such batch, or none that this actor may see.
    """
    seen = session.scalar(select(Batch.id).where(Batch.id == batch_id, scope.batches(actor)))
    if seen is None:
        raise NotFoundError("batch", batch_id)
    found = record(session, batch_id, name)
    return None if found is None else _row(found)


def open_of_batch(session: Session, batch_id: int) -> IntakeRow | None:
    """The newest workbook of a batch that is not over, or None."""
    found = session.scalar(
        select(Intake)
        .where(Intake.batch_id == batch_id, Intake.state.in_(OPEN))
        .order_by(Intake.id.desc())
        .limit(1)
    )
    return None if found is None else _row(found)


def record(session: Session, batch_id: int, name: str) -> Intake | None:
    """The record of a workbook, as it is now."""
    return session.scalars(
        select(Intake)
        .where(Intake.batch_id == batch_id, Intake.name == name)
        .execution_options(populate_existing=True)
    ).one_or_none()


def under_way(session: Session, batch_id: int) -> bool:
    """Whether the worker is busy with a workbook of the batch."""
    busy = exists().where(Intake.batch_id == batch_id, Intake.state.in_((*TRYING, *STORING)))
    return bool(session.scalar(select(busy)))


def storing(session: Session, batch_id: int) -> bool:
    """Whether rows of a workbook are being stored in the batch."""
    busy = exists().where(Intake.batch_id == batch_id, Intake.state.in_(STORING))
    return bool(session.scalar(select(busy)))


def _row(found: Intake) -> IntakeRow:
    return IntakeRow(
        found.id, found.name, found.batch_id, found.account_id, found.file_name, found.state,
        found.total, found.done, found.named, found.kept, found.unchanged, found.refused,
        found.conflicting, tuple(found.why), found.created_at, found.changed_at,
    )  # fmt: skip
