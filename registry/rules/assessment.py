"""Results of an assessment: what one row of a site's workbook must say, and how rows conflict.

A row arrives as texts by column key (the workbook reader has already turned Excel dates into
``2026-11-22`` and refused numbers where text is needed). :func:`read` turns it into a
:class:`Result` or into reasons that each name their column; :func:`conflicts` compares it with a
row already stored.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal
from typing import TypeAlias

from registry.rules import identity as identities
from registry.rules import names
from registry.rules.catalogue import LEVELS, REVIEWED_LEVELS, Occupation, issuable
from registry.rules.decision import Reason, RefusedError, reason
from registry.rules.identity import Identity
from registry.rules.policy import Policy

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
_CARD_BREAK = re.compile(r"[\s、,，;；/]+")
_EARLIEST = date(1990, 1, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """One candidate's assessment, as entered."""

    name: str
    identity: Identity
    occupation: str
    """Code of the occupation."""
    level: str
    work_type: str | None
    assessed: date
    theory: Score
    practice: Score
    review: Score | None
    practice_examiners: tuple[str, ...]
    """Card numbers of the team of the practice part, in the order given."""
    review_examiners: tuple[str, ...] = ()
    """Card numbers of the team of the comprehensive review; only with a review."""
    ticket: str | None = None
    """Admission ticket (准考证号)."""

    @property
    def key(self) -> tuple[str, str, str, str, date]:
        """What makes two rows the same assessment of the same person."""
        return (
            self.identity.kind, self.identity.number, self.occupation, self.level, self.assessed
        )  # fmt: skip


class Occupations:
    """The catalogue as rows look it up: by code or by name, built once per batch."""

    def __init__(self, rows: "tuple[Occupation, ...] | list[Occupation]") -> None:
        self._by_code = {row.code: row for row in rows}
        self._by_name: dict[str, list[Occupation]] = {}
        for row in rows:
            self._by_name.setdefault(row.name, []).append(row)

    def find(self, text: str) -> Occupation:
        """The occupation of that code or unambiguous name.

        Raises:
            RefusedError: there is none, or the name stands for several codes.
        """
        text = text.strip()
        if found := self._by_code.get(text):
            return found
        named = self._by_name.get(text, [])
        if len(named) == 1:
            return named[0]
        if named:
            codes = "、".join(row.code for row in named)
            raise RefusedError(reason("occupation_ambiguous", "occupation", name=text, codes=codes))
        raise RefusedError(reason("occupation_unknown", "occupation", occupation=text))


def read(
    cells: Mapping[str, str], occupations: Occupations, on: date, policy: Policy
) -> Result | tuple[Reason, ...]:
    """One row as a result, or every reason why it is none.

    Args:
        cells: texts by column key; a missing key and an empty text are the same.
        occupations: the catalogue.
        on: civil date of the import; later dates are refused.
        policy: for kinds of identity documents and score limits.
    """
    reader = _Row(cells, occupations, on, policy)
    return reader.result()


class _Row:
    """Reads column after column and gathers what is wrong, so that a clerk sees it all at once."""

    def __init__(
        self, cells: Mapping[str, str], occupations: Occupations, on: date, policy: Policy
    ) -> None:
        self.cells, self.occupations, self.on, self.policy = cells, occupations, on, policy
        self.reasons: list[Reason] = []

    def result(self) -> Result | tuple[Reason, ...]:
        name = self._name()
        identity = self._identity()
        occupation = self._occupation()
        level = self._level(occupation)
        work_type = self._work_type(occupation)
        assessed = self._assessed()
        theory, practice = self._score("theory"), self._score("practice")
        review = self._review(level)
        practised = self._cards("practice_examiners", needed=True)
        reviewed = self._cards("review_examiners", needed=level in REVIEWED_LEVELS)
        if self.reasons:
            return tuple(self.reasons)
        assert name and identity and occupation and level and assessed  # each None left a reason
        assert theory is not None and practice is not None
        return Result(
            name=name, identity=identity, occupation=occupation.code, level=level,
            work_type=work_type, assessed=assessed, theory=theory, practice=practice,
            review=review, practice_examiners=practised, review_examiners=reviewed,
            ticket=self.cells.get("ticket", "").strip() or None,
        )  # fmt: skip

    def _required(self, column: str) -> str | None:
        text = self.cells.get(column, "").strip()
        if not text:
            self.reasons.append(reason("missing", column))
            return None
        return text

    def _name(self) -> str | None:
        if (text := self._required("name")) is None:
            return None
        try:
            return names.normalise(text)
        except RefusedError as refused:
            self.reasons.extend(refused.reasons)
            return None

    def _identity(self) -> Identity | None:
        if (number := self._required("identity")) is None:
            return None
        kind = self.cells.get("identity_kind", "").strip()
        try:
            return identities.read(kind, number, self.on, self.policy)
        except RefusedError as refused:
            self.reasons.extend(refused.reasons)
            return None

    def _occupation(self) -> Occupation | None:
        if (text := self._required("occupation")) is None:
            return None
        try:
            occupation = self.occupations.find(text)
        except RefusedError as refused:
            self.reasons.extend(refused.reasons)
            return None
        if refusal := issuable(occupation):
            self.reasons.append(refusal)
            return None
        return occupation

    def _level(self, occupation: Occupation | None) -> str | None:
        if (text := self._required("level")) is None:
            return None
        level = level_of(text)
        if level is None:
            self.reasons.append(reason("level_unknown", "level", level=text))
        elif occupation is not None and level not in occupation.levels:
            self.reasons.append(
                reason("level_not_in_occupation", "level", level=LEVEL_NAMES[level][0],
                       occupation=occupation.name)
            )  # fmt: skip
            return None
        return level

    def _work_type(self, occupation: Occupation | None) -> str | None:
        text = _half_width(self.cells.get("work_type", ""))
        if text in ("", "--"):
            return None
        if not re.fullmatch(r"[0-9]{3}", text):
            self.reasons.append(reason("work_type_malformed", "work_type", work_type=text))
        elif occupation is not None and text not in occupation.work_types:
            self.reasons.append(
                reason("work_type_not_in_occupation", "work_type", work_type=text,
                       occupation=occupation.name)
            )  # fmt: skip
        return text

    def _assessed(self) -> date | None:
        if (text := self._required("assessed")) is None:
            return None
        day = date_of(text)
        if day is None:
            self.reasons.append(reason("date_malformed", "assessed", text=text))
        elif day > self.on:
            self.reasons.append(reason("date_in_future", "assessed", date=day, today=self.on))
        elif day < _EARLIEST:
            self.reasons.append(reason("date_too_early", "assessed", date=day, earliest=_EARLIEST))
        else:
            return day
        return None

    def _score(self, column: str) -> Score | None:
        if (text := self._required(column)) is None:
            return None
        score = score_of(text)
        if score is None:
            self.reasons.append(reason("score_malformed", column, text=text))
        return score

    def _review(self, level: str | None) -> Score | None:
        text = self.cells.get("review", "").strip()
        if text in ("", "--"):
            if level in REVIEWED_LEVELS:
                self.reasons.append(reason("review_missing", "review", level=LEVEL_NAMES[level][0]))
            return None
        if level is not None and level not in REVIEWED_LEVELS:
            self.reasons.append(reason("review_not_used", "review", level=LEVEL_NAMES[level][0]))
            return None
        return self._score("review")

    def _cards(self, column: str, needed: bool) -> tuple[str, ...]:
        text = self._required(column) if needed else self.cells.get(column, "").strip()
        if not text or text == "--":
            return ()
        cards = tuple(card for card in _CARD_BREAK.split(_half_width(text).upper()) if card)
        if len(set(cards)) != len(cards):
            self.reasons.append(reason("examiner_twice", column, cards=text))
        return cards


def level_of(text: str) -> str | None:
    """The level's digit for any of its spellings, or None."""
    text = _half_width(text)
    if text in LEVELS:
        return text
    return next((level for level, spellings in LEVEL_NAMES.items() if text in spellings), None)


def date_of(text: str) -> date | None:
    """The civil date for the spellings that offices use (``2026-11-22``, ``2026年11月22日``, …)."""
    found = _DATE.fullmatch(_half_width(text))
    if found is None:
        return None
    year, month, day = (int(part) for part in found.groups() if part is not None)
    try:
        return date(year, month, day)
    except ValueError:
        return None


def score_of(text: str) -> Score | None:
    """A score of 0 to 100 with at most one decimal; None for anything else."""
    found = _SCORE.fullmatch(_half_width(text))
    if found is None:
        return None
    score = Decimal(f"{found.group(1)}.{found.group(2) or 0}")
    return score if score <= 100 else None


def score_text(score: Score) -> str:
    """A score for people and for digests: ``60.5``, ``80``; one spelling per value."""
    whole, _, tenth = f"{score:.1f}".partition(".")
    return whole if tenth == "0" else f"{whole}.{tenth}"


def conflicts(stored: Result, new: Result) -> tuple[Reason, ...]:
    """What differs between a stored row and a new row of the same :attr:`Result.key`.

    Empty means the same facts again, which changes nothing. Every difference is named, and none
    wins by itself: an officer has to resolve it.
    """
    if stored.key != new.key:
        raise ValueError("only rows of the same assessment can conflict")
    found = []
    for field in fields(Result):
        old, now = getattr(stored, field.name), getattr(new, field.name)
        if old != now:
            found.append(
                reason("conflict", field.name, field=_label(field.name), stored=_shown(old),
                       new=_shown(now))
            )  # fmt: skip
    return tuple(found)


def repeated(results: Mapping[int, Result]) -> dict[int, Reason]:
    """Rows of one workbook that repeat an earlier row's candidate: row number -> reason."""
    first: dict[tuple[str, str, str, str, date], int] = {}
    found = {}
    for row, result in results.items():
        earlier = first.setdefault(result.key, row)
        if earlier != row:
            found[row] = reason("candidate_twice", "identity", row=earlier)
    return found


def _half_width(text: str) -> str:
    # Chinese input methods type full-width digits; they are the same figures.
    return unicodedata.normalize("NFKC", text).strip()


_LABELS = {
    "name": "姓名", "theory": "理论成绩", "practice": "实操成绩", "review": "综合评审",
    "work_type": "工种", "practice_examiners": "实操考评员", "review_examiners": "综评考评员",
    "ticket": "准考证号",
}  # fmt: skip


def _label(name: str) -> str:
    return _LABELS.get(name, name)


def _shown(value: object) -> str:
    if value is None:
        return "--"
    if isinstance(value, Decimal):
        return score_text(value)
    return "、".join(value) if isinstance(value, tuple) else str(value)
