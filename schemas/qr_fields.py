"""Every field of the QR claims: its key, and how its value is written and read.

A reader takes a CBOR value and returns the fact, or raises FormatError where the value is not the
one spelling of a fact that may be signed.
"""

import re
from datetime import date
from typing import Any
from uuid import UUID

from schemas import claims, dates
from schemas import facts as rules
from schemas.certificate import Kind
from schemas.errors import FormatError, NewerFormatError

ISS, SUB, IAT, CTI, STATUS, OURS = 1, 2, 6, 7, 65535, -65537
(
    KIND, NAME, LAST4, OCCUPATION, LEVEL, ASSESSED, SITE,
    OCCUPATION_NAME, AWARDED, WORK_TYPE, VERSION, VALID_UNTIL, VALID_FROM,
) = range(1, 14)  # fmt: skip

CLAIMS = frozenset((ISS, SUB, IAT, CTI, STATUS, OURS))
FIELDS = frozenset(range(1, 14))
NEEDED = frozenset((KIND, NAME, LAST4, OCCUPATION, LEVEL, ASSESSED, SITE, AWARDED))

_KINDS = {int(kind): kind for kind in Kind}
_LEVELS = frozenset("12345")
_OCCUPATION = re.compile(r"[0-9]-[0-9]{2}-[0-9]{2}-[0-9]{2}")
_SITE = re.compile(r"[0-9]{8}")
_URI = re.compile(r"(.{1,300})/s/(0|[1-9][0-9]{0,9})")


def occupation_value(code: str) -> int | str:
    """Return ``d-dd-dd-dd`` as an integer, another code as it is."""
    return int(code.replace("-", "")) if _OCCUPATION.fullmatch(code) else code


def level_value(level: str) -> int | str:
    """Return ``1`` to ``5`` as an integer, another code as it is."""
    return int(level) if level in _LEVELS else level


def site_value(site: str) -> int | str:
    """Return eight digits as an integer, another code as it is."""
    return int(site) if _SITE.fullmatch(site) else site


def issuer(value: Any) -> str:
    """Read the opaque issuer id."""
    return rules.check_code(claims.text(value, "issuer"), "issuer")


def number(value: Any) -> str:
    """Read the certificate number."""
    return rules.check_number(claims.text(value, "certificate number"))


def uuid(value: Any) -> UUID:
    """Read the identity that all forms share."""
    return UUID(int=int.from_bytes(claims.octets(value, "cti", 16)))


def status(value: Any) -> tuple[str, int, int]:
    """Read the status claim: base of the registry, number of the list, index."""
    entry = value.get("status_list") if type(value) is dict and len(value) == 1 else None
    if type(entry) is not dict or entry.keys() != {"idx", "uri"}:
        raise FormatError("status claim: not an index and a URI of a status list")
    return *status_list(entry["uri"]), status_index(entry["idx"])


def status_list(value: Any) -> tuple[str, int]:
    """Read ``{base}/s/{number}``."""
    match = _URI.fullmatch(claims.text(value, "status list"))
    if match is None:
        raise FormatError("status claim: not the URI of a status list")
    number = claims.integer(int(match[2]), "status list", 0, rules.MAX_STATUS_LIST)
    return rules.check_base(match[1]), number


def status_index(value: Any) -> int:
    """Read the place in the list."""
    return claims.integer(value, "status index", 0, rules.MAX_STATUS_INDEX)


def kind(value: Any) -> Kind:
    """Read the kind; NewerFormatError for an integer that stands for none yet."""
    if type(value) is not int:
        raise FormatError("kind: not an integer")
    if value not in _KINDS:
        raise NewerFormatError(f"kind {value} is not known")
    return _KINDS[value]


def name(value: Any) -> str:
    """Read the holder's name."""
    return rules.check_name(claims.text(value, "name"))


def last4(value: Any) -> str:
    """Read the last four characters of the ID number."""
    return rules.check_last4(claims.text(value, "last four"))


def occupation(value: Any) -> str:
    """Read an occupation code."""
    if type(value) is int:
        code = f"{claims.integer(value, 'occupation', 0, 9_999_999):07d}"
        return f"{code[0]}-{code[1:3]}-{code[3:5]}-{code[5:7]}"
    code = rules.check_occupation(claims.text(value, "occupation"))
    if _OCCUPATION.fullmatch(code):
        raise FormatError("occupation: a code that is written as an integer")
    return code


def occupation_name(value: Any) -> str:
    """Read the name of the occupation."""
    return rules.check_occupation_name(claims.text(value, "occupation name"))


def level(value: Any) -> str:
    """Read a level."""
    if type(value) is int:
        return str(claims.integer(value, "level", 1, 5))
    code = rules.check_code(claims.text(value, "level"), "level")
    if code in _LEVELS:
        raise FormatError("level: a digit that is written as an integer")
    return code


def site(value: Any) -> str:
    """Read a site number."""
    if type(value) is int:
        return f"{claims.integer(value, 'site', 0, 99_999_999):08d}"
    code = rules.check_code(claims.text(value, "site"), "site")
    if _SITE.fullmatch(code):
        raise FormatError("site: a number that is written as an integer")
    return code


def work_type(value: Any) -> str:
    """Read a work type."""
    return f"{claims.integer(value, 'work type', 0, 999):03d}"


def version(value: Any) -> int:
    """Read a version; 1 is never written."""
    return claims.integer(value, "version", 2, rules.MAX_VERSION)


def day(value: Any) -> date:
    """Read a day."""
    return dates.from_day(value)
