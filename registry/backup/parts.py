"""The parts of a backup: head, tables, files, manifest; each a CBOR array in one sealed message.

::

    head      [0, {format, revision, base, created, dialect, keys}]
    table     [1, name, [[column, type], …]]
    rows      [2, [[value, …], …]]           any number, for the table before
    file      [3, path]
    data      [4, bytes]                     any number, for the file before
    manifest  [5, {tables: {name: [rows, hash]}, files: {path: [size, hash]}, standing: {…}}]

A hash is SHA-256, in hex, over the rows or data messages of one table or file. The manifest is the
last message of the stream: a backup that ends with it is whole.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import IntEnum
from pathlib import PurePosixPath
from typing import Any

from registry.backup.errors import BackupError

FORMAT = 1
KIND = "backup"
"""Kind of the sealed stream."""
MESSAGE = 2**20
"""Bytes of rows or data after which a message is closed, about."""


class Part(IntEnum):
    """First element of every message."""

    HEAD = 0
    TABLE = 1
    ROWS = 2
    FILE = 3
    DATA = 4
    MANIFEST = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """What a backup is of."""

    revision: str
    """Of the tables."""
    base: str
    created: int
    """UTC seconds of the snapshot."""
    dialect: str
    """Of the database that was read; it may be restored to either."""
    keys: bool
    """Whether the sealed signing keys are in it."""

    def value(self) -> dict[str, Any]:
        """The head as it is written."""
        return {"format": FORMAT, **asdict(self)}

    @classmethod
    def of(cls, value: Mapping[str, Any]) -> "Head":
        """The head as it was read; raises BackupError for a newer format."""
        if value.get("format") != FORMAT:
            raise BackupError(
                f"the backup has format {value.get('format')!r}, this program reads {FORMAT}: "
                "restore it with the program that made it, or a newer one"
            )
        try:
            return cls(**{name: kind for name, kind in value.items() if name != "format"})
        except TypeError:
            raise BackupError("the backup's head has other members than this program knows") \
                from None  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What a whole backup holds."""

    tables: dict[str, tuple[int, str]]
    """Rows and hash by table."""
    files: dict[str, tuple[int, str]]
    """Bytes and hash by path."""
    standing: dict[str, Any]
    """How far the registry had come: audit head, last change, sequence of each list."""

    def value(self) -> dict[str, Any]:
        """The manifest as it is written."""
        return asdict(self)

    @property
    def rows(self) -> int:
        """Rows of all tables."""
        return sum(count for count, _ in self.tables.values())


ALLOWED = (
    "hallmark.toml", "root.note", "backup.pub", "transcript.md", "personal/*.key", "uploads/*",
    "trust/*", "public/trust/*", "keys/*.key",
)  # fmt: skip
"""Files that a backup may hold, relative to the registry's folder; signing keys only if asked."""
KEYS = "keys/*.key"


def is_allowed(path: str) -> bool:
    """Whether a file of that path may be written by a restore: never outside the folder."""
    pure = PurePosixPath(path)
    if pure.is_absolute() or ".." in pure.parts or "\0" in path or str(pure) != path:
        return False
    return any(
        len(pure.parts) == len(PurePosixPath(each).parts) and pure.match(each) for each in ALLOWED
    )
