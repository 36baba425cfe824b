"""A report in words: the sentences of ``texts.json`` with their placeholders filled."""

import json
import re
from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from importlib import resources
from typing import Any, TypeAlias

from schemas import dates
from schemas.certificate import Instant
from verifier.report import Report, Verdict

TEXTS: Mapping[str, Any] = json.loads(
    resources.files("verifier").joinpath("texts.json").read_text(encoding="utf-8")
)
"""Every word that people see; the browser reads the same file."""

LANGUAGES = ("zh", "en")
_PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip
NO_CONTACT: Mapping[str, str] = {}
_SPECIAL = TEXTS["special_operations"]


@lru_cache(maxsize=1024)
def is_special(occupation: str, work_type: str | None, name: str | None) -> bool:
    """Whether the occupation also exists as a special operation, which needs another permit."""
    return (
        occupation in _SPECIAL["occupations"]
        or work_type in _SPECIAL["work_types"]
        or any(word in (name or "") for word in _SPECIAL["names"])
    )


def words(report: Report, contact: Mapping[str, str] = NO_CONTACT) -> dict[str, Any]:
    """Return icon, colour and, per language, headline, sentence, action and notices.

    ``contact`` gives ``phone`` and ``site`` where no status note does; without them the sentences
    say "the issuer" instead. The value may be shared: read it, do not change it.
    """
    if report.note is not None or contact:
        values = {language: _values(report, contact, language) for language in LANGUAGES}
        return _spoken(report.verdict, report.reason, report.notices, values)
    return _common(*_said(report))


_Said: TypeAlias = tuple[
    Verdict, str | None, str | None, str | None, str | None, Instant | None, str | None,
    date | None, tuple[str, ...],
]  # fmt: skip


def _said(report: Report) -> _Said:
    """Return all that the words of a report without note depend on."""
    return (
        report.verdict, report.reason, report.issuer_name, report.issuer_name_en, report.phone,
        report.status_as_of, report.last_known, _day(report), report.notices,
    )  # fmt: skip


@lru_cache(maxsize=4096)
def _common(
    verdict: Verdict, reason: str | None, issuer_name: str | None, issuer_name_en: str | None,
    phone: str | None, status_as_of: Instant | None, last_known: str | None, day: date | None,
    notices: tuple[str, ...],
) -> dict[str, Any]:  # fmt: skip
    values = {}
    for language in LANGUAGES:
        values[language] = _placed(
            language, issuer_name if language == "zh" else issuer_name_en or issuer_name,
            phone, "", status_as_of, last_known, day,
        )  # fmt: skip
    return _spoken(verdict, reason, notices, values)


def fill(variants: list[str], values: Mapping[str, str]) -> str:
    """Return the first variant all of whose placeholders have a value, filled."""
    for variant in variants:
        if all(values.get(name) for name in _PLACEHOLDER.findall(variant)):
            return _PLACEHOLDER.sub(lambda found: values[found[1]], variant)
    raise LookupError("the last variant of a text must have no placeholder")


def day_words(day: date, language: str) -> str:
    """Write a civil date: ``2026年11月22日`` or ``22 November 2026``."""
    if language == "zh":
        return f"{day.year}年{day.month}月{day.day}日"
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def instant_words(instant: Instant, language: str) -> str:
    """Write an instant in Shanghai time, to the minute."""
    minute = (instant + 8 * 3600) % 86400 // 60
    separator = " " if language == "zh" else ", "
    day = day_words(dates.shanghai_day(instant), language)
    return f"{day}{separator}{minute // 60:02d}:{minute % 60:02d}"


def _spoken(
    verdict: Verdict, reason: str | None, notices: tuple[str, ...],
    values: Mapping[str, Mapping[str, str]],
) -> dict[str, Any]:  # fmt: skip
    verdicts = TEXTS["verdicts"]
    entry = verdicts.get(f"{verdict}.{reason}") or verdicts[str(verdict)]
    spoken: dict[str, Any] = {"icon": entry["icon"], "colour": entry["colour"]}
    for language in LANGUAGES:
        told = entry[language]
        spoken[language] = {
            "headline": told["headline"],
            "sentence": fill(told["sentence"], values[language]),
            "action": fill(told["action"], values[language]),
            "notices": [TEXTS["notices"][code][language] for code in notices],
        }
    return spoken


def _values(report: Report, contact: Mapping[str, str], language: str) -> dict[str, str]:
    name = report.issuer_name
    if language == "en":
        name = report.issuer_name_en or name
    values = _placed(
        language, name, report.phone or contact.get("phone"), contact.get("site", ""),
        report.status_as_of, report.last_known, _day(report),
    )  # fmt: skip
    if report.note is not None:
        values |= _note_values(report.note, language)
    return values


def _placed(
    language: str, issuer: str | None, phone: str | None, site: str, time: Instant | None,
    last_known: str | None, day: date | None,
) -> dict[str, str]:  # fmt: skip
    """Return the placeholders that a report fills without a note."""
    values = {"issuer": issuer or "", "phone": phone or "", "site": site}
    if time is not None:
        values["time"] = instant_words(time, language)
    if last_known is not None:
        values["last_known"] = TEXTS["states"][last_known][language]
    if day is not None:
        values["date"] = day_words(day, language)
    return values


def _day(report: Report) -> date | None:
    if report.note is not None and report.verdict not in ("expired", "not_yet_valid"):
        return date.fromisoformat(report.note["date"])
    if report.facts is None:
        return None
    if report.verdict == "expired":
        return report.facts.valid_until
    if report.verdict == "not_yet_valid":
        return report.facts.valid_from or report.facts.awarded
    return None


def _note_values(note: Mapping[str, Any], language: str) -> dict[str, str]:
    values = {}
    for key in ("authority", "ground"):
        if note.get(key):
            values[key] = note[key][language]
    appeal = note.get("appeal")
    if appeal:
        body = appeal["body"]
        values["body"] = body if isinstance(body, str) else body[language]
        if appeal.get("until"):
            values["until"] = day_words(date.fromisoformat(appeal["until"]), language)
    replacement = note.get("replacement")
    if replacement:
        values["number"] = replacement["number"]
        values["version"] = str(replacement["version"])
    return values
