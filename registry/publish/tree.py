"""The public tree: static files under the paths of their URIs, written whole or not at all."""

import os
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Protocol
from urllib.parse import urlsplit


class PathError(ValueError):
    """A path that would leave the tree."""


class TreeError(OSError):
    """Storage does not answer, or refuses; what a file says, or whether it is there, is unknown."""


class PublicTree(Protocol):
    """Where public files go. A put is durable when it returns; readers see old or new, whole."""

    def get(self, path: str) -> bytes | None:
        """The file's bytes, or None where there is none."""

    def put(self, path: str, data: bytes) -> bool:
        """Write the file; answer whether anything changed."""

    def put_all(self, files: Mapping[str, bytes]) -> bool:
        """Write several files in order; each is old or new, whole, at any moment."""

    def list(self, prefix: str) -> Mapping[str, str]:
        """Files whose path begins so, in the order of their paths, each with its present tag.

        A tag changes whenever the file does; two trees tag alike files differently.
        """


class TreeSource:
    """A tree as the verifier reads one: of an address only the path counts."""

    def __init__(self, tree: PublicTree) -> None:
        self._tree = tree

    def get(self, uri: str) -> bytes | None:
        """The file at an address or at a path ``/…``; raises TreeError."""
        path = urlsplit(uri).path.lstrip("/")
        return self._tree.get(path) if path else None


def parts_of(path: str) -> tuple[str, ...]:
    """The parts of a path below the tree's root.

    Raises:
        PathError: it is empty or absolute, or would leave the tree.
    """
    parts = PurePosixPath(path).parts
    if not parts or path.startswith("/") or ".." in parts or "\0" in path:
        raise PathError(path)
    return parts


class FolderTree:
    """A folder on this machine, written by rename so that a crash leaves the old file."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def get(self, path: str) -> bytes | None:
        """The file's bytes, or None where there is none."""
        try:
            return self._place(path).read_bytes()
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
            return None

    def put(self, path: str, data: bytes) -> bool:
        """Write, flush to disk, rename into place, flush the folder; no write where equal."""
        return self.put_all({path: data})

    def put_all(self, files: Mapping[str, bytes]) -> bool:
        """The same for several files, whose folders are flushed once."""
        changed = {
            self._place(path): data for path, data in files.items() if self.get(path) != data
        }
        partial = {place: place.with_name(f".{place.name}.{os.getpid()}.part") for place in changed}
        for place, data in changed.items():
            place.parent.mkdir(parents=True, exist_ok=True)
            partial[place].write_bytes(data)
        # All are written before the first is flushed, so that one flush carries most of them.
        for place in changed:
            _flush(partial[place])
        for place in changed:
            os.replace(partial[place], place)
        for folder in dict.fromkeys(place.parent for place in changed):
            _flush(folder)
        return bool(changed)

    def list(self, prefix: str) -> Mapping[str, str]:
        """Paths with time of change and size; what is being written is not there yet."""
        start = self.root / prefix.rpartition("/")[0]
        found = {}
        for place in sorted(start.rglob("*")):
            path = place.relative_to(self.root).as_posix()
            if path.startswith(prefix) and not place.name.endswith(".part") and place.is_file():
                state = place.stat()
                found[path] = f"{state.st_mtime_ns}-{state.st_size}"
        return found

    def _place(self, path: str) -> Path:
        return self.root.joinpath(*parts_of(path))


def _flush(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
