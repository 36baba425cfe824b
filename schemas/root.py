"""The trust anchor: who together may sign a trust list."""

from dataclasses import dataclass
from typing import Any

from schemas.errors import FormatError, NewerFormatError
from schemas.json_object import JsonObject, to_base64url
from schemas.trust_keys import ALGORITHMS
from schemas.trust_parts import check_key_name, positive, unique


@dataclass(frozen=True, slots=True, kw_only=True)
class HolderKey:
    """One key of a root holder."""

    public: bytes
    alg: str = "Ed25519"

    def __post_init__(self) -> None:
        if self.alg not in ALGORITHMS:
            raise NewerFormatError(f"a root key is of the unknown algorithm {self.alg[:40]!r}")
        if len(self.public) != ALGORITHMS[self.alg]:
            raise FormatError(f"a root key does not have {ALGORITHMS[self.alg]} bytes")

    @classmethod
    def read(cls, given: JsonObject) -> "HolderKey":
        """Read one key of a holder."""
        return cls(alg=given.text("alg"), public=given.base64url("public"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """One person or office that holds a share of the root, with a key per algorithm."""

    name: str
    """Key name on the signature lines of roots and trust lists."""
    keys: tuple[HolderKey, ...]

    def __post_init__(self) -> None:
        check_key_name(self.name)
        if not self.keys:
            raise FormatError(f"root holder {self.name} has no key")
        unique((key.alg for key in self.keys), f"algorithm of root holder {self.name}")

    @classmethod
    def read(cls, given: JsonObject) -> "Holder":
        """Read one holder."""
        return cls(name=given.text("name"), keys=given.objects("keys", HolderKey.read))


@dataclass(frozen=True, slots=True, kw_only=True)
class Root:
    """The trust anchor, pinned by every verifier and never learnt from the network."""

    registry: str
    """Name of the registry: its host, with the port where it has one."""
    version: int
    threshold: int
    """How many holders must sign a trust list."""
    holders: tuple[Holder, ...]

    def __post_init__(self) -> None:
        check_key_name(self.registry)
        positive(self.version, "version")
        positive(self.threshold, "threshold")
        unique((holder.name for holder in self.holders), "name of a root holder")
        unique((key.public for holder in self.holders for key in holder.keys), "root key")
        if self.threshold > len(self.holders):
            raise FormatError("the threshold is higher than the number of root holders")

    def json(self) -> dict[str, Any]:
        """Print as a JSON object."""
        return {
            "registry": self.registry,
            "version": self.version,
            "threshold": self.threshold,
            "holders": [
                {
                    "name": holder.name,
                    "keys": [
                        {"alg": key.alg, "public": to_base64url(key.public)} for key in holder.keys
                    ],
                }
                for holder in self.holders
            ],
        }
