"""Keys in a trust list: one role each, with scope, window and, at the end, a cut.

Specification: ``schemas/spec/trust-list.md``.
"""

import re
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from schemas import dates
from schemas.certificate import Instant, Kind
from schemas.errors import FormatError, NewerFormatError
from schemas.facts import check_code
from schemas.json_object import JsonObject, to_base64url
from schemas.trust_parts import check_key_name, check_window

ROLES = frozenset(
    {"issuer", "authority", "status", "log", "witness", "document", "receipt"},
)
"""What a key may be used for; each key has exactly one role."""

ALGORITHMS = {"Ed25519": 32}
"""Algorithms of keys and the length of their raw public keys in bytes."""

_PROVINCE = re.compile(r"[0-9]{2}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Closed:
    """A key that signs no more; what it signed stands if its leaf lies before the cut."""

    why: str
    """``retired`` or ``stolen``."""
    at: Instant
    log: str | None = None
    size: int | None = None
    """The cut: leaves of ``log`` with a lower index were signed by the rightful holder."""
    root: bytes | None = None
    """Root hash of ``log`` at ``size``."""

    def __post_init__(self) -> None:
        dates.check_instant(self.at)
        if self.why not in ("retired", "stolen"):
            raise NewerFormatError(f"a key is closed as {self.why[:40]!r}")
        if len({part is None for part in (self.log, self.size, self.root)}) != 1:
            raise FormatError("a cut needs a log, a size and a root hash")
        if self.root is not None and len(self.root) != 32:
            raise FormatError("the root hash of a cut does not have 32 bytes")

    def json(self) -> dict[str, Any]:
        """Print as a JSON object."""
        root = None if self.root is None else self.root.hex()
        return {
            "why": self.why,
            "at": dates.utc(self.at),
            "log": self.log,
            "size": self.size,
            "root": root,
        }

    @classmethod
    def read(cls, given: JsonObject) -> "Closed":
        """Read what :meth:`json` prints."""
        return cls(
            why=given.text("why"),
            at=given.instant("at"),
            log=given.optional("log", given.text),
            size=given.optional("size", given.integer),
            root=given.optional("root", lambda key: given.hexadecimal(key, 32)),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """One public key in one role, with its scope and window."""

    name: str
    """Unique in the list; the key name on signature lines."""
    issuer: str | None
    """Whose key it is; required in the role ``issuer``, null for the registry's own."""
    role: str
    public: bytes
    start: Instant
    until: Instant | None = None
    """Last second of the window, inclusive; not the validity of what the key signed."""
    alg: str = "Ed25519"
    kinds: tuple[Kind, ...] | None = None
    """Kinds of certificate it may sign, or any."""
    provinces: tuple[str, ...] | None = None
    """First two digits of the sites it may sign for, or any."""
    closed: Closed | None = None
    checks: tuple[str, ...] = ()
    """Checks that its certificates need beside the verifier's own."""
    kid: bytes = field(init=False, repr=False, compare=False)
    """First four bytes of SHA-256 of the raw public key; may collide."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "kid", sha256(self.public).digest()[:4])
        check_key_name(self.name)
        if self.role not in ROLES:
            raise NewerFormatError(f"key {self.name} has the unknown role {self.role[:40]!r}")
        if self.alg not in ALGORITHMS:
            raise NewerFormatError(f"key {self.name} is of the unknown algorithm {self.alg[:40]!r}")
        if len(self.public) != ALGORITHMS[self.alg]:
            raise FormatError(f"key {self.name} does not have {ALGORITHMS[self.alg]} bytes")
        if self.role == "issuer" and self.issuer is None:
            raise FormatError(f"key {self.name} signs certificates and names no issuer")
        for province in self.provinces or ():
            if _PROVINCE.fullmatch(province) is None:
                raise FormatError(f"{province[:40]!r} is not the first two digits of a site")
        for check in self.checks:
            check_code(check, "check")
        dates.check_instant(self.start)
        if self.until is not None:
            dates.check_instant(self.until)
        check_window(self.start, self.until)

    def is_open(self, at: Instant) -> bool:
        """Whether ``at`` lies inside the window."""
        return self.start <= at and (self.until is None or at <= self.until)

    def covers(self, kind: Kind, site: str) -> bool:
        """Whether the key may sign a certificate of ``kind`` assessed at ``site``."""
        return (self.kinds is None or kind in self.kinds) and (
            self.provinces is None or site[:2] in self.provinces
        )

    def json(self) -> dict[str, Any]:
        """Print as a JSON object."""
        return {
            "name": self.name,
            "issuer": self.issuer,
            "role": self.role,
            "alg": self.alg,
            "public": to_base64url(self.public),
            "kid": self.kid.hex(),
            "kinds": None if self.kinds is None else [int(kind) for kind in self.kinds],
            "provinces": None if self.provinces is None else list(self.provinces),
            "from": dates.utc(self.start),
            "until": None if self.until is None else dates.utc(self.until),
            "closed": None if self.closed is None else self.closed.json(),
            "checks": list(self.checks),
        }

    @classmethod
    def read(cls, given: JsonObject) -> "Key":
        """Read what :meth:`json` prints."""
        kinds = given.optional("kinds", given.integers)
        key = cls(
            name=given.text("name"),
            issuer=given.optional("issuer", given.text),
            role=given.text("role"),
            alg=given.text("alg"),
            public=given.base64url("public"),
            kinds=None if kinds is None else tuple(_kind(number) for number in kinds),
            provinces=given.optional("provinces", given.texts),
            start=given.instant("from"),
            until=given.optional("until", given.instant),
            closed=given.optional("closed", lambda name: given.object(name, Closed.read)),
            checks=given.texts("checks"),
        )
        if given.hexadecimal("kid", 4) != key.kid:
            raise FormatError(f"key {key.name} has the kid of another key")
        return key


def _kind(number: int) -> Kind:
    if number not in Kind.__members__.values():
        raise NewerFormatError(f"a key covers the unknown kind {number} of certificate")
    return Kind(number)
