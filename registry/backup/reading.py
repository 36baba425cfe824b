"""Reading a backup: parts in their order, every count and hash compared with the manifest."""

import re
from collections.abc import Iterable, Sequence
from hashlib import sha256
from typing import Any, Protocol

import cbor2

from registry.backup.errors import BackupError
from registry.backup.parts import Head, Manifest, Part, is_allowed

_NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")


class Sink(Protocol):
    """Who wants what a backup holds. Nothing of it counts before :func:`read` has returned."""

    def head(self, head: Head) -> None:
        """What the backup is of; comes first."""

    def table(self, name: str, columns: Sequence[tuple[str, str]]) -> None:
        """A table begins."""

    def rows(self, values: Sequence[Sequence[Any]]) -> None:
        """Rows of the table that began last."""

    def file(self, path: str) -> None:
        """A file begins."""

    def data(self, data: bytes) -> None:
        """Bytes of the file that began last."""


class Nowhere:
    """A sink that keeps nothing: reading into it checks a backup."""

    def head(self, head: Head) -> None:
        """Nothing."""

    def table(self, name: str, columns: Sequence[tuple[str, str]]) -> None:
        """Nothing."""

    def rows(self, values: Sequence[Sequence[Any]]) -> None:
        """Nothing."""

    def file(self, path: str) -> None:
        """Nothing."""

    def data(self, data: bytes) -> None:
        """Nothing."""


class _Tally:
    """Counts and hashes of what has come by so far."""

    def __init__(self) -> None:
        self.tables: dict[str, tuple[int, str]] = {}
        self.files: dict[str, tuple[int, str]] = {}
        self._into: dict[str, tuple[int, str]] | None = None
        self._name, self._count, self._digest = "", 0, sha256()

    def begin(self, into: dict[str, tuple[int, str]], name: str) -> None:
        self.end()
        if name in into:
            raise BackupError(f"the backup holds {name} twice")
        self._into, self._name, self._count, self._digest = into, name, 0, sha256()

    def add(self, into: dict[str, tuple[int, str]], message: bytes, count: int) -> None:
        if self._into is not into:
            raise BackupError("the backup's parts are not in their order")
        self._count += count
        self._digest.update(message)

    def end(self) -> None:
        if self._into is not None:
            self._into[self._name] = self._count, self._digest.hexdigest()
        self._into = None


def read(messages: Iterable[bytes], sink: Sink) -> tuple[Head, Manifest]:
    """Give every part to the sink; answers head and manifest once all of it was found to agree.

    Raises:
        BackupError: parts out of order, of an unknown kind, or not as the manifest counts them.
        SealedStreamError: from ``messages``.
    """
    head: Head | None = None
    manifest: Manifest | None = None
    tally = _Tally()
    for message in messages:
        part, body = _parse(message)
        if (part is Part.HEAD) is not (head is None) or manifest is not None:
            raise BackupError("the backup's parts are not in their order")
        if part is Part.HEAD:
            head = Head.of(body[0])
            sink.head(head)
        elif part is Part.MANIFEST:
            tally.end()
            manifest = _agreed(tally, body[0])
        else:
            _give(part, body, message, tally, sink)
    if head is None or manifest is None:
        raise BackupError("the backup has no end")
    return head, manifest


def _give(part: Part, body: list[Any], message: bytes, tally: _Tally, sink: Sink) -> None:
    if part is Part.TABLE:
        name, columns = body[0], [(each[0], each[1]) for each in body[1]]
        if not all(_NAME.fullmatch(each) for each in (name, *(each for each, _ in columns))):
            raise BackupError("the backup names a table or column that cannot be one")
        tally.begin(tally.tables, name)
        sink.table(name, columns)
    elif part is Part.ROWS:
        tally.add(tally.tables, message, len(body[0]))
        sink.rows(body[0])
    elif part is Part.FILE:
        if not is_allowed(body[0]):
            raise BackupError(f"the backup holds a file that belongs in none: {body[0][:120]!r}")
        tally.begin(tally.files, body[0])
        sink.file(body[0])
    else:
        tally.add(tally.files, message, len(body[0]))
        sink.data(body[0])


def _parse(message: bytes) -> tuple[Part, list[Any]]:
    try:
        kind, *body = cbor2.loads(message)
        return Part(kind), body
    except (cbor2.CBORError, TypeError, ValueError):
        raise BackupError("the backup holds a part that this program does not know") from None


def _agreed(tally: _Tally, value: dict[str, Any]) -> Manifest:
    said = Manifest(
        tables={name: (each[0], each[1]) for name, each in value["tables"].items()},
        files={name: (each[0], each[1]) for name, each in value["files"].items()},
        standing=value["standing"],
    )
    for mine, theirs in ((tally.tables, said.tables), (tally.files, said.files)):
        if mine != theirs:
            odd = sorted(name for name in mine | theirs if mine.get(name) != theirs.get(name))
            raise BackupError(f"the backup's manifest does not agree about {', '.join(odd[:5])}")
    return said
