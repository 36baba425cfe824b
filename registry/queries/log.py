"""Progress of what a person waits for, and the chain of audit lines."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.queries import scope
from registry.records.assessment import Batch
from registry.records.errors import NotFoundError
from registry.records.log import AuditHead, AuditLine, Task
from registry.rules.permissions import Actor
from schemas.certificate import Instant


@dataclass(frozen=True, slots=True)
class TaskRow:
    """How far a task has come."""

    id: int
    kind: str
    batch: int | None
    state: str
    total: int
    done: int
    held: int
    note: str | None
    created_at: Instant
    changed_at: Instant


@dataclass(frozen=True, slots=True)
class Line:
    """One audit line, as its hash covers it."""

    position: int
    at: Instant
    account: int | None
    person: int | None
    act: str
    subject: str
    detail: str
    previous: bytes
    hash: bytes

    def as_hashed(self) -> dict[str, Any]:
        """The JSON object whose hash is the line's."""
        return {
            "position": self.position, "at": self.at, "account": self.account,
            "person": self.person, "act": self.act, "subject": self.subject,
            "detail": self.detail, "previous": self.previous.hex(),
        }  # fmt: skip


def task_of_batch(session: Session, actor: Actor, batch_id: int) -> TaskRow | None:
    """The newest issue of a batch, or None.

    Raises:
        NotFoundError: there is no such batch, or none that this actor may see.
    """
    seen = session.scalar(select(Batch.id).where(Batch.id == batch_id, scope.batches(actor)))
    if seen is None:
        raise NotFoundError("batch", batch_id)
    found = session.scalar(
        select(Task)
        .where(Task.batch_id == batch_id, Task.kind == "issue")
        .order_by(Task.id.desc())
        .limit(1)
    )
    if found is None:
        return None
    return TaskRow(
        found.id, found.kind, found.batch_id, found.state, found.total, found.done, found.held,
        found.note, found.created_at, found.changed_at,
    )  # fmt: skip


def audit_head(session: Session) -> tuple[int, bytes]:
    """Position and hash of the newest audit line; position 0 when there is none."""
    row = session.execute(select(AuditHead.position, AuditHead.hash)).one()
    return row.position, row.hash


def audit_lines(
    session: Session, subject: str | None = None, after: int = 0, limit: int = 200
) -> tuple[Line, ...]:
    """Audit lines in order, of one subject such as ``batch:7`` where it is given."""
    wanted = select(AuditLine).where(AuditLine.position > after)
    if subject is not None:
        wanted = wanted.where(AuditLine.subject == subject)
    return tuple(
        Line(
            row.position, row.at, row.account_id, row.person_id, row.act, row.subject,
            row.detail, row.previous, row.hash,
        )
        for row in session.scalars(wanted.order_by(AuditLine.position).limit(limit))
    )  # fmt: skip
