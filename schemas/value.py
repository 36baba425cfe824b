"""A certificate value as text: the exact inputs of its forms, kept in a database or a journal.

This is not a signed form and no verifier reads it. One value has one text: canonical JSON with ISO
dates; reading anything else raises :class:`~schemas.errors.FormatError`.
"""

import json
import re
from dataclasses import fields
from datetime import date
from functools import lru_cache
from json.encoder import encode_basestring as _text
from operator import attrgetter
from typing import Any
from uuid import UUID

from schemas.certificate import Certificate, Facts, Kind, Names
from schemas.errors import FormatError
from schemas.qr_draft import Draft

_NAMES = tuple(field.name for field in fields(Names))
_names = attrgetter(*_NAMES)
_encode = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode

_TEXT = r'"([^"\\\x00-\x1f]*)"'
_DATE = r'"([0-9]{4}-[0-9]{2}-[0-9]{2})"'
_INTEGER = r"(0|[1-9][0-9]{0,15})"
_PATTERN = re.compile(
    r'\{"facts":\{'
    rf'"assessed":{_DATE},"awarded":{_DATE},"base":{_TEXT},"issuer":{_TEXT},"kind":{_INTEGER},'
    rf'"last4":{_TEXT},"level":{_TEXT},"name":{_TEXT},"number":{_TEXT},"occupation":{_TEXT},'
    rf'"occupation_name":(?:null|{_TEXT}),"signed_at":{_INTEGER},"site":{_TEXT},'
    rf'"status_index":{_INTEGER},"status_list":{_INTEGER},'
    r'"uuid":"([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})",'
    rf'"valid_from":(?:null|{_DATE}),"valid_until":(?:null|{_DATE}),"version":{_INTEGER},'
    rf'"work_type":(?:null|{_TEXT})'
    r'\},"names":(\{.*\})\}'
)
"""What :func:`dump` writes of a value none of whose facts needs an escape."""


def dump(certificate: Certificate) -> str:
    """The value as canonical JSON text."""
    facts = certificate.facts
    return (
        f'{{"facts":{{"assessed":"{facts.assessed}","awarded":"{facts.awarded}",'
        f'"base":{_text(facts.base)},"issuer":{_text(facts.issuer)},"kind":{int(facts.kind)},'
        f'"last4":{_text(facts.last4)},"level":{_text(facts.level)},"name":{_text(facts.name)},'
        f'"number":{_text(facts.number)},"occupation":{_text(facts.occupation)},'
        f'"occupation_name":{_maybe(facts.occupation_name)},"signed_at":{facts.signed_at:d},'
        f'"site":{_text(facts.site)},"status_index":{facts.status_index:d},'
        f'"status_list":{facts.status_list:d},"uuid":"{facts.uuid}",'
        f'"valid_from":{_day(facts.valid_from)},"valid_until":{_day(facts.valid_until)},'
        f'"version":{facts.version:d},"work_type":{_maybe(facts.work_type)}}},'
        f'"names":{_names_text(certificate.names)}}}'
    )


def load(text: str) -> Certificate:
    """The value that :func:`dump` wrote.

    Raises:
        FormatError: anything else.
    """
    try:
        certificate = _cut(text) or _parsed(text)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise FormatError(f"not a certificate value: {error}") from None
    return certificate


def _cut(text: str) -> Certificate | None:
    """Read a text of the usual shape, of which each value has one spelling; None for another."""
    match = _PATTERN.fullmatch(text)
    if match is None:
        return None
    (
        assessed, awarded, base, issuer, kind, last4, level, name, number, occupation,
        occupation_name, signed_at, site, status_index, status_list, uuid, valid_from, valid_until,
        version, work_type, names,
    ) = match.groups()  # fmt: skip
    read = Draft(
        base, UUID(uuid), issuer, number, int(version), Kind(int(kind)), name, last4, occupation,
        occupation_name, level, work_type, site, date.fromisoformat(assessed),
        date.fromisoformat(awarded),
        date.fromisoformat(valid_from) if valid_from else None,
        date.fromisoformat(valid_until) if valid_until else None,
        int(signed_at), int(status_list), int(status_index),
    ).facts()  # fmt: skip
    return Certificate(facts=read, names=_read_names(names))


def _parsed(text: str) -> Certificate:
    """Read any text, and print it again: it must be the same."""
    whole: dict[str, dict[str, Any]] = json.loads(text)
    facts = whole["facts"]
    for name in ("assessed", "awarded", "valid_from", "valid_until"):
        day = facts[name]
        facts[name] = date.fromisoformat(day) if day is not None else None
    facts["uuid"] = UUID(facts["uuid"])
    facts["kind"] = Kind(facts["kind"])
    certificate = Certificate(facts=Facts(**facts), names=_typed(whole["names"]))
    if dump(certificate) != text:
        raise FormatError("not the canonical text of a certificate value")
    return certificate


def _maybe(text: str | None) -> str:
    return "null" if text is None else _text(text)


def _day(day: date | None) -> str:
    return "null" if day is None else f'"{day}"'


# Certificates of one batch, occupation and level share their names.
@lru_cache(maxsize=256)
def _names_text(names: Names) -> str:
    return _encode(dict(zip(_NAMES, _names(names), strict=True)))


@lru_cache(maxsize=256)
def _read_names(text: str) -> Names:
    names = _typed(json.loads(text))
    if _names_text(names) != text:
        raise FormatError("not the canonical text of the names of a certificate")
    return names


def _typed(given: dict[str, Any]) -> Names:
    # Python takes 1 and True for equal, so names with the one would be found as the other.
    names = Names(**given)
    if type(names.review) is not bool:
        raise FormatError("review is not true or false")
    if not all(
        type(each) is str or (name, each) == ("work_type", None)
        for name, each in given.items()
        if name != "review"
    ):
        raise FormatError("a name that is not a text")
    return names
