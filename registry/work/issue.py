"""Issuing: prepared rows become certificates, checked by our own public verifier before they count.

Prepared rows are the queue. Sealing happens outside any transaction and gives the same bytes every
time, so a worker that dies, or two that race, change nothing: the compare-and-swap from *prepared*
to *issued* lets exactly one write the forms.

Several workers share a batch: one prepares a little ahead while the others seal, each the rows of
a block of record ids that it has claimed. A claim ends by itself after :data:`CLAIM` seconds, so
that what a dead worker held is taken over.
"""

import gc
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from sqlalchemy import ColumnElement, exists, select, update
from sqlalchemy.orm import Session

from registry.acts import audit
from registry.records.assessment import Batch
from registry.records.certificates import CertificateRow, CertificateState
from registry.records.log import OPEN_TASK, Task, TaskState
from registry.rules import decision
from registry.rules.approval import BatchState
from registry.work import check, instants, lease, prepare, remaining
from registry.work.check import Waiting
from registry.work.context import Context, WorkError
from registry.work.storing import store
from schemas import value

AHEAD = 4
"""Chunks that lie prepared before the next one is; several workers then find something to seal."""
CLAIM = 30
"""Seconds after which a claimed block is anybody's again; sealing one takes about one."""


def step(context: Context) -> bool:
    """Prepare one chunk of a batch that is being issued, or seal and issue one prepared block."""
    with _without_collector():
        return _step(context)


@contextmanager
def _without_collector() -> Iterator[None]:
    """Keep Python's cycle collector out while one chunk is worked on.

    The values of a chunk live until it is stored and hold no cycles; the collector would walk over
    all of them again and again. What it had to find waits for the end of the chunk.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _step(context: Context) -> bool:
    with context.reading() as session:
        if not session.scalar(select(_anything())):
            return False
    try:
        now = _now(context)
    except WorkError as error:
        for batch_id in _issuing(context):
            _tell(context, batch_id, error, context.clock())
        raise
    trouble: WorkError | None = None
    if not _enough(context):
        try:
            if _advance(context, now):
                return True
        except WorkError as error:
            trouble = error
    # A batch that cannot go on does not keep the others' prepared rows waiting.
    if _seal(context, now):
        return True
    if trouble is not None:
        raise trouble
    return False


def _now(context: Context) -> int:
    with context.reading() as session:
        return instants.steady(session, context, context.clock())


def _anything() -> ColumnElement[bool]:
    return exists().where(Batch.state == BatchState.ISSUING) | exists().where(
        CertificateRow.state == CertificateState.PREPARED
    )


def _seal(context: Context, now: int) -> bool:
    claimed = _claim(context, now)
    if claimed is None:
        return False
    name, rows = claimed
    try:
        ready = check.ready(context, rows)
    except WorkError as error:
        for batch in sorted({row.batch for row in rows}):
            _tell(context, batch, error, now)
        with context.writing.begin() as session:
            lease.drop(session, context, name)
        raise
    with context.writing.begin() as session:
        store(session, context, ready, now)
        lease.drop(session, context, name)
    return True


def _claim(context: Context, now: int) -> tuple[str, list[Waiting]] | None:
    """The first block of prepared rows that nobody else has claimed, or None."""
    after = -1
    while (first := _first(context, after)) is not None:
        block = first // context.chunk
        name = f"seal/{context.chunk}/{block}"
        after = (block + 1) * context.chunk - 1
        if not lease.take(context, name, now, CLAIM):
            continue
        # Read under the claim: whoever had it before may just have issued these rows.
        if rows := _prepared(context, after + 1 - context.chunk, after):
            return name, rows
        with context.writing.begin() as session:
            lease.drop(session, context, name)
    return None


def _first(context: Context, after: int) -> int | None:
    with context.reading() as session:
        return session.scalars(
            select(CertificateRow.id)
            .where(CertificateRow.state == CertificateState.PREPARED, CertificateRow.id > after)
            .order_by(CertificateRow.id)
            .limit(1)
        ).one_or_none()


def _enough(context: Context) -> bool:
    """Whether so many rows lie prepared that sealing comes first."""
    with context.reading() as session:
        last = session.scalars(
            select(CertificateRow.id)
            .where(CertificateRow.state == CertificateState.PREPARED)
            .order_by(CertificateRow.id)
            .offset(AHEAD * context.chunk - 1)
            .limit(1)
        ).one_or_none()
    return last is not None


def _advance(context: Context, now: int) -> bool:
    """Prepare the next chunk of some batch, or close one in which nothing waits any more."""
    trouble: WorkError | None = None
    for batch_id in _issuing(context):
        try:
            with context.writing.begin() as session:
                if prepare.chunk(session, context, batch_id, now) or _finish(
                    session, batch_id, now
                ):
                    return True
        except WorkError as error:
            trouble = error
            _tell(context, batch_id, error, now)
    if trouble is not None:
        raise trouble
    return False


def _tell(context: Context, batch_id: int, error: WorkError, now: int) -> None:
    """Write on the task why its batch does not go on, for the person who waits."""
    why = decision.in_words(error.reasons) if error.reasons else str(error)
    with context.writing.begin() as session:
        session.execute(
            update(Task)
            .where(Task.batch_id == batch_id, Task.state.in_(OPEN_TASK))
            .values(note=why, changed_at=now)
        )


def _prepared(context: Context, first: int = 0, last: int = 2**62) -> list[Waiting]:
    """Prepared rows of a range of record ids."""
    with context.reading() as session:
        rows = session.execute(
            select(
                CertificateRow.id, CertificateRow.batch_id, CertificateRow.key_name,
                CertificateRow.supersedes_id, CertificateRow.value,
            )
            .where(
                CertificateRow.state == CertificateState.PREPARED,
                CertificateRow.id >= first, CertificateRow.id <= last,
            )
            .order_by(CertificateRow.id)
            .limit(context.chunk)
        ).all()  # fmt: skip
    return [Waiting(*row[:4], value.load(row[4])) for row in rows]


def _issuing(context: Context) -> Sequence[int]:
    """Batches in which something is left to prepare or to close.

    Looked at before anything is locked: while the last rows of a batch are being sealed, it has
    nothing for the worker that looks.
    """
    with context.reading() as session:
        found = session.scalars(
            select(Batch.id).where(Batch.state == BatchState.ISSUING).order_by(Batch.id)
        ).all()
        return [
            each
            for each in found
            if session.scalar(select(remaining.to_prepare(each) | ~remaining.to_seal(each)))
        ]


def _finish(session: Session, batch_id: int, now: int) -> bool:
    """Close a batch in which nothing waits any more; answers whether it did."""
    closed = session.execute(
        update(Batch)
        .where(
            Batch.id == batch_id, Batch.state == BatchState.ISSUING,
            ~remaining.to_prepare(batch_id), ~remaining.to_seal(batch_id),
        )
        .values(state=BatchState.ISSUED, changed_at=now)
        .returning(Batch.id)
        .execution_options(synchronize_session=False)
    ).scalar_one_or_none()  # fmt: skip
    if closed is None:
        return False
    session.execute(
        update(Task)
        .where(Task.batch_id == batch_id, Task.state.in_(OPEN_TASK))
        .values(state=TaskState.DONE, note=None, changed_at=now)
    )
    audit.record(session, None, now, "finish_batch", f"batch:{batch_id}")
    return True
