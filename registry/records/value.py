"""The exact certificate value as text: what a prepared row keeps and sealing starts from.

The text is JSON with sorted keys; dates are ISO 8601, the uuid is written with hyphens, the kind as
its number. :func:`parse` accepts exactly what :func:`text` prints, nothing else, so that a row that
was edited by hand does not get signed as something near to it.
"""

import json
from dataclasses import asdict, fields
from datetime import date
from typing import Any
from uuid import UUID

from schemas.certificate import Certificate, Facts, Kind, Names
from schemas.errors import FormatError

_DATES = ("assessed", "awarded", "valid_from", "valid_until")


def text(certificate: Certificate) -> str:
    """The value as JSON text."""
    facts: dict[str, Any] = asdict(certificate.facts)
    facts["uuid"] = str(certificate.facts.uuid)
    facts["kind"] = int(certificate.facts.kind)
    for name in _DATES:
        facts[name] = None if facts[name] is None else facts[name].isoformat()
    whole = {"facts": facts, "names": asdict(certificate.names)}
    return json.dumps(whole, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def parse(stored: str) -> Certificate:
    """The value of a text.

    Raises:
        FormatError: the text is not one that :func:`text` prints.
    """
    try:
        whole = json.loads(stored)
        facts, names = dict(whole["facts"]), dict(whole["names"])
        _require_fields(facts, Facts)
        _require_fields(names, Names)
        facts["uuid"] = UUID(facts["uuid"])
        facts["kind"] = Kind(facts["kind"])
        for name in _DATES:
            facts[name] = None if facts[name] is None else date.fromisoformat(facts[name])
        certificate = Certificate(facts=Facts(**facts), names=Names(**names))
        printed = text(certificate)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise FormatError(f"not a stored certificate value: {error}") from None
    if printed != stored:
        raise FormatError("not a stored certificate value: it does not print back to itself")
    return certificate


def _require_fields(values: dict[str, Any], of: type[Facts] | type[Names]) -> None:
    expected = {field.name for field in fields(of)}
    if set(values) != expected:
        raise KeyError(f"{of.__name__} has other fields: {sorted(set(values) ^ expected)}")
