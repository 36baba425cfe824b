"""The QR form: claims of a CWT as deterministic CBOR, and the text that the symbol carries.

The claims are the payload of a COSE_Sign1; sealing and opening is not done here. Registered claims
1, 2, 6, 7 and 65535; everything else under one private claim. Specification: ``spec/qr.md``.
"""

import re
from functools import lru_cache

from schemas import cbor, dates, digits, qr_fields, qr_items
from schemas import facts as rules
from schemas.certificate import Facts
from schemas.claims import fields
from schemas.errors import FormatError, NotOurProfileError
from schemas.qr_draft import Draft
from schemas.qr_fields import (
    ASSESSED,
    AWARDED,
    CLAIMS,
    CTI,
    FIELDS,
    IAT,
    ISS,
    KIND,
    LAST4,
    LEVEL,
    NAME,
    NEEDED,
    OCCUPATION,
    OCCUPATION_NAME,
    OURS,
    SITE,
    STATUS,
    SUB,
    VALID_FROM,
    VALID_UNTIL,
    VERSION,
    WORK_TYPE,
)  # fmt: skip

TYP = 61
"""COSE header 16: ``application/cwt``."""

_PREFIX = re.compile(r"https?://[^/?#\s@]{1,260}/v")
_MAX_ADDRESS = 270


def claims(facts: Facts) -> bytes:
    """Return the payload that says ``facts``; FormatError where a fact may not be signed."""
    rules.check(facts)
    # Every map in the order of its keys' encodings, so that none need be sorted.
    ours: dict[int, int | str] = {
        KIND: int(facts.kind),
        NAME: facts.name,
        LAST4: facts.last4,
        OCCUPATION: qr_fields.occupation_value(facts.occupation),
        LEVEL: qr_fields.level_value(facts.level),
        ASSESSED: dates.to_day(facts.assessed),
        SITE: qr_fields.site_value(facts.site),
    }
    if facts.occupation_name is not None:
        ours[OCCUPATION_NAME] = facts.occupation_name
    ours[AWARDED] = dates.to_day(facts.awarded)
    if facts.work_type is not None:
        ours[WORK_TYPE] = int(facts.work_type)
    if facts.version != 1:
        ours[VERSION] = facts.version
    if facts.valid_until is not None:
        ours[VALID_UNTIL] = dates.to_day(facts.valid_until)
    if facts.valid_from is not None:
        ours[VALID_FROM] = dates.to_day(facts.valid_from)
    return cbor.encode_ordered(
        {
            ISS: facts.issuer,
            SUB: facts.number,
            IAT: facts.signed_at,
            CTI: facts.uuid.bytes,
            STATUS: {"status_list": {"idx": facts.status_index, "uri": facts.status_uri}},
            OURS: ours,
        }
    )


def is_address(address: str) -> bool:
    """Whether this is what stands before the ``#``: ``/v`` of any host."""
    # Anybody may send an address of any length: only short ones are remembered.
    return len(address) <= _MAX_ADDRESS and _is_address(address)


@lru_cache(maxsize=1024)
def _is_address(address: str) -> bool:
    return _PREFIX.fullmatch(address) is not None


def parse(payload: bytes) -> Facts:
    """Return what ``payload`` says.

    Raises FormatError for anything that :func:`claims` would not write, except that integer keys
    from ``claims.MUST_UNDERSTAND`` up are left unread; NotOurProfileError where it is no
    certificate of this profile at all; NewerFormatError where a field must be understood and is
    not known.
    """
    facts = qr_items.read(payload)
    if facts is None:
        facts = _by_steps(payload)
    if facts.valid_from is not None or facts.valid_until is not None:
        rules.check_period(facts)
    return facts


def _by_steps(payload: bytes) -> Facts:
    """Read any payload, of the usual shape or not, and say what is wrong with it."""
    value = cbor.decode(payload)
    if type(value) is not dict or OURS not in value:
        raise NotOurProfileError("no certificate claims of this profile")
    fields(value, "claims", CLAIMS, CLAIMS)
    ours = fields(value[OURS], "certificate", FIELDS, NEEDED)
    base, status_list, status_index = qr_fields.status(value[STATUS])
    return Draft(
        base,
        qr_fields.uuid(value[CTI]),
        qr_fields.issuer(value[ISS]),
        qr_fields.number(value[SUB]),
        qr_fields.version(ours[VERSION]) if VERSION in ours else 1,
        qr_fields.kind(ours[KIND]),
        qr_fields.name(ours[NAME]),
        qr_fields.last4(ours[LAST4]),
        qr_fields.occupation(ours[OCCUPATION]),
        qr_fields.occupation_name(ours[OCCUPATION_NAME]) if OCCUPATION_NAME in ours else None,
        qr_fields.level(ours[LEVEL]),
        qr_fields.work_type(ours[WORK_TYPE]) if WORK_TYPE in ours else None,
        qr_fields.site(ours[SITE]),
        qr_fields.day(ours[ASSESSED]),
        qr_fields.day(ours[AWARDED]),
        qr_fields.day(ours[VALID_FROM]) if VALID_FROM in ours else None,
        qr_fields.day(ours[VALID_UNTIL]) if VALID_UNTIL in ours else None,
        dates.check_instant(value[IAT]),
        status_list,
        status_index,
    ).facts()


def text(base: str, cose: bytes) -> str:
    """Return the text of the symbol: ``{base}/v#`` and the digits of the sealed claims."""
    return f"{rules.check_base(base)}/v#{digits.encode(cose)}"


def from_text(text: str) -> bytes:
    """Return the sealed bytes of a symbol's text, with its address (any host) or digits alone.

    The host says nothing about who issued the certificate; only the signature does. Raises
    NotOurProfileError for any other text, FormatError for damaged digits.
    """
    address, mark, fragment = text.partition("#")
    if not mark:
        address, fragment = "", address
    if mark and not is_address(address):
        raise NotOurProfileError("an address that is not one of a certificate")
    if not mark and not (text.isascii() and text.isdigit()):
        raise NotOurProfileError("a text that is not one of a certificate")
    if not fragment:
        raise FormatError("an address without the digits of a certificate")
    return digits.decode(fragment)
