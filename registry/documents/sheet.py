"""The sheet of verdicts: QR symbols to scan, each with the headline that a phone must then show."""

from collections.abc import Sequence
from dataclasses import dataclass

from registry.documents import icons, qr
from registry.documents.press import PRESS


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetCard:
    """One symbol of the sheet."""

    qr_text: str
    headline: dict[str, str]
    """Expected after scanning, ``zh`` and ``en``."""
    icon: str
    """Name of a shape in ``registry.documents.icons``."""
    colour: str
    """``green``, ``red``, ``amber``, ``blue`` or ``grey``."""
    shows: str
    """One line about what this card is for."""


def verdict_sheet(cards: Sequence[SheetCard], sample: bool) -> bytes:
    """The cards on A4 as PDF, twelve to a page, in their order; same cards, same bytes.

    Args:
        cards: at least one.
        sample: whether every page carries the sample watermark.

    Raises:
        ValueError: no cards, or an icon or colour that does not exist.
        MissingGlyphError: a character is in none of the fonts; it is named.
        SymbolError: a text does not fit a QR symbol.
        FontError: a font file is missing or is not the one that was checked.
    """
    if not cards:
        raise ValueError("a sheet needs a card")
    texts = [
        {"headline": card.headline, "shows": card.shows, "colour": icons.COLOURS.get(card.colour)}
        for card in cards
    ]
    pictures = [
        {"qr": qr.svg(card.qr_text), "icon": icons.svg(card.icon, card.colour)} for card in cards
    ]
    return PRESS.typeset(
        "sheet.typ", {"cards": texts, "sample": sample}, {"pictures": pictures}, format="pdf"
    )
