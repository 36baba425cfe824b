"""Issuing: prepared rows become certificates, checked by our own public verifier before they count.

Prepared rows are the queue. Sealing happens outside any transaction and gives the same bytes every
time, so a worker that dies, or two that race, change nothing: the compare-and-swap from *prepared*
to *issued* lets exactly one write the forms.
"""

from collections.abc import Sequence

from sqlalchemy import exists, select, update
from sqlalchemy.orm import Session

from registry.acts import audit
from registry.records.assessment import Batch, Result
from registry.records.certificates import CertificateRow, CertificateState
from registry.records.eligibility import Eligibility, Outcome
from registry.records.log import OPEN_TASK, Task, TaskState
from registry.rules.approval import BatchState
from registry.work import check, prepare
from registry.work.check import Waiting
from registry.work.context import Context, WorkError
from registry.work.storing import store
from schemas import value


def step(context: Context) -> bool:
    """Prepare one chunk of a batch that is being issued, or seal and issue one prepared chunk."""
    now = context.clock()
    rows = _prepared(context)
    if rows:
        try:
            ready = [check.ready(context, row) for row in rows]
        except WorkError as error:
            for batch in sorted({row.batch for row in rows}):
                _tell(context, batch, str(error), now)
            raise
        with context.writing.begin() as session:
            store(session, context, ready, now)
        return True
    trouble: WorkError | None = None
    for batch_id in _issuing(context):
        try:
            with context.writing.begin() as session:
                if not prepare.chunk(session, context, batch_id, now):
                    _finish(session, batch_id, now)
            return True
        except WorkError as error:
            trouble = error
            _tell(context, batch_id, str(error), now)
    if trouble is not None:
        raise trouble
    return False


def _tell(context: Context, batch_id: int, why: str, now: int) -> None:
    """Write on the task why its batch does not go on, for the person who waits."""
    with context.writing.begin() as session:
        session.execute(
            update(Task)
            .where(Task.batch_id == batch_id, Task.state.in_(OPEN_TASK))
            .values(note=why, changed_at=now)
        )


def _prepared(context: Context) -> list[Waiting]:
    with context.reading() as session:
        rows = session.execute(
            select(
                CertificateRow.id, CertificateRow.batch_id, CertificateRow.key_name,
                CertificateRow.value,
            )
            .where(CertificateRow.state == CertificateState.PREPARED)
            .order_by(CertificateRow.id)
            .limit(context.chunk)
        ).all()  # fmt: skip
    return [Waiting(row[0], row[1], row[2], value.load(row[3])) for row in rows]


def _issuing(context: Context) -> Sequence[int]:
    with context.reading() as session:
        return session.scalars(
            select(Batch.id).where(Batch.state == BatchState.ISSUING).order_by(Batch.id)
        ).all()


def _finish(session: Session, batch_id: int, now: int) -> None:
    """Close a batch in which nothing waits any more."""
    granted_without_row = (
        select(Result.id)
        .join(Eligibility, Eligibility.result_id == Result.id)
        .outerjoin(CertificateRow, CertificateRow.result_id == Result.id)
        .where(
            Result.batch_id == batch_id, Result.removed_at.is_(None),
            Eligibility.version == Batch.version, Eligibility.outcome == Outcome.GRANTED,
            CertificateRow.id.is_(None),
        )
        .correlate(Batch)
    )  # fmt: skip
    prepared = select(CertificateRow.id).where(
        CertificateRow.batch_id == batch_id, CertificateRow.state == CertificateState.PREPARED
    )
    closed = session.execute(
        update(Batch)
        .where(
            Batch.id == batch_id, Batch.state == BatchState.ISSUING,
            ~exists(granted_without_row), ~exists(prepared),
        )
        .values(state=BatchState.ISSUED, changed_at=now)
        .returning(Batch.id)
    ).scalar_one_or_none()  # fmt: skip
    if closed is None:
        return
    session.execute(
        update(Task)
        .where(Task.batch_id == batch_id, Task.state.in_(OPEN_TASK))
        .values(state=TaskState.DONE, changed_at=now)
    )
    audit.record(session, None, now, "finish_batch", f"batch:{batch_id}")
