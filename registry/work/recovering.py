"""Recovering: a restored database brought forward from the public files, before it works again.

1. Rows that waited when the backup was taken and were issued since are sealed again: what is signed
   stands in the row, so the same bytes come out, and the public tiles must say the same.
2. In one transaction: places and lists that only the public files know are kept as taken, ends and
   suspensions are taken over, counters go past every number that may be in somebody's hands, and no
   list is published below a sequence that a verifier may have seen.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from keys.errors import SignatureError
from registry.acts import audit, recovery
from registry.acts.recovery import Told
from registry.queries import recovery as queries
from registry.records.assessment import Batch
from registry.records.certificates import CertificateRow, Form
from registry.records.log import OPEN_TASK, Task, TaskState
from registry.records.recovery import Recovery
from registry.records.status import Status, StatusList
from registry.rules.approval import BatchState
from registry.work import lost, numbers, remaining, resealing, sequences, standing
from registry.work import watermark as watermarks
from registry.work.context import Context, WorkError
from registry.work.lost import Lost
from registry.work.numbers import Skipped
from registry.work.watermark import Watermark
from schemas import dates
from schemas.errors import FormatError
from schemas.status_note import StatusNote
from schemas.tile import HALF
from verifier.evidence import open_note


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the operator says."""

    watermark: Watermark | None = None
    margin: int | None = None
    """Serials to skip where nothing tells the last one."""
    last: tuple[str, ...] = ()
    """Last numbers that were handed out, as printed."""


@dataclass(slots=True)
class Report:
    """What a recovery found and did."""

    recovery: int
    begun_at: int
    backup_at: int | None
    signed_at: int | None
    """When the newest public list was signed."""
    sequence: int
    margin: int
    resealed: int = 0
    places: list[tuple[int, lost.Place, StatusNote | None]] = field(default_factory=list)
    changes: list[tuple[str, lost.Change, StatusNote | None]] = field(default_factory=list)
    """With the certificate's number and version."""
    skipped: list[Skipped] = field(default_factory=list)
    paused: list[str] = field(default_factory=list)
    """Numbers of batches whose issue has to be started again."""
    unread: list[str] = field(default_factory=list)
    """Public files that are missing or damaged."""


def recover(context: Context, asked: Asked) -> Report | None:
    """Bring the database forward; None where no recovery is due.

    Raises:
        WorkError: the public files are not enough to go by, or contradict the database; nothing was
            changed, and the words say what to bring or to say.
    """
    standing.begin(context)
    with context.reading() as session:
        if queries.due(session) is None:
            return None
    nothing_said = asked.watermark is None and asked.margin is None
    if nothing_said and context.tree.get(watermarks.PATH) is not None:
        raise WorkError(
            f"public/{watermarks.PATH} tells the last numbers exactly: give --key FILE, the "
            "private half of the backup key; if that is lost, say --margin N (the answer tells "
            "when it is too little)"
        )
    now = context.clock()
    resealed = resealing.reseal(context, now)
    with context.writing.begin() as session:
        audit.hold(session)
        due = queries.due(session)
        if due is None:
            return None
        found = standing.every(session, context)
        _sound(found)
        report = _bring_forward(session, context, due, found, asked, now)
        report.resealed = resealed
        due.finished_at, due.margin, due.sequence = now, report.margin, report.sequence
        audit.record(
            session, None, now, "recover", f"recovery:{due.id}", places=len(report.places),
            changes=len(report.changes), serials=sum(each.count for each in report.skipped),
            margin=report.margin, sequence=report.sequence, resealed=resealed,
        )  # fmt: skip
    return report


def _sound(found: Iterable[Lost]) -> None:
    for each in found:
        if each.clashes:
            raise WorkError(
                f"at place {each.clashes[0]} of list {each.number} (and {len(each.clashes) - 1} "
                "more) the database has another certificate than the public files: both were "
                "worked on separately; restore the backup again, into a new place, and recover "
                "that before anything is issued from it"
            )
        if each.waiting:
            raise WorkError(
                f"{len(each.waiting)} rows that the public files show as issued still wait; "
                "another worker is running: stop all of them, then recover again"
            )


def _bring_forward(
    session: Session, context: Context, due: Recovery, found: list[Lost], asked: Asked, now: int
) -> Report:
    known = {row.number: row for row in session.scalars(select(StatusList))}
    unread = standing.unread(session, found)
    signed_at = max((each.public.issued for each in found), default=None)
    spent = numbers.spend_places(session, context, known, found, asked.watermark, now)
    margin = numbers.margin(
        asked.watermark, asked.margin, found, spent,
        is_old=_is_old(due, signed_at) or bool(unread), chunk=context.chunk,
    )  # fmt: skip
    if margin and not numbers.covers(asked.watermark, found):
        numbers.leave_room(session, margin)
    report = Report(
        recovery=due.id, begun_at=due.begun_at, backup_at=due.backup_at, signed_at=signed_at,
        sequence=sequences.raise_all(session, found, asked.watermark, signed_at, due, now),
        margin=margin, unread=unread,
    )  # fmt: skip
    for one in found:
        _take_places(session, context, due, one, report)
        _take_changes(session, context, due, one, report, now)
    report.skipped = numbers.skip(session, due, asked.watermark, margin, asked.last, now)
    if report.places or unread or margin:
        report.paused = _pause(session, now)
    if unread:
        sequences.renew_notes(session)
    standing.doubt(session)
    return report


def _is_old(due: Recovery, signed_at: int | None) -> bool:
    """Whether the public files cannot be the newest: lists are signed anew every hour."""
    if signed_at is None:
        return True
    return due.backup_at is not None and signed_at + sequences.REFRESH < due.backup_at


def _take_places(
    session: Session, context: Context, due: Recovery, one: Lost, report: Report
) -> None:
    for place in one.places:
        note = _note_of_place(context, one.number, place)
        recovery.occupy(session, due.id, (one.number, place.index), place.state, place.record, note)
        report.places.append((one.number, place, note))


def _take_changes(
    session: Session, context: Context, due: Recovery, one: Lost, report: Report, now: int
) -> None:
    for change in one.changes:
        if change.certificate is None:
            session.execute(
                update(Status)
                .where(Status.list == one.number, Status.index == change.index)
                .values(state=change.after)
                .execution_options(synchronize_session=False)
            )
            report.changes.append((f"{one.number}/{change.index}", change, None))
            continue
        row = session.execute(
            select(CertificateRow.number, CertificateRow.version, Form.cose_hash)
            .join(Form, Form.certificate_id == CertificateRow.id)
            .where(CertificateRow.id == change.certificate)
        ).one()
        note = _note(context, f"n/{row.cose_hash.hex()}", one.number, change.index, change.after)
        told = Told(
            certificate=change.certificate, before=change.before, after=change.after,
            listed_on=dates.shanghai_day(one.public.issued), note=note,
        )  # fmt: skip
        recovery.take_over(session, now, context.random, due.id, told)
        report.changes.append((f"{row.number} v{row.version}", change, note))


def _note_of_place(context: Context, number: int, place: lost.Place) -> StatusNote | None:
    """The note of a certificate of which only the beginning of the hash is known."""
    if place.state == 0:
        return None
    for path in context.tree.list(f"n/{place.record[:HALF].hex()}"):
        if note := _note(context, path, number, place.index, place.state):
            return note
    return None


def _note(context: Context, path: str, number: int, index: int, state: int) -> StatusNote | None:
    data = context.tree.get(path)
    if data is None:
        return None
    try:
        note, _ = open_note(data, context.trust)
    except (FormatError, SignatureError):
        return None
    names_it = note.uri == f"{context.config.base}/s/{number}" and note.index == index
    return note if names_it and note.state == state else None


def _pause(session: Session, now: int) -> list[str]:
    """Stop batches whose rest would be numbered now: some of it may have been issued already."""
    batches = session.scalars(select(Batch).where(Batch.state == BatchState.ISSUING)).all()
    paused = []
    for batch in batches:
        if not session.scalar(select(remaining.to_prepare(batch.id))):
            continue
        batch.state, batch.changed_at = BatchState.APPROVED.value, now
        session.execute(
            update(Task)
            .where(Task.batch_id == batch.id, Task.state.in_(OPEN_TASK))
            .values(state=TaskState.FAILED, changed_at=now, note=(
                "stopped by a recovery: some of the rest may have been issued after the backup; "
                "ask the holders, then start the issue again"
            ))
        )  # fmt: skip
        paused.append(batch.number)
    return paused
