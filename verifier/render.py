"""A report as JSON (``report.schema.json``) and in words (``texts.json``)."""

import json
import re
from collections.abc import Mapping
from datetime import date
from importlib import resources
from typing import Any

from schemas import dates
from schemas.certificate import Facts, Instant, Names
from verifier.report import Report

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
_NO_CONTACT: Mapping[str, str] = {}


def document(
    report: Report,
    *,
    name: str | None = None,
    contact: Mapping[str, str] = _NO_CONTACT,
    with_words: bool = True,
) -> dict[str, Any]:
    """Return the report as the JSON value that ``report.schema.json`` describes.

    ``name`` is the input's name on the command line. ``contact`` may give ``phone`` and ``site`` to
    the sentences; see :func:`words`.
    """
    body: dict[str, Any] = {"input": name} if name is not None else {}
    body |= {
        "verdict": report.verdict.value,
        "reason": report.reason,
        "form": report.form,
        "at": dates.utc(report.at),
        "status_as_of": _utc(report.status_as_of),
        "last_known": report.last_known,
        "issuer_name": report.issuer_name,
        "issuer_name_en": report.issuer_name_en,
        "phone": report.phone,
        "certificate": _facts(report.facts),
        "names": _names(report.names),
        "note": report.note,
        "notices": list(report.notices),
        "match": report.match,
        "face": report.face,
        "steps": [
            {"check": step.check, "outcome": step.outcome.value, "code": step.code}
            for step in report.steps
        ],
    }
    if with_words:
        body["words"] = words(report, contact)
    return body


def words(report: Report, contact: Mapping[str, str] = _NO_CONTACT) -> dict[str, Any]:
    """Return icon, colour and, per language, headline, sentence, action and notices.

    ``contact`` gives ``phone`` and ``site`` where no status note does; without them the sentences
    say "the issuer" instead.
    """
    verdicts = TEXTS["verdicts"]
    entry = verdicts.get(f"{report.verdict}.{report.reason}") or verdicts[str(report.verdict)]
    spoken: dict[str, Any] = {"icon": entry["icon"], "colour": entry["colour"]}
    for language in LANGUAGES:
        values = _values(report, contact, language)
        told = entry[language]
        spoken[language] = {
            "headline": told["headline"],
            "sentence": fill(told["sentence"], values),
            "action": fill(told["action"], values),
            "notices": [TEXTS["notices"][code][language] for code in report.notices],
        }
    return spoken


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


def _values(report: Report, contact: Mapping[str, str], language: str) -> dict[str, str]:
    values = {key: contact.get(key, "") for key in ("phone", "site")}
    issuer = report.issuer_name
    if language == "en":
        issuer = report.issuer_name_en or issuer
    values["issuer"] = issuer or ""
    values["phone"] = report.phone or values["phone"]
    if report.status_as_of is not None:
        values["time"] = instant_words(report.status_as_of, language)
    if report.last_known is not None:
        values["last_known"] = TEXTS["states"][report.last_known][language]
    day = _day(report)
    if day is not None:
        values["date"] = day_words(day, language)
    if report.note is not None:
        values |= _note_values(report.note, language)
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


def _utc(instant: Instant | None) -> str | None:
    return None if instant is None else dates.utc(instant)


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def _facts(facts: Facts | None) -> dict[str, Any] | None:
    if facts is None:
        return None
    return {
        "uuid": str(facts.uuid),
        "base": facts.base,
        "issuer": facts.issuer,
        "number": facts.number,
        "version": facts.version,
        "kind": int(facts.kind),
        "name": facts.name,
        "last4": facts.last4,
        "occupation": facts.occupation,
        "occupation_name": facts.occupation_name,
        "level": facts.level,
        "work_type": facts.work_type,
        "site": facts.site,
        "assessed": facts.assessed.isoformat(),
        "awarded": facts.awarded.isoformat(),
        "valid_from": _iso(facts.valid_from),
        "valid_until": _iso(facts.valid_until),
        "signed_at": dates.utc(facts.signed_at),
        "status_list": facts.status_list,
        "status_index": facts.status_index,
    }


def _names(names: Names | None) -> dict[str, Any] | None:
    if names is None:
        return None
    return {field: getattr(names, field) for field in Names.__dataclass_fields__}
