"""Places in status lists: taken from a counter, scattered by a keyed permutation."""

from collections.abc import Callable

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from registry.queries import recovery
from registry.records.status import StatusList
from registry.rules import permutation
from registry.rules.decision import RefusedError, reason
from schemas.token_status import LIST_SIZE


def take(
    session: Session, now: int, random: Callable[[int], bytes], count: int
) -> list[tuple[int, int]]:
    """Take ``count`` places as (list, index); opens further lists when one is full.

    Args:
        session: a writing session.
        now: UTC seconds.
        random: source of a new list's permutation key.
        count: how many.

    Raises:
        RefusedError: the registry was restored, and its places of since then are not known yet.
    """
    if recovery.due(session) is not None:
        raise RefusedError(reason("recovery_due"))
    places: list[tuple[int, int]] = []
    while len(places) < count:
        current = session.scalars(
            select(StatusList)
            .order_by(StatusList.number.desc())
            .limit(1)
            .execution_options(populate_existing=True)
        ).first()
        if current is None or current.taken >= current.size:
            number = 1 if current is None else current.number + 1
            current = _open(session, now, random, number)
        wanted = min(count - len(places), current.size - current.taken)
        end = session.execute(
            update(StatusList)
            .where(
                StatusList.number == current.number,
                StatusList.taken + wanted <= StatusList.size,
            )
            .values(taken=StatusList.taken + wanted)
            .execution_options(synchronize_session=False)
            .returning(StatusList.taken)
        ).scalar_one_or_none()
        if end is None:
            continue  # another transaction took from it since we looked
        places += [
            (current.number, permutation.place(current.permutation_key, at, current.size))
            for at in range(end - wanted, end)
        ]
    return places


def _open(session: Session, now: int, random: Callable[[int], bytes], number: int) -> StatusList:
    opened = StatusList(
        number=number, size=LIST_SIZE, taken=0, permutation_key=random(32), opened_at=now
    )
    session.add(opened)
    session.flush()
    return opened
