"""Who was stopped when, as it was known at an instant."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from registry.records.credit import CreditStep, Suspension
from registry.rules import organisations as rules
from registry.rules.periods import Period
from schemas.certificate import Instant


@dataclass(frozen=True, slots=True)
class Standing:
    """Pauses of one site or examiner, and the first day after a removal."""

    pauses: tuple[rules.Suspension, ...] = ()
    removed: date | None = None


def of_sites(session: Session, codes: dict[int, str], known_at: Instant) -> dict[int, Standing]:
    """Standing of sites by record id; ``codes`` are occupation codes by record id."""
    return _standing(session, codes, known_at, is_site=True)


def of_examiners(session: Session, codes: dict[int, str], known_at: Instant) -> dict[int, Standing]:
    """Standing of examiners by record id; ``codes`` are occupation codes by record id."""
    return _standing(session, codes, known_at, is_site=False)


def _standing(
    session: Session, codes: dict[int, str], known_at: Instant, *, is_site: bool
) -> dict[int, Standing]:
    later = aliased(Suspension)
    subject = Suspension.site_id if is_site else Suspension.examiner_id
    # A row that another one replaces counts no more, from the moment the other became known.
    rows = session.execute(
        select(
            subject, Suspension.step, Suspension.occupation_id, Suspension.level,
            Suspension.from_on, Suspension.until_on,
        )
        .outerjoin(later, (later.replaces_id == Suspension.id) & (later.recorded_at <= known_at))
        .where(subject.is_not(None), Suspension.recorded_at <= known_at, later.id.is_(None))
        .order_by(Suspension.id)
    ).all()  # fmt: skip
    pauses: defaultdict[int, list[rules.Suspension]] = defaultdict(list)
    removed: dict[int, date] = {}
    for subject_id, step, occupation_id, level, from_on, until_on in rows:
        assert subject_id is not None  # the query asks for rows of this kind of subject
        if until_on is not None and until_on < from_on:
            continue  # a replacement that takes the whole interval back
        if step == CreditStep.REMOVED and until_on is None:
            removed[subject_id] = min(from_on, removed.get(subject_id, from_on))
        pauses[subject_id].append(
            rules.Suspension(
                period=Period(from_on, until_on),
                occupation=None if occupation_id is None else codes[occupation_id],
                levels=None if level is None else frozenset({level}),
            )
        )
    return {
        subject_id: Standing(tuple(found), removed.get(subject_id))
        for subject_id, found in pauses.items()
    }
