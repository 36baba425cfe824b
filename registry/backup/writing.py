"""Writing a backup: parts into a sealed stream, with counts and hashes kept for the manifest."""

from collections.abc import Iterable, Sequence
from hashlib import sha256
from typing import Any, Protocol

import cbor2

from registry.backup.parts import MESSAGE, Head, Manifest, Part


class Messages(Protocol):
    """Where sealed messages go; :class:`keys.stream.Writer` is one."""

    def write(self, message: bytes) -> None:
        """One more message."""

    def finish(self, message: bytes) -> None:
        """The last one."""


class Archive:
    """A backup that is being written; memory is that of one message, whatever its size."""

    def __init__(self, messages: Messages, head: Head) -> None:
        self._messages = messages
        self._tables: dict[str, tuple[int, str]] = {}
        self._files: dict[str, tuple[int, str]] = {}
        messages.write(cbor2.dumps([Part.HEAD, head.value()]))

    def table(
        self,
        name: str,
        columns: Sequence[tuple[str, str]],
        parts: Iterable[Sequence[Sequence[Any]]],
    ) -> int:
        """Write one table; answers its rows."""
        self._messages.write(cbor2.dumps([Part.TABLE, name, [list(each) for each in columns]]))
        count, digest = 0, sha256()
        waiting: list[Sequence[Any]] = []
        size = 0

        def flush() -> None:
            message = cbor2.dumps([Part.ROWS, [list(row) for row in waiting]])
            digest.update(message)
            self._messages.write(message)

        for part in parts:
            for row in part:
                waiting.append(row)
                count += 1
                size += _size(row)
                if size >= MESSAGE:
                    flush()
                    waiting, size = [], 0
        if waiting:
            flush()
        self._tables[name] = count, digest.hexdigest()
        return count

    def file(self, path: str, parts: Iterable[bytes]) -> int:
        """Write one file; answers its size."""
        self._messages.write(cbor2.dumps([Part.FILE, path]))
        size, digest = 0, sha256()
        for part in parts:
            message = cbor2.dumps([Part.DATA, part])
            digest.update(message)
            self._messages.write(message)
            size += len(part)
        self._files[path] = size, digest.hexdigest()
        return size

    def finish(self, standing: dict[str, Any]) -> Manifest:
        """Write the manifest, which ends the backup."""
        made = Manifest(tables=self._tables, files=self._files, standing=standing)
        self._messages.finish(cbor2.dumps([Part.MANIFEST, made.value()]))
        return made


def _size(row: Sequence[Any]) -> int:
    """About how many bytes a row takes."""
    return sum(len(value) if isinstance(value, bytes | str) else 8 for value in row)
