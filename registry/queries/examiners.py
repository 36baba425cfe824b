"""Examiners for the directory, and as the rules need them."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.queries import credit
from registry.queries.organisations import scopes
from registry.records.accounts import Person
from registry.records.examiners import Examiner, ExaminerScope, Relation
from registry.rules import examiners as rules
from registry.rules.periods import Period
from schemas.certificate import Instant


@dataclass(frozen=True, slots=True)
class ExaminerRow:
    """An examiner in the directory; never with an ID number."""

    id: int
    card: str
    name: str
    grade: str
    province: str
    from_on: date
    until_on: date


def examiners(session: Session, province: str | None = None) -> tuple[ExaminerRow, ...]:
    """The directory of examiners, by card; of one province where it is given."""
    wanted = (
        select(
            Examiner.id, Examiner.card, Person.name, Examiner.grade, Examiner.province,
            Examiner.from_on, Examiner.until_on,
        )
        .join(Person, Person.id == Examiner.person_id)
        .order_by(Examiner.card)
    )  # fmt: skip
    if province is not None:
        wanted = wanted.where(Examiner.province == province)
    return tuple(ExaminerRow(*row) for row in session.execute(wanted))


def for_rules(
    session: Session, ids: Collection[int], codes: dict[int, str], known_at: Instant
) -> dict[int, rules.Examiner]:
    """Examiners by record id with everything known of them at an instant."""
    granted: defaultdict[int, list[Sequence[Any]]] = defaultdict(list)
    for row in session.execute(
        select(
            ExaminerScope.occupation_id, ExaminerScope.level,
            ExaminerScope.from_on, ExaminerScope.until_on, ExaminerScope.examiner_id,
        ).where(ExaminerScope.examiner_id.in_(ids), ExaminerScope.recorded_at <= known_at)
    ):  # fmt: skip
        granted[row.examiner_id].append(row)
    standing = credit.of_examiners(session, codes, known_at)
    found = session.scalars(select(Examiner).where(Examiner.id.in_(ids))).all()
    return {
        each.id: rules.Examiner(
            id=each.id,
            person=each.person_id,
            card=each.card,
            grade=rules.Grade(each.grade),
            province=each.province,
            card_period=Period(each.from_on, each.until_on),
            scopes=scopes(granted[each.id], codes),
            suspensions=standing.get(each.id, credit.Standing()).pauses,
        )
        for each in found
    }


def relations(
    session: Session, ids: Collection[int], known_at: Instant
) -> tuple[rules.Relation, ...]:
    """Declared relations of these examiners."""
    rows = session.execute(
        select(Relation.examiner_id, Relation.id_lookup, Relation.kind).where(
            Relation.examiner_id.in_(ids), Relation.recorded_at <= known_at
        )
    )
    return tuple(
        rules.Relation(examiner=row[0], candidate=row[1], kind=rules.RelationKind(row[2]))
        for row in rows
    )


def cards(session: Session, wanted: Collection[str]) -> dict[str, int]:
    """Record ids of examiners by card number, of those that exist."""
    rows = session.execute(select(Examiner.card, Examiner.id).where(Examiner.card.in_(wanted)))
    return {row.card: row.id for row in rows}
