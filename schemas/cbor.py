"""Deterministic CBOR (RFC 8949 §4.2.1), the subset that our signed formats use.

Values are ``int`` of 64 bits, ``str``, ``bytes``, ``bool``, ``None``, ``list``, ``dict`` and, where
a caller names them, tags. No floats, no other simple values, no indefinite lengths. One value has
one encoding: :func:`decode` accepts exactly the bytes that :func:`encode` writes.
"""

from collections.abc import Callable, Collection
from itertools import pairwise
from typing import Any

import cbor2

from schemas.errors import FormatError

Tag = cbor2.CBORTag
"""A tagged value: ``.tag`` its number, ``.value`` what it holds."""

MAX_DEPTH = 16
_LOWEST, _HIGHEST = -(1 << 64), (1 << 64) - 1
_SCALARS = frozenset((int, str, bytes, bool, type(None)))


def _refuse(_value: Any, _immutable: bool) -> Any:
    raise ValueError("a tag that the format does not use")


_BUILT_IN_TAGS = (0, 1, 2, 3, 4, 5, 25, 28, 29, 30, 35, 36, 37, 52, 54, 100, 256, 258, 260, 261)
_MORE_BUILT_IN_TAGS = (1004, 43000, 43001, 55799)
_REFUSED: dict[int, Callable[[Any, bool], Any]] = dict.fromkeys(
    _BUILT_IN_TAGS + _MORE_BUILT_IN_TAGS, _refuse
)
"""Tags that the library would turn into dates, numbers, expressions and so on."""


def encode(value: Any) -> bytes:
    """Return the one encoding of ``value``, map keys in bytewise order of their encodings.

    Raises FormatError for a float, an integer beyond 64 bits, a lone surrogate, or any other type.
    """
    try:
        return cbor2.dumps(_ordered(value, 0))
    except (cbor2.CBORError, UnicodeError, ValueError) as error:
        raise FormatError(f"cannot be written as CBOR: {error}") from None


def decode(data: bytes, *, tags: Collection[int] = ()) -> Any:
    """Return the value that ``data`` is the one encoding of.

    ``tags`` are the tag numbers allowed. Raises FormatError for trailing bytes, long forms of
    integers or lengths, indefinite lengths, keys out of order or twice, floats, other simple
    values, other tags, text that is not UTF-8, and nesting deeper than ``MAX_DEPTH``.
    """
    value = load(data)
    check(value, tags=tags)
    return value


def load(data: bytes) -> Any:
    """Decode ``data`` and require that it encodes to the same bytes again, map order kept.

    This leaves types and the order of keys to the caller: :func:`check` is the other half of
    :func:`decode`. It exists for readers that compare both with what they expect.
    """
    try:
        value = cbor2.loads(
            data,
            semantic_decoders=_REFUSED,
            max_depth=MAX_DEPTH,
            allow_indefinite=False,
            allow_duplicate_keys=False,
        )
        again = cbor2.dumps(value)
    except (cbor2.CBORError, UnicodeError, ValueError, TypeError, OverflowError) as error:
        raise FormatError(f"not CBOR of our kind: {error}") from None
    if again != data:
        raise FormatError("CBOR that is not in its shortest form, or with bytes after its end")
    return value


def check(value: Any, *, tags: Collection[int] = ()) -> None:
    """Require that ``value`` holds only types of the subset, with map keys in order."""
    kind = type(value)
    if kind is dict:
        if not _in_order(list(value)):
            raise FormatError("CBOR map whose keys are out of order, or not integers or text")
        children = value.values()
    elif kind is list:
        children = value
    elif kind is Tag:
        if value.tag not in tags:
            raise FormatError(f"CBOR tag {value.tag} is not allowed here")
        children = (value.value,)
    else:
        _check_scalar(value, kind)
        return
    for child in children:
        if type(child) is str or type(child) is bytes:
            continue
        check(child, tags=tags)


def _check_scalar(value: Any, kind: type) -> None:
    if kind not in _SCALARS:
        raise FormatError(f"CBOR value of type {kind.__name__} is not allowed")
    if kind is int and not _LOWEST <= value <= _HIGHEST:
        raise FormatError("CBOR integer beyond 64 bits")


def _rank(key: Any) -> tuple[int, int, bytes]:
    """Sort key that equals the bytewise order of the encodings of integers and texts."""
    if type(key) is int:
        return (0, key, b"") if key >= 0 else (1, -key, b"")
    text = key.encode()
    return (3, len(text), text)


def _in_order(keys: list[Any]) -> bool:
    if any(type(key) is not int and type(key) is not str for key in keys):
        return False
    ranks = [_rank(key) for key in keys]
    return all(before < after for before, after in pairwise(ranks))


def _ordered(value: Any, depth: int) -> Any:
    if depth > MAX_DEPTH - 1:
        raise FormatError(f"CBOR nested deeper than {MAX_DEPTH}")
    kind = type(value)
    if kind is dict:
        if any(type(key) is not int and type(key) is not str for key in value):
            raise FormatError("CBOR map key that is neither an integer nor a text")
        keys = sorted(value, key=_rank)
        for key in keys:
            _check_scalar(key, type(key))
        return {key: _ordered(value[key], depth + 1) for key in keys}
    if kind is list:
        return [_ordered(item, depth + 1) for item in value]
    if kind is Tag:
        return Tag(value.tag, _ordered(value.value, depth + 1))
    _check_scalar(value, kind)
    return value
