"""Queueing entries of the log; the index comes when the log is sequenced."""

from sqlalchemy import insert
from sqlalchemy.orm import Session

from registry.records.log import LogEntry
from schemas import log_entry
from schemas.log_entry import Entry


def queue(
    session: Session,
    now: int,
    entry: Entry,
    nonce: bytes,
    certificate_id: int,
    status_change_id: int | None = None,
) -> None:
    """Queue an entry about one certificate, in the transaction that does what it commits to.

    Args:
        session: a writing session.
        now: UTC seconds.
        entry: the entry.
        nonce: what the commitment begins with, 16 bytes.
        certificate_id: record id of the version.
        status_change_id: record id of the change of state, where the entry is about one.
    """
    session.execute(
        insert(LogEntry).values(
            version=log_entry.VERSION, kind=int(entry.kind), commitment=entry.commitment,
            index=None, nonce=nonce, certificate_id=certificate_id,
            status_change_id=status_change_id, queued_at=now,
        )
    )  # fmt: skip
