"""Leases: which worker does a thing that only one may do at a time, until when.

A lease of the second sort is a *claim*: many are taken at once, one per piece of work, and given
back by removing them. A claim saves double work and nothing else; what may happen only once is
swapped once in its own transaction, whoever holds the claim.
"""

from sqlalchemy import delete, exists, select, update
from sqlalchemy.orm import Session

from registry.records.lease import Lease
from registry.records.upsert import insert_into
from registry.work.context import Context, WorkError

FAR = 3600
"""No lease is taken for so many seconds; one that is was written by a clock that ran ahead."""


def take(context: Context, name: str, now: int, seconds: int) -> bool:
    """Take or renew a lease; False while another worker holds it."""
    with context.writing.begin() as session:
        session.execute(
            insert_into(session, Lease)
            .values(name=name, owner=context.worker, until=0)
            .on_conflict_do_nothing()
        )
        taken = session.execute(
            update(Lease)
            .where(
                Lease.name == name,
                (Lease.owner == context.worker) | (Lease.until <= now) | (Lease.until > now + FAR),
            )
            .values(owner=context.worker, until=now + seconds)
            .returning(Lease.name)
        ).one_or_none()
        return taken is not None


def renew(context: Context, name: str, now: int, seconds: int) -> None:
    """Keep a lease that is still ours.

    Raises:
        WorkError: it ran out and another worker took it.
    """
    if not take(context, name, now, seconds):
        raise WorkError(f"the lease on {name} was lost; another worker goes on")


def release(session: Session, context: Context, name: str) -> None:
    """Give the lease back in the transaction that records what was done under it.

    Raises:
        WorkError: it ran out and another worker took it; nothing may be recorded.
    """
    freed = session.execute(
        update(Lease)
        .where(Lease.name == name, Lease.owner == context.worker)
        .values(until=0)
        .returning(Lease.name)
    ).one_or_none()
    if freed is None:
        raise WorkError(f"the lease on {name} was lost; another worker goes on")


def drop(session: Session, context: Context, name: str) -> None:
    """Remove a claim, unless another worker has taken it over meanwhile."""
    session.execute(delete(Lease).where(Lease.name == name, Lease.owner == context.worker))


def others(context: Context, now: int) -> bool:
    """Whether another worker holds any lease, so that what it does may leave more to do."""
    with context.reading() as session:
        held = exists().where(Lease.owner != context.worker, Lease.until > now)
        return bool(session.scalar(select(held)))
