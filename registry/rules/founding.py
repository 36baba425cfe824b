"""What a registry is founded from: bodies, sites, people, and what each of them may do.

The values name each other by labels of the written plan: ``id`` of a body or a person, ``number``
of a site, ``card`` of an examiner. Whether they fit together, :mod:`.founding_checks` finds out.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from registry.rules.examiners import Grade, RelationKind
from registry.rules.identity import Identity
from registry.rules.permissions import Role

BODY_ROLES = ("centre", "department", "implementing")
"""The same words as ``registry.records.organisations.BodyRole``."""
HOST_KINDS = ("enterprise", "college", "training")
"""The same words as ``registry.records.organisations.HostKind``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """Some occupations at some levels, between two days, both inclusive."""

    occupations: tuple[str, ...]
    """Keys of the catalogue or printed codes."""
    levels: str
    """Codes of levels, e.g. ``543``."""
    from_on: date
    until_on: date | None = None
    source: str = ""
    """Number of the decision, or where it is published."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """National centre, provincial department, implementing or assessing body."""

    id: str
    """Label in this plan; of a body that signs also its opaque issuer id."""
    role: str
    zh: str
    en: str
    from_on: date
    signs: bool = True
    """Whether the trust list names it."""
    key: str | None = None
    """Name of the issuer key that signs its certificates from now on."""
    letter: str | None = None
    code: str | None = None
    province: str | None = None
    parent: str | None = None
    url: str | None = None
    phone: str | None = None
    appeal_body: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Designation:
    """A department designates the implementing body of its province."""

    department: str
    body: str
    from_on: date
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """An assessment site and what it may assess."""

    number: str
    serial: str | None
    body: str
    province: str
    zh: str
    en: str
    host: str
    address: str | None = None
    phone: str | None = None
    accreditations: tuple[Scope, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Filing:
    """A body is filed (备案) for occupations and levels."""

    body: str
    scope: Scope


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A natural person, known by an identity document."""

    id: str
    name: str
    identity: Identity


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """A way for a person to sign in, with roles that hold in one place."""

    sign_in_name: str
    person: str
    roles: tuple[Role, ...]
    province: str | None = None
    site: str | None = None
    password_file: str | None = None
    """Holds the first password; without it one is made up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Examiner:
    """An examiner's card with what its holder may assess."""

    card: str
    person: str
    grade: Grade
    province: str
    from_on: date
    until_on: date
    scopes: tuple[Scope, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Relation:
    """An examiner must not assess this candidate."""

    examiner: str
    candidate: Identity
    kind: RelationKind


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyRow:
    """A row of the office's own in a policy table; days as ISO text."""

    table: str
    row: Mapping[str, Any]
    path: str = "policy"


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """All that a registry is founded from."""

    bodies: tuple[Body, ...] = ()
    designations: tuple[Designation, ...] = ()
    policy: tuple[PolicyRow, ...] = ()
    sites: tuple[Site, ...] = ()
    filings: tuple[Filing, ...] = ()
    persons: tuple[Person, ...] = ()
    accounts: tuple[Account, ...] = ()
    examiners: tuple[Examiner, ...] = ()
    relations: tuple[Relation, ...] = ()
