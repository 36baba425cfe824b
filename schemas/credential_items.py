"""The quick way through a JSON certificate of our own making: its template cuts it into slots.

Whoever issues reads thousands of documents that this process has just printed in canonical form by
templates of ``schemas.rdf_template``. Where filling such a template gives exactly the bytes at
hand, there is nothing left to parse, to print again or to compare; only the slots are read and
checked. What no template writes is not refused here: ``schemas.credential`` reads it.

:func:`read` answers None, or what ``credential.parse`` answers for the same document; the tests in
``tests/verifier/test_quick.py`` hold it to that.
"""

import re
from dataclasses import replace
from datetime import date
from functools import lru_cache
from uuid import UUID

from schemas import credential, dates, rdf_template
from schemas import facts as rules
from schemas.certificate import Certificate, Facts, Instant, Names
from schemas.credential_layout import Slots
from schemas.errors import FormatError
from schemas.qr_draft import Draft
from schemas.rdf_template import Canonical

_INTEGER = re.compile(r"0|[1-9][0-9]{0,9}")


def read(document: bytes, signed_at: Instant) -> tuple[Certificate, Canonical] | None:
    """Return the certificate of an unsecured canonical document, with its canonical forms.

    None where no template writes it or where a slot does not read: then the long way decides.
    """
    try:
        found = rdf_template.cut(document)
        if found is None:
            return None
        names = _names(found.names, found.slots.batch)
        certificate = Certificate(facts=_facts(found.facts, found.slots, signed_at), names=names)
        rules.check_holder(certificate.facts)
        # A value has one spelling: the certificate must print these very slots.
        is_same = Slots.of(certificate) == found.slots
    except (FormatError, ValueError):
        return None
    return (certificate, found.forms) if is_same else None


def _facts(group: Facts, slots: Slots, signed_at: Instant) -> Facts:
    awarded = _day(slots.awarded)
    starts = _day_of(slots.starts)
    return Draft(
        group.base,
        UUID(slots.uuid),
        group.issuer,
        slots.number,
        _integer(slots.version),
        group.kind,
        slots.name,
        slots.last4,
        group.occupation,
        group.occupation_name,
        group.level,
        group.work_type,
        group.site,
        _day(slots.assessed[:10]),
        awarded,
        starts if starts != awarded else None,
        _day_of(slots.ends) if slots.ends else None,
        signed_at,
        _integer(slots.status_list),
        _integer(slots.status_index),
    ).facts()


def _integer(text: str) -> int:
    if _INTEGER.fullmatch(text) is None:
        raise FormatError(f"{text[:40]!r} is not a decimal number")
    return int(text)


@lru_cache(maxsize=256)
def _names(group: Names, batch: str) -> Names:
    credential.check_batch(batch)
    return replace(group, batch=batch)


@lru_cache(maxsize=4096)
def _day(text: str) -> date:
    return dates.parse_date(text)


@lru_cache(maxsize=4096)
def _day_of(text: str) -> date:
    return dates.shanghai_day(dates.parse_utc(text))
