"""JSON in one spelling: RFC 8785 (JCS) for the values that we sign, and a strict reader.

The profile has no floating-point numbers and only ASCII keys. Under those two rules the standard
library's sorted, unspaced output is exactly the canonical form; anything else is refused here
rather than approximated.
"""

import json
from typing import Any, NoReturn

from schemas.errors import FormatError

SAFE_INTEGER = 2**53 - 1
"""Largest magnitude that every JSON reader keeps exact (RFC 8785 §3.2.2.3)."""

MAX_DEPTH = 24
MAX_SIZE = 4 * 2**20

_encode = json.JSONEncoder(
    ensure_ascii=False, allow_nan=False, separators=(",", ":"), sort_keys=True
).encode


def canonical(value: Any) -> bytes:
    """Write ``value`` in its RFC 8785 form, UTF-8.

    ``value`` is made of dict, list, str, int, bool and None. Raises FormatError for a float, an
    integer beyond 2^53 - 1, a key that is not ASCII text, a lone surrogate, a foreign type, or
    nesting deeper than :data:`MAX_DEPTH`.
    """
    _check(value, MAX_DEPTH)
    try:
        return _encode(value).encode()
    except UnicodeEncodeError:
        raise FormatError("text holds half of a surrogate pair") from None


def string(text: str) -> str:
    """Write ``text`` as one canonical JSON string with its quotes; raises nothing for any str."""
    return _encode(text)


def load(data: bytes | str, *, max_size: int = MAX_SIZE) -> Any:
    """Read one JSON text.

    Bytes must be UTF-8 without a byte order mark. Raises FormatError for repeated keys, fractions
    and exponents, NaN and infinities, lone surrogates, keys beyond ASCII, trailing data, more than
    ``max_size`` bytes (or characters), and nesting deeper than :data:`MAX_DEPTH`.
    """
    if len(data) > max_size:
        raise FormatError(f"JSON of more than {max_size} bytes")
    try:
        text = data.decode("utf-8") if isinstance(data, bytes) else data
        value = _decode(text)
        # Half a surrogate pair can be spelled as an escape, which the decoder lets through.
        if "\\u" in text:
            _encode(value).encode()
        elif isinstance(data, str):
            text.encode()
    except UnicodeError:
        raise FormatError("JSON text is not valid UTF-8") from None
    except RecursionError:
        raise FormatError("JSON is nested too deeply") from None
    except FormatError:
        raise
    except ValueError as error:  # JSONDecodeError, or an integer of thousands of digits
        raise FormatError(f"not JSON: {error}") from None
    _check(value, MAX_DEPTH)
    return value


def _check(value: Any, depth: int) -> None:
    kind = type(value)
    if kind is dict:
        if depth == 0:
            raise FormatError("JSON is nested too deeply")
        for key, item in value.items():
            if type(key) is not str or not key.isascii():
                raise FormatError(f"JSON key {key!r} is not ASCII text")
            if type(item) is not str:
                _check(item, depth - 1)
    elif kind is list:
        if depth == 0:
            raise FormatError("JSON is nested too deeply")
        for item in value:
            if type(item) is not str:
                _check(item, depth - 1)
    elif kind is int:
        if not -SAFE_INTEGER <= value <= SAFE_INTEGER:
            raise FormatError("JSON integer beyond 2^53 - 1")
    elif kind is not str and kind is not bool and value is not None:
        raise FormatError(f"JSON holds a {kind.__name__}, which this profile does not allow")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise FormatError("JSON object repeats a key")
    return value


def _refuse(text: str) -> NoReturn:
    raise FormatError(f"JSON number {text[:40]!r} is not an integer")


_decode = json.JSONDecoder(
    object_pairs_hook=_object, parse_float=_refuse, parse_constant=_refuse
).decode
