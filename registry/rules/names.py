"""Names of people: one spelling for storing, another measure for finding.

Which characters a signed name may hold is decided by :mod:`schemas.text`; here look-alike dots
become ``·`` and width and spaces are settled before that check.
"""

import unicodedata

from registry.rules.decision import RefusedError, reason
from schemas import text as texts
from schemas.errors import FormatError

MAX_LENGTH = 60
"""Longest name in characters; the longest Uyghur names with their parts stay well below."""

_DOTS = dict.fromkeys(map(ord, "•●・･‧∙⋅᛫⸱。｡﹒˙ꞏ"), "·")
_QUOTES = dict.fromkeys(map(ord, "’‘ʼ＇`´"), "'")
_HYPHENS = dict.fromkeys(map(ord, "‐‑‒–—−－"), "-")
_LOOK_ALIKES = {**_DOTS, **_QUOTES, **_HYPHENS}


def normalise(name: str) -> str:
    """The name as it is stored and signed.

    Raises:
        RefusedError: empty, too long, or a character that no signed form may hold, named.
    """
    text = unicodedata.normalize("NFC", name.translate(_LOOK_ALIKES))
    text = "".join(_half_width(character) for character in text)
    text = _settle(text)
    if not text:
        raise RefusedError(reason("missing", "name"))
    if len(text) > MAX_LENGTH:
        raise RefusedError(reason("name_too_long", "name", length=len(text), most=MAX_LENGTH))
    if not any(character.isalpha() for character in text):
        raise RefusedError(reason("name_character", "name", problem=repr(text)))
    try:
        return texts.check(text, max_length=MAX_LENGTH)
    except FormatError as error:
        raise RefusedError(reason("name_character", "name", problem=str(error))) from error


def _half_width(character: str) -> str:
    # Only Latin letters, digits and the space: compatibility folding of Han would change a name.
    if "！" <= character <= "～":
        return chr(ord(character) - 0xFEE0)
    return " " if character in "\u3000\u00a0" else character


def _settle(text: str) -> str:
    words = text.split()
    if not words:
        return ""
    text = " ".join(words).replace(" ·", "·").replace("· ", "·")
    if any(_is_han(character) for character in text):
        # A full stop typed for the dot of a minority name; Latin initials keep it and are refused.
        text = text.replace(".", "·")
        # Sites pad two-character names to line up a column ("张 三"); Han names have no spaces.
        text = text.replace(" ", "")
    return text.strip("·")


def _is_han(character: str) -> bool:
    return unicodedata.name(character, "").startswith("CJK ")


def key(name: str) -> str:
    """What two spellings of one name share: without dots, spaces, case and accents' composition."""
    try:
        text = normalise(name)
    except RefusedError:
        text = name
    return "".join(character for character in text.casefold() if character.isalpha())


def match(asked: str, stored: str) -> bool:
    """Whether somebody who typed ``asked`` means the stored name."""
    return bool(key(asked)) and key(asked) == key(stored)
