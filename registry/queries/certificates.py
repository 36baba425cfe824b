"""Certificates: for the console, for their public page, and for those who ask with two facts."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session, aliased

from registry.custody.personal import Personal
from registry.queries import scope
from registry.records.assessment import Photo, Result
from registry.records.certificates import (
    CertificateRow,
    CertificateState,
    Form,
    PickupCode,
)
from registry.records.errors import NotFoundError
from registry.records.organisations import Site
from registry.records.status import Status
from registry.rules import lookup
from registry.rules.identity import Identity
from registry.rules.lookup import Question
from registry.rules.permissions import Actor
from schemas import value
from schemas.certificate import Certificate, Instant, State

_NUMBER = re.compile(r"[0-9A-Z-]+")
"""Signed numbers consist of these, so nothing else can be the beginning of one."""
_LAST4 = re.compile(r"[0-9A-Z]{4}")
PICKUP_FAILURES = 5
"""Wrong last fours after which a code opens nothing."""


@dataclass(frozen=True, slots=True)
class CertificateListRow:
    """A certificate in the console's list."""

    id: int
    number: str
    version: int
    holder: str
    last4: str
    kind: int
    level: str
    site: str
    awarded: date
    state: str
    """Of the row: prepared, issued, held, void."""
    reason: str | None
    status: State | None
    """Of the issued certificate."""
    public_id: str
    batch: int


@dataclass(frozen=True, slots=True)
class IssuedCertificate:
    """An issued certificate with its forms."""

    id: int
    public_id: str
    certificate: Certificate
    state: State
    cose: bytes
    document: bytes
    cose_hash: bytes
    jcs_hash: bytes
    issued_at: Instant
    released_at: Instant | None
    newer: str | None
    """Public id of the version that corrects it, once that is out."""
    result: int
    id_kind: str
    """Kind of ID document, a code of the policy's ``identity_kinds``."""


@dataclass(frozen=True, slots=True)
class PhotoRow:
    """A holder's photograph."""

    media_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Pickup:
    """A code that is still good, and the last four that it wants."""

    id: int
    result: int
    last4: str


def search(
    session: Session, actor: Actor, text: str, limit: int = 50
) -> tuple[CertificateListRow, ...]:
    """Certificates by the beginning of their number, by name, or by last four, newest first.

    Each way is asked on its own: a database that is asked for one *or* another reads all of both
    before it can tell which are newest.
    """
    wanted = text.strip()
    key = wanted.upper()
    ways: list[ColumnElement[bool]] = []
    if wanted:
        ways.append(CertificateRow.holder_name == wanted)
    if _NUMBER.fullmatch(key):
        after = key[:-1] + chr(ord(key[-1]) + 1)
        ways.append((CertificateRow.number >= key) & (CertificateRow.number < after))
    if _LAST4.fullmatch(key):
        ways.append(CertificateRow.last4 == key)
    found = {row.id: row for way in ways for row in _listed(session, actor, way, limit)}
    return tuple(found[each] for each in sorted(found, reverse=True)[:limit])


def of_batch(
    session: Session, actor: Actor, batch_id: int, limit: int = 500
) -> tuple[CertificateListRow, ...]:
    """Certificates of a batch, newest first; of a long one those of its last results."""
    # Chosen in the index alone, so that a batch of any size costs the same.
    row = aliased(CertificateRow)
    last = (
        select(row.id).where(row.batch_id == batch_id).order_by(row.result_id.desc()).limit(limit)
    )
    return _listed(session, actor, CertificateRow.id.in_(last.subquery().select()), limit)


def of_identity(
    session: Session, actor: Actor, personal: Personal, identity: Identity, limit: int = 50
) -> tuple[CertificateListRow, ...]:
    """Certificates of the person with this identity document, newest first."""
    lookups = personal.lookups(identity)
    return _listed(session, actor, CertificateRow.holder_lookup.in_(lookups), limit)


def held(session: Session, actor: Actor, limit: int = 100) -> tuple[CertificateListRow, ...]:
    """Rows that the verifier refused and that wait for a person."""
    return _listed(session, actor, CertificateRow.state == CertificateState.HELD, limit)


def for_officer(session: Session, actor: Actor, certificate_id: int) -> CertificateListRow:
    """One certificate in the console.

    Raises:
        NotFoundError: there is none, or none that this actor may see.
    """
    found = _listed(session, actor, CertificateRow.id == certificate_id, 1)
    if not found:
        raise NotFoundError("certificate", certificate_id)
    return found[0]


def issued(session: Session, certificate_id: int) -> IssuedCertificate:
    """One issued certificate by record id, released or not.

    Raises:
        NotFoundError: it is not issued.
    """
    return _one(session, CertificateRow.id == certificate_id, certificate_id)


def by_public_id(session: Session, public_id: str) -> IssuedCertificate:
    """The released certificate of a public page.

    Raises:
        NotFoundError: there is none, or its public files are not out yet.
    """
    return _one(
        session,
        (CertificateRow.public_id == public_id) & CertificateRow.released_at.is_not(None),
        public_id,
    )


def of_result(session: Session, result_id: int) -> tuple[IssuedCertificate, ...]:
    """Released versions of one result's certificate, newest first: what a pick-up code opens."""
    rows = session.execute(
        _issued()
        .where(CertificateRow.result_id == result_id, CertificateRow.released_at.is_not(None))
        .order_by(CertificateRow.version.desc())
    )
    return tuple(_read(row) for row in rows)


def look_up(session: Session, asked: Question) -> IssuedCertificate | None:
    """The newest released version that every fact of the question fits; None for every miss.

    A former version is found by what it says: whoever holds its paper is told that there is a new
    one.
    """
    rows = session.execute(
        _issued()
        .where(CertificateRow.number == asked.number, CertificateRow.released_at.is_not(None))
        .order_by(CertificateRow.version.desc())
    ).all()
    if not rows:
        # The same comparison is made against nobody, so that a miss takes as long.
        lookup.answers(asked, name="查无此人", last4="0000")
        return None
    fitting = []
    for found in map(_read, rows):
        facts = found.certificate.facts
        if lookup.answers(asked, name=facts.name, last4=facts.last4):
            fitting.append(found)
    return fitting[0] if fitting else None


def photo(session: Session, certificate_id: int) -> PhotoRow | None:
    """The holder's photograph, where one was recorded."""
    row = session.execute(
        select(Photo.media_type, Photo.content)
        .join(Result, Result.photo_id == Photo.id)
        .join(CertificateRow, CertificateRow.result_id == Result.id)
        .where(CertificateRow.id == certificate_id)
    ).one_or_none()
    return None if row is None else PhotoRow(row.media_type, row.content)


def pickup(session: Session, hashes: Iterable[bytes], now: Instant) -> Pickup | None:
    """A code that is still good, or None; the caller compares the last four in constant time."""
    row = session.execute(
        select(PickupCode.id, PickupCode.result_id, CertificateRow.last4)
        .join(CertificateRow, CertificateRow.result_id == PickupCode.result_id)
        .where(
            CertificateRow.released_at.is_not(None),
            PickupCode.code_hash.in_(hashes),
            PickupCode.ended_at.is_(None),
            PickupCode.expires_at > now,
            PickupCode.failures < PICKUP_FAILURES,
        )
        # The newest version says which ID number is the right one.
        .order_by(CertificateRow.version.desc())
        .limit(1)
    ).one_or_none()
    return None if row is None else Pickup(row.id, row.result_id, row.last4)


def _listed(
    session: Session, actor: Actor, condition: ColumnElement[bool], limit: int
) -> tuple[CertificateListRow, ...]:
    rows = session.execute(
        select(
            CertificateRow.id, CertificateRow.number, CertificateRow.version,
            CertificateRow.holder_name, CertificateRow.last4, CertificateRow.kind,
            CertificateRow.level, Site.number, CertificateRow.awarded, CertificateRow.state,
            CertificateRow.reason, Status.state, CertificateRow.public_id,
            CertificateRow.batch_id,
        )
        .join(Site, Site.id == CertificateRow.site_id)
        .outerjoin(Status, Status.certificate_id == CertificateRow.id)
        .where(scope.certificates(actor), condition)
        .order_by(CertificateRow.id.desc())
        .limit(limit)
    )  # fmt: skip
    return tuple(
        CertificateListRow(
            id=row[0], number=row[1], version=row[2], holder=row[3], last4=row[4], kind=row[5],
            level=row[6], site=row[7], awarded=row[8], state=row[9], reason=row[10],
            status=None if row[11] is None else State(row[11]), public_id=row[12], batch=row[13],
        )
        for row in rows
    )  # fmt: skip


def _issued() -> Select[*tuple[Any, ...]]:
    newer = CertificateRow.__table__.alias("newer")
    successor = (
        select(newer.c.public_id)
        .where(newer.c.supersedes_id == CertificateRow.id, newer.c.released_at.is_not(None))
        .scalar_subquery()
    )
    return (
        select(
            CertificateRow.id, CertificateRow.public_id, CertificateRow.value, Status.state,
            Form.cose, Form.document, Form.cose_hash, Form.jcs_hash, CertificateRow.issued_at,
            CertificateRow.released_at, successor.label("newer"), CertificateRow.result_id,
            func.coalesce(CertificateRow.id_kind, Result.id_kind).label("id_kind"),
        )
        .join(Result, Result.id == CertificateRow.result_id)
        .join(Form, Form.certificate_id == CertificateRow.id)
        .join(Status, Status.certificate_id == CertificateRow.id)
        .where(CertificateRow.state == CertificateState.ISSUED)
    )  # fmt: skip


def _one(session: Session, condition: ColumnElement[bool], name: object) -> IssuedCertificate:
    row = session.execute(_issued().where(condition)).one_or_none()
    if row is None:
        raise NotFoundError("certificate", name)
    return _read(row)


def _read(row: Any) -> IssuedCertificate:
    return IssuedCertificate(
        id=row.id, public_id=row.public_id, certificate=value.load(row.value),
        state=State(row.state), cose=row.cose, document=row.document, cose_hash=row.cose_hash,
        jcs_hash=row.jcs_hash, issued_at=row.issued_at, released_at=row.released_at,
        newer=row.newer, result=row.result_id, id_kind=row.id_kind,
    )  # fmt: skip
