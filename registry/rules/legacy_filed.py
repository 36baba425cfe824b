"""What the archive says of the assessment behind an existing certificate, as it is typed."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from registry.rules.assessment import Occupations
from registry.rules.catalogue import REVIEWED_LEVELS
from registry.rules.decision import Reason, RefusedError, reason
from registry.rules.spellings import Score, date_of, half_width, level_of, score_of, score_text


@dataclass(frozen=True, slots=True, kw_only=True)
class Filed:
    """Facts of the assessment, from its file."""

    site: str
    """Number of the site that assessed."""
    occupation: str
    """Code of the catalogue's occupation."""
    level: str
    work_type: str | None
    assessed: date
    theory: Score
    practice: Score
    review: Score | None

    def as_dict(self) -> dict[str, Any]:
        """JSON shape, stored with the request."""
        return {
            "site": self.site, "occupation": self.occupation, "level": self.level,
            "work_type": self.work_type, "assessed": self.assessed.isoformat(),
            "theory": score_text(self.theory), "practice": score_text(self.practice),
            "review": None if self.review is None else score_text(self.review),
        }  # fmt: skip


def load(shape: Mapping[str, Any]) -> Filed:
    """Facts from the shape that :meth:`Filed.as_dict` writes."""
    review = shape["review"]
    return Filed(
        site=shape["site"], occupation=shape["occupation"], level=shape["level"],
        work_type=shape["work_type"], assessed=date.fromisoformat(shape["assessed"]),
        theory=Decimal(shape["theory"]), practice=Decimal(shape["practice"]),
        review=None if review is None else Decimal(review),
    )  # fmt: skip


def read(typed: Mapping[str, str], occupations: Occupations) -> Filed:
    """Facts from a form.

    Args:
        typed: texts by field: ``site``, ``occupation``, ``level``, ``work_type``, ``assessed``,
            ``theory``, ``practice``, ``review``.
        occupations: the catalogue.

    Raises:
        RefusedError: with every field that is missing or cannot be right.
    """
    reasons: list[Reason] = []

    def needed(field: str) -> str:
        text = half_width(typed.get(field, ""))
        if not text:
            reasons.append(reason("missing", field))
        return text

    def score(field: str, text: str) -> Score:
        found = score_of(text)
        if text and found is None:
            reasons.append(reason("score_malformed", field, text=text))
        return found or Decimal(0)

    site, level_text, day_text = needed("site"), needed("level"), needed("assessed")
    if site and not re.fullmatch(r"[0-9A-Za-z-]{1,8}", site):
        reasons.append(reason("legacy_site_unknown", "site", site=site))
    level, assessed = level_of(level_text), date_of(day_text)
    if level_text and level is None:
        reasons.append(reason("level_unknown", "level", level=level_text))
    if day_text and assessed is None:
        reasons.append(reason("date_malformed", "assessed", text=day_text))
    occupation = _occupation(needed("occupation"), occupations, reasons)
    theory = score("theory", needed("theory"))
    practice = score("practice", needed("practice"))
    review_text = half_width(typed.get("review", ""))
    is_reviewed = level in REVIEWED_LEVELS
    if is_reviewed:
        review_text = needed("review")
    review = score("review", review_text) if is_reviewed else None
    if reasons:
        raise RefusedError(*reasons)
    assert level and assessed and occupation  # each None has left a reason
    return Filed(
        site=site, occupation=occupation, level=level,
        work_type=half_width(typed.get("work_type", "")) or None, assessed=assessed,
        theory=theory, practice=practice, review=review,
    )  # fmt: skip


def _occupation(text: str, occupations: Occupations, reasons: list[Reason]) -> str | None:
    if not text:
        return None
    try:
        return occupations.find(text).code
    except RefusedError as refused:
        reasons += refused.reasons
        return None
