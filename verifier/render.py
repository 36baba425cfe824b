"""A report as JSON, as ``report.schema.json`` describes it; the words come from ``words``."""

from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from typing import Any

from schemas import dates
from schemas.certificate import Facts, Instant, Names
from verifier.report import Report, Step
from verifier.verdict import STEPS
from verifier.words import NO_CONTACT, TEXTS, fill, instant_words, words

__all__ = ["TEXTS", "document", "fill", "instant_words", "words"]


def document(
    report: Report,
    *,
    name: str | None = None,
    contact: Mapping[str, str] = NO_CONTACT,
    with_words: bool = True,
) -> dict[str, Any]:
    """Return the report as the JSON value that ``report.schema.json`` describes.

    ``steps``, ``words`` and ``note`` may be shared with other reports: never change them.
    ``name`` is the input's name on the command line. ``contact`` may give ``phone`` and ``site`` to
    the sentences; see :func:`words`.
    """
    body: dict[str, Any] = {"input": name} if name is not None else {}
    body |= {
        "verdict": report.verdict.value,
        "reason": report.reason,
        "form": report.form,
        "at": _utc(report.at),
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
        "steps": _steps(tuple([step.code for step in report.steps])),
    }
    if with_words:
        body["words"] = words(report, contact)
    return body


@lru_cache(maxsize=1024)
def _steps(codes: tuple[str, ...]) -> list[dict[str, str]]:
    return [_step(STEPS[code]) for code in codes]


def _step(step: Step) -> dict[str, str]:
    return {"check": step.check, "outcome": step.outcome.value, "code": step.code}


@lru_cache(maxsize=4096)
def _utc(instant: Instant | None) -> str | None:
    return None if instant is None else dates.utc(instant)


@lru_cache(maxsize=4096)
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
        "assessed": _iso(facts.assessed),
        "awarded": _iso(facts.awarded),
        "valid_from": _iso(facts.valid_from),
        "valid_until": _iso(facts.valid_until),
        "signed_at": _utc(facts.signed_at),
        "status_list": facts.status_list,
        "status_index": facts.status_index,
    }


def _names(names: Names | None) -> dict[str, Any] | None:
    if names is None:
        return None
    return {field: getattr(names, field) for field in Names.__dataclass_fields__}
