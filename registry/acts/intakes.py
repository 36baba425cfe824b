"""Large workbooks: handed over to the worker, started after the trial run, called off."""

from sqlalchemy import update
from sqlalchemy.orm import Session

from registry.acts import audit, batches
from registry.acts.imports import Upload
from registry.acts.permission import must
from registry.queries import intakes
from registry.records.errors import NotFoundError
from registry.records.intake import STORING, TRYING, Intake, IntakeState
from registry.records.log import OPEN_TASK, Task, TaskState
from registry.rules import approval
from registry.rules.approval import BatchState, Step
from registry.rules.decision import RefusedError, reason
from registry.rules.permissions import Act, Actor

TRIAL, IMPORT = "trial", "import"
"""Kinds of task: reading and comparing; storing."""


def hand_over(
    session: Session, actor: Actor, now: int, batch_id: int, name: str, upload: Upload
) -> int:
    """Ask the worker for a trial run of a kept workbook; answers the intake's record id.

    Args:
        session: a writing session.
        actor: a registrar of the site.
        now: UTC seconds.
        batch_id: a batch in draft.
        name: under which the file is kept.
        upload: the file.

    Raises:
        RefusedError: not permitted, the batch is no draft, or another large workbook is under way.
    """
    _may(session, actor, batch_id)
    if intakes.under_way(session, batch_id):
        raise RefusedError(reason("intake_under_way"))
    task = _task(session, actor, now, batch_id, TRIAL)
    intake = Intake(
        name=name, batch_id=batch_id, account_id=actor.account, task_id=task,
        file_name=upload.file_name, file_hash=upload.file_hash, state=IntakeState.WAITING.value,
        total=0, done=0, position=0, named=0, kept=0, unchanged=0, refused=0, conflicting=0,
        why=[], created_at=now, changed_at=now,
    )  # fmt: skip
    session.add(intake)
    session.flush()
    audit.record(
        session, actor, now, "hand_over_workbook", f"batch:{batch_id}", intake=intake.id,
        file=upload.file_hash.hex(),
    )  # fmt: skip
    return intake.id


def start(session: Session, actor: Actor, now: int, batch_id: int, name: str) -> None:
    """Have a tried workbook imported for good, from its first row on.

    Raises:
        NotFoundError: there is none of that name in this batch.
        RefusedError: not permitted, the batch is no draft, or it was not tried or is over.
    """
    _may(session, actor, batch_id)
    intake = _find(session, batch_id, name)
    task = _task(session, actor, now, batch_id, IMPORT, intake.total)
    moved = session.scalars(
        update(Intake)
        .where(Intake.id == intake.id, Intake.state == IntakeState.TRIED)
        .values(
            state=IntakeState.QUEUED.value, account_id=actor.account, task_id=task, done=0,
            position=0, kept=0, unchanged=0, refused=0, conflicting=0, changed_at=now,
        )
        .returning(Intake.id)
        .execution_options(synchronize_session=False)
    ).one_or_none()  # fmt: skip
    if moved is None:
        raise RefusedError(reason("intake_over"))
    audit.record(session, actor, now, "start_import", f"batch:{batch_id}", intake=intake.id)


def call_off(session: Session, actor: Actor, now: int, batch_id: int, name: str) -> None:
    """Stop a workbook; rows that are stored already stay.

    Raises:
        NotFoundError: there is none of that name in this batch.
        RefusedError: not permitted, or it is over already.
    """
    _may(session, actor, batch_id, draft=False)
    intake = _find(session, batch_id, name)
    moved = session.scalars(
        update(Intake)
        .where(
            Intake.id == intake.id, Intake.state.in_((*TRYING, IntakeState.TRIED, *STORING))
        )
        .values(state=IntakeState.CANCELLED.value, changed_at=now)
        .returning(Intake.id)
        .execution_options(synchronize_session=False)
    ).one_or_none()  # fmt: skip
    if moved is None:
        raise RefusedError(reason("intake_over"))
    session.execute(
        update(Task)
        .where(Task.id == intake.task_id, Task.state.in_(OPEN_TASK))
        .values(state=TaskState.DONE.value, changed_at=now)
    )
    audit.record(session, actor, now, "call_off_import", f"batch:{batch_id}", intake=intake.id)


def _may(session: Session, actor: Actor, batch_id: int, *, draft: bool = True) -> None:
    batch, place = batches.find(session, batch_id)
    must(actor, Act.IMPORT_BATCH, province=place.province, site=place.site)
    if draft:
        approval.after(BatchState(batch.state), Step.EDIT)


def _find(session: Session, batch_id: int, name: str) -> Intake:
    found = intakes.record(session, batch_id, name)
    if found is None:
        raise NotFoundError("workbook", name)
    return found


def _task(
    session: Session, actor: Actor, now: int, batch_id: int, kind: str, total: int = 0
) -> int:
    task = Task(
        kind=kind, batch_id=batch_id, state=TaskState.WAITING.value, total=total, done=0, held=0,
        note=None, requested_by=actor.person, created_at=now, changed_at=now, lease_owner=None,
        lease_until=None,
    )  # fmt: skip
    session.add(task)
    session.flush()
    return task.id
