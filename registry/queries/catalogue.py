"""The catalogue for its page and API, and as the rules need it."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from registry.records.catalogue import (
    CatalogueMembership,
    CatalogueVersion,
    Confidence,
    Level,
    Occupation,
    OccupationLevel,
    OccupationSource,
    OccupationWorkType,
    WorkType,
)
from registry.records.errors import NotFoundError
from registry.rules import catalogue as rules
from registry.rules.periods import Period
from schemas.certificate import Instant


@dataclass(frozen=True, slots=True)
class LevelRow:
    """A level with its printed name."""

    code: str
    name_zh: str
    name_en: str
    rank: int


@dataclass(frozen=True, slots=True)
class Membership:
    """A period in the national catalogue."""

    from_on: date
    until_on: date | None
    source: str
    confidence: str


@dataclass(frozen=True, slots=True)
class EnteredSource:
    """A code that an officer entered, and where it is printed."""

    code: str
    source: str
    recorded_at: Instant


@dataclass(frozen=True, slots=True)
class OccupationRow:
    """An occupation as pages show it."""

    id: int
    key: str
    code: str
    """The code that certificates print: entered by an officer, else of 2022, else the row's key."""
    code_2015: str | None
    code_2022: str | None
    name_zh: str
    name_en: str
    field: str
    levels: tuple[str, ...]
    """Lowest first."""
    work_types: tuple[tuple[str, str], ...]
    """Code and name."""
    memberships: tuple[Membership, ...]
    is_special: bool
    is_confirmed: bool
    """Whether its code stands with high confidence or an officer entered its source."""
    is_issuable: bool
    """Confirmed, not a special operation, and with at least one level."""
    source: str
    confidence: str
    note: str
    entered: EnteredSource | None


def edition(session: Session) -> str:
    """Edition of the catalogue in force, as certificates print it.

    Raises:
        NotFoundError: no catalogue has been loaded.
    """
    found = session.scalar(
        select(CatalogueVersion.edition).order_by(CatalogueVersion.id.desc()).limit(1)
    )
    if found is None:
        raise NotFoundError("catalogue", "edition")
    return found


def levels(session: Session) -> tuple[LevelRow, ...]:
    """All levels, lowest first."""
    rows = session.execute(
        select(Level.code, Level.name_zh, Level.name_en, Level.rank).order_by(Level.rank)
    )
    return tuple(LevelRow(*row) for row in rows)


def work_types(session: Session) -> dict[str, str]:
    """Names of work types by code."""
    return {row.code: row.name_zh for row in session.execute(
        select(WorkType.code, WorkType.name_zh).order_by(WorkType.code)
    )}  # fmt: skip


def occupations(session: Session) -> tuple[OccupationRow, ...]:
    """The whole catalogue, in the order of the data file."""
    return _rows(session)


def occupation(session: Session, key: str) -> OccupationRow:
    """One occupation by its key or its printed code.

    Raises:
        NotFoundError: there is none.
    """
    for row in _rows(session):
        if key in (row.key, row.code):
            return row
    raise NotFoundError("occupation", key)


def for_rules(session: Session) -> dict[int, rules.Occupation]:
    """The catalogue as the rules see it, by record id."""
    return {row.id: _for_rules(row) for row in _rows(session)}


def _for_rules(row: OccupationRow) -> rules.Occupation:
    return rules.Occupation(
        code=row.code,
        name=row.name_zh,
        name_en=row.name_en,
        levels=frozenset(row.levels),
        work_types=frozenset(code for code, _ in row.work_types),
        confirmed=row.is_confirmed,
        special_operation=row.is_special,
        catalogue=tuple(Period(each.from_on, each.until_on) for each in row.memberships),
    )


def _rows(session: Session) -> tuple[OccupationRow, ...]:
    of_levels = _grouped(
        session.execute(
            select(OccupationLevel.occupation_id, Level.code)
            .join(Level, Level.code == OccupationLevel.level)
            .order_by(Level.rank)
        )
    )
    of_types = _grouped(
        session.execute(
            select(OccupationWorkType.occupation_id, WorkType.code, WorkType.name_zh)
            .join(WorkType, WorkType.code == OccupationWorkType.work_type)
            .order_by(WorkType.code)
        )
    )
    of_periods = _grouped(
        session.execute(
            select(
                CatalogueMembership.occupation_id, CatalogueMembership.from_on,
                CatalogueMembership.until_on, CatalogueMembership.source,
                CatalogueMembership.confidence,
            ).order_by(CatalogueMembership.from_on)
        )
    )  # fmt: skip
    of_sources = _grouped(
        session.execute(
            select(
                OccupationSource.occupation_id, OccupationSource.code_2022,
                OccupationSource.source, OccupationSource.recorded_at,
            ).order_by(OccupationSource.id)
        )
    )  # fmt: skip
    found = session.scalars(select(Occupation).order_by(Occupation.id)).all()
    return tuple(
        _row(
            each,
            tuple(code for (code,) in of_levels[each.id]),
            tuple((code, name) for code, name in of_types[each.id]),
            tuple(Membership(*period) for period in of_periods[each.id]),
            EnteredSource(*of_sources[each.id][-1]) if of_sources[each.id] else None,
        )
        for each in found
    )


def _row(
    record: Occupation,
    of_levels: tuple[str, ...],
    of_types: tuple[tuple[str, str], ...],
    memberships: tuple[Membership, ...],
    entered: EnteredSource | None,
) -> OccupationRow:
    confirmed = entered is not None or (
        record.code_2022 is not None and record.code_confidence == Confidence.HIGH
    )
    return OccupationRow(
        id=record.id,
        key=record.key,
        code=entered.code if entered else record.code_2022 or record.key,
        code_2015=record.code_2015,
        code_2022=record.code_2022,
        name_zh=record.name_zh,
        name_en=record.name_en,
        field=record.field,
        levels=of_levels,
        work_types=of_types,
        memberships=memberships,
        is_special=record.is_special,
        is_confirmed=confirmed,
        is_issuable=confirmed and not record.is_special and bool(of_levels),
        source=record.source,
        confidence=record.confidence,
        note=record.note,
        entered=entered,
    )


def _grouped(rows: Iterable[Row[Any]]) -> defaultdict[int, list[tuple[Any, ...]]]:
    grouped: defaultdict[int, list[tuple[Any, ...]]] = defaultdict(list)
    for row in rows:
        grouped[row[0]].append(tuple(row[1:]))
    return grouped
