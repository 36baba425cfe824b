"""Base58 with the Bitcoin alphabet, as Multibase ``z`` values use it.

Specification: draft-msporny-base58-03.
"""

from schemas.errors import FormatError

ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
MAX_LENGTH = 512
"""Longest text that is decoded; the cost grows with the square of the length."""

_VALUES = {character: value for value, character in enumerate(ALPHABET)}
_PAIRS = [high + low for high in ALPHABET for low in ALPHABET]
_BASE2 = 58**2
_BASE10 = 58**10


def encode(data: bytes) -> str:
    """Write ``data`` in base58: a ``1`` per leading zero byte, then one big-endian number."""
    number = int.from_bytes(data, "big")
    parts: list[str] = []
    while number:
        number, block = divmod(number, _BASE10)
        for _ in range(5):
            block, pair = divmod(block, _BASE2)
            parts.append(_PAIRS[pair])
    zeros = len(data) - len(data.lstrip(b"\0"))
    return "1" * zeros + "".join(reversed(parts)).lstrip("1")


def decode(text: str) -> bytes:
    """Read a base58 text; every text of the alphabet has exactly one reading.

    Raises FormatError for a foreign character or more than :data:`MAX_LENGTH` characters.
    """
    if len(text) > MAX_LENGTH:
        raise FormatError(f"base58 text of more than {MAX_LENGTH} characters")
    number = 0
    try:
        for start in range(0, len(text), 10):
            chunk = text[start : start + 10]
            block = 0
            for character in chunk:
                block = block * 58 + _VALUES[character]
            number = number * 58 ** len(chunk) + block
    except KeyError as error:
        raise FormatError(f"{error.args[0]!r} is not a base58 character") from None
    zeros = len(text) - len(text.lstrip("1"))
    return b"\0" * zeros + number.to_bytes((number.bit_length() + 7) // 8, "big")
