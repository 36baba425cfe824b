"""Invented existing certificates in the test office, brought in by the checker."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.acts import legacy_images, legacy_imports, legacy_requests
from registry.acts.legacy_images import Scan
from registry.acts.legacy_imports import LegacyReport, LegacyUpload
from registry.queries.policy import policy
from registry.records.legacy import LegacyChange, LegacyEntry, LegacyRequest
from registry.rules.legacy import LegacyKind, LegacyRow, Recorded, Source
from registry.rules.legacy_filed import Filed
from registry.rules.legacy_requests import TICKS
from registry.rules.permissions import Actor
from tests.registry.office import NOW, PERSONAL, SITE, STEEL, Office, citizen

UPLOAD = LegacyUpload(
    file_name="存量.xlsx", file_hash=bytes(32), source_kind=Source.ARCHIVE, source="示例档案室",
    reference="示例移交〔2026〕1号",
)  # fmt: skip
ISSUED = date(2019, 6, 20)
ASSESSED = date(2019, 6, 10)
SCAN = Scan("scan.png", "image/png", b"\x89PNG pretended picture of a paper")


def number(serial: int) -> str:
    """An old 16-digit number of the test office's site, 2019, level 4."""
    return f"19{SITE}4{serial:05d}"


def row(serial: int, **changes: Any) -> LegacyRow:
    """A paper that could get a signed version."""
    facts = LegacyRow(
        kind=LegacyKind.QUALIFICATION, number=number(serial),
        name=f"李示例{'一二三四五六七八九'[serial % 9]}", identity=citizen(500 + serial),
        occupation="钢筋工（旧）", mapped=STEEL, level="中级", issuer="示例省建设厅", issued=ISSUED,
        expires=None, recorded=Recorded.IN_FORCE, reference="示例档2019-3",
    )  # fmt: skip
    return replace(facts, **changes)


def bring(
    session: Session, actor: Actor, rows: Mapping[int, LegacyRow], **changes: Any
) -> LegacyReport:
    """Import rows."""
    upload = replace(UPLOAD, **changes)
    return legacy_imports.import_legacy(session, actor, NOW, PERSONAL, upload, rows, {})


def public(session: Session, here: Office, *serials: int, **changes: Any) -> list[int]:
    """Entries that the checker brought in and an issuer has confirmed; their record ids."""
    rows = {2 + at: row(serial, **changes) for at, serial in enumerate(serials)}
    made = bring(session, here.checker, rows).id
    assert made is not None
    legacy_imports.confirm_import(session, here.issuer, NOW, made)
    found = session.scalars(
        select(LegacyEntry.id).where(LegacyEntry.import_id == made).order_by(LegacyEntry.id)
    )
    return list(found)


def filed(**changes: Any) -> Filed:
    """What the file says of such a paper's assessment."""
    facts = Filed(
        site=SITE, occupation=STEEL, level="4", work_type="020", assessed=ASSESSED,
        theory=Decimal("71"), practice=Decimal("80.5"), review=None,
    )  # fmt: skip
    return replace(facts, **changes)


def asked(session: Session, here: Office, serial: int = 1) -> tuple[int, int]:
    """A request that waits: record ids of request and entry. The scan is on file."""
    (entry,) = public(session, here, serial)
    legacy_images.attach(session, here.checker, NOW, PERSONAL, entry, SCAN)
    legacy_requests.ask(session, NOW, PERSONAL, entry)
    return newest_request(session), entry


def checked(session: Session, here: Office, serial: int = 1) -> tuple[int, int]:
    """A request that an officer has checked."""
    request, entry = asked(session, here, serial)
    check(session, here.checker, request)
    return request, entry


def check(session: Session, actor: Actor, request: int, **changes: Any) -> None:
    """Check a request with every tick."""
    legacy_requests.check(
        session, actor, NOW, PERSONAL, policy(session), request, filed(**changes), TICKS,
        "示例档2019-3-17",
    )  # fmt: skip


def newest_request(session: Session) -> int:
    """Record id of the newest request."""
    return session.scalars(select(LegacyRequest.id).order_by(LegacyRequest.id.desc())).first() or 0


def newest_change(session: Session) -> int:
    """Record id of the newest proposal."""
    return session.scalars(select(LegacyChange.id).order_by(LegacyChange.id.desc())).first() or 0
