"""Base58 with the Bitcoin alphabet, as Multibase ``z`` values use it.

Specification: draft-msporny-base58-03.
"""

from functools import lru_cache

from schemas.errors import FormatError

ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
MAX_LENGTH = 512
"""Longest text that is decoded; the cost grows with the square of the length."""

_FOREIGN = 0xFF
_VALUES = bytes(ALPHABET.find(chr(octet)) % 256 for octet in range(256))
"""Value of each ASCII character of the alphabet, ``_FOREIGN`` for every other."""
_PAIRS = [high + low for high in ALPHABET for low in ALPHABET]
_BASE2, _BASE3, _BASE5, _BASE10 = 58**2, 58**3, 58**5, 58**10


def encode(data: bytes) -> str:
    """Write ``data`` in base58: a ``1`` per leading zero byte, then one big-endian number."""
    number = int.from_bytes(data, "big")
    parts: list[str] = []
    while number:
        # Ten digits at a time from the long number, then five, which fit one machine word.
        number, ten = divmod(number, _BASE10)
        high, low = divmod(ten, _BASE5)
        parts.append(
            _PAIRS[high // _BASE3] + _PAIRS[high // 58 % _BASE2] + ALPHABET[high % 58]
            + _PAIRS[low // _BASE3] + _PAIRS[low // 58 % _BASE2] + ALPHABET[low % 58]
        )  # fmt: skip
    zeros = len(data) - len(data.lstrip(b"\0"))
    parts.reverse()
    return "1" * zeros + "".join(parts).lstrip("1")


def decode(text: str) -> bytes:
    """Read a base58 text; every text of the alphabet has exactly one reading.

    Raises FormatError for a foreign character or more than :data:`MAX_LENGTH` characters.
    """
    if len(text) > MAX_LENGTH:
        raise FormatError(f"base58 text of more than {MAX_LENGTH} characters")
    values = text.encode("ascii", "replace").translate(_VALUES)
    if _FOREIGN in values:
        foreign = text[values.index(_FOREIGN)]
        raise FormatError(f"{foreign!r} is not a base58 character")
    number = _number(values)
    zeros = len(text) - len(text.lstrip("1"))
    return b"\0" * zeros + number.to_bytes((number.bit_length() + 7) // 8, "big")


@lru_cache(maxsize=16)
def _masks(size: int) -> tuple[tuple[int, int, int], ...]:
    """Width in bits, mask of the lower lane of each pair, and weight, until one lane is left."""
    steps = []
    width, digits = 8, 1
    while width < 8 * size:
        pairs = 8 * size // (2 * width)
        lower = sum(((1 << width) - 1) << (2 * width * pair) for pair in range(pairs))
        steps.append((width, lower, 58**digits))
        width, digits = 2 * width, 2 * digits
    return tuple(steps)


def _number(values: bytes) -> int:
    """Read digits of base 58, one to the byte: sums of neighbours, then of pairs, fours and on.

    Seven steps over one long integer read a signature's 88 digits; one by one takes twice as long.
    """
    size = 1 << max(len(values) - 1, 0).bit_length()
    lanes = int.from_bytes(values)
    for width, lower, weight in _masks(size):
        lanes = (lanes & lower) + (lanes >> width & lower) * weight
    return lanes
