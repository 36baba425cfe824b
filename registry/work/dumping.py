"""Taking a backup: every table of one snapshot and the folder's own files, sealed as they are read.

Rows are streamed as rows, on SQLite and PostgreSQL alike, and not as the database's own copy: what
was taken from one may be restored to the other, no tool of the server has to be there, every row is
counted, and no copy in the clear ever lies on a disk. The snapshot is one reading transaction, so
others go on writing meanwhile.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Table, func, select
from sqlalchemy.orm import Session, sessionmaker

from registry.backup import parts
from registry.backup.parts import Head, Manifest
from registry.backup.writing import Archive, Messages
from registry.config import Config
from registry.queries import rows
from registry.records import revision
from registry.records.certificates import CertificateRow
from registry.records.log import AuditHead, Published
from registry.records.rows import plain_name
from registry.records.status import StatusChange, StatusList

EVERY = 100_000
"""Rows of a table after which progress is told."""
_PIECE = 2**16


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is to be backed up, and who is told how far it is."""

    config: Config
    now: int
    """UTC seconds."""
    keys: bool
    """Also the sealed signing keys; see ``schemas/spec/threats.md`` before saying yes."""
    told: Callable[[str, int], None]
    """Called with each table or file and its rows or bytes."""


def take(reading: sessionmaker[Session], wanted: Wanted, messages: Messages) -> Manifest:
    """Write a whole backup.

    Raises:
        RevisionError: the tables are not those that this program knows.
        OSError: a file cannot be read, or the backup cannot be written.
    """
    with reading() as session:
        revision.check(session)
        head = Head(
            revision=revision.head(), base=wanted.config.base, created=wanted.now,
            dialect=session.get_bind().dialect.name, keys=wanted.keys,
        )  # fmt: skip
        archive = Archive(messages, head)
        standing = _standing(session)
        for table in rows.tables():
            columns = [(each.name, plain_name(each.type)) for each in table.columns]
            count = archive.table(table.name, columns, _told(session, table, wanted))
            wanted.told(table.name, count)
    for path in _files(wanted.config.folder, keys=wanted.keys):
        relative = path.relative_to(wanted.config.folder).as_posix()
        wanted.told(relative, archive.file(relative, _pieces(path)))
    return archive.finish(standing)


def _told(session: Session, table: Table, wanted: Wanted) -> Iterator[Sequence[tuple[Any, ...]]]:
    """Rows of a table; whoever waits hears of it every so many."""
    count, next_word = 0, EVERY
    for part in rows.stream(session, table):
        yield part
        count += len(part)
        if count >= next_word:
            wanted.told(f"{table.name} …", count)
            next_word += EVERY


def _standing(session: Session) -> dict[str, Any]:
    """How far the registry had come; part of the same snapshot."""
    head = session.get_one(AuditHead, 1)
    lists = session.execute(select(StatusList.number, StatusList.size, StatusList.taken))
    sequences = session.execute(select(Published.path, Published.sequence))
    states = session.execute(
        select(CertificateRow.state, func.count()).group_by(CertificateRow.state)
    )
    return {
        "audit": [head.position, head.hash.hex()],
        "change": session.scalars(select(func.max(StatusChange.id))).one() or 0,
        "lists": {str(row.number): [row.size, row.taken] for row in lists},
        "sequences": {row.path: row.sequence for row in sequences if row.path.startswith("s/")},
        "certificates": {row[0]: row[1] for row in states},
    }


def _files(folder: Path, *, keys: bool) -> Iterator[Path]:
    """Files of the folder that belong into a backup; a link is not followed."""
    for pattern in parts.ALLOWED:
        if pattern != parts.KEYS or keys:
            found = (path for path in sorted(folder.glob(pattern)) if not path.is_symlink())
            yield from (path for path in found if path.is_file())


def _pieces(path: Path) -> Iterator[bytes]:
    try:
        with path.open("rb") as file:
            while piece := file.read(_PIECE):
                yield piece
    except FileNotFoundError:
        return  # an upload that was imported just now: its rows count, not the file
