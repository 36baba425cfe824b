"""Existing certificates for the public: by two facts, and the page under a random id."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import Session

from registry.custody.personal import Personal
from registry.queries import organisations
from registry.queries.organisations import BodyRow
from registry.records.certificates import CertificateRow
from registry.records.errors import NotFoundError
from registry.records.legacy import LegacyEntry, LegacyImport, LegacyRequest
from registry.records.organisations import BodyRole
from registry.rules import lookup
from registry.rules.legacy import LegacyKind, Recorded
from registry.rules.lookup import Question
from schemas.certificate import Instant

RECEIPT_FAILURES = 5
"""Wrong last fours after which a receipt number opens nothing."""


@dataclass(frozen=True, slots=True)
class PublicPaper:
    """What the register says of a paper; the caller masks the name."""

    id: int
    public_id: str
    province: str
    kind: LegacyKind
    number: str
    name: str
    last4: str
    occupation: str
    level: str | None
    issuer: str
    issued: date
    expires: date | None
    recorded: Recorded
    source_kind: str
    source: str
    reference: str
    confirmed_at: Instant
    signed: str | None
    """Public id of the signed version, once its public files are out."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """A request behind a receipt number, as far as its holder may see."""

    id: int
    last4: str
    state: str
    made_at: Instant
    decided_at: Instant | None
    why: str | None
    number: str
    public_id: str
    """Of the paper."""
    signed: str | None
    """Public id of the signed version, once its public files are out."""
    is_held: bool
    """Whether the issue stopped and waits for an officer."""


def look_up(session: Session, asked: Question) -> PublicPaper | None:
    """The first public paper that every fact of the question fits; None for every miss."""
    rows = session.execute(
        _public().where(LegacyEntry.number_key == asked.number).order_by(LegacyEntry.id)
    ).all()
    if not rows:
        # The same comparison is made against nobody, so that a miss takes as long.
        lookup.answers(asked, name="查无此人", last4="0000")
        return None
    fitting = [row for row in rows if lookup.answers(asked, name=row.name, last4=row.last4)]
    return _paper(fitting[0]) if fitting else None


def by_public_id(session: Session, public_id: str) -> PublicPaper:
    """The public paper of a page.

    Raises:
        NotFoundError: there is none, it is not confirmed, or it was taken out.
    """
    row = session.execute(_public().where(LegacyEntry.public_id == public_id)).one_or_none()
    if row is None:
        raise NotFoundError("legacy entry", public_id)
    return _paper(row)


def department(session: Session, province: str) -> BodyRow | None:
    """The department that keeps the register of a province: whom a reader may ask."""
    return next(
        (
            body
            for body in organisations.bodies(session).values()
            if body.role == BodyRole.DEPARTMENT and body.province == province
        ),
        None,
    )


def receipt(session: Session, personal: Personal, code: str) -> Receipt | None:
    """The request of a receipt number, or None; the caller compares the last four."""
    row = session.execute(
        select(
            LegacyRequest.id, LegacyEntry.last4, LegacyRequest.state, LegacyRequest.made_at,
            LegacyRequest.decided_at, LegacyRequest.why, LegacyEntry.number,
            LegacyEntry.public_id, _signed().label("signed"),
            CertificateRow.state.label("certificate"),
        )
        .join(LegacyEntry, LegacyEntry.id == LegacyRequest.entry_id)
        .outerjoin(
            CertificateRow,
            (CertificateRow.result_id == LegacyRequest.result_id) & (CertificateRow.version == 1),
        )
        .where(
            LegacyRequest.receipt_hash.in_(personal.code_hashes(code)),
            LegacyRequest.failures < RECEIPT_FAILURES,
        )
    ).one_or_none()  # fmt: skip
    if row is None:
        return None
    return Receipt(
        id=row.id, last4=row.last4, state=row.state, made_at=row.made_at,
        decided_at=row.decided_at, why=row.why, number=row.number, public_id=row.public_id,
        signed=row.signed, is_held=row.certificate in ("held", "void"),
    )  # fmt: skip


def _signed() -> ColumnElement[Any]:
    """Public id of the newest released version that was signed for an entry."""
    request = LegacyRequest.__table__.alias("done")
    return (
        select(CertificateRow.public_id)
        .join(request, request.c.result_id == CertificateRow.result_id)
        .where(request.c.entry_id == LegacyEntry.id, CertificateRow.released_at.is_not(None))
        .order_by(CertificateRow.version.desc())
        .limit(1)
        .correlate(LegacyEntry)
        .scalar_subquery()
    )


def _public() -> Select[*tuple[Any, ...]]:
    return (
        select(
            LegacyEntry.id, LegacyEntry.public_id, LegacyEntry.province, LegacyEntry.kind,
            LegacyEntry.number, LegacyEntry.name, LegacyEntry.last4, LegacyEntry.occupation,
            LegacyEntry.level, LegacyEntry.issuer, LegacyEntry.issued, LegacyEntry.expires,
            LegacyEntry.recorded, LegacyImport.source_kind, LegacyImport.source,
            LegacyImport.reference, LegacyEntry.confirmed_at, _signed().label("signed"),
        )
        .join(LegacyImport, LegacyImport.id == LegacyEntry.import_id)
        .where(LegacyEntry.confirmed_at.is_not(None), LegacyEntry.removed_at.is_(None))
    )  # fmt: skip


def _paper(row: Any) -> PublicPaper:
    return PublicPaper(
        id=row.id, public_id=row.public_id, province=row.province, kind=LegacyKind(row.kind),
        number=row.number, name=row.name, last4=row.last4, occupation=row.occupation,
        level=row.level, issuer=row.issuer, issued=row.issued, expires=row.expires,
        recorded=Recorded(row.recorded), source_kind=row.source_kind, source=row.source,
        reference=row.reference, confirmed_at=row.confirmed_at, signed=row.signed,
    )  # fmt: skip
