"""The quick way through a JSON certificate of our own making: its template cuts it into slots.

Whoever issues reads thousands of documents that this process has just printed in canonical form by
templates of ``schemas.rdf_template``. Where filling such a template gives exactly the bytes at
hand, there is nothing left to parse, to print again or to compare; only the slots are read and
checked. What no template writes is not refused here: ``schemas.credential`` reads it.

:func:`read` answers None, or what ``credential.parse`` answers for the same document; the tests in
``tests/verifier/test_quick.py`` hold it to that.
"""

import re
from collections.abc import Callable
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
from schemas.rdf_template import Canonical, Group

_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_INTEGER = re.compile(r"0|[1-9][0-9]{0,9}")


def read(document: bytes, signed_at: Instant) -> tuple[Certificate, Canonical] | None:
    """Return the certificate of an unsecured canonical document, with its canonical forms.

    None where no template writes it or where a slot does not read: then the long way decides.
    """
    try:
        found = rdf_template.cut(document)
        if found is None:
            return None
        facts = _facts(found.group.facts, found.slots, signed_at)
        rules.check_holder(facts)
        names = _names(found.group, found.slots.batch)
    except (FormatError, ValueError):
        return None
    return Certificate(facts=facts, names=names), found.forms


def _facts(group: Facts, slots: Slots, signed_at: Instant) -> Facts:
    (
        uuid, number, name, last4, assessed, awarded, starts, ends, status_list, status_index,
        version, _batch,
    ) = slots  # fmt: skip
    award, first = _day(awarded), _first_day(starts)
    return Draft(
        group.base,
        _uuid(uuid),
        group.issuer,
        number,
        _integer(version),
        group.kind,
        name,
        last4,
        group.occupation,
        group.occupation_name,
        group.level,
        group.work_type,
        group.site,
        _assessed(assessed),
        award,
        first if first != award else None,
        _last_day(ends) if ends else None,
        signed_at,
        _integer(status_list),
        _integer(status_index),
    ).facts()


# A value has one spelling, the one that ``Slots.of`` writes: any other is left to the long way.


def _uuid(text: str) -> UUID:
    if _UUID.fullmatch(text) is None:
        raise FormatError(f"{text[:40]!r} is not the spelling of a UUID")
    return UUID(text)


def _integer(text: str) -> int:
    if _INTEGER.fullmatch(text) is None:
        raise FormatError(f"{text[:40]!r} is not a decimal number")
    return int(text)


# Thousands of certificates share their days; the cache is asked by the text.
@lru_cache(maxsize=4096)
def _day(text: str) -> date:
    return dates.parse_date(text)


@lru_cache(maxsize=4096)
def _assessed(text: str) -> date:
    return _spelt(dates.parse_date(text[:10]), "{0}T00:00:00Z".format, text)


@lru_cache(maxsize=4096)
def _first_day(text: str) -> date:
    day = dates.shanghai_day(dates.parse_utc(text))
    return _spelt(day, lambda day: dates.utc(dates.day_start(day)), text)


@lru_cache(maxsize=4096)
def _last_day(text: str) -> date:
    day = dates.shanghai_day(dates.parse_utc(text))
    return _spelt(day, lambda day: dates.utc(dates.day_end(day)), text)


def _spelt(day: date, spell: Callable[[date], str], text: str) -> date:
    if spell(day) != text:
        raise FormatError(f"{text[:40]!r} is another spelling of {day}")
    return day


@lru_cache(maxsize=256)
def _names(group: Group, batch: str) -> Names:
    credential.check_batch(batch)
    return replace(group.names, batch=batch)
