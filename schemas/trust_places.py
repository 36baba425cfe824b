"""Parts of a trust list that say where things are and how old they may be."""

from dataclasses import dataclass
from typing import Any

from schemas import dates
from schemas.certificate import Instant
from schemas.errors import FormatError
from schemas.json_object import JsonObject
from schemas.trust_parts import check_key_name, check_prefix


@dataclass(frozen=True, slots=True, kw_only=True)
class Log:
    """A transparency log; its checkpoints are signed by the key named like its origin."""

    origin: str
    url: str
    """Prefix of its tiles."""
    key: str
    """Name of the key, in the role ``log``."""

    def __post_init__(self) -> None:
        check_key_name(self.origin)
        check_prefix(self.url)

    def json(self) -> dict[str, Any]:
        """Print as a JSON object."""
        return {"origin": self.origin, "url": self.url, "key": self.key}

    @classmethod
    def read(cls, given: JsonObject) -> "Log":
        """Read what :meth:`json` prints."""
        return cls(origin=given.text("origin"), url=given.text("url"), key=given.text("key"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Witness:
    """Who cosigns checkpoints; one cosignature per group counts."""

    key: str
    """Name of the key, in the role ``witness``."""
    group: str
    start: Instant
    until: Instant | None = None

    def __post_init__(self) -> None:
        check_key_name(self.group)
        dates.check_instant(self.start)
        if self.until is not None and dates.check_instant(self.until) < self.start:
            raise FormatError(f"the window of witness {self.key} ends before it begins")

    def json(self) -> dict[str, Any]:
        """Print as a JSON object."""
        until = None if self.until is None else dates.utc(self.until)
        return {"key": self.key, "group": self.group, "from": dates.utc(self.start), "until": until}

    @classmethod
    def read(cls, given: JsonObject) -> "Witness":
        """Read what :meth:`json` prints."""
        return cls(
            key=given.text("key"),
            group=given.text("group"),
            start=given.instant("from"),
            until=given.optional("until", given.instant),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Location:
    """Signed addresses that begin with ``old`` are now fetched from ``new``."""

    old: str
    new: str

    def __post_init__(self) -> None:
        check_prefix(self.old)
        check_prefix(self.new)

    def json(self) -> dict[str, Any]:
        """Print as a JSON object."""
        return {"from": self.old, "to": self.new}

    @classmethod
    def read(cls, given: JsonObject) -> "Location":
        """Read what :meth:`json` prints."""
        return cls(old=given.text("from"), new=given.text("to"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Freshness:
    """Greatest age in seconds at which evidence still decides."""

    trust: int
    """Of the trust list."""
    status: int
    """Of status lists and issued tiles."""

    def __post_init__(self) -> None:
        if self.trust <= 0 or self.status <= 0:
            raise FormatError("an age of freshness is not a positive number of seconds")

    def json(self) -> dict[str, Any]:
        """Print as a JSON object."""
        return {"trust": self.trust, "status": self.status}

    @classmethod
    def read(cls, given: JsonObject) -> "Freshness":
        """Read what :meth:`json` prints."""
        return cls(trust=given.integer("trust"), status=given.integer("status"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """One cosigned checkpoint of a log, as its signed note."""

    log: str
    """Origin of the log."""
    note: str

    def json(self) -> dict[str, Any]:
        """Print as a JSON object."""
        return {"log": self.log, "note": self.note}

    @classmethod
    def read(cls, given: JsonObject) -> "Checkpoint":
        """Read what :meth:`json` prints."""
        return cls(log=given.text("log"), note=given.text("note"))
