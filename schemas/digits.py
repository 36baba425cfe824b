"""Bytes as decimal digits: 7 bytes to 17 digits, the densest text that a QR symbol carries.

The bytes are cut in chunks of 7; each is read as a little-endian integer and written in decimal,
zero-padded to 17 digits; a last chunk of 1 to 6 bytes takes 3, 5, 8, 10, 13 or 15. Every byte
string has one text and every text at most one byte string. Specification: ``spec/qr.md``.
"""

import struct
from functools import lru_cache
from typing import NamedTuple

from schemas.errors import FormatError

CHUNK = 7
WIDTH = 17
WIDTHS = (0, 3, 5, 8, 10, 13, 15, 17)
"""Digits of a chunk of 0 to 7 bytes."""
MAX_DIGITS = 7089
"""Digits that the largest QR symbol holds; a longer text is refused unread."""

_BYTES = {width: size for size, width in enumerate(WIDTHS)}


def encode(data: bytes) -> str:
    """Return ``data`` as digits; the empty byte string gives the empty text."""
    count, size = divmod(len(data), CHUNK)
    whole = count * CHUNK
    words = bytearray(8 * count)
    for place in range(CHUNK):
        words[place::8] = data[place:whole:CHUNK]
    digits = "%017d" * count % struct.unpack(f"<{count}Q", words)
    if not size:
        return digits
    return digits + str(int.from_bytes(data[whole:], "little")).zfill(WIDTHS[size])


def decode(text: str) -> bytes:
    """Return the bytes that ``text`` stands for.

    Raises FormatError for anything but ASCII digits, a length that no byte string has, a group
    that is too large for its bytes, or more than ``MAX_DIGITS`` digits.
    """
    try:
        return decode_ascii(text.encode("ascii"))
    except UnicodeEncodeError:
        raise FormatError("a character that is not one of the digits 0 to 9") from None


def decode_ascii(text: bytes) -> bytes:
    """The same of a text in ASCII."""
    if len(text) > MAX_DIGITS:
        raise FormatError(f"{len(text)} digits, more than a QR symbol holds")
    count, width = divmod(len(text), WIDTH)
    size = _BYTES.get(width)
    if size is None:
        raise FormatError(f"{len(text)} digits are no whole number of bytes")
    if text and not text.isdigit():
        raise FormatError("a character that is not one of the digits 0 to 9")
    whole = len(text) - width
    data = _groups(text[:whole], count) if count else b""
    if not size:
        return data
    last = int(text[whole:])
    if last >> (8 * size):
        raise FormatError(f"the last {width} digits exceed {size} bytes")
    return data + last.to_bytes(size, "little")


class _Masks(NamedTuple):
    """Bit patterns over lanes of 68 bits, one lane to a group of 17 digits."""

    digits: int
    pairs: int
    fours: int
    eights: int
    last: int
    beyond: int
    even: int
    odd: int


@lru_cache(maxsize=128)
def _masks(count: int) -> _Masks:
    lanes = sum(1 << (68 * lane) for lane in range(count))
    evens = sum(1 << (68 * lane) for lane in range(0, count, 2))
    odds = sum(1 << (68 * lane - 12) for lane in range(1, count, 2))
    return _Masks(
        digits=lanes * 0x0F0F0F0F0F0F0F0F,
        pairs=lanes * 0x00FF00FF00FF00FF,
        fours=lanes * 0x0000FFFF0000FFFF,
        eights=lanes * 0x00000000FFFFFFFF,
        last=lanes * 0xF,
        beyond=lanes * (0xFFF << 56),
        even=evens * ((1 << 56) - 1),
        odd=odds * ((1 << 56) - 1),
    )


def _groups(text: bytes, count: int) -> bytes:
    """Decode ``count`` groups of 17 digits at once.

    Read as hexadecimal, back to front, each group is a lane of 68 bits whose lowest four are its
    first digit. Sums of neighbours, first of digits, then of pairs, fours and eights, turn every
    lane into its value: some 25 operations on one long integer instead of some 10 for each group.
    """
    mask = _masks(count)
    lanes = int(text[::-1], 16)
    pairs = (lanes & mask.digits) * 10 + (lanes >> 4 & mask.digits)
    fours = (pairs & mask.pairs) * 100 + (pairs >> 8 & mask.pairs)
    eights = (fours & mask.fours) * 10_000 + (fours >> 16 & mask.fours)
    sixteens = (eights & mask.eights) * 100_000_000 + (eights >> 32 & mask.eights)
    values = sixteens * 10 + (lanes >> 64 & mask.last)
    if values & mask.beyond:
        raise FormatError("a group of 17 digits that exceeds 7 bytes")
    # Two lanes are 17 bytes: the upper moves down beside the lower, and three bytes are left over.
    packed = (values & mask.even) | (values >> 12 & mask.odd)
    data = bytearray(packed.to_bytes(17 * (-(-count // 2)), "little"))
    for spare in (16, 15, 14):
        del data[spare :: spare + 1]
    return bytes(data[: CHUNK * count])
