"""What the facts of a certificate may be: one rule set for every form.

Each fact has exactly one spelling. Both the QR and the JSON check with :func:`check`, so that
what one form can say the other can say too. Specification: ``schemas/spec/qr.md`` §4.
"""

import re
from functools import lru_cache

from schemas import dates, text
from schemas.certificate import Facts
from schemas.errors import FormatError

MAX_VERSION = 9999
MAX_STATUS_INDEX = (1 << 24) - 1
MAX_STATUS_LIST = 999_999_999
NAME_LENGTH = 100
OCCUPATION_NAME_LENGTH = 60

_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_BASE = re.compile(rf"https?://{_LABEL}(?:\.{_LABEL}){{0,9}}(?::[1-9][0-9]{{0,4}})?")
_ISSUER = re.compile(r"[a-z0-9](?:[a-z0-9.-]{0,62}[a-z0-9])?")
_NUMBER = re.compile(r"[0-9A-Z](?:[0-9A-Z-]{0,38}[0-9A-Z])?")
_LEVEL = re.compile(r"[1-5]|(?=.*[A-Za-z])[0-9A-Za-z]{1,8}")
_WORK_TYPE = re.compile(r"[0-9]{3}")
_LAST4 = re.compile(r"[0-9A-Z]{4}")
_OCCUPATION = re.compile(r"[0-9]-[0-9]{2}-[0-9]{2}-[0-9]{2}")
_CODE = re.compile(r"[0-9A-Z](?:[0-9A-Z.-]{0,18}[0-9A-Z])?")
_LEVEL = re.compile(r"[1-5]|[A-Z][0-9A-Z-]{0,7}")
_WORK_TYPE = re.compile(r"[0-9]{3}")
_SITE = re.compile(r"[0-9]{8}")


def check(facts: Facts) -> Facts:
    """Return ``facts`` if every fact is one that may be signed, else raise FormatError naming it."""
    check_base(facts.base)
    check_issuer(facts.issuer)
    check_number(facts.number)
    _within("version", facts.version, 1, MAX_VERSION)
    text.check(facts.name, max_length=NAME_LENGTH)
    check_last4(facts.last4)
    check_occupation(facts.occupation)
    if facts.occupation_name is not None:
        check_occupation_name(facts.occupation_name)
    check_level(facts.level)
    if facts.work_type is not None:
        _full("work type", _WORK_TYPE, facts.work_type)
    check_site(facts.site)
    check_days(facts)
    dates.check_instant(facts.signed_at)
    _within("status list", facts.status_list, 0, MAX_STATUS_LIST)
    _within("status index", facts.status_index, 0, MAX_STATUS_INDEX)
    return facts


def check_days(facts: Facts) -> None:
    """Require days of the calendar we use, a first day after the award, a last day not before."""
    first = facts.awarded
    dates.to_day(facts.assessed)
    dates.to_day(facts.awarded)
    if facts.valid_from is not None:
        dates.to_day(facts.valid_from)
        if facts.valid_from <= facts.awarded:
            raise FormatError("first valid day: written only where it is later than the award")
        first = facts.valid_from
    if facts.valid_until is not None:
        dates.to_day(facts.valid_until)
        if facts.valid_until < first:
            raise FormatError("last valid day: before the first one")


@lru_cache(maxsize=1024)
def check_base(base: str) -> str:
    """Origin of a registry: scheme, host in lower case, port if any; no path, no final slash."""
    _full("base", _BASE, base)
    port = base.rpartition(":")[2]
    if port.isdigit() and int(port) > 65535:
        raise FormatError(f"base: port {port} does not exist")
    return base


def check_issuer(issuer: str) -> str:
    """Opaque issuer id: 1 to 64 of a-z, 0-9, ``.`` and ``-``, a letter or digit at both ends."""
    return _full("issuer", _ISSUER, issuer)


def check_number(number: str) -> str:
    """Certificate number: 1 to 40 of 0-9, A-Z and ``-``, a letter or digit at both ends."""
    return _full("certificate number", _NUMBER, number)


def check_last4(last4: str) -> str:
    """Last four characters of the holder's document number: digits and capital letters."""
    return _full("last four", _LAST4, last4)


def check_occupation(code: str) -> str:
    """Occupation code ``d-dd-dd-dd``, or another code; never seven bare digits, which look alike."""
    if _OCCUPATION.fullmatch(code):
        return code
    if len(code) == 7 and code.isdigit():
        raise FormatError(f"occupation: {code} lacks its hyphens")
    return _full("occupation", _CODE, code)


def check_occupation_name(name: str) -> str:
    """Chinese name of an occupation, 1 to 60 characters."""
    return text.check(name, max_length=OCCUPATION_NAME_LENGTH, alphabet=text.WORDS)


def check_level(level: str) -> str:
    """Level ``1`` to ``5``, or a code of the level list that begins with a capital letter."""
    return _full("level", _LEVEL, level)


def check_site(site: str) -> str:
    """Site number of eight digits, or another code of 1 to 20 characters."""
    return site if _SITE.fullmatch(site) else _full("site", _CODE, site)


def _full(what: str, pattern: re.Pattern[str], value: object) -> str:
    if type(value) is not str or not pattern.fullmatch(value):
        raise FormatError(f"{what}: {str(value)[:60]!r} is not written as the format says")
    return value


def _within(what: str, value: object, lowest: int, highest: int) -> None:
    if type(value) is not int or not lowest <= value <= highest:
        raise FormatError(f"{what}: {value!r} is not an integer from {lowest} to {highest}")
