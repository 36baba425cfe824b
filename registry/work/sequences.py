"""Sequences after a recovery: above all that a verifier may have seen."""

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.orm import Session

from registry.records.certificates import Counter
from registry.records.log import Published
from registry.records.recovery import Recovery
from registry.records.status import StatusList
from registry.work.lost import Lost
from registry.work.plan import REFRESH, SEEN
from registry.work.watermark import Watermark

__all__ = ["REFRESH", "raise_all", "renew_notes"]

ROUNDS = 8
"""Rounds of publishing in a second that no worker exceeds."""


def raise_all(
    session: Session,
    found: list[Lost],
    watermark: Watermark | None,
    signed_at: int | None,
    due: Recovery,
    now: int,
) -> int:
    """Let every list go on above any sequence that was published; answers the one to exceed.

    A verifier remembers the highest sequence it has seen and refuses less. What is public now may
    itself be a copy, so the time since it was signed is paid for in full: sequences cost nothing.
    """
    highest = max(
        [
            session.scalars(select(func.max(Published.sequence))).one() or 0,
            *(each.public.sequence for each in found),
            *({} if watermark is None else watermark.sequences).values(),
        ]
    )
    newest = max(
        session.scalars(select(func.max(Published.published_at))).one() or 0,
        signed_at or 0,
        0 if watermark is None else watermark.at,
    )
    since = now - (newest or due.backup_at or due.begun_at)
    least = highest + ROUNDS * max(0, since) + 1000
    numbers = session.scalars(select(StatusList.number)).all()
    paths = [f"s/{number}" for number in numbers]
    session.execute(delete(Published).where(Published.path.in_(paths)))
    if not paths:
        return least
    session.execute(
        insert(Published),
        [{"path": path, "sequence": least, "published_at": 0} for path in paths],
    )
    return least


def renew_notes(session: Session) -> None:
    """Have the note of every changed certificate published again."""
    session.execute(update(Counter).where(Counter.name == SEEN).values(value=0))
