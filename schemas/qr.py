"""The QR form: claims of a CWT as deterministic CBOR, and the text that the symbol carries.

The claims are the payload of a COSE_Sign1; sealing and opening is not done here. Registered claims
1, 2, 6, 7 and 65535; everything else under one private claim. Specification: ``spec/qr.md``.
"""

import re
from datetime import date
from typing import Any
from uuid import UUID

from schemas import cbor, dates, digits
from schemas import facts as rules
from schemas.certificate import Facts, Kind
from schemas.errors import FormatError, NewerFormatError, NotOurProfileError

TYP = 61
"""COSE header 16: ``application/cwt``."""

ISS, SUB, IAT, CTI, STATUS, OURS = 1, 2, 6, 7, 65535, -65537
(
    KIND, NAME, LAST4, OCCUPATION, LEVEL, ASSESSED, SITE,
    OCCUPATION_NAME, AWARDED, WORK_TYPE, VERSION, VALID_UNTIL, VALID_FROM,
) = range(1, 14)  # fmt: skip
MUST_UNDERSTAND = 64
"""Integer keys below this must be known; others may be left unread."""

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
    from ``MUST_UNDERSTAND`` up are left unread; NotOurProfileError where it is no certificate of
    this profile at all; NewerFormatError where a field must be understood and is not known.
    """
    claims = cbor.decode(payload)
    if type(claims) is not dict or OURS not in claims:
        raise NotOurProfileError("no certificate claims of this profile")
    ours = claims[OURS]
    _known(claims, _CLAIMS)
    _known(ours, _FIELDS)
    missing = (_CLAIMS - claims.keys()) | (_NEEDED - ours.keys())
    if missing:
        raise FormatError(f"claims lack {sorted(missing)}")
    base, status_list, status_index = _status(claims[STATUS])
    return rules.check(
        Facts(
            base=base,
            uuid=_uuid(claims[CTI]),
            issuer=_text(claims[ISS], "issuer"),
            number=_text(claims[SUB], "certificate number"),
            version=_version(ours.get(VERSION)),
            kind=_kind(ours[KIND]),
            name=_text(ours[NAME], "name"),
            last4=_text(ours[LAST4], "last four"),
            occupation=_occupation(ours[OCCUPATION]),
            occupation_name=_optional_text(ours, OCCUPATION_NAME, "occupation name"),
            level=_level(ours[LEVEL]),
            work_type=_work_type(ours),
            site=_site(ours[SITE]),
            assessed=dates.from_day(ours[ASSESSED]),
            awarded=dates.from_day(ours[AWARDED]),
            valid_from=_optional_day(ours, VALID_FROM),
            valid_until=_optional_day(ours, VALID_UNTIL),
            signed_at=dates.check_instant(claims[IAT]),
            status_list=status_list,
            status_index=status_index,
        )
    )


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


def _known(mapping: Any, known: frozenset[int]) -> None:
    if type(mapping) is not dict:
        raise FormatError("the fields of the certificate are not a map")
    for key in mapping.keys() - known:
        if type(key) is not int:
            raise FormatError("a claim whose key is not an integer")
        if key < MUST_UNDERSTAND:
            raise NewerFormatError(f"field {key} must be understood and is not known")


def _status(claim: Any) -> tuple[str, int, int]:
    if type(claim) is not dict or claim.keys() != {"status_list"}:
        raise FormatError("status claim: not one status list")
    entry = claim["status_list"]
    if type(entry) is not dict or entry.keys() != {"idx", "uri"}:
        raise FormatError("status claim: not an index and a URI")
    uri = _URI.fullmatch(_text(entry["uri"], "status list URI"))
    if uri is None:
        raise FormatError("status claim: not the URI of a status list")
    return uri[1], int(uri[2]), entry["idx"]


def _text(value: Any, what: str) -> str:
    if type(value) is not str:
        raise FormatError(f"{what}: not a text")
    return value


def _optional_text(ours: dict[int, Any], key: int, what: str) -> str | None:
    return _text(ours[key], what) if key in ours else None


def _optional_day(ours: dict[int, Any], key: int) -> date | None:
    return dates.from_day(ours[key]) if key in ours else None


def _uuid(value: Any) -> UUID:
    if type(value) is not bytes or len(value) != 16:
        raise FormatError("cti: not 16 bytes")
    return UUID(bytes=value)


def _kind(value: Any) -> Kind:
    if type(value) is not int:
        raise FormatError("kind: not an integer")
    if value not in _KINDS:
        raise NewerFormatError(f"kind {value} is not known")
    return _KINDS[value]


def _version(value: Any) -> int:
    if value is None:
        return 1
    if type(value) is not int or value == 1:
        raise FormatError("version: written only from 2 up")
    return value


def _occupation_field(code: str) -> int | str:
    return int(code.replace("-", "")) if _OCCUPATION_TEXT.fullmatch(code) else code


def _occupation(value: Any) -> str:
    if type(value) is int:
        if not 0 <= value <= 9_999_999:
            raise FormatError("occupation: not seven digits")
        code = f"{value:07d}"
        return f"{code[0]}-{code[1:3]}-{code[3:5]}-{code[5:7]}"
    code = _text(value, "occupation")
    if _OCCUPATION_TEXT.fullmatch(code):
        raise FormatError("occupation: a code that is written as an integer")
    return code


def _level(value: Any) -> str:
    if type(value) is int:
        if not 1 <= value <= 5:
            raise FormatError("level: an integer beyond 1 to 5")
        return str(value)
    level = _text(value, "level")
    if level in _LEVELS:
        raise FormatError("level: a digit that is written as an integer")
    return level


def _site(value: Any) -> str:
    if type(value) is int:
        if not 0 <= value <= 99_999_999:
            raise FormatError("site: not eight digits")
        return f"{value:08d}"
    site = _text(value, "site")
    if _SITE_TEXT.fullmatch(site):
        raise FormatError("site: a number that is written as an integer")
    return site


def _work_type(ours: dict[int, Any]) -> str | None:
    if WORK_TYPE not in ours:
        return None
    value = ours[WORK_TYPE]
    if type(value) is not int or not 0 <= value <= 999:
        raise FormatError("work type: not an integer of three digits")
    return f"{value:03d}"
