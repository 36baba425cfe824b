"""Status notes from the history of decisions: authority, day, ground, appeal, replacement."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Row, Select, select
from sqlalchemy.orm import Session

from registry.queries import organisations
from registry.queries.results import chunks
from registry.records.certificates import CertificateRow, Form
from registry.records.recovery import RecoveredChange
from registry.records.status import StatusChange
from schemas import status_note, value
from schemas.certificate import State
from schemas.status_note import Appeal, Authority, Ground, Replacement, StatusNote

PART = 500
"""Certificates asked for at once."""


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
    # By key and in parts: a server that has not counted a burst of changes yet would rather join
    # whole tables.
    changes = session.scalars(
        select(StatusChange)
        .where(StatusChange.id > after, StatusChange.id <= until)
        .order_by(StatusChange.id)
    )
    latest = {change.certificate_id: change for change in changes}
    ended = [change for change in latest.values() if change.after != State.VALID]
    bodies = organisations.bodies(session)
    return [
        _noted(each, bodies, sequences)
        for part in chunks(ended, PART)
        for each in _told(session, part)
        if not _is_unknown(each)
    ]


@dataclass(frozen=True, slots=True)
class _Told:
    """A change and what its note is made of."""

    change: StatusChange
    held: Row[*tuple[Any, ...]]
    """Value and the hashes of both forms."""
    newer: Row[*tuple[Any, ...]] | None
    """Number, version and public id of the replacement."""
    published: str | None
    """The note as it was out before a backup was restored."""


def _told(session: Session, changes: Sequence[StatusChange]) -> list[_Told]:
    held = _by_key(session, (
        select(CertificateRow.id, CertificateRow.value, Form.cose_hash, Form.jcs_hash)
        .join(Form, Form.certificate_id == CertificateRow.id)
        .where(CertificateRow.id.in_([change.certificate_id for change in changes]))
    ))  # fmt: skip
    replacing = {change.replacement_id for change in changes} - {None}
    newer = _by_key(session, (
        select(CertificateRow.id, CertificateRow.number, CertificateRow.version,
               CertificateRow.public_id)
        .where(CertificateRow.id.in_(replacing))
    ))  # fmt: skip
    published = _by_key(session, (
        select(RecoveredChange.status_change_id, RecoveredChange.note)
        .where(RecoveredChange.status_change_id.in_([change.id for change in changes]))
    ))  # fmt: skip
    return [
        _Told(
            change, held[change.certificate_id], newer.get(change.replacement_id or 0),
            published[change.id][1] if change.id in published else None,
        )
        for change in changes
        if change.certificate_id in held
    ]  # fmt: skip


def _by_key(session: Session, wanted: Select[*tuple[Any, ...]]) -> dict[int, Row[*tuple[Any, ...]]]:
    return {row[0]: row for row in session.execute(wanted)}


def _is_unknown(each: _Told) -> bool:
    """Whether a recovery found the change without its note: what replaces it is not known."""
    return each.change.after == State.SUPERSEDED and each.newer is None and each.published is None


def _noted(
    each: _Told, bodies: dict[int, organisations.BodyRow], sequences: dict[int, int]
) -> Noted:
    change, newer = each.change, each.newer
    _, held, cose, jcs = each.held
    facts = value.load(held).facts
    paths = (f"n/{cose.hex()}", f"n/{jcs.hex()}")
    if each.published is not None:
        # As it was published before a backup was restored: it may name what is unknown here.
        told = status_note.parse(each.published)
        return Noted(replace(told, sequence=sequences[facts.status_list]), paths)
    body = bodies.get(change.authority_id) if change.authority_id is not None else None
    note = StatusNote(
        uri=facts.status_uri,
        index=facts.status_index,
        state=State(change.after),
        sequence=sequences[facts.status_list],
        cose=cose,
        jcs=jcs,
        decided=change.decided_on,
        authority=_authority(change, body),
        ground=_ground(change),
        appeal=_appeal(change),
        replacement=None
        if newer is None
        else Replacement(number=newer[1], version=newer[2], page=f"{facts.base}/c/{newer[3]}"),
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
