"""Strict reading of one JSON object: every key has a type, and no key is left over."""

import base64
import binascii
import re
from collections.abc import Callable
from datetime import date
from typing import Any, TypeVar

from schemas import dates
from schemas.certificate import Instant
from schemas.errors import FormatError, NewerFormatError

_T = TypeVar("_T")
_BASE64URL = re.compile(r"[0-9A-Za-z_-]*")
_HEX = re.compile(r"(?:[0-9a-f]{2})*")


class JsonObject:
    """One object being read; ``name`` says in errors what it is.

    Each reader takes its key out; :meth:`close` then refuses what this version does not know. Every
    reader raises FormatError when the key is missing or its value has the wrong type.
    """

    def __init__(self, value: Any, name: str) -> None:
        if not isinstance(value, dict):
            raise FormatError(f"{name} is not a JSON object")
        self._left = dict(value)
        self._name = name

    def close(self) -> None:
        """Raise NewerFormatError if a key has not been read."""
        if self._left:
            raise NewerFormatError(f"{self._name} has an unknown field {min(self._left)!r:.80}")

    def optional(self, key: str, read: Callable[[str], _T]) -> _T | None:
        """Read a key that must be present and may be null."""
        if key in self._left and self._left[key] is None:
            del self._left[key]
            return None
        return read(key)

    def text(self, key: str) -> str:
        """Read a text."""
        return self._take(key, str)

    def integer(self, key: str) -> int:
        """Read an integer of zero or more."""
        value = self._take(key, int)
        if value < 0:
            raise self._wrong(key, "zero or more")
        return value

    def items(self, key: str) -> list[Any]:
        """Read a list of anything."""
        return self._take(key, list)

    def objects(self, key: str, read: Callable[["JsonObject"], _T]) -> tuple[_T, ...]:
        """Read a list of objects, each by ``read``, and close each."""
        return tuple(self._object(item, key, read) for item in self._take(key, list))

    def object(self, key: str, read: Callable[["JsonObject"], _T]) -> _T:
        """Read one object by ``read``, and close it."""
        return self._object(self._take(key, dict), key, read)

    def texts(self, key: str) -> tuple[str, ...]:
        """Read a list of texts."""
        return self._list(key, str)

    def integers(self, key: str) -> tuple[int, ...]:
        """Read a list of integers."""
        return self._list(key, int)

    def instant(self, key: str) -> Instant:
        """Read UTC seconds written like ``2026-11-22T04:00:00Z``."""
        return dates.parse_utc(self._take(key, str))

    def civil_date(self, key: str) -> date:
        """Read a civil date written like ``2026-11-22``."""
        return dates.parse_date(self._take(key, str))

    def hexadecimal(self, key: str, length: int) -> bytes:
        """Read ``length`` bytes written in lower-case hexadecimal."""
        value = self._take(key, str)
        if len(value) != 2 * length or _HEX.fullmatch(value) is None:
            raise self._wrong(key, f"{length} bytes in lower-case hexadecimal")
        return bytes.fromhex(value)

    def base64url(self, key: str) -> bytes:
        """Read bytes written in base64url without padding."""
        return from_base64url(self._take(key, str))

    def _object(self, value: Any, key: str, read: Callable[["JsonObject"], _T]) -> _T:
        inner = JsonObject(value, f"{self._name}/{key}")
        result = read(inner)
        inner.close()
        return result

    def _list(self, key: str, kind: type[_T]) -> tuple[_T, ...]:
        values = self._take(key, list)
        if any(type(value) is not kind for value in values):
            raise self._wrong(key, f"a list of {kind.__name__}")
        return tuple(values)

    def _take(self, key: str, kind: type[_T]) -> _T:
        if key not in self._left:
            raise FormatError(f"{self._name} has no {key}")
        value = self._left.pop(key)
        if type(value) is not kind:
            raise self._wrong(key, f"a {kind.__name__}")
        return value

    def _wrong(self, key: str, wanted: str) -> FormatError:
        return FormatError(f"{self._name}/{key} is not {wanted}")


def to_base64url(data: bytes) -> str:
    """Write ``data`` in base64url without padding (RFC 4648 §5)."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def from_base64url(text: str) -> bytes:
    """Read base64url without padding, in the one spelling that :func:`to_base64url` writes."""
    try:
        if _BASE64URL.fullmatch(text) is None:
            raise ValueError
        data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (ValueError, binascii.Error):
        raise FormatError(f"{text[:40]!r} is not base64url") from None
    if to_base64url(data) != text:
        raise FormatError(f"{text[:40]!r} is not the shortest base64url of its bytes")
    return data
