"""Which characters signed text may hold: NFC and an allow-list, so that looks do not deceive.

Two alphabets. ``NAME`` is for people: Han with its extensions, Latin letters, ``·``, space, hyphen
and apostrophe. ``WORDS`` adds digits and the punctuation of titles and reasons. Neither holds
private-use, direction, zero-width, combining or control characters: they can make two different
texts look alike. Specification: ``spec/qr.md``.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import cached_property

from schemas.errors import FormatError

_HAN = (
    "\u3007\u3400-\u4dbf\u4e00-\u9fff"
    "\ufa0e\ufa0f\ufa11\ufa13\ufa14\ufa1f\ufa21\ufa23\ufa24\ufa27-\ufa29"
    "\U00020000-\U0002a6df\U0002a700-\U0002ee5d\U00030000-\U000323af"
)
"""Unified ideographs, blocks to extension I; of the compatibility block only the twelve that are
unified (NFC replaces all others)."""

_LATIN = "A-Za-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f\u1e00-\u1eff"


@dataclass(frozen=True)
class Alphabet:
    """A set of allowed characters, written as the inside of a regular-expression class."""

    title: str
    """What the text is called in an error, with its article."""
    characters: str

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """Matches an allowed text: no space first, last or doubled, at least one character."""
        word = f"[{self.characters}]+"
        return re.compile(f"{word}(?: {word})*")

    @cached_property
    def character(self) -> re.Pattern[str]:
        """Matches one allowed character, the space included."""
        return re.compile(f"[ {self.characters}]")


NAME = Alphabet("a name", f"{_HAN}{_LATIN}·'\\-")
"""People's names."""

WORDS = Alphabet(
    "a text",
    f'{NAME.characters}0-9.,:;/()%&+#@?!*=_<>"\\[\\]|~'
    "\u2010-\u2015\u2018\u2019\u201c\u201d\u2026\u2160-\u217f"
    "\u3001-\u3003\u3005\u3008-\u3011\u3014-\u301b\uff01-\uff5e\uffe5°±×÷≥≤",
)
"""Titles, addresses, reasons: names plus ASCII, digits and Chinese punctuation."""


def check(text: str, *, max_length: int = 100, alphabet: Alphabet = NAME) -> str:
    """Return ``text`` unchanged if it may be signed.

    ``max_length`` counts characters. Raises ``FormatError`` naming the first character that is not
    allowed and its place (from 1), or saying that the text is empty, too long, not NFC, or has a
    space at an end or two together.
    """
    if (
        len(text) <= max_length
        and alphabet.pattern.fullmatch(text)
        and unicodedata.is_normalized("NFC", text)
    ):
        return text
    raise FormatError(_complaint(text, max_length, alphabet))


def _complaint(text: str, max_length: int, alphabet: Alphabet) -> str:
    if not text:
        return f"{alphabet.title} is empty"
    if len(text) > max_length:
        return f"{alphabet.title} has {len(text)} characters, at most {max_length} are allowed"
    for place, character in enumerate(text, 1):
        if not alphabet.character.fullmatch(character):
            name = unicodedata.name(character, "no name")
            return (
                f"character U+{ord(character):04X} ({name}) at place {place} "
                f"is not allowed in {alphabet.title}"
            )
    if not unicodedata.is_normalized("NFC", text):
        return f"{alphabet.title} is not in Unicode normalization form C"
    return f"{alphabet.title} begins or ends with a space, or has two together"
