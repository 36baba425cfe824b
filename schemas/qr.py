"""The QR form: claims of a CWT as deterministic CBOR, and the text that the symbol carries.

The claims are the payload of a COSE_Sign1; sealing and opening is not done here. Registered claims
1, 2, 6, 7 and 65535; everything else under one private claim. Specification: ``spec/qr.md``.
"""

import re
from datetime import date
from functools import lru_cache
from itertools import product
from typing import Any, cast
from uuid import UUID

from schemas import cbor, dates, digits
from schemas import claims as fields
from schemas import facts as rules
from schemas.certificate import Facts, Instant, Kind
from schemas.errors import FormatError, NewerFormatError, NotOurProfileError

TYP = 61
"""COSE header 16: ``application/cwt``."""

ISS, SUB, IAT, CTI, STATUS, OURS = 1, 2, 6, 7, 65535, -65537
(
    KIND, NAME, LAST4, OCCUPATION, LEVEL, ASSESSED, SITE,
    OCCUPATION_NAME, AWARDED, WORK_TYPE, VERSION, VALID_UNTIL, VALID_FROM,
) = range(1, 14)  # fmt: skip
_CLAIMS = frozenset((ISS, SUB, IAT, CTI, STATUS, OURS))
_FIELDS = frozenset(range(1, 14))
_NEEDED = frozenset((KIND, NAME, LAST4, OCCUPATION, LEVEL, ASSESSED, SITE, AWARDED))
_KINDS = {int(kind): kind for kind in Kind}
_LEVELS = frozenset("12345")
_OCCUPATION_TEXT = re.compile(r"[0-9]-[0-9]{2}-[0-9]{2}-[0-9]{2}")
_SITE_TEXT = re.compile(r"[0-9]{8}")
_URI = re.compile(r"(.{1,300})/s/(0|[1-9][0-9]{0,8})")
_PREFIX = re.compile(r"https?://[^/?#\s@]{1,260}/v")


def claims(facts: Facts) -> bytes:
    """Return the payload that says ``facts``; FormatError where a fact may not be signed."""
    rules.check(facts)
    ours: dict[int, int | str] = {
        KIND: int(facts.kind),
        NAME: facts.name,
        LAST4: facts.last4,
        OCCUPATION: _occupation_field(facts.occupation),
        LEVEL: int(facts.level) if facts.level in _LEVELS else facts.level,
        ASSESSED: dates.to_day(facts.assessed),
        SITE: int(facts.site) if _SITE_TEXT.fullmatch(facts.site) else facts.site,
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
    status = {"status_list": {"idx": facts.status_index, "uri": facts.status_uri}}
    return cbor.encode(
        {
            ISS: facts.issuer,
            SUB: facts.number,
            IAT: facts.signed_at,
            CTI: facts.uuid.bytes,
            STATUS: status,
            OURS: ours,
        }
    )


def parse(payload: bytes) -> Facts:
    """Return what ``payload`` says.

    Raises FormatError for anything that :func:`claims` would not write, except that integer keys
    from ``claims.MUST_UNDERSTAND`` up are left unread; NotOurProfileError where it is no certificate of
    this profile at all; NewerFormatError where a field must be understood and is not known.
    """
    value = cbor.load(payload)
    if not _has_shape(value):
        value = _with_shape(value)
    issuer, number, signed_at, cti, status, ours = value.values()
    base, status_list, status_index = _status(status)
    if not 0 <= signed_at <= dates.LAST_INSTANT:
        raise FormatError("iat: beyond the calendar")
    optional = ours.get
    awarded = _day(ours[AWARDED])
    first, last = optional(VALID_FROM), optional(VALID_UNTIL)
    facts = _Draft(
        base,
        _uuid(cti),
        _issuer(issuer),
        rules.check_number(number),
        _version(optional(VERSION)),
        _kind(ours[KIND]),
        rules.check_name(ours[NAME]),
        rules.check_last4(ours[LAST4]),
        _occupation(ours[OCCUPATION]),
        _occupation_name(optional(OCCUPATION_NAME)),
        _level(ours[LEVEL]),
        _work_type(optional(WORK_TYPE)),
        _site(ours[SITE]),
        _day(ours[ASSESSED]),
        awarded,
        None if first is None else _day(first),
        None if last is None else _day(last),
        signed_at,
        status_list,
        status_index,
    ).facts()
    if first is not None or last is not None:
        rules.check_period(facts)
    return facts


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
    if mark and not _PREFIX.fullmatch(address):
        raise NotOurProfileError("an address that is not one of a certificate")
    if not mark and not (text.isascii() and text.isdigit()):
        raise NotOurProfileError("a text that is not one of a certificate")
    if not fragment:
        raise FormatError("an address without the digits of a certificate")
    return digits.decode(fragment)


def _has_shape(value: Any) -> bool:
    """Whether the maps have exactly known keys in order, with values of the right types."""
    if type(value) is not dict or [*value, *map(type, value), *map(type, value.values())] != _TOP:
        return False
    ours = value[OURS]
    types = _SHAPES.get(tuple(ours))
    # Of equal keys, 1 and True or 1.0 differ by type alone, hence the second line.
    return (
        types is not None
        and [*map(type, ours)] == _INTEGERS[: len(ours)]
        and tuple(map(type, ours.values())) in types
    )


def _with_shape(value: Any) -> dict[int, Any]:
    """Return ``value`` without the fields that may be left unread, or say what is wrong with it."""
    cbor.check(value)
    if type(value) is not dict or OURS not in value:
        raise NotOurProfileError("no certificate claims of this profile")
    fields.fields(value, "claims", _CLAIMS, _CLAIMS)
    fields.fields(value[OURS], "certificate", _FIELDS, _NEEDED)
    known = {key: value[key] for key in value if key in _CLAIMS}
    known[OURS] = {key: item for key, item in value[OURS].items() if key in _FIELDS}
    if not _has_shape(known):
        raise FormatError("a claim or a field of the wrong type")
    return known


def _shapes() -> dict[tuple[int, ...], list[tuple[type, ...]]]:
    """Every order of keys that a certificate can have, with the types its values can have."""
    shapes = {}
    optional = sorted(_FIELDS - _NEEDED)
    for chosen in product((False, True), repeat=len(optional)):
        some = {key for key, is_chosen in zip(optional, chosen, strict=True) if is_chosen}
        keys = tuple(sorted(_NEEDED | some))
        kinds = ((int, str) if key in _INT_OR_TEXT else (_type(key),) for key in keys)
        shapes[keys] = list(product(*kinds))
    return shapes


def _type(key: int) -> type:
    return str if key in (NAME, LAST4, OCCUPATION_NAME) else int


_TOP: list[Any] = [
    *(ISS, SUB, IAT, CTI, STATUS, OURS),
    *[int] * 6,
    *(str, str, int, bytes, dict, dict),
]
_INT_OR_TEXT = frozenset((OCCUPATION, LEVEL, SITE))
_INTEGERS: list[type] = [int] * len(_FIELDS)
_SHAPES = _shapes()


class _Draft:
    """Facts while they are put together, with the same slots.

    Turning it into ``Facts`` by its class costs a sixth of calling the frozen constructor, which
    sets twenty fields one by one around its own guard; reading is our busiest path.
    """

    __slots__ = Facts.__slots__

    def __init__(
        self,
        base: str,
        uuid: UUID,
        issuer: str,
        number: str,
        version: int,
        kind: Kind,
        name: str,
        last4: str,
        occupation: str,
        occupation_name: str | None,
        level: str,
        work_type: str | None,
        site: str,
        assessed: date,
        awarded: date,
        valid_from: date | None,
        valid_until: date | None,
        signed_at: Instant,
        status_list: int,
        status_index: int,
    ) -> None:
        self.base = base
        self.uuid = uuid
        self.issuer = issuer
        self.number = number
        self.version = version
        self.kind = kind
        self.name = name
        self.last4 = last4
        self.occupation = occupation
        self.occupation_name = occupation_name
        self.level = level
        self.work_type = work_type
        self.site = site
        self.assessed = assessed
        self.awarded = awarded
        self.valid_from = valid_from
        self.valid_until = valid_until
        self.signed_at = signed_at
        self.status_list = status_list
        self.status_index = status_index

    def facts(self) -> Facts:
        """Become the frozen value."""
        self.__class__ = Facts  # type: ignore[assignment]
        return cast(Facts, self)


def _status(claim: dict[Any, Any]) -> tuple[str, int, int]:
    entry = claim.get("status_list")
    if len(claim) != 1 or type(entry) is not dict or [*entry] != ["idx", "uri"]:
        raise FormatError("status claim: not an index and a URI of a status list")
    index, uri = entry.values()
    if type(index) is not int or not 0 <= index <= rules.MAX_STATUS_INDEX:
        raise FormatError("status claim: an index that no list has")
    if type(uri) is not str:
        raise FormatError("status claim: a URI that is not a text")
    base, number = _list(uri)
    return base, number, index


@lru_cache(maxsize=1024)
def _list(uri: str) -> tuple[str, int]:
    match = _URI.fullmatch(uri)
    if match is None or int(match[2]) > rules.MAX_STATUS_LIST:
        raise FormatError("status claim: not the URI of a status list")
    return rules.check_base(match[1]), int(match[2])


def _uuid(cti: bytes) -> UUID:
    if len(cti) != 16:
        raise FormatError("cti: not 16 bytes")
    return UUID(int=int.from_bytes(cti))


def _kind(value: int) -> Kind:
    kind = _KINDS.get(value)
    if kind is None:
        raise NewerFormatError(f"kind {value} is not known")
    return kind


def _version(value: int | None) -> int:
    if value is None:
        return 1
    if not 2 <= value <= rules.MAX_VERSION:
        raise FormatError(f"version: {value} is not written so")
    return value


# What few values take is remembered: issuers, codes, names of occupations, days. Types have been
# compared before, so that equal keys of two types cannot meet.


@lru_cache(maxsize=1024)
def _issuer(issuer: str) -> str:
    return rules.check_code(issuer, "issuer")


@lru_cache(maxsize=4096)
def _day(number: int) -> date:
    return dates.from_day(number)


@lru_cache(maxsize=4096)
def _occupation(value: int | str) -> str:
    if isinstance(value, int):
        if not 0 <= value <= 9_999_999:
            raise FormatError("occupation: not seven digits")
        code = f"{value:07d}"
        return f"{code[0]}-{code[1:3]}-{code[3:5]}-{code[5:7]}"
    if _OCCUPATION_TEXT.fullmatch(value):
        raise FormatError("occupation: a code that is written as an integer")
    return rules.check_occupation(value)


@lru_cache(maxsize=4096)
def _occupation_name(name: str | None) -> str | None:
    return name if name is None else rules.check_occupation_name(name)


@lru_cache(maxsize=256)
def _level(value: int | str) -> str:
    if isinstance(value, int):
        if not 1 <= value <= 5:
            raise FormatError("level: an integer beyond 1 to 5")
        return str(value)
    if value in _LEVELS:
        raise FormatError("level: a digit that is written as an integer")
    return rules.check_code(value, "level")


@lru_cache(maxsize=4096)
def _site(value: int | str) -> str:
    if isinstance(value, int):
        if not 0 <= value <= 99_999_999:
            raise FormatError("site: not eight digits")
        return f"{value:08d}"
    if _SITE_TEXT.fullmatch(value):
        raise FormatError("site: a number that is written as an integer")
    return rules.check_code(value, "site")


@lru_cache(maxsize=1024)
def _work_type(value: int | None) -> str | None:
    if value is None:
        return None
    if not 0 <= value <= 999:
        raise FormatError("work type: not three digits")
    return f"{value:03d}"


def _occupation_field(code: str) -> int | str:
    return int(code.replace("-", "")) if _OCCUPATION_TEXT.fullmatch(code) else code
