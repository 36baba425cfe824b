"""Publishing: from rows to signed static files, changed places only, then release to holders.

Order matters for a reader who asks in between: notes, then tiles, then both lists. A file's sequence
is one above whatever was published under its path, on disk or in the records, so that a restored
database cannot publish backwards.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from keys.signer import Signer
from registry.acts import counters
from registry.publish import evidence
from registry.records.certificates import CertificateRow, CertificateState, Counter, Form
from registry.records.log import Publication
from registry.records.status import Status, StatusChange, StatusList
from registry.work import notes
from registry.work.context import Context, WorkError
from schemas import tile
from schemas.tile import IssuedTile
from schemas.token_status import TokenStatusList

SEEN = "published_changes"
"""Counter: the last status change whose files are out."""
TTL = 60
"""Seconds a copy of a list may be used without asking again (decision to door: a minute)."""


@dataclass(frozen=True, slots=True)
class Pending:
    """What has changed in one list since it was last published."""

    list: int
    size: int
    certificates: tuple[int, ...]
    """Issued and not yet released."""
    tiles: frozenset[int]
    """Tiles to write."""
