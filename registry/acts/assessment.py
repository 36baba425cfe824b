"""Batches and their rows: open, settle a difference, take a row out."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from registry.acts import audit, batches, counters
from registry.acts.permission import must
from registry.acts.teams import PARTS, assign
from registry.queries import examiners
from registry.records.assessment import Batch, Conflict, Result, ResultExaminer
from registry.records.errors import NotFoundError
from registry.records.organisations import Site
from registry.rules import approval
from registry.rules.approval import BatchState, Step
from registry.rules.decision import RefusedError, reason
from registry.rules.permissions import Act, Actor
from schemas import dates


def open_batch(session: Session, actor: Actor, now: int, site_number: str) -> int:
    """Open an empty batch of a site and answer its record id.

    Raises:
        NotFoundError: no such site.
        RefusedError: the actor may not import there.
    """
    site = session.scalar(select(Site).where(Site.number == site_number))
    if site is None:
        raise NotFoundError("site", site_number)
    must(actor, Act.IMPORT_BATCH, province=site.province, site=site.number)
    batch = new_batch(session, actor.person, now, site)
    audit.record(session, actor, now, "open_batch", f"batch:{batch.id}", number=batch.number)
    return batch.id


def new_batch(session: Session, person: int, now: int, site: Site) -> Batch:
    """An empty draft of a site under the next batch number, opened by a person."""
    year = f"{dates.shanghai_day(now):%y}"
    head = f"{year}{site.province}{site.serial or site.number[-6:]}"
    (serial,) = counters.take(session, f"batch/{head}")
    batch = Batch(
        number=f"{head}{serial:04d}", site_id=site.id, province=site.province,
        state=BatchState.DRAFT.value, version=1, digest=None, awarded=None,
        opened_by=person, opened_at=now, changed_at=now,
    )  # fmt: skip
    session.add(batch)
    session.flush()
    return batch


def settle_conflict(
    session: Session, actor: Actor, now: int, conflict_id: int, *, take: bool
) -> None:
    """A checker decides a difference: take what the later workbook says, or keep what stands.

    Raises:
        NotFoundError: there is no such conflict.
        RefusedError: not permitted, settled before, or the batch is no draft.
    """
    conflict = session.get(Conflict, conflict_id)
    if conflict is None:
        raise NotFoundError("conflict", conflict_id)
    result = session.get_one(Result, conflict.result_id)
    batch, place = batches.find(session, result.batch_id)
    must(actor, Act.CHECK_BATCH, province=place.province, site=place.site)
    settled = session.execute(
        update(Conflict)
        .where(Conflict.id == conflict_id, Conflict.settled.is_(None))
        .values(settled="taken" if take else "kept", settled_by=actor.person, settled_at=now)
        .returning(Conflict.id)
    ).all()
    if not settled:
        raise RefusedError(reason("conflict_settled"))
    approval.after(BatchState(batch.state), Step.EDIT)
    if take:
        _take(session, result, conflict)
        batches.edited(session, batch, now)
    audit.record(
        session, actor, now, "settle_conflict", f"batch:{batch.id}", conflict=conflict_id,
        column=conflict.column, taken=take,
    )  # fmt: skip


def remove_result(session: Session, actor: Actor, now: int, result_id: int, why: str) -> None:
    """Take a row out of a draft. It stays recorded, with the reason, and takes part in nothing.

    Raises:
        NotFoundError: there is no such row, or it is out already.
        RefusedError: not permitted, without a reason, or the batch is no draft.
    """
    result = session.get(Result, result_id)
    if result is None or result.removed_at is not None:
        raise NotFoundError("result", result_id)
    batch, place = batches.find(session, result.batch_id)
    must(actor, Act.IMPORT_BATCH, province=place.province, site=place.site)
    if not why.strip():
        raise RefusedError(reason("removal_without_reason", "why"))
    batches.edited(session, batch, now)
    # The reason stands in the row: what is typed may name a person, and audit lines are shown.
    result.removed_at, result.removed_why = now, why.strip()
    audit.record(session, actor, now, "remove_result", f"batch:{batch.id}", result=result_id)


_READ: dict[str, Callable[[Any], Any]] = {
    "theory": Decimal, "practice": Decimal, "review": Decimal, "name": str, "work_type": str,
    "ticket": str,
}  # fmt: skip


def _take(session: Session, result: Result, conflict: Conflict) -> None:
    if part := PARTS.get(conflict.column):
        cards = examiners.cards(session, conflict.value)
        session.execute(
            delete(ResultExaminer).where(
                ResultExaminer.result_id == result.id, ResultExaminer.part == part.value
            )
        )
        assign(session, result.id, part, [cards[card] for card in conflict.value])
        return
    read = _READ[conflict.column]
    setattr(result, conflict.column, None if conflict.value is None else read(conflict.value))
