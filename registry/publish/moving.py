"""Copying a whole public tree into another storage, never backwards."""

from collections.abc import Iterator

from keys import note
from registry.publish import evidence
from registry.publish.tree import PublicTree
from schemas import status_note, trust
from schemas.errors import FormatError

_ORDER = ("trust", "schemas", ".well-known", "issuers", "n", "i", "b", "s")
"""What a reader needs first comes first; lists, which say that all else is there, come last."""


class OlderError(Exception):
    """What would be copied is older than what lies there; the message names the first such file."""


def copy(source: PublicTree, target: PublicTree) -> int:
    """Copy every file that differs; answers how many there are in all.

    Raises:
        OlderError: nothing was copied, for a file would have gone backwards.
        TreeError: a storage does not answer; what was copied until then is whole, and the next
            run goes on from there.
    """
    paths = sorted(source.list(""), key=_turn)
    for path in paths:
        _check(path, source.get(path), target.get(path))
    for group in _groups(paths):
        found = {path: data for path in group if (data := source.get(path)) is not None}
        target.put_all(found)
    return len(paths)


def _turn(path: str) -> tuple[int, int, str]:
    first, _, rest = path.partition("/")
    number = int(rest) if first == "trust" and rest.isascii() and rest.isdigit() else 1 << 31
    return (_ORDER.index(first) if first in _ORDER else len(_ORDER), number, path)


def _groups(paths: list[str], size: int = 256) -> Iterator[list[str]]:
    for start in range(0, len(paths), size):
        yield paths[start : start + size]


def _check(path: str, ours: bytes | None, theirs: bytes | None) -> None:
    if ours is None or theirs is None or ours == theirs:
        return
    if path.startswith("trust/") and path != "trust/latest":
        raise OlderError(f"{path}: another trust list of that version lies there")
    try:
        before = _sequence(path, theirs)
    except FormatError:
        return  # damaged, so it says nothing that could be taken back
    try:
        after = _sequence(path, ours)
    except FormatError as error:
        raise OlderError(f"{path}: the file to copy is damaged: {error}") from None
    if after < before or (after == before and before):
        raise OlderError(
            f"{path}: number {after} would replace number {before}; "
            "the folder is older than what is published, or of another registry"
        )


def _sequence(path: str, data: bytes) -> int:
    """What only ever grows; 0 for files that have no such number."""
    kind = path.partition("/")[0]
    if kind in ("s", "i"):
        return evidence.sequence_of(data)
    if kind == "n":
        return status_note.parse(note.parse(data).text).sequence
    if kind == "trust":
        return trust.parse(note.parse(data).text).version
    return 0
