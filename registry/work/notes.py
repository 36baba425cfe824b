"""Status notes from the history of decisions: authority, day, ground, appeal, replacement."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.orm import Session, aliased

from registry.queries import organisations
from registry.records.certificates import CertificateRow, Form
from registry.records.recovery import RecoveredChange
from registry.records.status import StatusChange
from schemas import status_note, value
from schemas.certificate import State
from schemas.status_note import Appeal, Authority, Ground, Replacement, StatusNote


@dataclass(frozen=True, slots=True)
class Noted:
    """A note to publish and the paths under which holders of either form ask for it."""

    note: StatusNote
    paths: tuple[str, str]


def of_changes(session: Session, after: int, until: int, sequences: dict[int, int]) -> list[Noted]:
    """Notes of every certificate whose state changed in ``after < change <= until``.

    The newest change of a certificate tells; one that is valid again has no new note, and its old
    one is never asked for.

    Args:
        session: any session.
        after: id of the last change whose note is out.
        until: id of the last change to look at.
        sequences: the sequence at which each list will show the change.
    """
    newer = aliased(CertificateRow)
    rows: Sequence[Row[*tuple[Any, ...]]] = session.execute(
        select(StatusChange, CertificateRow.value, Form.cose_hash, Form.jcs_hash,
               newer.number, newer.version, newer.public_id, RecoveredChange.note)
        .join(CertificateRow, CertificateRow.id == StatusChange.certificate_id)
        .join(Form, Form.certificate_id == StatusChange.certificate_id)
        .outerjoin(newer, newer.id == StatusChange.replacement_id)
        .outerjoin(RecoveredChange, RecoveredChange.status_change_id == StatusChange.id)
        .where(StatusChange.id > after, StatusChange.id <= until)
        .order_by(StatusChange.id)
    ).all()  # fmt: skip
    latest: dict[int, Row[*tuple[Any, ...]]] = {row[0].certificate_id: row for row in rows}
    bodies = organisations.bodies(session)
    return [
        _noted(row, bodies, sequences) for row in latest.values()
        if row[0].after != State.VALID and not _is_unknown(row)
    ]  # fmt: skip


def _is_unknown(row: Row[*tuple[Any, ...]]) -> bool:
    """Whether a recovery found the change without its note: what replaces it is not known."""
    return row[0].after == State.SUPERSEDED and row[4] is None and row[7] is None


def _noted(
    row: Row[*tuple[Any, ...]], bodies: dict[int, organisations.BodyRow], sequences: dict[int, int]
) -> Noted:
    change: StatusChange = row[0]
    facts = value.load(row[1]).facts
    paths = (f"n/{row[2].hex()}", f"n/{row[3].hex()}")
    if row[7] is not None:
        # As it was published before a backup was restored: it may name what is unknown here.
        told = status_note.parse(row[7])
        return Noted(replace(told, sequence=sequences[facts.status_list]), paths)
    body = bodies.get(change.authority_id) if change.authority_id is not None else None
    note = StatusNote(
        uri=facts.status_uri,
        index=facts.status_index,
        state=State(change.after),
        sequence=sequences[facts.status_list],
        cose=row[2],
        jcs=row[3],
        decided=change.decided_on,
        authority=_authority(change, body),
        ground=_ground(change),
        appeal=_appeal(change),
        replacement=None
        if row[4] is None
        else Replacement(number=row[4], version=row[5], page=f"{facts.base}/c/{row[6]}"),
        phone=None if body is None else body.phone,
    )
    return Noted(note, paths)


def _authority(change: StatusChange, body: organisations.BodyRow | None) -> Authority:
    if body is None:
        return Authority(id=None, zh="登记机关", en="The registry")
    name = body.name(change.decided_on)
    return Authority(id=body.issuer, zh=name.zh, en=name.en)


def _ground(change: StatusChange) -> Ground | None:
    if change.ground is None or change.ground_zh is None or change.ground_en is None:
        return None
    return Ground(code=change.ground, zh=change.ground_zh, en=change.ground_en)


def _appeal(change: StatusChange) -> Appeal | None:
    if change.appeal_body is None or change.appeal_until is None:
        return None
    return Appeal(body=change.appeal_body, until=change.appeal_until)
