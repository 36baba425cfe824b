"""A report as JSON, as ``report.schema.json`` describes it; the words come from ``words``."""

from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from json.encoder import encode_basestring as _quoted
from typing import Any

from schemas import dates
from schemas.certificate import Facts, Instant, Names
from verifier.report import Report, Step
from verifier.verdict import STEPS
from verifier.words import NO_CONTACT, TEXTS, compact, fill, instant_words, words, written

__all__ = ["TEXTS", "document", "encode", "fill", "instant_words", "words"]


def document(
    report: Report,
    *,
    name: str | None = None,
    contact: Mapping[str, str] = NO_CONTACT,
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


def encode(report: Report, contact: Mapping[str, str] = NO_CONTACT) -> bytes:
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
        ',"names":', "null" if report.names is None else compact(_names(report.names)),
        ',"note":', "null" if report.note is None else compact(report.note),
        ',"notices":', compact(report.notices) if report.notices else "[]",
        ',"match":', _text(report.match),
        ',"face":', _text(report.face),
        ',"steps":', _written_steps(tuple([step.code for step in report.steps])),
        ',"words":', written(report, contact),
        "}",
    )  # fmt: skip
    return "".join(parts).encode()


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
    return compact([_step(STEPS[code]) for code in codes])


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
