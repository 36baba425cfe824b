"""A certificate value as text: the exact inputs of its forms, kept in a database or a journal.

This is not a signed form and no verifier reads it. One value has one text: canonical JSON with ISO
dates; reading anything else raises :class:`~schemas.errors.FormatError`.
"""

import json
from dataclasses import fields
from datetime import date
from typing import Any
from uuid import UUID

from schemas.certificate import Certificate, Facts, Kind, Names
from schemas.errors import FormatError

_DATES = frozenset({"assessed", "awarded", "valid_from", "valid_until"})


def dump(certificate: Certificate) -> str:
    """The value as canonical JSON text."""
    facts = {field.name: getattr(certificate.facts, field.name) for field in fields(Facts)}
    for name in _DATES:
        day = facts[name]
        facts[name] = day.isoformat() if day is not None else None
    facts["uuid"] = str(certificate.facts.uuid)
    facts["kind"] = int(certificate.facts.kind)
    names = {field.name: getattr(certificate.names, field.name) for field in fields(Names)}
    return json.dumps(
        {"facts": facts, "names": names},
        ensure_ascii=False, sort_keys=True, separators=(",", ":"),
    )  # fmt: skip


def load(text: str) -> Certificate:
    """The value that :func:`dump` wrote.

    Raises:
        FormatError: anything else.
    """
    try:
        value: dict[str, dict[str, Any]] = json.loads(text)
        facts = dict(value["facts"])
        for name in _DATES:
            day = facts[name]
            facts[name] = date.fromisoformat(day) if day is not None else None
        facts["uuid"] = UUID(facts["uuid"])
        facts["kind"] = Kind(facts["kind"])
        certificate = Certificate(facts=Facts(**facts), names=Names(**value["names"]))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise FormatError(f"not a certificate value: {error}") from None
    if dump(certificate) != text:
        raise FormatError("not the canonical text of a certificate value")
    return certificate
