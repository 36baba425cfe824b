"""The public tree: static files under the paths of their URIs, written whole or not at all."""

import os
from pathlib import Path, PurePosixPath
from typing import Protocol


class PathError(ValueError):
    """A path that would leave the tree."""


class PublicTree(Protocol):
    """Where public files go. A put is durable when it returns; readers see old or new, whole."""

    def get(self, path: str) -> bytes | None:
        """The file's bytes, or None where there is none."""

    def put(self, path: str, data: bytes) -> bool:
        """Write the file; answer whether anything changed."""


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
        place = self._place(path)
        if self.get(path) == data:
            return False
        place.parent.mkdir(parents=True, exist_ok=True)
        partial = place.with_name(f".{place.name}.{os.getpid()}.part")
        with open(partial, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(partial, place)
        folder = os.open(place.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
        return True

    def _place(self, path: str) -> Path:
        parts = PurePosixPath(path).parts
        if not parts or path.startswith("/") or ".." in parts or "\0" in path:
            raise PathError(path)
        return self.root.joinpath(*parts)
