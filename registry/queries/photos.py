"""Photographs of a batch: whose a file may be, who is without one, one picture to look at."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from registry.queries import scope
from registry.queries.results import chunks
from registry.records.assessment import Batch, Photo, Result
from registry.records.errors import NotFoundError
from registry.records.intake import PHOTOS_OPEN, PhotoIntake
from registry.rules.permissions import Actor
from registry.rules.photos import Candidates
from schemas.certificate import Instant


@dataclass(frozen=True, slots=True)
class PersonRow:
    """A candidate in a list of photographs."""

    id: int
    source_row: int
    name: str
    last4: str
    ticket: str | None


@dataclass(frozen=True, slots=True)
class Tally:
    """Rows of a batch, and how many of them have a photograph."""

    rows: int
    pictured: int

    @property
    def without(self) -> int:
        """Rows that have none."""
        return self.rows - self.pictured


def candidates(
    session: Session, batch_id: int, tickets: Collection[str], lookups: Collection[bytes]
) -> Candidates:
    """The people of a batch that one of these tickets or look-up values may mean."""
    by_ticket = _rows(session, batch_id, Result.ticket, list(tickets))
    people = {lookup for _, _, lookup in by_ticket} | set(lookups)
    by_number = _rows(session, batch_id, Result.id_lookup, list(people))
    named: defaultdict[str, list[int]] = defaultdict(list)
    for row, ticket, _ in by_ticket:
        named[ticket or ""].append(row)
    numbers: defaultdict[bytes, list[int]] = defaultdict(list)
    for row, _, lookup in by_number:
        numbers[lookup].append(row)
    return Candidates(
        tickets={ticket: tuple(rows) for ticket, rows in named.items()},
        numbers={lookup: tuple(rows) for lookup, rows in numbers.items()},
        people={row: lookup for row, _, lookup in [*by_ticket, *by_number]},
    )


def tally(session: Session, actor: Actor, batch_id: int) -> Tally:
    """How many have a photograph.

    Raises:
        NotFoundError: there is no such batch, or none that this actor may see.
    """
    _seen(session, actor, batch_id)
    rows, pictured = session.execute(
        select(func.count(Result.id), func.count(Result.photo_id)).where(
            Result.batch_id == batch_id, Result.removed_at.is_(None)
        )
    ).one()
    return Tally(rows, pictured)


def people(
    session: Session, actor: Actor, batch_id: int, *,
    pictured: bool, limit: int, after: tuple[int, int] = (0, 0),
) -> tuple[PersonRow, ...]:  # fmt: skip
    """Those with, or without, a photograph, in the order of the workbook.

    Args:
        session: any session.
        actor: who looks.
        batch_id: record id.
        pictured: with a photograph, or without.
        limit: at most so many.
        after: row of the workbook and record id of the last one seen.

    Raises:
        NotFoundError: there is no such batch, or none that this actor may see.
    """
    _seen(session, actor, batch_id)
    row, identity = after
    found = session.execute(
        select(Result.id, Result.source_row, Result.name, Result.last4, Result.ticket)
        .where(
            Result.batch_id == batch_id,
            Result.removed_at.is_(None),
            Result.photo_id.is_not(None) if pictured else Result.photo_id.is_(None),
            (Result.source_row > row) | ((Result.source_row == row) & (Result.id > identity)),
        )
        .order_by(Result.source_row, Result.id)
        .limit(limit)
    )
    return tuple(PersonRow(*each) for each in found)


@dataclass(frozen=True, slots=True)
class IntakeRow:
    """An archive of photographs as its batch's page shows it."""

    id: int
    name: str
    account: int
    file_name: str
    state: str
    total: int
    done: int
    named: int
    attached: int
    replaced: int
    refused: int
    strangers: int
    why: tuple[dict[str, Any], ...]
    created_at: Instant
    changed_at: Instant

    @property
    def is_open(self) -> bool:
        """Whether the worker still has something to do with it."""
        return self.state in PHOTOS_OPEN


def intakes(session: Session, actor: Actor, batch_id: int) -> tuple[IntakeRow, ...]:
    """Archives that were handed over for a batch, newest first.

    Raises:
        NotFoundError: there is no such batch, or none that this actor may see.
    """
    _seen(session, actor, batch_id)
    rows = session.scalars(
        select(PhotoIntake)
        .where(PhotoIntake.batch_id == batch_id)
        .order_by(PhotoIntake.id.desc())
        .limit(20)
    )
    return tuple(
        IntakeRow(
            row.id, row.name, row.account_id, row.file_name, row.state, row.total, row.done,
            row.named, row.attached, row.replaced, row.refused, row.strangers, tuple(row.why),
            row.created_at, row.changed_at,
        )
        for row in rows
    )  # fmt: skip


def picture(session: Session, actor: Actor, batch_id: int, result_id: int) -> tuple[str, bytes]:
    """Media type and bytes of one candidate's photograph.

    Raises:
        NotFoundError: there is none, or none that this actor may see.
    """
    found = session.execute(
        select(Photo.media_type, Photo.content)
        .join(Result, Result.photo_id == Photo.id)
        .join(Batch, Batch.id == Result.batch_id)
        .where(Result.id == result_id, Result.batch_id == batch_id, scope.batches(actor))
    ).one_or_none()
    if found is None:
        raise NotFoundError("photograph", result_id)
    return found.media_type, found.content


def _seen(session: Session, actor: Actor, batch_id: int) -> None:
    seen = session.scalar(select(Batch.id).where(Batch.id == batch_id, scope.batches(actor)))
    if seen is None:
        raise NotFoundError("batch", batch_id)


def _rows(
    session: Session, batch_id: int, column: InstrumentedAttribute[Any], values: list[Any]
) -> list[tuple[int, str | None, bytes]]:
    found: list[tuple[int, str | None, bytes]] = []
    for some in chunks(values, 500):
        rows = session.execute(
            select(Result.id, Result.ticket, Result.id_lookup)
            .where(Result.batch_id == batch_id, Result.removed_at.is_(None), column.in_(some))
            .order_by(Result.source_row, Result.id)
        )
        found += [(row.id, row.ticket, row.id_lookup) for row in rows]
    return found
