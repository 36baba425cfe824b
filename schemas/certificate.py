"""The certificate as a value: what is said, before any form or signature.

Every form (QR, JSON, PDF) is derived from a :class:`Certificate` and from nothing else, and all of
them say the same :class:`Facts`. Instants are integer UTC seconds; dates are civil dates in
Asia/Shanghai, last days inclusive.
"""

from dataclasses import dataclass
from datetime import date
from enum import IntEnum
from typing import TypeAlias
from uuid import UUID

Instant: TypeAlias = int
"""UTC seconds since 1970-01-01T00:00:00Z."""


class Kind(IntEnum):
    """What sort of certificate this is; chosen by a dated table, see ``registry.rules.kinds``."""

    QUALIFICATION = 1
    """职业资格证书, 16 digits: the occupation was in the national catalogue on the day."""
    LEVEL = 2
    """职业技能等级证书, 22 characters: awarded by a filed body outside the catalogue."""
    TRAINING = 3
    """培训合格证: numbered by provincial setting."""


class State(IntEnum):
    """Status values of the 4-bit Token Status List; see ``schemas/spec/status-lists.md``."""

    VALID = 0
    REVOKED = 1
    """撤销: wrongly granted."""
    SUSPENDED = 2
    """暂停: under decision."""
    SUPERSEDED = 12
    """A newer version replaces it."""
    CANCELLED = 13
    """注销: ended without wrongdoing."""
    WITHDRAWN = 14
    """吊销: ended as a penalty."""

    @property
    def is_terminal(self) -> bool:
        """Whether no later state may follow; terminal states hold even when a list is stale."""
        return self not in (State.VALID, State.SUSPENDED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What every form of a certificate says."""

    base: str
    """Origin of the registry, e.g. ``https://certs.example.gov.cn``; no trailing slash."""
    uuid: UUID
    """Random identity shared by all forms: the JSON's ``urn:uuid`` and the QR's ``cti``."""
    issuer: str
    """Opaque issuer id: the QR's ``iss``, the last part of the JSON's did:web."""
    number: str
    version: int
    """1 and up; a correction is a new version of the same number."""
    kind: Kind
    name: str
    """Holder's name, NFC over the allow-list of ``schemas.text``."""
    last4: str
    """Last four characters of the holder's ID number, ``X`` upper case."""
    occupation: str
    """``d-dd-dd-dd``, or an industry code as text."""
    occupation_name: str | None
    """Chinese name in force on the day; the QR may leave it out."""
    level: str
    """``1`` … ``5`` (5 lowest), or a code of the versioned level list."""
    work_type: str | None
    """Three-digit industry code, or none (printed ``--``)."""
    site: str
    """Site number, eight digits, or text."""
    assessed: date
    awarded: date
    valid_from: date | None
    """First valid day, only where it is later than the award."""
    valid_until: date | None
    """Last valid day, inclusive, only where the kind has one."""
    signed_at: Instant
    status_list: int
    """Number of the status list, served at ``{base}/s/`` and ``{base}/b/`` under this number."""
    status_index: int
    """Place in that list, in both encodings and in the issued tiles."""

    @property
    def status_uri(self) -> str:
        """Token Status List (CBOR) that carries the exact state."""
        return f"{self.base}/s/{self.status_list}"

    @property
    def tile_uri(self) -> str:
        """Issued tile that holds this certificate's record."""
        return f"{self.base}/i/{self.status_list}/{self.status_index // 1024}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """What the JSON and the PDF say in words beside the facts; in force when it was awarded."""

    issuer: str
    issuer_url: str
    centre: str
    site: str
    occupation_en: str
    level: str
    """``三级/高级工``: Chinese numeral, stroke, name."""
    level_en: str
    work_type: str | None
    framework: str
    """Catalogue edition, e.g. ``中华人民共和国职业分类大典（2022年版）``."""
    description: str
    criteria: str
    batch: str
    """Number of the assessment batch."""
    review: bool
    """Whether a comprehensive review (综合评审) was passed too (levels 2 and 1)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """One certificate, whole: :class:`Facts` for every form, :class:`Names` for the long ones."""

    facts: Facts
    names: Names
