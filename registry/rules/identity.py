"""Identity documents: normal form, check digits, plausibility.

Source: GB 11643-1999 (citizen numbers); formats of other documents are policy rows.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from registry.rules.decision import RefusedError, reason
from registry.rules.policy import Policy

RESIDENT = "resident_id"
"""居民身份证: the kind whose number carries region, birth date and a check character."""

SAMPLE_AREA = "000000"
"""Area code of invented people; no real number begins with it."""

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK = "10X98765432"
_FLOAT = re.compile(r"[0-9](?:\.[0-9]+)?[Ee]\+?[0-9]+|[0-9]+\.0+")
_OLDEST = 120


@dataclass(frozen=True, slots=True)
class Identity:
    """A kind of document and its number in normal form; equal exactly when they are the same."""

    kind: str
    number: str = field(repr=False)

    @property
    def last4(self) -> str:
        """Last four ASCII letters or digits: all that any form of a certificate shows."""
        return re.sub(r"[^0-9A-Z]", "", self.number)[-4:]


def read(kind: str, number: str, on: date, policy: Policy) -> Identity:
    """An identity from what somebody typed.

    Args:
        kind: key, Chinese or English name of the document; empty means the resident card.
        number: as typed; width, case and spaces are normalised, 15 digits become 18.
        on: the day on which the birth date must be plausible.
        policy: table ``identity_kinds`` and the area codes.

    Raises:
        RefusedError: unknown kind, wrong form, check character, area or birth date.
    """
    row = _kind(kind, on, policy)
    text = normalise(number)
    if _FLOAT.fullmatch(text) and row["kind"] == RESIDENT:
        raise RefusedError(reason("identity_as_number", "identity"))
    if row["kind"] == RESIDENT:
        return Identity(RESIDENT, resident_number(text, on, policy))
    if not re.fullmatch(row["pattern"], text):
        raise RefusedError(reason("identity_malformed", "identity", kind=row["zh"]))
    return Identity(row["kind"], text)


def normalise(number: str) -> str:
    """Half-width, upper case, without spaces: full-width ``ｘ`` and ``x`` become ``X``."""
    return "".join(unicodedata.normalize("NFKC", number).split()).upper()


def resident_number(text: str, on: date, policy: Policy) -> str:
    """The 18-character citizen number for normalised text of 15 or 18 characters.

    Raises:
        RefusedError: with the first thing that is wrong.
    """
    if re.fullmatch(r"[0-9]{15}", text):
        text = text[:6] + "19" + text[6:]
        text += check_character(text)
    if not re.fullmatch(r"[0-9]{17}[0-9X]", text):
        raise RefusedError(reason("identity_length", "identity"))
    if text[17] != check_character(text[:17]):
        raise RefusedError(reason("identity_check", "identity"))
    areas = policy.derived(
        "area codes", on, lambda: frozenset(row["code"] for row in policy.rows("areas", on))
    )
    if text[:6] != SAMPLE_AREA and text[:2] not in areas:
        raise RefusedError(reason("identity_area", "identity", area=text[:6]))
    born = birth_date(text)
    if born is None or born > on or on.year - born.year > _OLDEST:
        raise RefusedError(reason("identity_birth", "identity"))
    return text


def check_character(digits: str) -> str:
    """Eighteenth character for the first seventeen digits."""
    total = sum(int(digit) * weight for digit, weight in zip(digits, _WEIGHTS, strict=True))
    return _CHECK[total % 11]


def birth_date(number: str) -> date | None:
    """Birth date inside an 18-character number, or None when it is no date."""
    try:
        return date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return None


def age(identity: Identity, on: date) -> int | None:
    """Completed years on a day; None for documents that do not say."""
    if identity.kind != RESIDENT or (born := birth_date(identity.number)) is None:
        return None
    return on.year - born.year - ((on.month, on.day) < (born.month, born.day))


def _kind(text: str, on: date, policy: Policy) -> Mapping[str, str]:
    known = policy.derived("identity kinds", on, lambda: _spellings(on, policy))
    found = known.get(_plain(text) or RESIDENT)
    if found is None:
        raise RefusedError(reason("identity_kind_unknown", "identity_kind", kind=text))
    return found


def _spellings(on: date, policy: Policy) -> dict[str, Mapping[str, str]]:
    return {
        _plain(spelling): row
        for row in policy.rows("identity_kinds", on)
        for spelling in (row["kind"], row["zh"], row["en"], *row.get("aliases", ()))
    }


def _plain(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).split()).lower()
