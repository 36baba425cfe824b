"""The quick way through the QR claims: one pattern cuts the bytes into the items of the fields.

Nearly all certificates have the same map heads, keys and types in the same places, so one regular
expression finds where each value lies; then each is read by ``schemas.cbor`` and
``schemas.qr_fields``. Items that few values take (issuers, occupations, days) are remembered. What
the pattern does not match is not refused here: ``schemas.qr`` reads it step by step.
"""

import re
from collections.abc import Callable
from functools import lru_cache
from typing import TypeVar
from uuid import UUID, SafeUUID

from schemas import cbor, qr_fields
from schemas import facts as rules
from schemas.certificate import Facts
from schemas.errors import FormatError
from schemas.qr_draft import Draft

Fact = TypeVar("Fact")
_set = object.__setattr__

# A text ends where a byte below 0x20 follows: no text that may be signed holds one, and every key
# but -65537 (3a 00 01 00 00) is one.
_TEXT = rb"(?:[\x60-\x77]|\x78.)[^\x00-\x1f]+"
_UINT = rb"[\x00-\x17]|\x18.|\x19..|\x1a...."
_DAY = rb"\x19.."

PATTERN = (
    rb"\xa6"
    rb"\x01(" + _TEXT + rb")"  # iss
    rb"\x02([\x60-\x77]|\x78.)([0-9A-Z][0-9A-Z-]{2,38}[0-9A-Z])"  # sub
    rb"\x06\x1a([^\x00]...)"  # iat, from 2^24 up
    rb"\x07\x50(.{16})"  # cti
    rb"\x19\xff\xff\xa1\x6bstatus_list\xa2\x63idx(" + _UINT + rb")\x63uri(" + _TEXT + rb")"
    rb"\x3a\x00\x01\x00\x00([\xa8-\xad])"
    rb"\x01(.)"  # kind
    rb"\x02([\x60-\x77]|\x78.)([^\x00-\x1f]+)"  # name
    rb"\x03\x64([0-9A-Z]{4})"
    rb"\x04(\x1a....|" + _TEXT + rb")"  # occupation
    rb"\x05([\x01-\x05]|" + _TEXT + rb")"  # level
    rb"\x06(" + _DAY + rb")"  # assessed
    rb"\x07(\x1a....|" + _TEXT + rb")"  # site
    rb"(?:\x08(" + _TEXT + rb"))?"  # occupation name
    rb"\x09(" + _DAY + rb")"  # awarded
    rb"(?:\x0a(" + _UINT + rb"))?"  # work type
    rb"(?:\x0b(" + _UINT + rb"))?"  # version
    rb"(?:\x0c(" + _DAY + rb"))?"  # last valid day
    rb"(?:\x0d(" + _DAY + rb"))?"  # first valid day
)
"""Cuts the claims into 22 items; to be compiled with ``re.DOTALL``."""
_CLAIMS = re.compile(PATTERN, re.DOTALL)
_HEADS = tuple(
    bytes((0x60 + length,)) if length < 24 else bytes((0x78, length)) for length in range(256)
)
"""The one head of a text of each length; no text that may be signed is longer."""


def read(payload: bytes) -> Facts | None:
    """Return the facts of a payload of the usual shape, None where the shape is another.

    Raises what the readers of ``schemas.qr_fields`` raise; the caller checks the period.
    """
    match = _CLAIMS.fullmatch(payload)
    if match is None:
        return None
    (
        issuer, number_head, number, signed_at, cti, index, uri, count, kind, name_head, name,
        last4, occupation, level, assessed, site, occupation_name, awarded, work_type, version,
        until, start,
    ) = match.groups()  # fmt: skip
    optional = (occupation_name, work_type, version, until, start)
    if count[0] != 0xAD - optional.count(None):
        return None
    base, status_list = read_status_list(uri)
    return Draft(
        base,
        _uuid(cti),
        read_issuer(issuer),
        read_text(number_head, number),
        1 if version is None else read_version(version),
        read_kind(kind),
        rules.check_name(read_text(name_head, name)),
        last4.decode(),
        read_occupation(occupation),
        None if occupation_name is None else read_occupation_name(occupation_name),
        read_level(level),
        None if work_type is None else read_work_type(work_type),
        read_site(site),
        read_day(assessed),
        read_day(awarded),
        None if start is None else read_day(start),
        None if until is None else read_day(until),
        int.from_bytes(signed_at),
        status_list,
        read_index(index),
    ).facts()


def read_text(head: bytes, content: bytes) -> str:
    """Decode a text item whose head and content were cut apart."""
    length = len(content)
    if length >= len(_HEADS) or head != _HEADS[length]:
        raise FormatError("a text whose length is not the one that its head says")
    try:
        return content.decode()
    except UnicodeDecodeError:
        raise FormatError("a text that is not UTF-8") from None


def _uuid(octets: bytes) -> UUID:
    # Sixteen bytes are always a UUID; the constructor's checks cost thrice what it does.
    value = UUID.__new__(UUID)
    _set(value, "int", int.from_bytes(octets))
    _set(value, "is_safe", SafeUUID.unknown)
    return value


def read_index(item: bytes) -> int:
    """Read the place in the status list."""
    if len(item) == 5 and item[1] == 0 and item[2] != 0:
        return int.from_bytes(item[2:])
    return qr_fields.status_index(cbor.decode(item))


def _remembered(read: Callable[[object], Fact]) -> Callable[[bytes], Fact]:
    return lru_cache(maxsize=4096)(lambda item: read(cbor.decode(item)))


read_status_list = _remembered(qr_fields.status_list)
read_issuer = _remembered(qr_fields.issuer)
read_kind = _remembered(qr_fields.kind)
read_occupation = _remembered(qr_fields.occupation)
read_occupation_name = _remembered(qr_fields.occupation_name)
read_level = _remembered(qr_fields.level)
read_site = _remembered(qr_fields.site)
read_work_type = _remembered(qr_fields.work_type)
read_version = _remembered(qr_fields.version)
read_day = _remembered(qr_fields.day)
