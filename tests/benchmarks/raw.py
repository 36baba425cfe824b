"""The raw limits: libsodium through its C interface with buffers that are ready, sqlite3 alone."""

import sqlite3
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from nacl import _sodium  # type: ignore[attr-defined]

TABLES = ("certificates", "forms", "status", "log_entries")
"""Tables into which issuing inserts one row for every certificate."""

_lib: Any = _sodium.lib
_ffi: Any = _sodium.ffi


def verifier(public: bytes, size: int) -> Callable[[bytes], bool]:
    """What verifies one message of at most ``size`` bytes: the one call and nothing else."""
    room = _ffi.new("unsigned char[]", size)
    crypto_sign_open, nothing = _lib.crypto_sign_open, _ffi.NULL

    def verify(message: bytes) -> bool:
        return bool(crypto_sign_open(room, nothing, message, len(message), public) == 0)

    return verify


def verifications(messages: Sequence[bytes], public: bytes) -> Callable[[], None]:
    """One verification of each message (64 bytes of signature, then what is signed)."""
    room = _ffi.new("unsigned char[]", max(map(len, messages)))
    crypto_sign_open, nothing = _lib.crypto_sign_open, _ffi.NULL

    def work() -> None:
        for message in messages:
            if crypto_sign_open(room, nothing, message, len(message), public) != 0:
                raise AssertionError("a sound signature does not verify")

    return work


def signatures(messages: Sequence[bytes], secret: bytes) -> Callable[[], None]:
    """One signature over each message."""
    room = _ffi.new("unsigned char[]", max(map(len, messages)) + 64)
    crypto_sign, nothing = _lib.crypto_sign, _ffi.NULL

    def work() -> None:
        for message in messages:
            crypto_sign(room, nothing, message, len(message), secret)

    return work


class Inserts:
    """The rows that issuing wrote, inserted again by ``executemany`` into equal, empty tables."""

    def __init__(self, issued: Path, folder: Path) -> None:
        with sqlite3.connect(issued) as source:
            self._schema = [
                row[0]
                for name in TABLES
                for row in source.execute(
                    "SELECT sql FROM sqlite_master WHERE tbl_name = ? AND sql IS NOT NULL"
                    " AND type IN ('table', 'index') ORDER BY type DESC",
                    (name,),
                )
            ]
            self._rows = {
                name: source.execute(f"SELECT * FROM {name} ORDER BY rowid").fetchall()
                for name in TABLES
            }
        self._folder = folder
        self._runs = 0
        self.count = len(self._rows["certificates"])

    def empty(self, chunk: int) -> Callable[[], None]:
        """Make an empty database; the work then fills it, ``chunk`` certificates a transaction."""
        self._runs += 1
        connection = sqlite3.connect(self._folder / f"raw{self._runs}.db", isolation_level=None)
        for pragma in ("journal_mode = WAL", "synchronous = FULL"):
            connection.execute(f"PRAGMA {pragma}")
        for statement in self._schema:
            connection.execute(statement)
        inserts = {
            name: f"INSERT INTO {name} VALUES ({', '.join('?' * len(rows[0]))})"
            for name, rows in self._rows.items()
        }

        def work() -> None:
            for start in range(0, self.count, chunk):
                connection.execute("BEGIN IMMEDIATE")
                for name, rows in self._rows.items():
                    connection.executemany(inserts[name], rows[start : start + chunk])
                connection.execute("COMMIT")
            connection.close()

        return work
