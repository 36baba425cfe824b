"""How sites spell levels, dates and scores, and the one value that each spelling means."""

import re
import unicodedata
from datetime import date
from decimal import Decimal
from typing import TypeAlias

from registry.rules.catalogue import LEVELS

Score: TypeAlias = Decimal
"""Marks of 100 with at most one decimal; ``Decimal("60.5")``."""

LEVEL_NAMES = {
    "5": ("五级/初级工", "五级", "初级工", "初级"),
    "4": ("四级/中级工", "四级", "中级工", "中级"),
    "3": ("三级/高级工", "三级", "高级工", "高级"),
    "2": ("二级/技师", "二级", "技师"),
    "1": ("一级/高级技师", "一级", "高级技师"),
}
"""Spellings of the five levels that sites use; the first one is printed."""

_SCORE = re.compile(r"([0-9]{1,3})(?:\.([0-9])0*)?")
_DATE = re.compile(
    r"([0-9]{4})(?:-([0-9]{1,2})-([0-9]{1,2})|/([0-9]{1,2})/([0-9]{1,2})|\.([0-9]{1,2})\.([0-9]{1,2})"
    r"|年([0-9]{1,2})月([0-9]{1,2})日|([0-9]{2})([0-9]{2}))"
)


def level_of(text: str) -> str | None:
    """The level's digit for any of its spellings, or None."""
    text = half_width(text)
    if text in LEVELS:
        return text
    return next((level for level, spellings in LEVEL_NAMES.items() if text in spellings), None)


def date_of(text: str) -> date | None:
    """The civil date for the spellings that offices use (``2026-11-22``, ``2026年11月22日``, …)."""
    found = _DATE.fullmatch(half_width(text))
    if found is None:
        return None
    year, month, day = (int(part) for part in found.groups() if part is not None)
    try:
        return date(year, month, day)
    except ValueError:
        return None


def score_of(text: str) -> Score | None:
    """A score of 0 to 100 with at most one decimal; None for anything else."""
    found = _SCORE.fullmatch(half_width(text))
    if found is None:
        return None
    score = Decimal(f"{found.group(1)}.{found.group(2) or 0}")
    return score if score <= 100 else None


def score_text(score: Score) -> str:
    """A score for people and for digests: ``60.5``, ``80``; one spelling per value."""
    whole, _, tenth = f"{score:.1f}".partition(".")
    return whole if tenth == "0" else f"{whole}.{tenth}"


def half_width(text: str) -> str:
    """The text with full-width digits, letters and signs made half-width, ends trimmed."""
    # Chinese input methods type full-width digits; they are the same figures.
    return unicodedata.normalize("NFKC", text).strip()
