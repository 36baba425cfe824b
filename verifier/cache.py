"""What the command line remembers under the XDG folders: public files, and sequences it has seen.

Both are kept apart per pinned root. The cache (``$XDG_CACHE_HOME/hallmark``) may be deleted at any
time; the memory of sequences (``$XDG_STATE_HOME/hallmark``) is what refuses a status list that goes
backwards, so losing it loses that protection for lists not seen again.
"""

import contextlib
import json
import os
import tempfile
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path

from verifier.sources import Source


class CacheError(Exception):
    """The memory of sequences is damaged; the message names the file."""


def folders(root_note: bytes, environment: Mapping[str, str]) -> tuple[Path, Path]:
    """Return the cache folder and the state folder for one pinned root.

    Raises CacheError when neither the XDG variables nor HOME say where.
    """
    scope = sha256(root_note).hexdigest()[:16]
    home = environment.get("HOME")
    found = []
    for variable, default in (("XDG_CACHE_HOME", ".cache"), ("XDG_STATE_HOME", ".local/state")):
        folder = environment.get(variable)
        if not folder and not home:
            raise CacheError(f"neither {variable} nor HOME is set")
        top = Path(folder) if folder else Path(home or "") / default
        found.append(top / "hallmark" / scope)
    return found[0], found[1]


class CachingSource:
    """Asks another source, keeps what it answers, and falls back on what was kept.

    ``source`` None means off line: only what was kept. Files are named by the SHA-256 of their
    address and replaced atomically; a cache that cannot be written is no error.
    """

    def __init__(self, source: Source | None, folder: Path) -> None:
        self._source = source
        self._folder = folder

    def get(self, uri: str) -> bytes | None:
        """Return the file at ``uri``, or None."""
        data = self._source.get(uri) if self._source is not None else None
        path = self._folder / sha256(uri.encode()).hexdigest()
        if data is None:
            try:
                return path.read_bytes()
            except OSError:
                return None
        with contextlib.suppress(OSError):
            _replace(path, data)
        return data


class StoredMemory:
    """Highest sequence seen of each address, kept in one JSON file.

    :meth:`save` merges with what other runs have written since, and never lowers a value.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / "sequences.json"
        self._seen = self._read()

    def highest(self, uri: str) -> int | None:
        """Return the highest sequence seen at ``uri``, if any."""
        return self._seen.get(uri)

    def remember(self, uri: str, sequence: int) -> None:
        """Note a verified sequence; a lower one than known is ignored."""
        if sequence > self._seen.get(uri, -1):
            self._seen[uri] = sequence

    def save(self) -> None:
        """Write the memory; raises CacheError when that fails."""
        merged = self._read()
        for uri, sequence in self._seen.items():
            merged[uri] = max(sequence, merged.get(uri, sequence))
        try:
            _replace(self._path, json.dumps(merged, sort_keys=True).encode())
        except OSError as error:
            raise CacheError(f"cannot write {self._path}: {error.strerror}") from None

    def _read(self) -> dict[str, int]:
        try:
            value = json.loads(self._path.read_bytes())
        except FileNotFoundError:
            return {}
        except (OSError, ValueError):
            raise self._damaged() from None
        if not isinstance(value, dict) or any(type(entry) is not int for entry in value.values()):
            raise self._damaged()
        return value

    def _damaged(self) -> CacheError:
        return CacheError(
            f"{self._path} is damaged; delete it to start anew, which forgets what was seen"
        )


def _replace(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle, name = tempfile.mkstemp(dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        os.replace(name, path)
    except OSError:
        with contextlib.suppress(OSError):
            os.unlink(name)
        raise
