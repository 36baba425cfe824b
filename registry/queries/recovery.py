"""Whether a recovery is due, and what recoveries have found."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from registry.records.recovery import Recovery


def due(session: Session) -> Recovery | None:
    """The recovery that is due, if one is: nothing may be numbered, issued or published."""
    return session.scalars(
        select(Recovery).where(Recovery.finished_at.is_(None)).order_by(Recovery.id).limit(1)
    ).one_or_none()


def least_sequence(session: Session) -> int:
    """Sequence above which every list has to be published; 0 where nothing was ever recovered."""
    return session.scalars(select(func.max(Recovery.sequence))).one() or 0
