"""Hand-out slips: cut from A4 and given to holders, each opens one holder's download page."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from registry.documents import qr
from registry.documents.face import chinese_date, english_date
from registry.documents.press import PRESS

GROUP = 4
"""Characters in a group of the code."""
GETA = "〓"
"""Printed for a character that no font has: a slip must not fail over a masked name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SlipFace:
    """Everything on one slip."""

    masked_name: str
    last4: str
    """Last four characters of the holder's ID number; the holder types them beside the code."""
    code: str
    """Pick-up code; hyphens and spaces are dropped, and it is printed in groups of four."""
    url: str
    """Address of the pick-up page, also as QR symbol."""
    valid_until: date
    """Last day, inclusive."""
    sample: bool


def slips(slips: Sequence[SlipFace]) -> bytes:
    """The slips on A4 as PDF, ten to a page with cut lines, in their order; same slips, same bytes.

    Raises:
        ValueError: no slips, or a code without letters and digits.
        MissingGlyphError: a character outside the name is in none of the fonts.
        SymbolError: an address does not fit a QR symbol.
        FontError: a font file is missing or is not the one that was checked.
    """
    if not slips:
        raise ValueError("a page needs a slip")
    pictures = [qr.svg(slip.url) for slip in slips]
    return PRESS.typeset(
        "slips.typ", {"slips": [_values(slip) for slip in slips]}, {"pictures": pictures},
        format="pdf",
    )  # fmt: skip


def groups(code: str) -> list[str]:
    """``AB12CD34E`` as ``AB12``, ``CD34``, ``E``.

    Raises:
        ValueError: the code has no letter or digit.
    """
    plain = "".join(character for character in code if character.isalnum())
    if not plain:
        raise ValueError("a pick-up code has letters or digits")
    return [plain[start : start + GROUP] for start in range(0, len(plain), GROUP)]


def _values(slip: SlipFace) -> dict[str, object]:
    missing = PRESS.missing(slip.masked_name)
    return {
        "name": slip.masked_name.translate({ord(c): GETA for c in missing}),
        "last4": slip.last4,
        "code": groups(slip.code),
        "url": slip.url,
        "until": {"zh": chinese_date(slip.valid_until), "en": english_date(slip.valid_until)},
        "sample": slip.sample,
    }
