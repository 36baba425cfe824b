"""Results of an assessment: what one row of a site's workbook must say, and how rows conflict.

A row arrives as texts by column key (the workbook reader has already turned Excel dates into
``2026-11-22`` and refused numbers where text is needed). :func:`read` turns it into a
:class:`Result` or into reasons that each name their column; :func:`conflicts` compares it with a
row already stored.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal

from registry.rules import identity as identities
from registry.rules import names
from registry.rules.catalogue import REVIEWED_LEVELS, Occupation, issuable
from registry.rules.decision import Reason, RefusedError, reason
from registry.rules.identity import Identity
from registry.rules.policy import Policy
from registry.rules.spellings import (
    LEVEL_NAMES,
    Score,
    date_of,
    half_width,
    level_of,
    score_of,
    score_text,
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
        text = half_width(self.cells.get("work_type", ""))
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
        cards = tuple(card for card in _CARD_BREAK.split(half_width(text).upper()) if card)
        if len(set(cards)) != len(cards):
            self.reasons.append(reason("examiner_twice", column, cards=text))
        return cards


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
