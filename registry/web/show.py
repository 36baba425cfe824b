"""How values look on a page: days, instants, numbers, and who can resolve a refusal."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

from registry.rules import words
from registry.rules.decision import Reason
from schemas.certificate import Instant
from schemas.dates import parse_utc
from verifier.render import instant_words

SHANGHAI = timezone(timedelta(hours=8), "Asia/Shanghai")
_MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September",
           "October", "November", "December")  # fmt: skip


def instant(value: Instant | None) -> str:
    """``2026-11-22 12:00`` in Shanghai; a dash for none."""
    if value is None:
        return "—"
    return datetime.fromtimestamp(value, UTC).astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M")


def day(value: date | None, language: str = "zh") -> str:
    """``2026年11月22日`` or ``22 November 2026``; a dash for none."""
    if value is None:
        return "—"
    if language == "en":
        return f"{value.day} {_MONTHS[value.month - 1]} {value.year}"
    return f"{value.year}年{value.month}月{value.day}日"


def count(value: int) -> str:
    """``12,345``."""
    return f"{value:,}"


def grouped(value: str) -> str:
    """A long number or hash in groups of four, easier to compare by eye."""
    return " ".join(value[start : start + 4] for start in range(0, len(value), 4))


def runs(numbers: Sequence[int]) -> list[str]:
    """Rising numbers with their unbroken runs drawn together: ``2–5``, ``9``."""
    found: list[list[int]] = []
    for number in numbers:
        if found and number == found[-1][-1] + 1:
            found[-1].append(number)
        else:
            found.append([number])
    return [str(run[0]) if len(run) == 1 else f"{run[0]}–{run[-1]}" for run in found]


def who(reason: Reason, language: str = "zh") -> str:
    """Who can resolve a refusal, in words."""
    return words.who_name(reason.who, language)


def utc_words(value: str, language: str = "zh") -> str:
    """``2026-11-22T04:00:00Z`` as a day and minute in Shanghai, in words."""
    return instant_words(parse_utc(value), language)


def iso_day(value: str | None, language: str = "zh") -> str | None:
    """``2026-11-22`` in words; None for none."""
    return None if value is None else day(date.fromisoformat(value), language)


_TOLD = (
    ("read:", "读过原文："), ("remembered:", "凭记忆，待核对："), ("code high", "编码：高"),
    ("high", "高"), ("medium", "中"), ("low", "低"),
)  # fmt: skip


def told(value: str | None, language: str = "zh") -> str | None:
    """How sure a fact of the catalogue is and how its source was read, in the reader's words.

    The catalogue's data says both in English; what follows is a citation and stays as it is.
    """
    if value is None or language != "zh":
        return value
    for english, chinese in _TOLD:
        if value.startswith(english):
            return chinese + value.removeprefix(english).removeprefix(" ")
    return value


def is_web_address(value: object) -> bool:
    """Whether a link may point there: signed text may still not name a script."""
    return isinstance(value, str) and value.startswith(("https://", "http://"))


def stored_reason(stored: Mapping[str, Any], language: str = "zh") -> str:
    """A reason as a decision keeps it, in words."""
    return words.sentence(stored["code"], stored["parameters"], language)
