"""What a ceremony is to make: root holders, bodies and their keys, windows and freshness.

The plan is written and reviewed before anybody meets; :func:`parse` reads it from JSON. It holds no
secret. A whole example stands in ``keys/README.md``.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from schemas import dates, did, jcs
from schemas.certificate import Instant, Kind
from schemas.errors import FormatError
from schemas.facts import check_code
from schemas.json_object import JsonObject
from schemas.trust import Freshness, Issuer, Name

BODY_ROLES = ("issuer", "authority", "document", "receipt")
"""Roles that a body's keys may have; the registry's own are status, authority and log."""

DEFAULT_FRESHNESS = Freshness(trust=30 * 86400, status=86400)
"""Thirty days and one day: default, to be replaced by the published policy."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """A body of the trust list, with one key for each of its roles."""

    id: str
    """Opaque issuer id, never given to another body."""
    zh: str
    en: str
    since: date
    """First day of its name."""
    roles: tuple[str, ...]
    kinds: tuple[Kind, ...] | None = None
    """Kinds of certificate that its issuer key may sign, or any."""
    provinces: tuple[str, ...] | None = None
    """First two digits of the sites in its scope, or any."""
    phone: str | None = None
    checks: tuple[str, ...] = ()
    """Checks that its certificates need beside the verifier's own."""

    def __post_init__(self) -> None:
        check_code(self.id, "issuer")
        unknown = set(self.roles) - set(BODY_ROLES)
        if not self.roles or unknown or len(set(self.roles)) != len(self.roles):
            raise FormatError(f"body {self.id} needs one or more roles of {', '.join(BODY_ROLES)}")


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedKey:
    """One key that the ceremony makes."""

    name: str
    role: str
    body: Body | None
    """None for the registry's own keys."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A first ceremony. Raises FormatError for what no trust list could hold."""

    base: str
    """Origin of the registry, e.g. ``https://certs.example.gov.cn``."""
    holders: tuple[str, ...]
    """Labels of the root holders; each takes one folder away."""
    threshold: int
    """How many holders must sign a trust list."""
    bodies: tuple[Body, ...]
    start: Instant
    """First second of every key's window."""
    until: Instant | None = None
    """Last second of every key's window, if it has one."""
    freshness: Freshness = DEFAULT_FRESHNESS
    phone: str | None = None

    def __post_init__(self) -> None:
        origin = self.base.partition("://")
        if origin[0] not in ("http", "https") or not origin[2] or "/" in origin[2]:
            raise FormatError(f"{self.base[:80]!r} is not an origin like https://certs.example")
        for label in self.holders:
            check_code(label, "root holder")
        if len(set(self.holders)) != len(self.holders):
            raise FormatError("two root holders have the same label")
        # One holder alone must never be able to change what everybody believes.
        if not 2 <= self.threshold <= len(self.holders):
            raise FormatError("the threshold must be at least 2 and at most the number of holders")
        ids = [body.id for body in self.bodies]
        if len(set(ids)) != len(ids):
            raise FormatError("two bodies have the same id")
        if not any("issuer" in body.roles for body in self.bodies):
            raise FormatError("the plan has no body that issues certificates")

    @property
    def registry(self) -> str:
        """Name of the registry: its host, with the port where it has one."""
        return self.base.partition("://")[2]

    @property
    def log(self) -> str:
        """Origin of the first log, and the name of its key."""
        return f"{self.registry}/log"

    def holder_name(self, label: str) -> str:
        """Key name of a root holder."""
        return f"{self.registry}/root/{label}"

    def issuers(self) -> tuple[Issuer, ...]:
        """The bodies as issuers of the trust list."""
        return tuple(
            Issuer(
                id=body.id,
                did=did.issuer(self.base, body.id),
                names=(Name(zh=body.zh, en=body.en, start=body.since),),
                phone=body.phone,
            )
            for body in self.bodies
        )

    def keys(self) -> Iterator[PlannedKey]:
        """Every key but the root's, in the order in which it is made."""
        for body in self.bodies:
            for role in body.roles:
                yield PlannedKey(name=f"{role}.{body.id}.1", role=role, body=body)
        yield PlannedKey(name="authority.1", role="authority", body=None)
        yield PlannedKey(name="status.1", role="status", body=None)
        yield PlannedKey(name=self.log, role="log", body=None)


def parse(data: bytes) -> Plan:
    """Read a plan from JSON; raises FormatError."""
    given = JsonObject(jcs.load(data), "plan")
    plan = Plan(
        base=given.text("base"),
        holders=given.texts("holders"),
        threshold=given.integer("threshold"),
        bodies=given.objects("bodies", _body),
        start=given.instant("from"),
        until=given.optional("until", given.instant),
        freshness=given.object("freshness", Freshness.read),
        phone=given.optional("phone", given.text),
    )
    given.close()
    return plan


def _body(given: JsonObject) -> Body:
    kinds = given.optional("kinds", given.integers)
    known = {kind.value for kind in Kind}
    if kinds is not None and not known.issuperset(kinds):
        raise FormatError(f"the kinds of certificate are {sorted(known)}")
    return Body(
        id=given.text("id"),
        zh=given.text("zh"),
        en=given.text("en"),
        since=dates.parse_date(given.text("since")),
        roles=given.texts("roles"),
        kinds=None if kinds is None else tuple(Kind(number) for number in kinds),
        provinces=given.optional("provinces", given.texts),
        phone=given.optional("phone", given.text),
        checks=given.texts("checks"),
    )
