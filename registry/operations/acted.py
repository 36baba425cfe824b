"""Acts and results told when they are committed, and only then."""

from typing import Any

from sqlalchemy import event
from sqlalchemy.orm import Session, sessionmaker

from registry.operations import logs, tally

KEY = "acted"
"""In ``session.info``: position, act and subject of every audit line of the transaction."""
COUNTED = "counted"
"""In ``session.info``: what else is counted then."""


def count(session: Session, counted: tally.Count, *labels: str, by: int = 1) -> None:
    """Count when the session is committed; nothing when it is rolled back."""
    session.info.setdefault(COUNTED, []).append((counted, labels, by))


def follow(maker: sessionmaker[Session]) -> None:
    """Tell of the acts of every session that this maker makes."""
    if event.contains(maker, "after_commit", _tell):
        return
    event.listen(maker, "after_commit", _tell)
    event.listen(maker, "after_rollback", _forget)


def _tell(session: Session) -> None:
    for counted, labels, by in session.info.pop(COUNTED, []):
        counted.add(*labels, by=by)
    acted: list[tuple[int, str, str]] = session.info.pop(KEY, [])
    for position, act, subject in acted:
        tally.ACTS.add(act)
        logs.tell("act", audit=position, act=act, subject=subject)


def _forget(session: Session, *_: Any) -> None:
    session.info.pop(KEY, None)
    session.info.pop(COUNTED, None)
