"""Doors that close for a while after too many failures, per caller."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.records.accounts import Throttle
from schemas.certificate import Instant


@dataclass(frozen=True, slots=True)
class Door:
    """How many failures a door bears within a window."""

    name: str
    most: int
    seconds: int


SIGN_IN = Door("sign_in", 5, 900)
"""Per sign-in name."""
SIGN_IN_ADDRESS = Door("sign_in_address", 50, 900)
"""Per address."""
PICKUP = Door("pickup", 20, 900)
"""Per address."""
LOOK_UP = Door("look_up", 60, 900)
"""Per address."""


def closed_until(session: Session, door: Door, caller: bytes, now: Instant) -> Instant | None:
    """When the door opens again for a caller, or None while it is open."""
    window = session.execute(
        select(Throttle.window_from, Throttle.failures).where(
            Throttle.door == door.name,
            Throttle.caller == caller,
            Throttle.window_from > now - door.seconds,
        )
    ).one_or_none()
    if window is None or window.failures < door.most:
        return None
    return int(window.window_from) + door.seconds
