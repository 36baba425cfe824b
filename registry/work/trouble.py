"""Trouble of the machine in words that say what to do: a full disk, a database that is away."""

import errno
import sqlite3

from sqlalchemy.exc import DBAPIError

from registry.work.context import WorkError

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_DISK_FULL = "53100"
"""PostgreSQL's code for it."""


def told(error: Exception) -> Exception:
    """The same trouble as a :class:`WorkError` with a sentence, where there is one for it."""
    if isinstance(error, OSError) and error.errno in _FULL:
        where = f" ({error.filename})" if error.filename else ""
        return WorkError(
            f"the disk is full{where}: make room; nothing half-written was put out, and the worker "
            "goes on by itself"
        )
    if not isinstance(error, DBAPIError):
        return error
    original = error.orig
    if getattr(original, "sqlstate", None) == _DISK_FULL or _is_full(original):
        return WorkError(
            "the disk of the database is full: make room; what was begun was taken back, and the "
            "worker goes on by itself"
        )
    if error.connection_invalidated or _is_away(original):
        return WorkError(
            "the database does not answer: look whether it runs; what was begun was taken back, "
            "and the worker goes on by itself as soon as it is there"
        )
    return error


def _is_full(original: BaseException | None) -> bool:
    if not isinstance(original, sqlite3.Error):
        return False
    # SQLite says so, or fails to write in some other way.
    return original.sqlite_errorname in ("SQLITE_FULL", "SQLITE_IOERR_WRITE", "SQLITE_IOERR_FSYNC")


def _is_away(original: BaseException | None) -> bool:
    state = getattr(original, "sqlstate", None)
    name = type(original).__name__
    # Not connected at all, or told to go: classes 08 and 57P.
    return (name == "OperationalError" and state is None and not isinstance(
        original, sqlite3.Error
    )) or str(state).startswith(("08", "57P"))  # fmt: skip
