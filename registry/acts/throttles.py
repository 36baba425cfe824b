"""Counting failures at a door."""

from sqlalchemy import case, delete
from sqlalchemy.orm import Session

from registry.queries.throttles import Door
from registry.records.accounts import Throttle
from registry.records.upsert import insert_into


def failed(session: Session, now: int, door: Door, caller: bytes) -> None:
    """Count one failure; a failure after the window has passed opens a new window.

    Args:
        session: a writing session.
        now: UTC seconds.
        door: which door.
        caller: hash of the name or address, 32 bytes.
    """
    is_over = Throttle.window_from <= now - door.seconds
    session.execute(
        insert_into(session, Throttle)
        .values(door=door.name, caller=caller, window_from=now, failures=1)
        .on_conflict_do_update(
            index_elements=["door", "caller"],
            set_={
                "failures": case((is_over, 1), else_=Throttle.failures + 1),
                "window_from": case((is_over, now), else_=Throttle.window_from),
            },
        )
    )


def succeeded(session: Session, door: Door, caller: bytes) -> None:
    """Forget the failures of a caller at a door."""
    session.execute(delete(Throttle).where(Throttle.door == door.name, Throttle.caller == caller))


def forget(session: Session, now: int) -> int:
    """Remove windows that have long passed; answers how many."""
    over = delete(Throttle).where(Throttle.window_from < now - 86_400).returning(Throttle.id)
    return len(session.execute(over).all())
