"""What happened to a certificate since it was issued."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.queries import organisations
from registry.queries.organisations import DatedName
from registry.records.certificates import CertificateRow
from registry.records.status import Status, StatusChange
from schemas.certificate import Instant, State


@dataclass(frozen=True, slots=True)
class ChangeRow:
    """One decided change of state."""

    id: int
    before: State
    after: State
    ground: str | None
    ground_zh: str | None
    ground_en: str | None
    authority: DatedName | None
    """The deciding body under the name that it had on the day."""
    decision: str | None
    decided_on: date
    appeal_body: str | None
    appeal_until: date | None
    replacement: tuple[str, int, str] | None
    """Number, version and public id of the version that supersedes it."""
    person: int
    recorded_at: Instant


def history(session: Session, certificate_id: int) -> tuple[ChangeRow, ...]:
    """Every change of a certificate, oldest first."""
    bodies = organisations.bodies(session)
    rows = session.execute(
        select(StatusChange, CertificateRow.number, CertificateRow.version,
               CertificateRow.public_id)
        .outerjoin(CertificateRow, CertificateRow.id == StatusChange.replacement_id)
        .where(StatusChange.certificate_id == certificate_id)
        .order_by(StatusChange.id)
    )  # fmt: skip
    return tuple(
        ChangeRow(
            id=change.id, before=State(change.before), after=State(change.after),
            ground=change.ground, ground_zh=change.ground_zh, ground_en=change.ground_en,
            authority=None if change.authority_id is None
            else bodies[change.authority_id].name(change.decided_on),
            decision=change.decision, decided_on=change.decided_on,
            appeal_body=change.appeal_body, appeal_until=change.appeal_until,
            replacement=None if number is None else (number, version, public_id),
            person=change.person_id, recorded_at=change.recorded_at,
        )
        for change, number, version, public_id in rows
    )  # fmt: skip


def folded(session: Session) -> dict[int, State]:
    """State of every changed certificate by folding the history: what ``status`` must say."""
    rows = session.execute(
        select(StatusChange.certificate_id, StatusChange.after).order_by(StatusChange.id)
    )
    return {row.certificate_id: State(row.after) for row in rows}


def projected(session: Session) -> dict[int, State]:
    """State of every certificate as the published table has it."""
    rows = session.execute(
        select(Status.certificate_id, Status.state).where(Status.certificate_id.is_not(None))
    )
    return {row.certificate_id: State(row.state) for row in rows}
