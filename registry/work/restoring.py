"""Restoring a backup into an empty folder and an empty database, whole or not at all.

Everything is read into a folder beside the wanted one and into one transaction; only when the last
message has agreed does the transaction end and the folder get its name.
"""

import json
import os
import shutil
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from registry.backup import reading
from registry.backup.errors import BackupError
from registry.backup.parts import Head, Manifest
from registry.records import revision, rows
from registry.records.recovery import Cause, Recovery
from registry.records.schema import migrate, unmigrate
from registry.records.session import open_engine, writing
from schemas.dates import utc


@dataclass(frozen=True, slots=True)
class Restored:
    """What was restored."""

    head: Head
    manifest: Manifest


@dataclass(frozen=True, slots=True)
class Place:
    """Where a backup goes."""

    folder: Path
    """Does not exist yet, or is empty."""
    database_url: str | None
    """An empty database; None for an SQLite file in the folder."""


def restore(messages: Iterable[bytes], place: Place, now: int) -> Restored:
    """Restore a backup.

    Args:
        messages: the opened stream.
        place: where to.
        now: UTC seconds; when the recovery that has to follow begins.

    Raises:
        BackupError: the place is not empty, or the backup is not sound, of another format, or made
            by a newer program.
        SealedStreamError: from ``messages``.
    """
    folder = place.folder
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise BackupError(f"{folder} is not empty: a backup is restored into an empty folder only")
    partial = folder.with_name(f".{folder.name}.restoring")
    if partial.exists():
        shutil.rmtree(partial)  # of a restore that was broken off
    partial.mkdir(mode=0o700, parents=True)
    sink = _Into(partial, open_engine(place.database_url or f"sqlite:///{partial}/hallmark.db"))
    try:
        restored = _restore(messages, sink, now)
        _settings(partial, place.database_url)
        if folder.exists():
            folder.rmdir()
        os.replace(partial, folder)
    except BaseException:
        sink.undo()
        shutil.rmtree(partial, ignore_errors=True)
        raise
    _flush(folder.parent)
    return restored


def _restore(messages: Iterable[bytes], sink: "_Into", now: int) -> Restored:
    try:
        with writing(sink.engine)() as session:
            sink.session = session
            head, manifest = reading.read(messages, sink)
            sink.close()
            rows.finish_loading(session, sink.keys)
            session.commit()
        migrate(sink.engine)
        with writing(sink.engine).begin() as session:
            session.add(_due(head, now))
    except SQLAlchemyError as error:
        # Driver's words may quote rows; the class says enough.
        raise BackupError(
            f"the database does not take the backup ({type(error).__name__}); nothing was restored"
        ) from None
    sink.engine.dispose()
    return Restored(head, manifest)


def _due(head: Head, now: int) -> Recovery:
    """The recovery that must come before anything is numbered, issued or published again."""
    return Recovery(
        cause=Cause.RESTORED.value, why=f"restored from the backup of {utc(head.created)}",
        backup_at=head.created, begun_at=now, finished_at=None, margin=None, sequence=None,
    )  # fmt: skip


class _Into:
    """A folder and a database that take what a backup holds."""

    def __init__(self, folder: Path, engine: Engine) -> None:
        self.folder, self.engine = folder, engine
        self.session: Session | None = None
        self.keys: list[tuple[str, str, str]] = []
        self._begun = False
        self._migrated = False
        self._name, self._columns = "", list[tuple[str, str]]()
        self._file: BinaryIO | None = None

    def head(self, head: Head) -> None:
        """Make the tables of the backup's own program."""
        if head.revision not in revision.known():
            raise BackupError(
                f"the backup was made by a newer program (tables {head.revision}, "
                f"this one knows {revision.head()}): install that one and restore with it"
            )
        with self.engine.connect() as connection:
            if not rows.is_empty(connection):
                raise BackupError(
                    "the database is not empty: a backup is restored into an empty one only; "
                    "drop it, create it anew, and restore again"
                )
        self._migrated = True
        migrate(self.engine, head.revision)

    def table(self, name: str, columns: Sequence[tuple[str, str]]) -> None:
        """Begin a table; before the first one the database is made ready."""
        session = self._open()
        if not self._begun:
            self._begun = True
            self.keys = rows.begin_loading(session, rows.names(session))
        if name not in rows.names(session):
            raise BackupError(f"the backup holds a table that no program of ours has: {name}")
        self._name, self._columns = name, list(columns)

    def rows(self, values: Sequence[Sequence[Any]]) -> None:
        """Insert rows."""
        rows.load(self._open(), self._name, self._columns, values)

    def file(self, path: str) -> None:
        """Begin a file; only its owner may read it."""
        self.close()
        target = self.folder / path
        is_public = path.startswith("public/")
        target.parent.mkdir(mode=0o755 if is_public else 0o700, parents=True, exist_ok=True)
        handle = os.open(
            target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644 if is_public else 0o600
        )
        self._file = os.fdopen(handle, "wb")

    def data(self, data: bytes) -> None:
        """Write on."""
        if self._file is None:
            raise BackupError("the backup's parts are not in their order")
        self._file.write(data)

    def close(self) -> None:
        """Flush the last file to the disk."""
        if self._file is not None:
            self._file.flush()
            os.fsync(self._file.fileno())
            self._file.close()
            self._file = None

    def undo(self) -> None:
        """Leave a database of a server as empty as it was."""
        if self._file is not None:
            self._file.close()
        if self._migrated and self.engine.dialect.name != "sqlite":
            unmigrate(self.engine)
            with writing(self.engine).begin() as session:
                rows.drop_version(session)
        self.engine.dispose()

    def _open(self) -> Session:
        if self.session is None:
            raise BackupError("the backup's parts are not in their order")
        return self.session


def _settings(folder: Path, database_url: str | None) -> None:
    """Let ``hallmark.toml`` name the database that was restored, and no passphrase of elsewhere."""
    path = folder / "hallmark.toml"
    settings = tomllib.loads(path.read_text("utf-8")) if path.exists() else {}
    settings.pop("database_url", None)
    if database_url is not None:
        settings["database_url"] = database_url
    lines = [f"{key} = {json.dumps(each, ensure_ascii=False)}" for key, each in settings.items()]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _flush(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
