"""Bytes as decimal digits: 7 bytes to 17 digits, the densest text that a QR symbol carries.

The bytes are cut in chunks of 7; each is read as a little-endian integer and written in decimal,
zero-padded to 17 digits; a last chunk of 1 to 6 bytes takes 3, 5, 8, 10, 13 or 15. Every byte
string has one text and every text at most one byte string. Specification: ``spec/qr.md``.
"""

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
    whole = len(data) - len(data) % CHUNK
    chunks = [
        f"{int.from_bytes(data[start : start + CHUNK], 'little'):017d}"
        for start in range(0, whole, CHUNK)
    ]
    rest = data[whole:]
    if rest:
        chunks.append(str(int.from_bytes(rest, "little")).zfill(WIDTHS[len(rest)]))
    return "".join(chunks)


def decode(text: str) -> bytes:
    """Return the bytes that ``text`` stands for.

    Raises FormatError for anything but ASCII digits, a length that no byte string has, a group
    that is too large for its bytes, or more than ``MAX_DIGITS`` digits.
    """
    if len(text) > MAX_DIGITS:
        raise FormatError(f"{len(text)} digits, more than a QR symbol holds")
    if text and not (text.isascii() and text.encode().isdigit()):
        raise FormatError("a character that is not one of the digits 0 to 9")
    chunks = []
    for start in range(0, len(text), WIDTH):
        group = text[start : start + WIDTH]
        size = _BYTES.get(len(group))
        if size is None:
            raise FormatError(f"{len(text)} digits are no whole number of bytes")
        value = int(group)
        if value >> (8 * size):
            raise FormatError(f"digits {start + 1} to {start + len(group)} exceed {size} bytes")
        chunks.append(value.to_bytes(size, "little"))
    return b"".join(chunks)
