"""Registered papers as the rules see them, opened; and numbers that they carry."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.custody.personal import Personal
from registry.records.certificates import CertificateRow
from registry.records.legacy import LegacyEntry, LegacyRequest
from registry.rules.identity import Identity
from registry.rules.legacy import LegacyKind, LegacyRow, Recorded

Value = TypeVar("Value")
TABLE = "legacy_entries"
"""Name of the table inside the associated data of sealed numbers."""
_MANY = 500
"""Values in one condition."""


@dataclass(frozen=True, slots=True)
class StoredPaper:
    """One registered paper with its record id."""

    id: int
    row: LegacyRow


def of_numbers(
    session: Session,
    personal: Personal,
    province: str,
    keys: Collection[str],
    codes: Mapping[int, str],
) -> dict[tuple[str, str], StoredPaper]:
    """Papers of a province that are not removed, by kind and number, among these numbers.

    Args:
        session: any session.
        personal: keys that open the ID numbers.
        province: two digits.
        keys: numbers in the form that look-ups compare.
        codes: occupation codes by record id.

    Raises:
        PersonalKeyError: a number does not open for its row.
    """
    found = {}
    for some in _chunks(keys):
        for entry in session.scalars(
            select(LegacyEntry).where(
                LegacyEntry.province == province,
                LegacyEntry.number_key.in_(some),
                LegacyEntry.removed_at.is_(None),
            )
        ):
            found[entry.kind, entry.number_key] = StoredPaper(
                entry.id, opened(personal, entry, codes)
            )
    return found


def of_entry(
    session: Session, personal: Personal, entry_id: int, codes: Mapping[int, str]
) -> tuple[StoredPaper, ...]:
    """One paper by record id, opened; empty where there is none."""
    found = session.get(LegacyEntry, entry_id)
    return () if found is None else (StoredPaper(found.id, opened(personal, found, codes)),)


def opened(personal: Personal, entry: LegacyEntry, codes: Mapping[int, str]) -> LegacyRow:
    """An entry as the rules see it.

    Raises:
        PersonalKeyError: its ID number does not open.
    """
    number = personal.open(entry.id_sealed, TABLE, entry.uid, entry.id_key)
    return LegacyRow(
        kind=LegacyKind(entry.kind), number=entry.number, name=entry.name,
        identity=Identity(entry.id_kind, number), occupation=entry.occupation,
        mapped=None if entry.occupation_id is None else codes[entry.occupation_id],
        level=entry.level, issuer=entry.issuer, issued=entry.issued, expires=entry.expires,
        recorded=Recorded(entry.recorded), reference=entry.reference,
    )  # fmt: skip


def carried(session: Session, numbers: Iterable[str]) -> frozenset[str]:
    """Those of the numbers that a registered paper carries, public or not yet; any province's."""
    found: set[str] = set()
    for some in _chunks(list(numbers)):
        found.update(
            session.scalars(
                select(LegacyEntry.number_key).where(
                    LegacyEntry.number_key.in_(some), LegacyEntry.removed_at.is_(None)
                )
            )
        )
    return frozenset(found)


def issued(session: Session, numbers: Iterable[str]) -> frozenset[str]:
    """Those of the numbers that this registry has given to a certificate, issued or not."""
    found: set[str] = set()
    for some in _chunks(list(numbers)):
        found.update(
            session.scalars(select(CertificateRow.number).where(CertificateRow.number.in_(some)))
        )
    return frozenset(found)


def originals(session: Session, results: Collection[int]) -> dict[int, str]:
    """Original numbers that signed versions of papers keep, by result id."""
    found = {}
    for some in _chunks(list(results)):
        for result, number in session.execute(
            select(LegacyRequest.result_id, LegacyEntry.number_key)
            .join(LegacyEntry, LegacyEntry.id == LegacyRequest.entry_id)
            .where(LegacyRequest.result_id.in_(some))
        ):
            if result is not None:
                found[result] = number
    return found


def _chunks(values: Collection[Value]) -> Iterable[list[Value]]:
    listed = list(values)
    return (listed[start : start + _MANY] for start in range(0, len(listed), _MANY))
