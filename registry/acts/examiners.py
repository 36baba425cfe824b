"""Examiners' cards, what they may assess, and declared relations."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from registry.acts import audit
from registry.acts.permission import must
from registry.custody.personal import Personal
from registry.records.errors import NotFoundError
from registry.records.examiners import Examiner, ExaminerScope, Relation
from registry.rules.decision import RefusedError, reason
from registry.rules.examiners import Grade, RelationKind
from registry.rules.identity import Identity
from registry.rules.permissions import Act, Actor


@dataclass(frozen=True, slots=True, kw_only=True)
class NewCard:
    """An examiner's card to be recorded; last day inclusive."""

    person: int
    card: str
    grade: Grade
    province: str
    from_on: date
    until_on: date


def record_card(session: Session, actor: Actor | None, now: int, new: NewCard) -> int:
    """Record an examiner's card; answers the examiner's record id.

    ``actor`` is None only while a registry is being set up.

    Raises:
        RefusedError: not permitted, or the card number is taken.
    """
    if actor is not None:
        must(actor, Act.EDIT_EXAMINERS, province=new.province)
    if session.scalar(select(Examiner.id).where(Examiner.card == new.card)):
        raise RefusedError(reason("number_taken", number=new.card))
    examiner = Examiner(
        person_id=new.person, card=new.card, grade=new.grade.value, province=new.province,
        from_on=new.from_on, until_on=new.until_on, recorded_at=now,
    )  # fmt: skip
    session.add(examiner)
    session.flush()
    audit.record(session, actor, now, "record_card", f"examiner:{examiner.id}", card=new.card)
    return examiner.id


def give_scope(
    session: Session,
    actor: Actor | None,
    now: int,
    examiner_id: int,
    occupation_id: int,
    levels: Iterable[str],
    from_on: date,
    until_on: date | None,
) -> None:
    """Record what an examiner may assess; last day inclusive.

    Raises:
        NotFoundError: no such examiner.
        RefusedError: not permitted.
    """
    examiner = session.get(Examiner, examiner_id)
    if examiner is None:
        raise NotFoundError("examiner", examiner_id)
    if actor is not None:
        must(actor, Act.EDIT_EXAMINERS, province=examiner.province)
    wanted = sorted(set(levels))
    session.execute(
        insert(ExaminerScope),
        [
            {
                "examiner_id": examiner_id, "occupation_id": occupation_id, "level": level,
                "from_on": from_on, "until_on": until_on, "recorded_at": now,
            }
            for level in wanted
        ],
    )  # fmt: skip
    audit.record(
        session, actor, now, "give_scope", f"examiner:{examiner_id}", occupation=occupation_id,
        levels=wanted,
    )  # fmt: skip


def declare_relation(
    session: Session,
    actor: Actor | None,
    now: int,
    personal: Personal,
    examiner_id: int,
    candidate: Identity,
    kind: RelationKind,
) -> None:
    """Record that an examiner is related to a candidate; declaring it twice changes nothing.

    Raises:
        NotFoundError: no such examiner.
        RefusedError: not permitted.
    """
    examiner = session.get(Examiner, examiner_id)
    if examiner is None:
        raise NotFoundError("examiner", examiner_id)
    if actor is not None:
        must(
            actor, Act.DECLARE_RELATION, province=examiner.province, site=actor.site,
            persons=frozenset({examiner.person_id}),
        )  # fmt: skip
    known = session.scalar(
        select(Relation.id).where(
            Relation.examiner_id == examiner_id,
            Relation.id_lookup.in_(personal.lookups(candidate)),
            Relation.kind == kind.value,
        )
    )
    if known is not None:
        return
    session.add(
        Relation(
            examiner_id=examiner_id, id_lookup=personal.lookup(candidate),
            id_lookup_key=personal.current, kind=kind.value,
            declared_by=None if actor is None else actor.person, recorded_at=now,
        )
    )  # fmt: skip
    session.flush()
    audit.record(
        session, actor, now, "declare_relation", f"examiner:{examiner_id}", kind=kind.value
    )
