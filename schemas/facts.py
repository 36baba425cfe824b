"""Which facts a certificate may state: one set of bounds for every form.

The QR and the JSON are printed from the same :class:`~schemas.certificate.Facts`, so a value that
one of them could not carry is refused for both, when it is printed and when it is read.
"""

import re
from functools import lru_cache

from schemas import dates, text
from schemas.certificate import Facts, Kind
from schemas.errors import FormatError

MAX_STATUS_INDEX = 2**24 - 1
MAX_STATUS_LIST = 2**31 - 1
MAX_VERSION = 2**16 - 1

_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_BASE = re.compile(rf"https?://{_LABEL}(?:\.{_LABEL})*(?::[1-9][0-9]{{0,4}})?")
_CODE = re.compile(r"[0-9A-Za-z](?:[0-9A-Za-z._-]{0,62}[0-9A-Za-z])?")
_NUMBER = re.compile(r"[0-9A-Z](?:[0-9A-Z-]{2,38}[0-9A-Z])")
_BARE_OCCUPATION = re.compile(r"[0-9]{7}")
_WORK_TYPE = re.compile(r"[0-9]{3}")
_LAST4 = re.compile(r"[0-9A-Z]{4}")


def check(facts: Facts) -> Facts:
    """Return ``facts`` unchanged; FormatError names the first that cannot be stated."""
    check_scope(facts)
    check_holder(facts)
    return facts


def check_base(base: str) -> str:
    """Return an origin ``http(s)://host[:port]``, lower case and without a last slash."""
    if len(base) > 120 or _BASE.fullmatch(base) is None:
        raise FormatError(f"{base[:120]!r} is not an origin like https://certs.example.gov.cn")
    return base


def check_code(code: str, name: str) -> str:
    """Return a code that may stand in an address: ASCII letters, digits, ``.``, ``_`` and ``-``."""
    if _CODE.fullmatch(code) is None:
        raise FormatError(f"{name} {code[:80]!r} is not a code of ASCII letters, digits, . _ -")
    return code


def check_number(number: str) -> str:
    """Return a certificate number: 4 to 40 ASCII digits, capitals and ``-``, none at an end."""
    if _NUMBER.fullmatch(number) is None:
        raise FormatError(f"{number[:80]!r} is not a certificate number")
    return number


def check_name(name: str) -> str:
    """Return a holder's name: at most 60 characters of the alphabet of names."""
    return text.check(name, max_length=60)


def check_last4(last4: str) -> str:
    """Return the last four characters of an ID number: ASCII digits and capitals."""
    if _LAST4.fullmatch(last4) is None:
        raise FormatError("the last four characters of the ID number are not digits and capitals")
    return last4


def check_occupation(code: str) -> str:
    """Return an occupation code: ``d-dd-dd-dd`` or another, but never the seven digits alone."""
    if _BARE_OCCUPATION.fullmatch(code):
        raise FormatError(f"occupation {code} lacks its hyphens")
    return check_code(code, "occupation")


def check_occupation_name(name: str) -> str:
    """Return the Chinese name of an occupation: at most 60 characters."""
    return text.check(name, max_length=60, alphabet=text.WORDS)


def check_scope(facts: Facts) -> None:
    """Check what the certificates of one issuer, achievement and site have in common."""
    if not isinstance(facts.kind, Kind):
        raise FormatError(f"{facts.kind!r} is not a kind of certificate")
    _check_scope(
        facts.base, facts.issuer, facts.occupation, facts.level, facts.site, facts.work_type,
        facts.occupation_name,
    )  # fmt: skip


# Thousands of certificates share these, and what passed once passes again.
@lru_cache(maxsize=1024)
def _check_scope(
    base: str, issuer: str, occupation: str, level: str, site: str, work_type: str | None,
    occupation_name: str | None,
) -> None:  # fmt: skip
    check_base(base)
    check_code(issuer, "issuer")
    check_occupation(occupation)
    check_code(level, "level")
    check_code(site, "site")
    if work_type is not None and _WORK_TYPE.fullmatch(work_type) is None:
        raise FormatError(f"work type {work_type[:80]!r} is not a code of three digits")
    if occupation_name is not None:
        check_occupation_name(occupation_name)


def check_holder(facts: Facts) -> None:
    """Check what is of one certificate alone."""
    check_number(facts.number)
    check_name(facts.name)
    check_last4(facts.last4)
    _check_integer(facts.version, 1, MAX_VERSION, "version")
    _check_integer(facts.status_list, 0, MAX_STATUS_LIST, "status list")
    _check_integer(facts.status_index, 0, MAX_STATUS_INDEX, "status index")
    dates.check_instant(facts.signed_at)
    dates.to_day(facts.assessed)
    dates.to_day(facts.awarded)
    check_period(facts)


def check_period(facts: Facts) -> None:
    """Check that the first valid day is later than the award and the last not before the first."""
    first = facts.awarded
    if facts.valid_from is not None:
        dates.to_day(facts.valid_from)
        if facts.valid_from <= facts.awarded:
            raise FormatError("the first valid day is stated, but is not later than the award")
        first = facts.valid_from
    if facts.valid_until is not None:
        dates.to_day(facts.valid_until)
        if facts.valid_until < first:
            raise FormatError("the last valid day lies before the first")


def _check_integer(value: int, low: int, high: int, name: str) -> None:
    if type(value) is not int or not low <= value <= high:
        raise FormatError(f"{name} {value!r} is not an integer from {low} to {high}")
