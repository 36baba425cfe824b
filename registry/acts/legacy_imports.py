"""Bringing lists of existing certificates in: one officer imports, another confirms or discards.

New rows are kept and stay unseen until they are confirmed; the same again is left; a difference is
named and becomes a proposal that another officer decides; a number of ours is refused.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from registry.acts import audit, legacy_changes, legacy_history, legacy_proposals, serials
from registry.acts.certificates import public_id
from registry.acts.permission import must
from registry.custody.personal import Personal
from registry.queries import catalogue, legacy_stored
from registry.queries.legacy_stored import StoredPaper
from registry.records.errors import NotFoundError
from registry.records.legacy import LegacyEntry, LegacyImport
from registry.rules import legacy, lookup
from registry.rules.decision import Reason, RefusedError, reason
from registry.rules.legacy import LegacyRow, Source
from registry.rules.permissions import Act, Actor

_MOST_SOURCE = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class LegacyUpload:
    """The file that rows came from, and where the file came from."""

    file_name: str
    file_hash: bytes
    """SHA-256 of the file."""
    source_kind: Source
    source: str
    """Name of the archive, system or list."""
    reference: str
    """Document behind it."""


@dataclass(frozen=True, slots=True)
class LegacyReport:
    """What became of the rows of a list, by row number."""

    id: int | None
    """Record id of the import; None when it brought nothing new and so changed nothing."""
    kept: tuple[int, ...]
    unchanged: tuple[int, ...]
    problems: dict[int, tuple[Reason, ...]]
    """Rows that were not kept, and why; differences among them."""
    proposed: int
    """Entries whose differences now wait for another officer."""


@dataclass(slots=True)
class _Sorted:
    new: list[int] = field(default_factory=list)
    unchanged: list[int] = field(default_factory=list)
    problems: dict[int, tuple[Reason, ...]] = field(default_factory=dict)
    differing: dict[int, StoredPaper] = field(default_factory=dict)


def import_legacy(
    session: Session,
    actor: Actor,
    now: int,
    personal: Personal,
    upload: LegacyUpload,
    rows: Mapping[int, LegacyRow],
    problems: Mapping[int, tuple[Reason, ...]],
) -> LegacyReport:
    """Keep what is new for another officer to confirm, and propose every difference.

    Args:
        session: a writing session; rolled back by the caller for a dry run.
        actor: an officer of the province.
        now: UTC seconds.
        personal: keys over ID numbers.
        upload: the file.
        rows: rows that could be read, by row number.
        problems: rows that could not, and why.

    Raises:
        RefusedError: not permitted, or the source is not named.
    """
    must(actor, Act.IMPORT_LEGACY, province=actor.province)
    if not upload.source.strip() or not upload.reference.strip():
        raise RefusedError(reason("legacy_source_missing"))
    serials.exclude(session)
    codes = {key: found.code for key, found in catalogue.for_rules(session).items()}
    found = _sort(session, actor.province or "", personal, rows, codes)
    whole = {**problems, **found.problems}
    record = _record(session, actor, now, upload, found, whole) if found.new else None
    if record is not None:
        _keep(session, actor, now, personal, record, rows, found.new, codes)
    proposed = 0
    for row, stored in found.differing.items():
        why = f"{upload.file_name} 第{row}行（{upload.source.strip()}）"
        proposed += legacy_proposals.propose_difference(
            session, actor, now, personal, stored, rows[row], why,
            None if record is None else record.id,
        )  # fmt: skip
    if record is not None or proposed:
        audit.record(
            session, actor, now, "import_legacy",
            f"legacy_import:{'-' if record is None else record.id}", file=upload.file_hash.hex(),
            kept=len(found.new), unchanged=len(found.unchanged), refused=len(whole),
            proposed=proposed,
        )  # fmt: skip
    return LegacyReport(
        None if record is None else record.id, tuple(found.new), tuple(found.unchanged), whole,
        proposed,
    )  # fmt: skip


def confirm_import(session: Session, actor: Actor, now: int, import_id: int) -> int:
    """Another officer confirms a list: its entries are public from now on; answers how many.

    Raises:
        NotFoundError: no such import.
        RefusedError: not permitted, one's own, or decided before.
    """
    record = _deciding(session, actor, import_id)
    record.state, record.decided_by, record.decided_at = "confirmed", actor.person, now
    entries = session.scalars(
        update(LegacyEntry)
        .where(LegacyEntry.import_id == import_id, LegacyEntry.removed_at.is_(None))
        .values(confirmed_at=now)
        .returning(LegacyEntry.id)
    ).all()
    legacy_history.note(session, now, actor.person, "confirmed", entries)
    audit.record(
        session, actor, now, "confirm_legacy", f"legacy_import:{import_id}", entries=len(entries)
    )
    return len(entries)


def discard_import(session: Session, actor: Actor, now: int, import_id: int, why: str) -> None:
    """Take a list that is not confirmed out again; its importer may do so too.

    Raises:
        NotFoundError: no such import.
        RefusedError: not permitted, without a reason, or decided before.
    """
    record = _deciding(session, actor, import_id, own=True)
    if not why.strip():
        raise RefusedError(reason("legacy_without_reason", "why"))
    is_own = actor.person == record.imported_by
    record.state, record.why, record.decided_at = "discarded", why.strip(), now
    record.decided_by = None if is_own else actor.person
    entries = session.scalars(
        update(LegacyEntry)
        .where(LegacyEntry.import_id == import_id, LegacyEntry.removed_at.is_(None))
        .values(removed_at=now)
        .returning(LegacyEntry.id)
    ).all()
    legacy_changes.end_open(session, actor, now, entries)
    legacy_history.note(session, now, actor.person, "discarded", entries, why=why.strip())
    audit.record(
        session, actor, now, "discard_legacy", f"legacy_import:{import_id}", entries=len(entries)
    )


def _deciding(session: Session, actor: Actor, import_id: int, *, own: bool = False) -> LegacyImport:
    record = session.scalars(
        select(LegacyImport)
        .where(LegacyImport.id == import_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()
    if record is None:
        raise NotFoundError("legacy import", import_id)
    must(actor, Act.CONFIRM_LEGACY, province=record.province)
    if record.state != "waiting":
        raise RefusedError(reason("legacy_import_state"))
    if actor.person == record.imported_by and not own:
        raise RefusedError(reason("legacy_own_import"))
    return record


def _sort(
    session: Session,
    province: str,
    personal: Personal,
    rows: Mapping[int, LegacyRow],
    codes: Mapping[int, str],
) -> _Sorted:
    found = _Sorted()
    keys = sorted({row.key[1] for row in rows.values()})
    recorded = legacy_stored.of_numbers(session, personal, province, keys, codes)
    issued = legacy_stored.issued(session, keys)
    repeated = legacy.repeated(rows)
    for number, row in rows.items():
        if again := repeated.get(number):
            found.problems[number] = (again,)
        elif stored := recorded.get(row.key):
            _against(found, number, row, stored)
        elif row.key[1] in issued:
            found.problems[number] = (reason("legacy_number_issued", "number", number=row.number),)
        else:
            found.new.append(number)
    return found


def _against(found: _Sorted, number: int, row: LegacyRow, stored: StoredPaper) -> None:
    differences = legacy.differences(stored.row, row)
    if not differences:
        found.unchanged.append(number)
    elif stored.row.identity != row.identity and stored.row.name != row.name:
        # Another name and another ID number: that is no correction but somebody else's paper.
        found.problems[number] = (
            reason("legacy_other_holder", "number", number=row.number,
                   stored=stored.row.identity.last4),
        )  # fmt: skip
    else:
        found.problems[number] = differences
        found.differing[number] = stored


def _record(
    session: Session,
    actor: Actor,
    now: int,
    upload: LegacyUpload,
    found: _Sorted,
    problems: Mapping[int, tuple[Reason, ...]],
) -> LegacyImport:
    record = LegacyImport(
        province=actor.province, source_kind=upload.source_kind.value,
        source=upload.source.strip()[:_MOST_SOURCE],
        reference=upload.reference.strip()[:_MOST_SOURCE],
        file_name=upload.file_name[:_MOST_SOURCE], file_hash=upload.file_hash,
        imported_by=actor.person, imported_at=now, kept=len(found.new),
        unchanged=len(found.unchanged), refused=len(problems), conflicting=len(found.differing),
        state="waiting", decided_by=None, decided_at=None, why=None,
    )  # fmt: skip
    session.add(record)
    session.flush()
    return record


def _keep(
    session: Session,
    actor: Actor,
    now: int,
    personal: Personal,
    record: LegacyImport,
    rows: Mapping[int, LegacyRow],
    new: list[int],
    codes: Mapping[int, str],
) -> None:
    by_code = {code: key for key, code in codes.items()}
    shared = {
        "import_id": record.id, "province": record.province, "recorded_at": now,
        "confirmed_at": None, "removed_at": None,
    }  # fmt: skip
    values = [{**shared, "source_row": row, **columns(personal, rows[row], by_code)} for row in new]
    entries = session.scalars(insert(LegacyEntry).returning(LegacyEntry.id), values).all()
    legacy_history.note(session, now, actor.person, "imported", entries, source=record.source)


def columns(personal: Personal, row: LegacyRow, by_code: Mapping[str, int]) -> dict[str, Any]:
    """Columns of a new entry that come from its row."""
    uid = personal.random(16).hex()
    return {
        "uid": uid, "public_id": public_id(personal.random), "kind": row.kind.value,
        "number": row.number, "number_key": lookup.number_key(row.number), "name": row.name,
        "id_kind": row.identity.kind,
        "id_sealed": personal.seal(row.identity.number, legacy_stored.TABLE, uid),
        "id_key": personal.current, "id_lookup": personal.lookup(row.identity),
        "id_lookup_key": personal.current, "last4": row.identity.last4,
        "occupation": row.occupation,
        "occupation_id": None if row.mapped is None else by_code[row.mapped],
        "level": row.level, "issuer": row.issuer, "issued": row.issued, "expires": row.expires,
        "recorded": row.recorded.value, "reference": row.reference,
    }  # fmt: skip
