"""Stopping a site or an examiner, and ending or shortening what was decided."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.acts import audit
from registry.acts.permission import must
from registry.records.credit import CreditStep, Suspension
from registry.records.errors import NotFoundError
from registry.records.examiners import Examiner
from registry.records.organisations import Site
from registry.rules.permissions import Act, Actor


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause:
    """What was decided; without occupation or level it holds for all."""

    step: CreditStep
    from_on: date
    until_on: date | None
    decision: str
    occupation: int | None = None
    level: str | None = None


def stop_site(session: Session, actor: Actor | None, now: int, site_id: int, pause: Pause) -> int:
    """Suspend a site or remove it from the directory; answers the record id.

    Existing certificates stay as they are: each would have to be revoked by itself.

    Raises:
        NotFoundError: no such site.
        RefusedError: not permitted.
    """
    site = session.get(Site, site_id)
    if site is None:
        raise NotFoundError("site", site_id)
    if actor is not None:
        must(actor, Act.EDIT_SITES, province=site.province, site=site.number)
    return _stop(session, actor, now, pause, f"site:{site_id}", site_id=site_id)


def stop_examiner(
    session: Session, actor: Actor | None, now: int, examiner_id: int, pause: Pause
) -> int:
    """Suspend an examiner or remove one from the directory; answers the record id.

    Raises:
        NotFoundError: no such examiner.
        RefusedError: not permitted.
    """
    examiner = session.get(Examiner, examiner_id)
    if examiner is None:
        raise NotFoundError("examiner", examiner_id)
    if actor is not None:
        must(actor, Act.EDIT_EXAMINERS, province=examiner.province)
    return _stop(session, actor, now, pause, f"examiner:{examiner_id}", examiner_id=examiner_id)


def end_early(
    session: Session, actor: Actor, now: int, suspension_id: int, until_on: date, decision: str
) -> int:
    """Give a suspension an earlier last day; what was known before stays readable.

    A last day before the first takes the suspension back altogether.

    Raises:
        NotFoundError: no such suspension, or one that was replaced before.
        RefusedError: not permitted.
    """
    old = session.get(Suspension, suspension_id)
    replaced = session.scalar(select(Suspension.id).where(Suspension.replaces_id == suspension_id))
    if old is None or replaced is not None:
        raise NotFoundError("suspension", suspension_id)
    if old.site_id is not None:
        site = session.get_one(Site, old.site_id)
        must(actor, Act.EDIT_SITES, province=site.province, site=site.number)
    else:
        must(
            actor,
            Act.EDIT_EXAMINERS,
            province=session.get_one(Examiner, old.examiner_id).province,
        )
    row = Suspension(
        site_id=old.site_id, examiner_id=old.examiner_id, step=old.step,
        occupation_id=old.occupation_id, level=old.level, from_on=old.from_on,
        until_on=until_on, decision=decision, replaces_id=old.id, recorded_at=now,
    )  # fmt: skip
    session.add(row)
    session.flush()
    audit.record(session, actor, now, "end_suspension", f"suspension:{old.id}", by=row.id)
    return row.id


def _stop(
    session: Session,
    actor: Actor | None,
    now: int,
    pause: Pause,
    subject: str,
    *,
    site_id: int | None = None,
    examiner_id: int | None = None,
) -> int:
    row = Suspension(
        site_id=site_id, examiner_id=examiner_id, step=pause.step.value,
        occupation_id=pause.occupation, level=pause.level, from_on=pause.from_on,
        until_on=pause.until_on, decision=pause.decision, replaces_id=None, recorded_at=now,
    )  # fmt: skip
    session.add(row)
    session.flush()
    audit.record(
        session, actor, now, pause.step.value, subject, suspension=row.id,
        decision=pause.decision,
    )  # fmt: skip
    return row.id
