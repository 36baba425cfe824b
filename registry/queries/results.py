"""Results of a batch opened for the rules: the only place where sealed ID numbers are read."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import NamedTuple, TypeVar

from sqlalchemy import exists, func, select, tuple_
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


class _Row(NamedTuple):
    """What is read of a result; whole objects would cost three times as much."""

    id: int
    uid: str
    batch_id: int
    source_row: int
    name: str
    id_kind: str
    id_sealed: bytes
    id_key: str
    id_lookup: bytes
    occupation_id: int
    level: str
    work_type: str | None
    assessed: date
    theory: Decimal
    practice: Decimal
    review: Decimal | None
    ticket: str | None
    photo_id: int | None


_COLUMNS = tuple(getattr(Result, name) for name in _Row._fields)
_PAGE = 500
"""Rows that are read at a time: SQLite allows only so many parameters."""


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
    return tuple(stream(session, personal, batch_id, codes))


def stream(
    session: Session, personal: Personal, batch_id: int, codes: dict[int, str]
) -> Iterator[StoredResult]:
    """The same one by one: memory holds some hundred, however large the batch is."""
    opened = _Opening(session, personal, codes)
    after = (0, 0)
    while page := _page(session, batch_id, after):
        yield from opened.results(page)
        after = page[-1].source_row, page[-1].id


def _page(session: Session, batch_id: int, after: tuple[int, int]) -> list[_Row]:
    row, key = after
    found = session.execute(
        select(*_COLUMNS)
        .where(
            Result.batch_id == batch_id, Result.removed_at.is_(None),
            tuple_(Result.source_row, Result.id) > (row, key),
        )
        .order_by(Result.source_row, Result.id)
        .limit(_PAGE)
    )  # fmt: skip
    return [_Row._make(each) for each in found]


def matching(
    session: Session, personal: Personal, lookups: Collection[bytes], codes: dict[int, str]
) -> tuple[StoredResult, ...]:
    """Rows of any batch whose identity has one of these look-up values."""
    rows = session.execute(
        select(*_COLUMNS)
        .where(Result.id_lookup.in_(lookups), Result.removed_at.is_(None))
        .order_by(Result.id)
    )
    opened = _Opening(session, personal, codes)
    return tuple(
        each
        for part in chunks([_Row._make(row) for row in rows], _PAGE)
        for each in opened.results(part)
    )


def digest(session: Session, batch: Batch, rows: Iterable[StoredResult]) -> bytes:
    """What confirmations and approvals of the batch are bound to."""
    number = session.scalars(select(Site.number).where(Site.id == batch.site_id)).one()
    return approval.digest(batch.number, number, (row.result for row in rows))


def count(session: Session, batch_id: int) -> int:
    """How many rows of a batch were not taken out."""
    wanted = (Result.batch_id == batch_id, Result.removed_at.is_(None))
    return session.scalars(select(func.count()).select_from(Result).where(*wanted)).one()


def some_without_team(session: Session, batch_id: int) -> bool:
    """Whether a row of a batch names no examiner."""
    wanted = exists().where(
        Result.batch_id == batch_id, Result.removed_at.is_(None),
        ~exists().where(ResultExaminer.result_id == Result.id),
    )  # fmt: skip
    return bool(session.scalar(select(wanted)))


class _Opening:
    """Opens rows; what thousands of them share, such as a team, is put together once."""

    def __init__(self, session: Session, personal: Personal, codes: dict[int, str]) -> None:
        self.session, self.personal, self.codes = session, personal, codes
        self.teams: dict[tuple[tuple[int, str, str], ...], _Team] = {}

    def results(self, rows: Sequence[_Row]) -> Iterator[StoredResult]:
        """The rows of one page."""
        teams = self._teams([row.id for row in rows])
        for row in rows:
            found = tuple(teams[row.id])
            team = self.teams.get(found) or self.teams.setdefault(found, _team(found))
            number = self.personal.open(row.id_sealed, TABLE, row.uid, row.id_key)
            result = RulesResult(
                name=row.name, identity=Identity(row.id_kind, number),
                occupation=self.codes[row.occupation_id], level=row.level,
                work_type=row.work_type, assessed=row.assessed, theory=row.theory,
                practice=row.practice, review=row.review, practice_examiners=team.practice,
                review_examiners=team.review, ticket=row.ticket,
            )  # fmt: skip
            yield StoredResult(
                row.id, row.batch_id, row.id_lookup, result, team.members, row.photo_id
            )

    def _teams(self, ids: list[int]) -> defaultdict[int, list[tuple[int, str, str]]]:
        teams: defaultdict[int, list[tuple[int, str, str]]] = defaultdict(list)
        for key, examiner, part, card in self.session.execute(
            select(
                ResultExaminer.result_id, ResultExaminer.examiner_id,
                ResultExaminer.part, Examiner.card,
            )
            .join(Examiner, Examiner.id == ResultExaminer.examiner_id)
            .where(ResultExaminer.result_id.in_(ids))
            .order_by(ResultExaminer.result_id, ResultExaminer.part, ResultExaminer.place)
        ):  # fmt: skip
            teams[key].append((examiner, part, card))
        return teams


@dataclass(frozen=True, slots=True)
class _Team:
    members: tuple[tuple[int, Part], ...]
    practice: tuple[str, ...]
    review: tuple[str, ...]


def _team(found: tuple[tuple[int, str, str], ...]) -> _Team:
    return _Team(
        members=tuple((examiner, Part(part)) for examiner, part, _ in found),
        practice=tuple(card for _, part, card in found if part == Part.PRACTICE),
        review=tuple(card for _, part, card in found if part == Part.REVIEW),
    )


Item = TypeVar("Item")


def chunks(values: list[Item], size: int) -> list[list[Item]]:
    """The values in lists of at most ``size``: SQLite allows only so many parameters."""
    return [values[start : start + size] for start in range(0, len(values), size)]
