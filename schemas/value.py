"""A certificate value as text: the exact inputs of its forms, kept in a database or a journal.

This is not a signed form and no verifier reads it. One value has one text: canonical JSON with ISO
dates; reading anything else raises :class:`~schemas.errors.FormatError`.
"""

import json
from dataclasses import fields
from datetime import date
from functools import lru_cache
from operator import attrgetter
from typing import Any
from uuid import UUID

from schemas.certificate import Certificate, Facts, Kind, Names
from schemas.errors import FormatError

_DATES = frozenset({"assessed", "awarded", "valid_from", "valid_until"})
_FACTS = tuple(field.name for field in fields(Facts))
_NAMES = tuple(field.name for field in fields(Names))
_facts = attrgetter(*_FACTS)
_names = attrgetter(*_NAMES)
_BETWEEN = ',"names":'
_encode = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode


def dump(certificate: Certificate) -> str:
    """The value as canonical JSON text."""
    facts = dict(zip(_FACTS, _facts(certificate.facts), strict=True))
    for name in _DATES:
        day = facts[name]
        facts[name] = day.isoformat() if day is not None else None
    facts["uuid"] = str(certificate.facts.uuid)
    facts["kind"] = int(certificate.facts.kind)
    return f'{{"facts":{_encode(facts)}{_BETWEEN}{_names_text(certificate.names)}}}'


def load(text: str) -> Certificate:
    """The value that :func:`dump` wrote.

    Raises:
        FormatError: anything else.
    """
    # What dump wrote is cut here; any other text cannot be the same again below.
    facts_text, _, names_text = text.removeprefix('{"facts":').rpartition(_BETWEEN)
    try:
        facts: dict[str, Any] = json.loads(facts_text)
        for name in _DATES:
            day = facts[name]
            facts[name] = date.fromisoformat(day) if day is not None else None
        facts["uuid"] = UUID(facts["uuid"])
        facts["kind"] = Kind(facts["kind"])
        certificate = Certificate(facts=Facts(**facts), names=_read_names(names_text[:-1]))
        is_same = dump(certificate) == text
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise FormatError(f"not a certificate value: {error}") from None
    if not is_same:
        raise FormatError("not the canonical text of a certificate value")
    return certificate


# Certificates of one batch, occupation and level share their names.
@lru_cache(maxsize=256)
def _names_text(names: Names) -> str:
    return _encode(dict(zip(_NAMES, _names(names), strict=True)))


@lru_cache(maxsize=256)
def _read_names(text: str) -> Names:
    return Names(**json.loads(text))
