"""What a holder's session opens."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.records.certificates import PickupCode
from registry.records.errors import NotFoundError
from schemas.certificate import Instant


def result(session: Session, pickup: int, now: Instant) -> int:
    """The result that a code opens, as long as no newer code has replaced it.

    Raises:
        NotFoundError: the code is over.
    """
    found = session.scalar(
        select(PickupCode.result_id).where(
            PickupCode.id == pickup, PickupCode.ended_at.is_(None), PickupCode.expires_at > now
        )
    )
    if found is None:
        raise NotFoundError("pickup code", pickup)
    return found
