"""Public files in a bucket, as a web process on another machine than the worker reads them."""

from collections.abc import Hashable, Mapping
from urllib.parse import urlsplit

from registry.publish.tree import PublicTree

INTERVAL = 10.0
"""Seconds between two looks at whether something was republished."""
_LISTED = ("trust/", "s/")
"""What is listed. Tiles are not: no tile is written without its list."""
MAX_KEPT = 8192
"""Files kept in memory; beyond that all are dropped and fetched anew."""


class RemoteFiles:
    """A source of evidence that fetches each version of a file once.

    May be asked from several threads. Raises TreeError where the storage does not answer: then it
    is not known what a file says, which is something else than that there is none.
    """

    def __init__(self, tree: PublicTree) -> None:
        self._tree = tree
        self._tags: Mapping[str, str] = {}
        self._kept: dict[str, tuple[str, bytes | None]] = {}

    def stamp(self) -> Hashable:
        """Look what is there; equal where nothing was republished."""
        found: dict[str, str] = {}
        for prefix in _LISTED:
            found |= self._tree.list(prefix)
        self._tags = found
        return tuple(found.items())

    def get(self, uri: str) -> bytes | None:
        """The file at an address or at a path ``/…``; None if there is none."""
        path = urlsplit(uri).path.lstrip("/")
        kind, _, rest = path.partition("/")
        # A tile is as new as its list; a note is read anew each time.
        tag = self._tags.get(f"s/{rest.partition('/')[0]}" if kind == "i" else path)
        if tag is None:
            return None if f"{kind}/" in _LISTED else self._tree.get(path)
        kept = self._kept.get(path)
        if kept is not None and kept[0] == tag:
            return kept[1]
        data = self._tree.get(path)
        if len(self._kept) >= MAX_KEPT:
            self._kept.clear()
        self._kept[path] = (tag, data)
        return data
