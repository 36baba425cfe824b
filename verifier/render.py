"""A report as JSON (``report.schema.json``) and in words (``texts.json``)."""

import json
import re
from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from importlib import resources
from json.encoder import encode_basestring as _quoted
from typing import Any

from schemas import dates
from schemas.certificate import Facts, Instant, Names
from verifier.report import Report, Step, Verdict
from verifier.verdict import STEPS

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
        "steps": [_step(step) for step in report.steps],
    }
    if with_words:
        body["words"] = words(report, contact)
    return body


def encode(report: Report, contact: Mapping[str, str] = _NO_CONTACT) -> bytes:
    """Return :func:`document` as compact JSON in UTF-8: the same value, for the hot path.

    What many reports share (steps, sentences, days) is written once and kept.
    """
    facts = report.facts
    parts = (
        '{"verdict":', _quoted(report.verdict.value),
        ',"reason":', _text(report.reason),
        ',"form":', _quoted(report.form),
        ',"at":', _moment(report.at),
        ',"status_as_of":', _moment(report.status_as_of),
        ',"last_known":', _text(report.last_known),
        ',"issuer_name":', _text(report.issuer_name),
        ',"issuer_name_en":', _text(report.issuer_name_en),
        ',"phone":', _text(report.phone),
        ',"certificate":', "null" if facts is None else _written(facts),
        ',"names":', "null" if report.names is None else _compact(_names(report.names)),
        ',"note":', "null" if report.note is None else _compact(report.note),
        ',"notices":', _compact(report.notices) if report.notices else "[]",
        ',"match":', _text(report.match),
        ',"face":', _text(report.face),
        ',"steps":', _written_steps(tuple([step.code for step in report.steps])),
        ',"words":', _written_words(report, contact),
        "}",
    )  # fmt: skip
    return "".join(parts).encode()


def _compact(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _text(value: str | None) -> str:
    return "null" if value is None else _quoted(value)


@lru_cache(maxsize=4096)
def _moment(instant: Instant | None) -> str:
    return "null" if instant is None else f'"{dates.utc(instant)}"'


@lru_cache(maxsize=4096)
def _civil(day: date | None) -> str:
    return "null" if day is None else f'"{day.isoformat()}"'


@lru_cache(maxsize=1024)
def _written_steps(codes: tuple[str, ...]) -> str:
    return _compact([_step(STEPS[code]) for code in codes])


def _written_words(report: Report, contact: Mapping[str, str]) -> str:
    if report.note is not None or contact:
        return _compact(words(report, contact))
    return _common_words(
        report.verdict, report.reason, report.issuer_name, report.issuer_name_en, report.phone,
        report.status_as_of, report.last_known, _day(report), report.notices,
    )  # fmt: skip


@lru_cache(maxsize=4096)
def _common_words(
    verdict: Verdict, reason: str | None, issuer_name: str | None, issuer_name_en: str | None,
    phone: str | None, status_as_of: Instant | None, last_known: str | None, day: date | None,
    notices: tuple[str, ...],
) -> str:  # fmt: skip
    """Words of a report without note, which depend on nothing else."""
    values = {}
    for language in LANGUAGES:
        values[language] = _placed(
            language, issuer_name if language == "zh" else issuer_name_en or issuer_name,
            phone, "", status_as_of, last_known, day,
        )  # fmt: skip
    return _compact(_spoken(verdict, reason, notices, values))


def _written(facts: Facts) -> str:
    parts = (
        '{"uuid":"', str(facts.uuid),
        '","base":', _quoted(facts.base),
        ',"issuer":', _quoted(facts.issuer),
        ',"number":', _quoted(facts.number),
        ',"version":', str(facts.version),
        ',"kind":', str(int(facts.kind)),
        ',"name":', _quoted(facts.name),
        ',"last4":', _quoted(facts.last4),
        ',"occupation":', _quoted(facts.occupation),
        ',"occupation_name":', _text(facts.occupation_name),
        ',"level":', _quoted(facts.level),
        ',"work_type":', _text(facts.work_type),
        ',"site":', _quoted(facts.site),
        ',"assessed":', _civil(facts.assessed),
        ',"awarded":', _civil(facts.awarded),
        ',"valid_from":', _civil(facts.valid_from),
        ',"valid_until":', _civil(facts.valid_until),
        ',"signed_at":', _moment(facts.signed_at),
        ',"status_list":', str(facts.status_list),
        ',"status_index":', str(facts.status_index),
        "}",
    )  # fmt: skip
    return "".join(parts)


def words(report: Report, contact: Mapping[str, str] = _NO_CONTACT) -> dict[str, Any]:
    """Return icon, colour and, per language, headline, sentence, action and notices.

    ``contact`` gives ``phone`` and ``site`` where no status note does; without them the sentences
    say "the issuer" instead.
    """
    values = {language: _values(report, contact, language) for language in LANGUAGES}
    return _spoken(report.verdict, report.reason, report.notices, values)


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


def _step(step: Step) -> dict[str, str]:
    return {"check": step.check, "outcome": step.outcome.value, "code": step.code}


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
