"""What the claims of every CWT of ours share: which keys must be understood, and typed reading."""

from collections.abc import Collection
from typing import Any

from schemas import facts
from schemas.errors import FormatError, NewerFormatError

MUST_UNDERSTAND = 64
"""Integer keys below this must be known; others may be left unread."""

MAX_COUNT = 2**53 - 1
"""Largest sequence or version: what every JSON and JavaScript reader keeps exact."""


def fields(
    value: Any, what: str, known: Collection[int], needed: Collection[int]
) -> dict[int, Any]:
    """Return ``value`` if it is a map with integer keys that holds every key of ``needed``.

    Raises NewerFormatError for a key below ``MUST_UNDERSTAND`` that is not in ``known``, and
    FormatError for everything else.
    """
    if type(value) is not dict:
        raise FormatError(f"{what}: not a map")
    for key in value.keys() - known:
        if type(key) is not int:
            raise FormatError(f"{what}: a key that is not an integer")
        if key < MUST_UNDERSTAND:
            raise NewerFormatError(f"{what}: field {key} must be understood and is not known")
    missing = sorted(key for key in needed if key not in value)
    if missing:
        raise FormatError(f"{what}: lacks {missing}")
    return value


def text(value: Any, what: str) -> str:
    """Return ``value`` if it is a text."""
    if type(value) is not str:
        raise FormatError(f"{what}: not a text")
    return value


def octets(value: Any, what: str, size: int) -> bytes:
    """Return ``value`` if it is a byte string of ``size`` bytes."""
    if type(value) is not bytes or len(value) != size:
        raise FormatError(f"{what}: not {size} bytes")
    return value


def integer(value: Any, what: str, low: int = 1, high: int = MAX_COUNT) -> int:
    """Return ``value`` if it is an integer from ``low`` to ``high``."""
    if type(value) is not int or not low <= value <= high:
        raise FormatError(f"{what}: {str(value)[:40]} is not an integer from {low} to {high}")
    return value


def numbered_uri(uri: Any, what: str, folder: str, depth: int = 1) -> str:
    """Return ``uri`` if it is ``{base}/{folder}/`` and ``depth`` numbers with strokes between."""
    parts = text(uri, what).rsplit("/", depth + 1)
    numbers = parts[2:]
    if len(parts) != depth + 2 or parts[1] != folder or not all(map(_is_number, numbers)):
        raise FormatError(f"{what}: {uri[:200]!r} is not its address")
    facts.check_base(parts[0])
    return str(uri)


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 10 and str(int(text)) == text
