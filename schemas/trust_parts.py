"""Issuing bodies in a trust list, and the small checks that its parts share.

Each part prints itself with ``json()`` and is read back with ``read``. Specification:
``schemas/spec/trust-list.md``.
"""

import re
from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from schemas import text
from schemas.errors import FormatError
from schemas.facts import check_code
from schemas.json_object import JsonObject

_KEY_NAME = re.compile(r"[0-9A-Za-z][0-9A-Za-z._:/-]{0,120}")
_DID = re.compile(r"did:web:[0-9A-Za-z.%_-]+(?::[0-9A-Za-z.%_-]+)*")
_PREFIX = re.compile(r"https?://[0-9A-Za-z.:-]+/(?:[0-9A-Za-z._~-]+/)*")
_PHONE = re.compile(r"\+?[0-9][0-9 -]{2,24}")


def check_key_name(name: str) -> str:
    """Return a name that can stand on the signature line of a signed note."""
    return _check(_KEY_NAME, name, "a key name")


def check_prefix(prefix: str) -> str:
    """Return the beginning of an address: http(s), no query, with a last slash."""
    return _check(_PREFIX, prefix, "an address that ends in /")


def check_phone(phone: str) -> str:
    """Return a telephone number of digits, spaces and hyphens, perhaps with a ``+``."""
    return _check(_PHONE, phone, "a telephone number")


def unique(values: Iterable[Hashable], name: str) -> None:
    """Raise FormatError if a value stands twice."""
    seen: set[Hashable] = set()
    for value in values:
        if value in seen:
            raise FormatError(f"two of one {name}: {value!r:.80}")
        seen.add(value)


def positive(value: int, name: str) -> None:
    """Raise FormatError unless ``value`` is an integer of one or more."""
    if type(value) is not int or value < 1:
        raise FormatError(f"{name} {value!r} is not an integer of one or more")


def _check(pattern: re.Pattern[str], value: str, wanted: str) -> str:
    if pattern.fullmatch(value) is None:
        raise FormatError(f"{value[:80]!r} is not {wanted}")
    return value


def check_window(start: Any, until: Any) -> None:
    """Raise FormatError if a window ends before it begins."""
    if until is not None and until < start:
        raise FormatError(f"a window ends ({until}) before it begins ({start})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Name:
    """What an issuer was called, from ``start`` to ``until``, last day inclusive."""

    zh: str
    en: str
    start: date
    until: date | None = None

    def __post_init__(self) -> None:
        for words in (self.zh, self.en):
            text.check(words, max_length=120, alphabet=text.WORDS)
        check_window(self.start, self.until)

    def json(self) -> dict[str, Any]:
        """Print as a JSON object."""
        until = None if self.until is None else self.until.isoformat()
        return {"zh": self.zh, "en": self.en, "from": self.start.isoformat(), "until": until}

    @classmethod
    def read(cls, given: JsonObject) -> "Name":
        """Read what :meth:`json` prints."""
        return cls(
            zh=given.text("zh"),
            en=given.text("en"),
            start=given.civil_date("from"),
            until=given.optional("until", given.civil_date),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Issuer:
    """One issuing body; ``id`` is opaque and never given to another body."""

    id: str
    did: str
    names: tuple[Name, ...]
    phone: str | None = None
    """Whom to call about its certificates."""
    successor: str | None = None
    """Id of the body that took over."""

    def __post_init__(self) -> None:
        check_code(self.id, "issuer")
        _check(_DID, self.did, "a did:web")
        if not self.names:
            raise FormatError(f"issuer {self.id} has no name")
        if self.phone is not None:
            check_phone(self.phone)

    def name(self, on: date) -> Name:
        """Return the name on a day; outside all dates, the newest."""
        for name in self.names:
            if name.start <= on and (name.until is None or on <= name.until):
                return name
        return max(self.names, key=lambda name: name.start)

    def json(self) -> dict[str, Any]:
        """Print as a JSON object."""
        return {
            "id": self.id,
            "did": self.did,
            "names": [name.json() for name in self.names],
            "phone": self.phone,
            "successor": self.successor,
        }

    @classmethod
    def read(cls, given: JsonObject) -> "Issuer":
        """Read what :meth:`json` prints."""
        return cls(
            id=given.text("id"),
            did=given.text("did"),
            names=given.objects("names", Name.read),
            phone=given.optional("phone", given.text),
            successor=given.optional("successor", given.text),
        )
