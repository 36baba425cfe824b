"""The trust list: issuers, their keys with scope and window, and where evidence is found."""

from dataclasses import dataclass, field
from typing import Any

from schemas import dates, did
from schemas.certificate import Instant
from schemas.errors import FormatError
from schemas.trust_keys import Key
from schemas.trust_parts import (
    Issuer,
    check_key_name,
    check_phone,
    check_prefix,
    positive,
    unique,
)
from schemas.trust_places import Checkpoint, Freshness, Location, Log, Witness


@dataclass(frozen=True, kw_only=True)
class TrustList:
    """Everything a verifier believes about the registry, in one version."""

    registry: str
    version: int
    """1 and up, without gaps; every version stays published."""
    issued: Instant
    previous: bytes | None
    """SHA-256 of the text of the version before; none in version 1."""
    root: int
    """Version of the root whose holders signed it."""
    issuers: tuple[Issuer, ...]
    keys: tuple[Key, ...]
    status: tuple[str, ...]
    """Prefixes under which status lists, tiles and notes may be named."""
    freshness: Freshness
    logs: tuple[Log, ...] = ()
    witnesses: tuple[Witness, ...] = ()
    locations: tuple[Location, ...] = ()
    checkpoints: tuple[Checkpoint, ...] = ()
    phone: str | None = None
    """Whom to call when no issuer is known."""
    _issuers: dict[str, Issuer] = field(init=False, repr=False, compare=False)
    _keys: dict[str, Key] = field(init=False, repr=False, compare=False)
    _of_issuer: dict[str | None, tuple[Key, ...]] = field(init=False, repr=False, compare=False)
    _by_role: dict[str, tuple[Key, ...]] = field(init=False, repr=False, compare=False)
    _by_method: dict[str, Key] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        check_key_name(self.registry)
        positive(self.version, "version")
        positive(self.root, "root version")
        dates.check_instant(self.issued)
        if (self.previous is None) != (self.version == 1):
            raise FormatError("every trust list but the first names the one before")
        if self.previous is not None and len(self.previous) != 32:
            raise FormatError("the hash of the previous trust list does not have 32 bytes")
        for prefix in self.status:
            check_prefix(prefix)
        if self.phone is not None:
            check_phone(self.phone)
        self._index()
        self._check_references()

    def issuer(self, issuer: str) -> Issuer | None:
        """Return the issuer of an id."""
        return self._issuers.get(issuer)

    def key(self, name: str) -> Key | None:
        """Return the key of a name."""
        return self._keys.get(name)

    def keys_of(self, issuer: str | None) -> tuple[Key, ...]:
        """Return the keys of an issuer, or with None those of the registry itself."""
        return self._of_issuer.get(issuer, ())

    def key_of_method(self, method: str) -> Key | None:
        """Return the key that a Data Integrity proof names, see :func:`schemas.did.method`."""
        return self._by_method.get(method)

    def did_of(self, key: Key) -> str:
        """Return the DID under which ``key`` signs: its issuer's, or the registry's."""
        owner = None if key.issuer is None else self._issuers.get(key.issuer)
        return did.centre(self.registry) if owner is None else owner.did

    def keys_in(self, role: str) -> tuple[Key, ...]:
        """Return all keys of a role."""
        return self._by_role.get(role, ())

    def allows_status(self, uri: str) -> bool:
        """Whether evidence about a certificate may be named by ``uri``."""
        return uri.startswith(self.status) and "/../" not in uri and "/./" not in uri

    def locate(self, uri: str) -> str:
        """Return where the file that signed data calls ``uri`` is fetched from today."""
        for location in self.locations:
            if uri.startswith(location.old):
                return location.new + uri[len(location.old) :]
        return uri

    def json(self) -> dict[str, Any]:
        """Print as a JSON object."""
        return {
            "registry": self.registry,
            "version": self.version,
            "issued": dates.utc(self.issued),
            "previous": None if self.previous is None else self.previous.hex(),
            "root": self.root,
            "issuers": [issuer.json() for issuer in self.issuers],
            "keys": [key.json() for key in self.keys],
            "logs": [log.json() for log in self.logs],
            "witnesses": [witness.json() for witness in self.witnesses],
            "status": list(self.status),
            "locations": [location.json() for location in self.locations],
            "freshness": self.freshness.json(),
            "checkpoints": [checkpoint.json() for checkpoint in self.checkpoints],
            "phone": self.phone,
        }

    def _index(self) -> None:
        unique((issuer.id for issuer in self.issuers), "issuer")
        unique((issuer.did for issuer in self.issuers), "issuer's did")
        unique((key.name for key in self.keys), "key name")
        unique((key.public for key in self.keys), "public key")
        unique((log.origin for log in self.logs), "log")
        by_issuer: dict[str | None, list[Key]] = {}
        by_role: dict[str, list[Key]] = {}
        for key in self.keys:
            by_issuer.setdefault(key.issuer, []).append(key)
            by_role.setdefault(key.role, []).append(key)
        issuers = {issuer.id: issuer for issuer in self.issuers}
        object.__setattr__(self, "_issuers", issuers)
        for name, index in (
            ("_keys", {key.name: key for key in self.keys}),
            ("_by_method", {did.method(self.did_of(key), key.public): key for key in self.keys}),
            ("_of_issuer", {owner: tuple(keys) for owner, keys in by_issuer.items()}),
            ("_by_role", {role: tuple(keys) for role, keys in by_role.items()}),
        ):
            object.__setattr__(self, name, index)

    def _check_references(self) -> None:
        for issuer in self.issuers:
            if issuer.successor is not None and issuer.successor not in self._issuers:
                raise FormatError(f"issuer {issuer.id} has a successor that is not listed")
        for key in self.keys:
            if key.issuer is not None and key.issuer not in self._issuers:
                raise FormatError(f"key {key.name} belongs to an issuer that is not listed")
        named = [(log.key, "log") for log in self.logs]
        named += [(witness.key, "witness") for witness in self.witnesses]
        for name, role in named:
            found = self._keys.get(name)
            if found is None or found.role != role:
                raise FormatError(f"{name!r:.80} is not the name of a {role} key")
        origins = {log.origin for log in self.logs}
        if any(checkpoint.log not in origins for checkpoint in self.checkpoints):
            raise FormatError("a checkpoint is of a log that is not listed")
        unique((checkpoint.log for checkpoint in self.checkpoints), "checkpoint of a log")
