"""Results of a batch opened for the rules: the only place where sealed ID numbers are read."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.custody.personal import Personal
from registry.records.assessment import Batch, Result, ResultExaminer
from registry.records.examiners import Examiner
from registry.records.organisations import Site
from registry.rules import approval
from registry.rules.assessment import Result as RulesResult
from registry.rules.examiners import Part
from registry.rules.identity import Identity

TABLE = "results"
"""Name of the table inside the associated data of sealed numbers."""


@dataclass(frozen=True, slots=True)
class StoredResult:
    """One row with its record id, as the rules see it."""

    id: int
    batch: int
    lookup: bytes
    result: RulesResult
    team: tuple[tuple[int, Part], ...]
    """Record ids of the examiners and the part that each marked."""
    photo: int | None


def of_batch(
    session: Session, personal: Personal, batch_id: int, codes: dict[int, str]
) -> tuple[StoredResult, ...]:
    """Every row of a batch that was not taken out, in the order of the workbook.

    Args:
        session: any session.
        personal: keys that open the ID numbers.
        batch_id: record id.
        codes: occupation codes by record id.

    Raises:
        PersonalKeyError: a number does not open for its row.
    """
    rows = session.scalars(
        select(Result)
        .where(Result.batch_id == batch_id, Result.removed_at.is_(None))
        .order_by(Result.source_row, Result.id)
    ).all()
    return _open(session, personal, rows, codes)


def matching(
    session: Session, personal: Personal, lookups: Collection[bytes], codes: dict[int, str]
) -> tuple[StoredResult, ...]:
    """Rows of any batch whose identity has one of these look-up values."""
    rows = session.scalars(
        select(Result)
        .where(Result.id_lookup.in_(lookups), Result.removed_at.is_(None))
        .order_by(Result.id)
    ).all()
    return _open(session, personal, rows, codes)


def digest(session: Session, batch: Batch, rows: Collection[StoredResult]) -> bytes:
    """What confirmations and approvals of the batch are bound to."""
    number = session.scalars(select(Site.number).where(Site.id == batch.site_id)).one()
    return approval.digest(batch.number, number, [row.result for row in rows])


def _open(
    session: Session, personal: Personal, rows: Collection[Result], codes: dict[int, str]
) -> tuple[StoredResult, ...]:
    teams = _teams(session, [row.id for row in rows])
    opened = []
    for row in rows:
        number = personal.open(row.id_sealed, TABLE, row.uid, row.id_key)
        team = teams[row.id]
        result = RulesResult(
            name=row.name,
            identity=Identity(row.id_kind, number),
            occupation=codes[row.occupation_id],
            level=row.level,
            work_type=row.work_type,
            assessed=row.assessed,
            theory=row.theory,
            practice=row.practice,
            review=row.review,
            practice_examiners=_cards(team, Part.PRACTICE),
            review_examiners=_cards(team, Part.REVIEW),
            ticket=row.ticket,
        )
        members = tuple((examiner, part) for examiner, part, _ in team)
        opened.append(
            StoredResult(row.id, row.batch_id, row.id_lookup, result, members, row.photo_id)
        )
    return tuple(opened)


def _cards(team: Collection[tuple[int, Part, str]], wanted: Part) -> tuple[str, ...]:
    return tuple(card for _, part, card in team if part is wanted)


def _teams(session: Session, ids: Collection[int]) -> defaultdict[int, list[tuple[int, Part, str]]]:
    teams: defaultdict[int, list[tuple[int, Part, str]]] = defaultdict(list)
    for chunk in chunks(sorted(ids), 500):
        for row in session.execute(
            select(
                ResultExaminer.result_id, ResultExaminer.examiner_id,
                ResultExaminer.part, Examiner.card,
            )
            .join(Examiner, Examiner.id == ResultExaminer.examiner_id)
            .where(ResultExaminer.result_id.in_(chunk))
            .order_by(ResultExaminer.result_id, ResultExaminer.part, ResultExaminer.place)
        ):  # fmt: skip
            teams[row.result_id].append((row.examiner_id, Part(row.part), row.card))
    return teams


def chunks(values: list[int], size: int) -> list[list[int]]:
    """The values in lists of at most ``size``: SQLite allows only so many parameters."""
    return [values[start : start + size] for start in range(0, len(values), size)]
