"""What happens to existing certificates, as rows that never change."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import insert
from sqlalchemy.orm import Session

from registry.records.legacy import LegacyHistory


def note(
    session: Session, now: int, person: int | None, what: str, entries: Iterable[int], **detail: Any
) -> None:
    """Add one row for each entry.

    Args:
        session: a writing session.
        now: UTC seconds.
        person: who acted; None for the holder and for the registry itself.
        what: word of the event, e.g. ``confirmed``.
        entries: record ids.
        detail: JSON values; of an ID number at most its last four.
    """
    rows = [
        {"entry_id": entry, "at": now, "person_id": person, "what": what, "detail": detail}
        for entry in entries
    ]
    if rows:
        session.execute(insert(LegacyHistory), rows)
