"""Counters that hand out ranges; a range is never handed out twice and never skipped."""

from sqlalchemy import update
from sqlalchemy.orm import Session

from registry.records.certificates import Counter
from registry.records.upsert import insert_into


def take(session: Session, name: str, count: int = 1) -> range:
    """The next ``count`` values of a counter; the first value ever is 1.

    The range belongs to this transaction: a rollback gives it back, since nobody else can take
    from the counter until the transaction ends.
    """
    if count < 1:
        raise ValueError("a range has at least one value")
    session.execute(
        insert_into(session, Counter).values(name=name, value=0).on_conflict_do_nothing()
    )
    last = session.execute(
        update(Counter)
        .where(Counter.name == name)
        .values(value=Counter.value + count)
        .returning(Counter.value)
    ).scalar_one()
    return range(last - count + 1, last + 1)
