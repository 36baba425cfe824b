"""Moving a batch from state to state by compare-and-swap; used by the acts upon batches."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import CursorResult, select, update
from sqlalchemy.orm import Session

from registry.records.assessment import Batch
from registry.records.errors import NotFoundError
from registry.records.organisations import Site
from registry.rules import approval
from registry.rules.approval import BatchState, Step
from registry.rules.decision import RefusedError, reason


@dataclass(frozen=True, slots=True)
class Place:
    """Where a batch belongs, for permissions."""

    province: str
    site: str


def find(session: Session, batch_id: int, version: int | None = None) -> tuple[Batch, Place]:
    """The batch and where it belongs, kept from other acts until this transaction ends.

    Args:
        session: a writing session.
        batch_id: record id.
        version: what the page showed; None where the act does not depend on the content.

    Raises:
        NotFoundError: there is none.
        RefusedError: it has changed since the page was shown.
    """
    # SQLite has one writer at a time and leaves the locking clause out.
    row = session.execute(
        select(Batch, Site.number)
        .join(Site, Site.id == Batch.site_id)
        .where(Batch.id == batch_id)
        .with_for_update(of=Batch)
        .execution_options(populate_existing=True)
    ).one_or_none()
    if row is None:
        raise NotFoundError("batch", batch_id)
    batch, number = row
    if version is not None and batch.version != version:
        raise RefusedError(reason("batch_edited", batch=batch.number))
    return batch, Place(batch.province, number)


def move(session: Session, batch: Batch, step: Step, now: int, **values: Any) -> BatchState:
    """Take a step, unless somebody else has moved or edited the batch meanwhile.

    Args:
        session: a writing session.
        batch: as it was read in this transaction.
        step: the step.
        now: UTC seconds.
        values: columns that change with it.

    Raises:
        RefusedError: the step does not follow, or somebody else was first.
    """
    following = approval.after(BatchState(batch.state), step)
    moved = session.execute(
        update(Batch)
        .where(Batch.id == batch.id, Batch.state == batch.state, Batch.version == batch.version)
        .values(state=following.value, changed_at=now, **values)
        .execution_options(synchronize_session=False)
    )
    before = batch.state, batch.version
    session.refresh(batch)
    assert isinstance(moved, CursorResult)  # an UPDATE without RETURNING has a row count
    if moved.rowcount == 1:
        return following
    if before[1] != batch.version:
        raise RefusedError(reason("batch_edited", batch=batch.number))
    raise RefusedError(reason("batch_state", state=batch.state, step=step.value))


def edited(session: Session, batch: Batch, now: int) -> None:
    """Give an edited draft a new version.

    Raises:
        RefusedError: it is no draft any more.
    """
    move(session, batch, Step.EDIT, now, version=batch.version + 1)
