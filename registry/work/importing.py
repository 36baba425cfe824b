"""Large workbooks: read apart, compared with what is recorded, and stored, part by part.

Every part is one short transaction that also says how far it came, by compare-and-swap on the
place where it began. So a worker that dies, or two that race, store no row twice, and the next one
goes on behind the last part. The trial run stores nothing but what is wrong with which row.
"""

import os
from collections.abc import Sequence
from pathlib import Path

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from registry.acts import imports
from registry.acts.imports import ImportReport, Upload
from registry.custody.personal import Personal
from registry.exchange import apart, spool
from registry.exchange.apart import Terms
from registry.exchange.errors import WorkbookError
from registry.queries import accounts, catalogue
from registry.queries.policy import policy
from registry.records.errors import NotFoundError
from registry.records.intake import STORING, TRYING, Intake, IntakeState
from registry.records.log import Task, TaskState
from registry.rules.assessment import Occupations
from registry.rules.decision import Reason, RefusedError, reason
from registry.rules.permissions import Actor
from registry.work import lease
from registry.work.context import Context
from schemas import dates

PART = 500
"""Rows of one transaction."""
SHORT, LONG = 15, apart.SECONDS + 30
"""Seconds of the lease for a part, and for reading or marking the file as a whole."""


def step(context: Context) -> bool:
    """Go one piece on with the oldest workbook; answers whether there was one.

    A worker without keys over ID numbers leaves them to one that has them.
    """
    if context.personal is None:
        return False
    now = context.clock()
    for intake in _waiting(context):
        is_long = intake.state in (IntakeState.WAITING, IntakeState.READING)
        name = f"intake/{intake.id}"
        if not lease.take(context, name, now, LONG if is_long else SHORT):
            continue
        try:
            _advance(context, context.personal, intake, now)
        except RefusedError as error:
            _refuse(context, intake, error.reasons, now)
        finally:
            with context.writing.begin() as session:
                lease.drop(session, context, name)
        return True
    return False


def _waiting(context: Context) -> Sequence[Intake]:
    with context.reading() as session:
        return session.scalars(
            select(Intake).where(Intake.state.in_((*TRYING, *STORING))).order_by(Intake.id)
        ).all()


def _advance(context: Context, personal: Personal, intake: Intake, now: int) -> None:
    # Looked at again under the lease: another worker may just have gone on.
    with context.reading() as session:
        intake = session.get_one(Intake, intake.id)
    place = context.config.folder / "uploads" / intake.name
    files = {ending: place.with_name(f"{intake.name}.{ending}") for ending in ENDINGS}
    if intake.state in (IntakeState.WAITING, IntakeState.READING):
        _read(context, intake, files, now)
    elif intake.state == IntakeState.COMPARING:
        _compare(context, personal, intake, files, now)
    elif intake.state in STORING:
        _store(context, personal, intake, files, now)


ENDINGS = ("data", "rows", "problems", "marked")
"""Files of a workbook: as uploaded, judged rows, what is wrong, and with the red column."""


def _read(context: Context, intake: Intake, files: dict[str, Path], now: int) -> None:
    if not _move(context, intake, now, state=IntakeState.READING):
        return
    if not files["data"].exists():
        raise RefusedError(reason("upload_gone"))
    try:
        total = apart.read(files["data"], files["rows"], _terms(context, intake))
    except WorkbookError as error:
        raise RefusedError(reason(error.code, "file", **error.parameters)) from None
    files["problems"].unlink(missing_ok=True)
    _move(context, intake, now, state=IntakeState.COMPARING, total=total, position=0, named=0)


def _compare(
    context: Context, personal: Personal, intake: Intake, files: dict[str, Path], now: int
) -> None:
    part = _part(files, intake)
    if not part.count:
        _end_trial(context, intake, files, now)
        return
    with context.reading() as session:
        report = imports.tried(session, personal, intake.batch_id, part.rows, part.problems)
    named = _name(files["problems"], intake.named, spool.problem_lines(report.problems))
    _move(
        context, intake, now, TaskState.RUNNING, position=part.end, named=named,
        done=intake.done + part.count, **_counted(intake, report),
    )  # fmt: skip


def _end_trial(context: Context, intake: Intake, files: dict[str, Path], now: int) -> None:
    if intake.named:
        lease.renew(context, f"intake/{intake.id}", now, LONG)
        try:
            terms = _terms(context, intake)
            apart.mark(files["data"], files["problems"], intake.named, files["marked"], terms)
        except WorkbookError as error:
            raise RefusedError(reason(error.code, "file", **error.parameters)) from None
    _move(context, intake, now, task=TaskState.DONE, state=IntakeState.TRIED, position=0)


def _store(
    context: Context, personal: Personal, intake: Intake, files: dict[str, Path], now: int
) -> None:
    part = _part(files, intake)
    upload = Upload(intake.file_name, intake.file_hash)
    with context.writing.begin() as session:
        actor = _actor(session, intake)
        if part.count:
            report = imports.import_results(
                session, actor, now, personal, intake.batch_id, upload, part.rows, part.problems,
                intake.id,
            )  # fmt: skip
            counted = _counted(intake, report) | {"done": intake.done + part.count}
            is_ours = _moved(
                session, intake, now, TaskState.RUNNING, state=IntakeState.IMPORTING,
                position=part.end, **counted,
            )  # fmt: skip
        else:
            is_ours = _moved(session, intake, now, TaskState.DONE, state=IntakeState.IMPORTED)
        if not is_ours:
            session.rollback()  # called off meanwhile, or another worker was faster
            return
    if not part.count:
        for ending in ("data", "rows", "json"):
            files["data"].with_suffix(f".{ending}").unlink(missing_ok=True)


def _actor(session: Session, intake: Intake) -> Actor:
    """Whoever asked for it, with the roles of this moment."""
    try:
        return accounts.actor(session, intake.account_id)
    except NotFoundError:
        raise RefusedError(reason("importer_gone")) from None


def _part(files: dict[str, Path], intake: Intake) -> spool.Part:
    try:
        return spool.part(files["rows"], intake.position, PART)
    except FileNotFoundError:
        raise RefusedError(reason("upload_gone")) from None


def _name(path: Path, length: int, lines: bytes) -> int:
    """Put lines behind the first ``length`` bytes, whatever a dead worker left; the new length."""
    with path.open("ab") as file:
        path.chmod(0o600)
        file.truncate(length)
        file.write(lines)
        file.flush()
        os.fsync(file.fileno())
    return length + len(lines)


def _counted(intake: Intake, report: ImportReport) -> dict[str, int]:
    return {
        "kept": intake.kept + len(report.kept),
        "unchanged": intake.unchanged + len(report.unchanged),
        "refused": intake.refused + len(report.problems),
        "conflicting": intake.conflicting + report.conflicts,
    }


def _terms(context: Context, intake: Intake) -> Terms:
    """Catalogue and policy; the day is that of the upload, so that every run judges alike."""
    with context.reading() as session:
        known = catalogue.for_rules(session)
        found = policy(session)
    return Terms(Occupations(list(known.values())), dates.shanghai_day(intake.created_at), found)


def _move(
    context: Context,
    intake: Intake,
    now: int,
    task: TaskState = TaskState.RUNNING,
    **values: object,
) -> bool:
    with context.writing.begin() as session:
        return _moved(session, intake, now, task, **values)


def _moved(session: Session, intake: Intake, now: int, task: TaskState, **values: object) -> bool:
    """Say how far it is, unless it has moved meanwhile; answers whether it was ours to say."""
    moved = session.execute(
        update(Intake)
        .where(
            Intake.id == intake.id, Intake.position == intake.position,
            Intake.state == intake.state,
        )
        .values(changed_at=now, **values)
        .returning(Intake.done, Intake.total)
        .execution_options(synchronize_session=False)
    ).one_or_none()  # fmt: skip
    if moved is None:
        return False
    intake.state = str(values.get("state", intake.state))
    session.execute(
        update(Task)
        .where(Task.id == intake.task_id)
        .values(state=task.value, done=moved.done, total=moved.total, changed_at=now)
    )
    return True


def _refuse(context: Context, intake: Intake, why: tuple[Reason, ...], now: int) -> None:
    with context.writing.begin() as session:
        session.execute(
            update(Intake)
            .where(Intake.id == intake.id, Intake.state.in_((*TRYING, *STORING)))
            .values(
                state=IntakeState.REFUSED.value, why=[each.as_dict() for each in why],
                changed_at=now,
            )
        )  # fmt: skip
        session.execute(
            update(Task)
            .where(Task.id == intake.task_id)
            .values(
                state=TaskState.FAILED.value, changed_at=now,
                note="; ".join(each.sentence("zh") for each in why),
            )
        )  # fmt: skip
