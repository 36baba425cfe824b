"""What the public files say and the database does not know, list by list.

Only what a status key has signed counts. A database is never behind by itself: each of these means
that it came from a time before the files were written.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from registry.records.certificates import CertificateRow, CertificateState
from registry.records.status import Status, StatusChange
from schemas import tile
from schemas.certificate import State
from schemas.token_status import TokenStatusList
from verifier.evidence import Evidence

WAITING = (CertificateState.PREPARED, CertificateState.HELD)


@dataclass(frozen=True, slots=True)
class Place:
    """A place at which a certificate was issued that the database does not have."""

    index: int
    record: bytes
    """Of the issued tile: half of each form's hash, 8 bytes of each."""
    state: int


@dataclass(frozen=True, slots=True)
class Change:
    """A change of state that is public and that the database does not know."""

    index: int
    certificate: int | None
    """Record id; None where the certificate itself is known from public files only."""
    before: int
    after: int


@dataclass(slots=True)
class Lost:
    """What is lost of one list."""

    number: int
    public: TokenStatusList
    places: list[Place] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    waiting: list[int] = field(default_factory=list)
    """Record ids of rows that wait to be issued here and were issued already."""
    clashes: list[int] = field(default_factory=list)
    """Places at which the database has another certificate than the public files."""
    unread: list[str] = field(default_factory=list)
    """Tiles that are missing or not signed by a status key."""

    def __bool__(self) -> bool:
        """Whether anything is."""
        return bool(self.places or self.changes or self.waiting or self.clashes)


def of_list(session: Session, evidence: Evidence, base: str, number: int) -> Lost | None:
    """Compare one list with the database; None where no sound list is published."""
    public = evidence.status_list(f"{base}/s/{number}").value
    if public is None:
        return None
    found = Lost(number, public)
    known = {
        row[0]: (row[1], row[2] + row[3], row[4])
        for row in session.execute(
            select(
                Status.index, Status.state, Status.cose8, Status.jcs8, Status.certificate_id
            ).where(Status.list == number)
        )
    }
    waiting = {
        row[0]: row[1]
        for row in session.execute(
            select(CertificateRow.status_index, CertificateRow.id).where(
                CertificateRow.status_list == number, CertificateRow.state.in_(WAITING)
            )
        )
    }
    for index, record in _records(evidence, base, found):
        mine = known.get(index)
        if mine is None and index in waiting:
            found.waiting.append(waiting[index])
        elif mine is None:
            found.places.append(Place(index, record, public.state(index)))
        elif mine[1] != record:
            found.clashes.append(index)
    found.changes = _changes(session, public, known)
    return found


def _records(evidence: Evidence, base: str, found: Lost) -> list[tuple[int, bytes]]:
    """Every place of the list at which something is issued, with its record."""
    records = []
    for at in range(found.public.size // tile.ENTRIES):
        path = f"i/{found.number}/{at}"
        opened = evidence.issued_tile(f"{base}/{path}").value
        if opened is None:
            found.unread.append(path)
            continue
        packed = opened.records
        records += [
            (
                at * tile.ENTRIES + place // tile.RECORD_SIZE,
                packed[place : place + tile.RECORD_SIZE],
            )
            for place in range(0, len(packed), tile.RECORD_SIZE)
            if packed[place : place + tile.RECORD_SIZE] != tile.EMPTY
        ]
    return records


def _changes(
    session: Session,
    public: TokenStatusList,
    known: Mapping[int, tuple[int, bytes, int | None]],
) -> list[Change]:
    """Public states that the database must take over: ends, and suspensions that are newer."""
    different = [
        Change(index, certificate, state, said)
        for index, (state, _, certificate) in known.items()
        if (said := public.state(index)) != state
    ]
    suspended = [
        each.certificate
        for each in different
        if each.certificate is not None and each.after == State.SUSPENDED
    ]
    decided = _decided(session, suspended)
    return [
        each
        for each in different
        if _is_final(each.after)
        or (
            each.after == State.SUSPENDED
            and each.before == State.VALID
            # What was decided after the list was signed is newer than the list.
            and decided.get(each.certificate or 0, 0) <= public.issued
        )
    ]


def _is_final(state: int) -> bool:
    return any(state == each and each.is_terminal for each in State)


def _decided(session: Session, certificates: list[int]) -> dict[int, int]:
    """When the last change of each certificate was recorded."""
    found: dict[int, int] = {}
    for start in range(0, len(certificates), 500):
        rows = session.execute(
            select(StatusChange.certificate_id, func.max(StatusChange.recorded_at))
            .where(StatusChange.certificate_id.in_(certificates[start : start + 500]))
            .group_by(StatusChange.certificate_id)
        )
        found |= {row[0]: row[1] for row in rows}
    return found
