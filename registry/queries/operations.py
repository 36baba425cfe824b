"""How the registry is doing, for its operator: counts and ages, nothing about any person."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from registry.records.assessment import Batch
from registry.records.certificates import CertificateRow, CertificateState
from registry.records.intake import PHOTOS_OPEN, STORING, TRYING, Intake, PhotoIntake
from registry.records.log import OPEN_TASK, Published, Task
from registry.records.operations import Fault, Worker
from registry.rules.approval import BatchState


@dataclass(frozen=True, slots=True, kw_only=True)
class Queues:
    """What waits, by where it waits."""

    issuing: int
    """Batches being issued."""
    prepared: int
    """Certificates that have a number but no signature."""
    prepared_since: int | None
    """When the oldest of them got it, UTC seconds."""
    unreleased: int
    """Issued certificates whose public files are not out yet."""
    unreleased_since: int | None
    held: int
    """Certificates that our own verifier refused."""
    intakes: int
    """Workbooks and archives of photographs that the worker has to read or store."""
    tasks: int
    """What persons wait for."""


@dataclass(frozen=True, slots=True)
class OutFile:
    """A status list as it was published last."""

    path: str
    sequence: int
    published_at: int


@dataclass(frozen=True, slots=True)
class WorkerSeen:
    """One worker process and its last sign of life."""

    name: str
    version: str
    revision: str
    started_at: int
    beat_at: int
    step: str | None
    step_since: int | None


@dataclass(frozen=True, slots=True)
class Trouble:
    """The last failure of a step."""

    step: str
    worker: str
    error: str
    why: str | None
    count: int
    first_at: int
    last_at: int
    recovered_at: int | None


def queues(session: Session) -> Queues:
    """Lengths of all queues; each is counted along an index of what waits."""
    prepared = session.execute(
        select(func.count(), func.min(CertificateRow.prepared_at)).where(
            CertificateRow.state == CertificateState.PREPARED
        )
    ).one()
    unreleased = session.execute(
        select(func.count(), func.min(CertificateRow.issued_at)).where(
            CertificateRow.state == CertificateState.ISSUED, CertificateRow.released_at.is_(None)
        )
    ).one()
    return Queues(
        issuing=_count(session, Batch.state == BatchState.ISSUING),
        prepared=prepared[0], prepared_since=prepared[1],
        unreleased=unreleased[0], unreleased_since=unreleased[1],
        held=_count(session, CertificateRow.state == CertificateState.HELD),
        intakes=_count(session, Intake.state.in_((*TRYING, *STORING)))
        + _count(session, PhotoIntake.state.in_(PHOTOS_OPEN)),
        tasks=_count(session, Task.state.in_(OPEN_TASK)),
    )  # fmt: skip


def published_lists(session: Session) -> list[OutFile]:
    """Every status list with its newest sequence."""
    rows = session.execute(
        select(Published.path, Published.sequence, Published.published_at)
        .where(Published.path.like("s/%"))
        .order_by(Published.path)
    )
    return [OutFile(*row) for row in rows]


def workers(session: Session) -> list[WorkerSeen]:
    """Every worker that has signed in and not out."""
    rows = session.execute(
        select(
            Worker.name, Worker.version, Worker.revision, Worker.started_at, Worker.beat_at,
            Worker.step, Worker.step_since,
        ).order_by(Worker.started_at)
    )  # fmt: skip
    return [WorkerSeen(*row) for row in rows]


def troubles(session: Session) -> list[Trouble]:
    """The last failure of each step, the newest first."""
    rows = session.execute(
        select(
            Fault.step, Fault.worker, Fault.error, Fault.why, Fault.count, Fault.first_at,
            Fault.last_at, Fault.recovered_at,
        ).order_by(Fault.last_at.desc())
    )  # fmt: skip
    return [Trouble(*row) for row in rows]


def _count(session: Session, condition: ColumnElement[bool]) -> int:
    return session.scalars(select(func.count()).where(condition)).one()
