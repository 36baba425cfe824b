"""The register of existing certificates for the console of the province that keeps it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, or_, select
from sqlalchemy.orm import Session

from registry.queries import legacy_images, scope
from registry.queries.legacy_images import ImageRow
from registry.records.accounts import Person
from registry.records.catalogue import Occupation
from registry.records.certificates import CertificateRow
from registry.records.errors import NotFoundError
from registry.records.legacy import (
    LegacyChange,
    LegacyEntry,
    LegacyHistory,
    LegacyImage,
    LegacyImport,
    LegacyRequest,
)
from registry.rules import lookup
from registry.rules.permissions import Actor
from schemas.certificate import Instant

FILTERS = ("", "waiting", "public", "removed", "imageless")
"""What a list can be narrowed to."""


@dataclass(frozen=True, slots=True)
class EntryRow:
    """An entry in a list; never more of the ID number than its last four."""

    id: int
    public_id: str
    import_id: int
    source_row: int
    province: str
    kind: str
    number: str
    name: str
    id_kind: str
    last4: str
    occupation: str
    mapped: str | None
    """Name of the catalogue's occupation."""
    level: str | None
    issuer: str
    issued: date
    expires: date | None
    recorded: str
    reference: str | None
    source_kind: str
    source: str
    document: str
    """The document behind its list."""
    confirmed_at: Instant | None
    removed_at: Instant | None
    certificate: str | None
    """Number of the signed version, once it is prepared."""

    @property
    def state(self) -> str:
        """``waiting``, ``public`` or ``removed``."""
        if self.removed_at is not None:
            return "removed"
        return "waiting" if self.confirmed_at is None else "public"


@dataclass(frozen=True, slots=True)
class HistoryRow:
    """One event."""

    at: Instant
    name: str | None
    what: str
    detail: dict[str, Any]


@dataclass(frozen=True, slots=True)
class ChangeRow:
    """A proposal."""

    id: int
    entry: int
    number: str
    holder: str
    kind: str
    values: dict[str, list[str | None]]
    why: str
    proposed_by: int
    name: str
    proposed_at: Instant


@dataclass(frozen=True, slots=True)
class EntryPage:
    """One entry with everything that its page shows."""

    entry: EntryRow
    images: tuple[ImageRow, ...]
    history: tuple[HistoryRow, ...]
    change: ChangeRow | None
    request: int | None
    """Record id of the newest request."""
    request_state: str | None
    certificate_id: int | None


@dataclass(frozen=True, slots=True)
class LegacyImportRow:
    """An upload in a list."""

    id: int
    source_kind: str
    source: str
    reference: str
    file_name: str
    imported_by: int
    name: str
    imported_at: Instant
    kept: int
    unchanged: int
    refused: int
    conflicting: int
    state: str
    decided_at: Instant | None
    why: str | None


def entries(
    session: Session,
    actor: Actor,
    text: str = "",
    state: str = "",
    limit: int = 50,
    before: int | None = None,
    import_id: int | None = None,
) -> tuple[EntryRow, ...]:
    """Entries of the actor's province, newest first.

    Args:
        session: any session.
        actor: who looks.
        text: beginning of a number, a whole name, or a last four; empty for all.
        state: one of :data:`FILTERS`.
        limit: at most so many.
        before: only those with a smaller record id, for the next page.
        import_id: only those of one upload.
    """
    wanted = _listed().where(scope.legacy(actor), *_conditions(text.strip(), state))
    if before is not None:
        wanted = wanted.where(LegacyEntry.id < before)
    if import_id is not None:
        wanted = wanted.where(LegacyEntry.import_id == import_id)
    rows = session.execute(wanted.order_by(LegacyEntry.id.desc()).limit(limit))
    return tuple(EntryRow(*row) for row in rows)


def all_entries(session: Session, actor: Actor, size: int = 2000) -> Iterator[EntryRow]:
    """Every entry of the actor's province, oldest first, read page by page: for an export."""
    after = 0
    while True:
        rows = session.execute(
            _listed()
            .where(scope.legacy(actor), LegacyEntry.id > after)
            .order_by(LegacyEntry.id)
            .limit(size)
        ).all()
        yield from (EntryRow(*row) for row in rows)
        if len(rows) < size:
            return
        after = rows[-1].id


def entry(session: Session, actor: Actor, entry_id: int) -> EntryPage:
    """One entry.

    Raises:
        NotFoundError: there is none, or none that this actor may see.
    """
    row = session.execute(
        _listed().where(scope.legacy(actor), LegacyEntry.id == entry_id)
    ).one_or_none()
    if row is None:
        raise NotFoundError("legacy entry", entry_id)
    request = session.execute(
        select(LegacyRequest.id, LegacyRequest.state, CertificateRow.id.label("certificate"))
        .outerjoin(CertificateRow, CertificateRow.result_id == LegacyRequest.result_id)
        .where(LegacyRequest.entry_id == entry_id)
        .order_by(LegacyRequest.id.desc(), CertificateRow.version.desc())
        .limit(1)
    ).one_or_none()
    open_changes = changes(session, actor, entry_id=entry_id)
    return EntryPage(
        entry=EntryRow(*row), images=legacy_images.of_entry(session, entry_id),
        history=history(session, entry_id), change=open_changes[0] if open_changes else None,
        request=None if request is None else request.id,
        request_state=None if request is None else request.state,
        certificate_id=None if request is None else request.certificate,
    )  # fmt: skip


def history(session: Session, entry_id: int) -> tuple[HistoryRow, ...]:
    """Everything that happened to an entry, oldest first."""
    rows = session.execute(
        select(LegacyHistory.at, Person.name, LegacyHistory.what, LegacyHistory.detail)
        .outerjoin(Person, Person.id == LegacyHistory.person_id)
        .where(LegacyHistory.entry_id == entry_id)
        .order_by(LegacyHistory.id)
    )
    return tuple(HistoryRow(*row) for row in rows)


def changes(
    session: Session, actor: Actor, limit: int = 100, entry_id: int | None = None
) -> tuple[ChangeRow, ...]:
    """Proposals that wait for another officer, oldest first."""
    wanted = (
        select(
            LegacyChange.id, LegacyChange.entry_id, LegacyEntry.number, LegacyEntry.name,
            LegacyChange.kind, LegacyChange.values, LegacyChange.why, LegacyChange.proposed_by,
            Person.name, LegacyChange.proposed_at,
        )
        .join(LegacyEntry, LegacyEntry.id == LegacyChange.entry_id)
        .join(Person, Person.id == LegacyChange.proposed_by)
        .where(scope.legacy(actor), LegacyChange.decided.is_(None))
        .order_by(LegacyChange.id)
        .limit(limit)
    )  # fmt: skip
    if entry_id is not None:
        wanted = wanted.where(LegacyChange.entry_id == entry_id)
    return tuple(ChangeRow(*row) for row in session.execute(wanted))


def imports(
    session: Session, actor: Actor, state: str | None = None, limit: int = 50
) -> tuple[LegacyImportRow, ...]:
    """Uploads of the actor's province, newest first."""
    wanted = _imports().where(scope.legacy_imports(actor))
    if state is not None:
        wanted = wanted.where(LegacyImport.state == state)
    rows = session.execute(wanted.order_by(LegacyImport.id.desc()).limit(limit))
    return tuple(LegacyImportRow(*row) for row in rows)


def one_import(session: Session, actor: Actor, import_id: int) -> LegacyImportRow:
    """One upload.

    Raises:
        NotFoundError: there is none, or none that this actor may see.
    """
    row = session.execute(
        _imports().where(scope.legacy_imports(actor), LegacyImport.id == import_id)
    ).one_or_none()
    if row is None:
        raise NotFoundError("legacy import", import_id)
    return LegacyImportRow(*row)


def _imports() -> Select[*tuple[Any, ...]]:
    return select(
        LegacyImport.id, LegacyImport.source_kind, LegacyImport.source, LegacyImport.reference,
        LegacyImport.file_name, LegacyImport.imported_by, Person.name, LegacyImport.imported_at,
        LegacyImport.kept, LegacyImport.unchanged, LegacyImport.refused,
        LegacyImport.conflicting, LegacyImport.state, LegacyImport.decided_at, LegacyImport.why,
    ).join(Person, Person.id == LegacyImport.imported_by)  # fmt: skip


def _listed() -> Select[*tuple[Any, ...]]:
    certificate = (
        select(CertificateRow.number)
        .join(LegacyRequest, LegacyRequest.result_id == CertificateRow.result_id)
        .where(LegacyRequest.entry_id == LegacyEntry.id)
        .limit(1)
        .correlate(LegacyEntry)
        .scalar_subquery()
    )
    return (
        select(
            LegacyEntry.id, LegacyEntry.public_id, LegacyEntry.import_id, LegacyEntry.source_row,
            LegacyEntry.province, LegacyEntry.kind, LegacyEntry.number, LegacyEntry.name,
            LegacyEntry.id_kind, LegacyEntry.last4, LegacyEntry.occupation, Occupation.name_zh,
            LegacyEntry.level, LegacyEntry.issuer, LegacyEntry.issued, LegacyEntry.expires,
            LegacyEntry.recorded, LegacyEntry.reference, LegacyImport.source_kind,
            LegacyImport.source, LegacyImport.reference.label("document"),
            LegacyEntry.confirmed_at, LegacyEntry.removed_at, certificate,
        )
        .join(LegacyImport, LegacyImport.id == LegacyEntry.import_id)
        .outerjoin(Occupation, Occupation.id == LegacyEntry.occupation_id)
    )  # fmt: skip


def _conditions(text: str, state: str) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if text:
        key = lookup.number_key(text)
        prefix = key.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        found.append(
            or_(
                LegacyEntry.number_key.like(f"{prefix}%", escape="\\"),
                LegacyEntry.name == text,
                LegacyEntry.last4 == key,
            )
        )
    bare = ~exists().where(LegacyImage.entry_id == LegacyEntry.id, LegacyImage.removed_at.is_(None))
    narrowed: dict[str, ColumnElement[bool]] = {
        "waiting": and_(LegacyEntry.confirmed_at.is_(None), LegacyEntry.removed_at.is_(None)),
        "public": and_(LegacyEntry.confirmed_at.is_not(None), LegacyEntry.removed_at.is_(None)),
        "removed": LegacyEntry.removed_at.is_not(None),
        "imageless": and_(LegacyEntry.removed_at.is_(None), bare),
    }
    return [*found, narrowed[state]] if state in narrowed else found
