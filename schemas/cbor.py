"""Deterministic CBOR (RFC 8949 §4.2.1), the subset that our signed formats use.

Values are ``int`` of 64 bits, ``str``, ``bytes``, ``bool``, ``None``, ``list`` and ``dict`` with
integer or text keys. No tags, floats, other simple values or indefinite lengths. One value has
one encoding: :func:`decode` accepts exactly the bytes that :func:`encode` writes.
"""

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import cbor2

from schemas.errors import FormatError

MAX_DEPTH = 16
_LOWEST, _HIGHEST = -(1 << 64), (1 << 64) - 1
_KEYS = frozenset((int, str))
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


def encode_ordered(value: Any) -> bytes:
    """Return what :func:`encode` does, for a value of the subset whose maps are in order already.

    Nothing is put in order or checked: whoever calls it knows every type, and tests compare.
    """
    try:
        return cbor2.dumps(value)
    except (cbor2.CBORError, UnicodeError, ValueError) as error:
        raise FormatError(f"cannot be written as CBOR: {error}") from None


def decode(data: bytes) -> Any:
    """Return the value that ``data`` is the one encoding of.

    Raises FormatError for trailing bytes, long forms of integers or lengths, indefinite lengths,
    keys out of order or twice, floats, other simple values, tags, text that is not UTF-8, and
    nesting deeper than ``MAX_DEPTH``.
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
    _check(value)
    return value


def _check(value: Any) -> None:
    """Require only types of the subset, and map keys in order, which encoding again keeps."""
    kind = type(value)
    if kind is dict:
        if not _in_order(list(value)):
            raise FormatError("CBOR map whose keys are out of order, or not integers or text")
        for child in value.values():
            _check(child)
    elif kind is list:
        for child in value:
            _check(child)
    else:
        _check_scalar(value, kind)


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
        kinds = set(map(type, value))
        if not kinds <= _KEYS:
            raise FormatError("CBOR map key that is neither an integer nor a text")
        # Bytewise, integers from 0 up stand in the order of their values.
        is_plain = str not in kinds and min(value, default=0) >= 0
        keys = sorted(value) if is_plain else sorted(value, key=_rank)
        for key in keys:
            _check_scalar(key, type(key))
        return {key: _ordered(value[key], depth + 1) for key in keys}
    if kind is list:
        return [_ordered(item, depth + 1) for item in value]
    _check_scalar(value, kind)
    return value
