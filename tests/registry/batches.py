"""A batch of invented results on its way, and issued with bytes that nobody signed."""

import hashlib
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from registry.acts import approval, assessment, imports, places
from registry.acts.imports import ImportReport, Upload
from registry.queries.policy import policy
from registry.records.assessment import Batch, Result
from registry.records.certificates import CertificateRow, CertificateState, Form
from registry.records.eligibility import Eligibility, Outcome
from registry.records.log import LogEntry
from registry.records.status import Status
from registry.rules.assessment import Result as RulesResult
from schemas import log_entry, value
from schemas.certificate import Certificate, Facts, Kind, Names
from tests.registry.checklist import all_ticked
from tests.registry.office import (
    ASSESSED,
    CARDS,
    NOW,
    PERSONAL,
    SITE,
    STEEL,
    TODAY,
    Office,
    citizen,
)

UPLOAD = Upload("成绩.xlsx", bytes(32))


def result(serial: int, **changes: Any) -> RulesResult:
    """A result that passes."""
    facts: dict[str, Any] = {
        "name": f"张示例{'一二三四五六七八九'[serial % 9]}", "identity": citizen(serial),
        "occupation": STEEL, "level": "4", "work_type": "020", "assessed": ASSESSED,
        "theory": Decimal("82"), "practice": Decimal("76.5"), "review": None,
        "practice_examiners": CARDS,
    }  # fmt: skip
    return RulesResult(**{**facts, **changes})


def bring(
    session: Session, office: Office, batch: int, rows: Mapping[int, RulesResult]
) -> ImportReport:
    """Import rows into a batch."""
    return imports.import_results(session, office.registrar, NOW, PERSONAL, batch, UPLOAD, rows, {})


def drafted(session: Session, office: Office, count: int = 3) -> int:
    """A batch in draft with so many rows."""
    batch = assessment.open_batch(session, office.registrar, NOW, SITE)
    if count:
        bring(session, office, batch, {row: result(row) for row in range(2, 2 + count)})
    return batch


def version(session: Session, batch: int) -> int:
    """The version that a page would show now."""
    return session.scalars(select(Batch.version).where(Batch.id == batch)).one()


def state(session: Session, batch: int) -> str:
    """The state that a page would show now."""
    return session.scalars(select(Batch.state).where(Batch.id == batch)).one()


def submitted(session: Session, office: Office, count: int = 3) -> int:
    """A batch that waits for its examiners."""
    batch = drafted(session, office, count)
    approval.submit(session, office.registrar, NOW, PERSONAL, batch, version(session, batch))
    return batch


def confirmed(session: Session, office: Office, count: int = 3) -> int:
    """A batch that waits for the check."""
    batch = submitted(session, office, count)
    for examiner in office.examiners:
        approval.confirm(session, examiner, NOW, PERSONAL, batch, version(session, batch))
    return batch


def checked(session: Session, office: Office, count: int = 3) -> int:
    """A batch that waits for the approval."""
    batch = confirmed(session, office, count)
    approval.check(
        session, office.checker, NOW, PERSONAL, batch, version(session, batch), all_ticked()
    )
    return batch


def approved(session: Session, office: Office, count: int = 3, awarded: date = TODAY) -> int:
    """An approved batch."""
    batch = checked(session, office, count)
    approval.approve(
        session, office.issuer, NOW, PERSONAL, policy(session), batch, version(session, batch),
        awarded,
    )  # fmt: skip
    return batch


def issued(session: Session, office: Office, count: int = 1) -> list[int]:
    """Certificates of an approved batch, out and released; their record ids.

    The forms are bytes of the right shape that nobody signed: acts and queries never open them.
    """
    batch = approved(session, office, count)
    granted = session.execute(
        select(Result, Eligibility.id)
        .join(Eligibility, Eligibility.result_id == Result.id)
        .where(Result.batch_id == batch, Eligibility.outcome == Outcome.GRANTED)
        .order_by(Result.id)
    ).all()
    taken = places.take(session, NOW, PERSONAL.random, len(granted))
    found = []
    for serial, ((row, eligibility), place) in enumerate(zip(granted, taken, strict=True), 1):
        record = _row(office, row, eligibility, serial, place)
        session.add(record)
        session.flush()
        release(session, record)
        found.append(record.id)
    return found


def release(session: Session, record: CertificateRow) -> None:
    """Give a prepared row its forms, its place in the list and its log entry."""
    cose, document = f"cose {record.uuid}".encode(), f'{{"uuid":"{record.uuid}"}}'.encode()
    cose_hash, jcs_hash = (hashlib.sha256(form).digest() for form in (cose, document))
    record.state, record.issued_at, record.released_at = CertificateState.ISSUED, NOW, NOW
    session.add(
        Form(
            certificate_id=record.id, cose=cose, document=document, cose_hash=cose_hash,
            jcs_hash=jcs_hash,
        )
    )  # fmt: skip
    session.add(
        Status(
            list=record.status_list, index=record.status_index, state=0, cose8=cose_hash[:8],
            jcs8=jcs_hash[:8], certificate_id=record.id,
        )
    )  # fmt: skip
    entry = log_entry.issued(cose_hash, jcs_hash)
    session.execute(
        insert(LogEntry).values(
            version=log_entry.VERSION, kind=int(entry.kind), commitment=entry.commitment,
            certificate_id=record.id, queued_at=NOW,
        )
    )  # fmt: skip
    session.flush()


def _row(
    office: Office, row: Result, eligibility: int, serial: int, place: tuple[int, int]
) -> CertificateRow:
    number = f"S000032000001264{serial:06d}"
    certificate = _certificate(row, number, place)
    return CertificateRow(
        batch_id=row.batch_id, result_id=row.id, eligibility_id=eligibility, number=number,
        version=1, scheme="level-22", period="26", organisation="S000032000001", level=row.level,
        serial=serial, state=CertificateState.PREPARED, uuid=str(certificate.facts.uuid),
        public_id=PERSONAL.random(11).hex(), status_list=place[0], status_index=place[1],
        kind=int(Kind.LEVEL), issuer="jst-example", key_name="issuer.1", signed_at=NOW,
        policy="test", value=value.dump(certificate), site_id=office.site,
        occupation_id=row.occupation_id, province="32", holder_name=row.name,
        holder_lookup=row.id_lookup, holder_lookup_key=row.id_lookup_key, last4=row.last4,
        assessed=row.assessed, awarded=TODAY, valid_until=None, prepared_at=NOW,
    )  # fmt: skip


def _certificate(row: Result, number: str, place: tuple[int, int]) -> Certificate:
    facts = Facts(
        base="https://certs.example.gov.cn", uuid=UUID(bytes=PERSONAL.random(16), version=4),
        issuer="jst-example", number=number, version=1, kind=Kind.LEVEL, name=row.name,
        last4=row.last4, occupation=STEEL, occupation_name="钢筋工", level=row.level,
        work_type=row.work_type, site=SITE, assessed=row.assessed, awarded=TODAY,
        valid_from=None, valid_until=None, signed_at=NOW, status_list=place[0],
        status_index=place[1],
    )  # fmt: skip
    names = Names(
        issuer="示例评价机构", issuer_url="https://body.example", centre="示例中心",
        site="示例站", occupation_en="Reinforcing Bar Worker", level="四级/中级工",
        level_en="Intermediate skilled worker", work_type="钢筋工", framework="示例大典",
        description="示例", criteria="示例", batch="26320000010001", review=False,
    )  # fmt: skip
    return Certificate(facts=facts, names=names)
