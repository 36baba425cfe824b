"""Where public files come from, and what is remembered of them."""

from collections.abc import Mapping
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit


class Source(Protocol):
    """Gives public files by address; may block, may be asked from several threads."""

    def get(self, uri: str) -> bytes | None:
        """Return the file at an absolute address or at a path ``/…``; None if it is not at hand."""


class Memory(Protocol):
    """Remembers the highest sequence verified of each address."""

    def highest(self, uri: str) -> int | None:
        """Return the highest sequence seen, if any."""

    def remember(self, uri: str, sequence: int) -> None:
        """Note a verified sequence."""


class SequenceMemory:
    """A memory that lasts as long as the process."""

    def __init__(self) -> None:
        self._seen: dict[str, int] = {}

    def highest(self, uri: str) -> int | None:
        """Return the highest sequence seen, if any."""
        return self._seen.get(uri)

    def remember(self, uri: str, sequence: int) -> None:
        """Note a verified sequence; a lower one than known is ignored."""
        if sequence > self._seen.get(uri, -1):
            self._seen[uri] = sequence


class FolderSource:
    """A copy of the public tree in a folder; of an address only the path counts."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder.resolve()

    def get(self, uri: str) -> bytes | None:
        """Return the file at the address's path, never one outside the folder."""
        path = (self._folder / urlsplit(uri).path.lstrip("/")).resolve()
        if not path.is_relative_to(self._folder):
            return None
        try:
            return path.read_bytes()
        except OSError:
            return None


class MappingSource:
    """Public files in memory, by path (``/s/1``)."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self._files = files

    def get(self, uri: str) -> bytes | None:
        """Return the file at the address's path."""
        return self._files.get(urlsplit(uri).path)
