"""What a restored registry takes over from its own public files, and the serials that it gives up.

Nothing here lifts anything: an end that is public stays an end, a place that is public stays taken,
and a number that may be in somebody's hands is never given to another.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from registry.acts import counters, log
from registry.records.accounts import Person
from registry.records.certificates import CertificateRow, Counter
from registry.records.log import LogEntry
from registry.records.organisations import Body
from registry.records.recovery import RecoveredChange, RecoveredPlace, Recovery, VoidSerials
from registry.records.status import Status, StatusChange
from registry.rules.numbering import SerialScope
from schemas import dates, log_entry, status_note
from schemas.certificate import State
from schemas.status_note import StatusNote
from schemas.tile import HALF

NOBODY = "登记库恢复 Recovery"
"""Name of the person in whose name changes are recorded that only the public files tell of."""
UNKNOWN = "lost with a restored backup: may have been handed out after it"
"""Reason of serials that are given up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A change of state as the public files tell of it."""

    certificate: int
    before: int
    after: int
    listed_on: date
    """Day of the list, where no note tells the day of the decision."""
    note: StatusNote | None


def person(session: Session, now: int) -> int:
    """Record id of the person in whose name a recovery records changes."""
    found = session.scalars(select(Person.id).where(Person.name == NOBODY).limit(1)).one_or_none()
    if found is not None:
        return found
    made = Person(name=NOBODY, id_lookup=None, id_lookup_key=None, recorded_at=now)
    session.add(made)
    session.flush()
    return made.id


def take_over(
    session: Session, now: int, random: Callable[[int], bytes], recovery_id: int, told: Told
) -> None:
    """Record a change of state that is public and was lost here, with its entry for the log."""
    change, note = _change(session, now, told), told.note
    session.add(change)
    session.flush()
    text = None if note is None else status_note.text(note)
    session.add(RecoveredChange(status_change_id=change.id, recovery_id=recovery_id, note=text))
    session.execute(
        update(Status)
        .where(Status.certificate_id == told.certificate)
        .values(state=told.after)
        .execution_options(synchronize_session=False)
    )
    _queue(session, now, random, change)


def _change(session: Session, now: int, told: Told) -> StatusChange:
    note = told.note
    ground = None if note is None else note.ground
    appeal = None if note is None else note.appeal
    return StatusChange(
        certificate_id=told.certificate, before=told.before, after=told.after,
        ground=ground.code if ground else None, ground_zh=ground.zh if ground else None,
        ground_en=ground.en if ground else None, authority_id=_authority(session, note),
        decision=None, decided_on=told.listed_on if note is None else note.decided,
        appeal_body=appeal.body if appeal else None, appeal_until=appeal.until if appeal else None,
        replacement_id=_replacement(session, note), person_id=person(session, now),
        recorded_at=now,
    )  # fmt: skip


def _authority(session: Session, note: StatusNote | None) -> int | None:
    if note is None or note.authority.id is None:
        return None
    return session.scalars(select(Body.id).where(Body.issuer == note.authority.id)).one_or_none()


def _replacement(session: Session, note: StatusNote | None) -> int | None:
    """The version that replaces, where the database has it."""
    if note is None or note.replacement is None:
        return None
    return session.scalars(
        select(CertificateRow.id).where(
            CertificateRow.number == note.replacement.number,
            CertificateRow.version == note.replacement.version,
        )
    ).one_or_none()


def _queue(
    session: Session, now: int, random: Callable[[int], bytes], change: StatusChange
) -> None:
    """Queue the log entry, chained to the last one of this certificate."""
    certificate = session.get_one(CertificateRow, change.certificate_id)
    mine = StatusChange.certificate_id == certificate.id
    sequence = session.scalars(select(func.count()).select_from(StatusChange).where(mine)).one()
    predecessor = session.scalars(
        select(LogEntry.commitment)
        .where(LogEntry.certificate_id == certificate.id)
        .order_by(LogEntry.id.desc())
        .limit(1)
    ).one()
    body = None if change.authority_id is None else session.get_one(Body, change.authority_id)
    nonce = random(log_entry.NONCE_SIZE)
    entry = log_entry.status(
        log_entry.StatusChange(
            nonce=nonce, uuid=UUID(certificate.uuid), state=State(change.after),
            sequence=sequence, at=now, authority=(body.issuer if body else None) or "",
            ground=change.ground, predecessor=predecessor,
        )
    )  # fmt: skip
    log.queue(session, now, entry, nonce, certificate.id, change.id)


def occupy(
    session: Session, recovery_id: int, place: tuple[int, int], state: int, record: bytes,
    note: StatusNote | None,
) -> None:  # fmt: skip
    """Keep a place whose certificate only the public files know, with its state and its record."""
    session.execute(
        insert(Status).values(
            list=place[0], index=place[1], state=state, cose8=record[:HALF], jcs8=record[HALF:],
            certificate_id=None,
        )
    )  # fmt: skip
    text = None if note is None else status_note.text(note)
    session.execute(
        insert(RecoveredPlace).values(
            list=place[0], index=place[1], recovery_id=recovery_id, note=text
        )
    )


def give_up(session: Session, now: int, recovery_id: int, scope: SerialScope, last: int) -> int:
    """Let a counter go on after ``last``; what is passed over has one void row. Answers how many.

    Raises:
        ValueError: the counter has come further, so ``last`` cannot be the last number.
    """
    known = session.scalars(select(Counter.value).where(Counter.name == scope.key)).one_or_none()
    first = (known or 0) + 1
    if last < first - 1:
        raise ValueError(f"{scope.key} has come to {known}, further than {last}")
    if last < first:
        return 0
    counters.take(session, scope.key, last - first + 1)
    session.execute(
        insert(VoidSerials).values(
            recovery_id=recovery_id, scheme=scope.scheme, period=scope.period,
            organisation=scope.organisation, level=scope.level, first=first, last=last,
            reason=UNKNOWN, recorded_at=now,
        )
    )  # fmt: skip
    return last - first + 1


def begin_scope(session: Session, now: int, scope: SerialScope) -> None:
    """Before the first serial of a scope: give up what may have been taken from it and was lost.

    A scope that the backup did not know may have begun after it. Only scopes of years up to that
    of the recovery can have.
    """
    known = session.scalars(select(Counter.value).where(Counter.name == scope.key)).one_or_none()
    if known is not None:
        return
    found = session.execute(
        select(Recovery.id, Recovery.margin, Recovery.begun_at)
        .where(Recovery.margin > 0)
        .order_by(Recovery.margin.desc())
    ).all()
    for row in found:
        if not is_later(scope.period, dates.shanghai_day(row.begun_at)):
            give_up(session, now, row.id, scope, row.margin)
            return


def is_later(period: str, day: date) -> bool:
    """Whether a scope's period is a year after that of ``day``; unknown periods are not."""
    year = f"{day:%y}" if len(period) == 2 else f"{day:%Y}"
    return period.isdigit() and len(period) in (2, 4) and period > year


def is_earlier(period: str, year: int) -> bool:
    """Whether a scope's period is a year before ``year``; unknown periods are not."""
    if not period.isdigit() or len(period) not in (2, 4):
        return False
    return int(period) < (year if len(period) == 4 else year % 100)
