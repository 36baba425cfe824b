"""Leases: which worker does a thing that only one may do at a time, until when."""

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.orm import Session

from registry.records.lease import Lease
from registry.work.context import Context, WorkError


def take(context: Context, name: str, now: int, seconds: int) -> bool:
    """Take or renew a lease; False while another worker holds it."""
    with context.writing.begin() as session:
        dialect = session.get_bind().dialect.name
        insert = sqlite_insert if dialect == "sqlite" else postgresql_insert
        session.execute(
            insert(Lease).values(name=name, owner=context.worker, until=0).on_conflict_do_nothing()
        )
        taken = session.execute(
            update(Lease)
            .where(Lease.name == name, (Lease.owner == context.worker) | (Lease.until <= now))
            .values(owner=context.worker, until=now + seconds)
            .returning(Lease.name)
        ).one_or_none()
        return taken is not None


def require(session: Session, context: Context, name: str) -> None:
    """Make sure that the lease is still ours, and keep it so until this transaction ends.

    Raises:
        WorkError: it ran out and another worker took it; nothing may be recorded.
    """
    owner = session.scalars(
        select(Lease.owner).where(Lease.name == name).with_for_update()
    ).one_or_none()
    if owner != context.worker:
        raise WorkError(f"the lease on {name} was lost; another worker goes on")
