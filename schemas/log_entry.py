"""Log entry: 34 bytes that commit to something the registry did, and say nothing about a person.

An entry is a version byte, a kind byte and a commitment of 32 bytes. Kind ``issued`` commits to the
hashes of both forms of a certificate; every other kind to deterministic CBOR that begins with a
random nonce, so that nobody can find the content by guessing. Specification: ``spec/log-entry.md``.
"""

import hashlib
from dataclasses import dataclass
from enum import IntEnum
from typing import Any
from uuid import UUID

from schemas import cbor, claims, dates
from schemas.certificate import Instant, State
from schemas.errors import FormatError, NewerFormatError

VERSION = 1
SIZE = 34
NONCE_SIZE = 16


class EntryKind(IntEnum):
    """What an entry is about."""

    ISSUED = 1
    VOIDED = 2
    STATUS = 3
    STATEMENT = 4
    POLICY = 5
    TRUST_LIST = 6
    STATUS_EPOCH = 7
    AUDIT_HEAD = 8
    DAILY_CLOSING = 9

    @property
    def label(self) -> bytes:
        """What is hashed before the content, so that no kind can be taken for another."""
        return f"hallmark/entry/{self.name.lower().replace('_', '-')}/{VERSION}".encode()


_ISSUED = EntryKind.ISSUED.label + b"\0"


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry."""

    kind: EntryKind
    commitment: bytes
    """32 bytes."""

    def encode(self) -> bytes:
        """Return the 34 bytes that become a leaf of the log."""
        commitment = claims.octets(self.commitment, "log entry", 32)
        return bytes((VERSION, self.kind)) + commitment


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusChange:
    """What an entry of kind ``status`` commits to."""

    nonce: bytes
    """16 random bytes; dropping them makes the entry unlinkable."""
    uuid: UUID
    state: State
    sequence: int
    """1 for the first change of this certificate, then one more each time."""
    at: Instant
    authority: str
    """Id of the body that decided."""
    ground: str | None
    """Code of the reason."""
    predecessor: bytes
    """Commitment of the entry before it for this certificate: issued, or the last change."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Voiding:
    """What an entry of kind ``voided`` commits to: a serial that was prepared and not issued."""

    nonce: bytes
    uuid: UUID
    at: Instant
    ground: str


def parse(data: bytes) -> Entry:
    """Return the entry of 34 bytes.

    Raises NewerFormatError for a later version or an unknown kind, FormatError for another length.
    """
    if not data or data[0] == 0:
        raise FormatError("log entry: no version")
    if data[0] != VERSION:
        raise NewerFormatError(f"log entry of version {data[0]}")
    if len(data) != SIZE:
        raise FormatError(f"log entry: {len(data)} bytes, not {SIZE}")
    if data[1] == 0:
        raise FormatError("log entry: no kind")
    if data[1] > max(EntryKind):
        raise NewerFormatError(f"log entry of kind {data[1]}")
    return Entry(EntryKind(data[1]), data[2:])


def issued(cose: bytes, jcs: bytes) -> Entry:
    """Return the entry for a certificate issued.

    ``cose`` is SHA-256 of the whole tagged COSE_Sign1, ``jcs`` SHA-256 of the canonical unsecured
    JSON document, 32 bytes each.
    """
    hashes = claims.octets(cose, "hash", 32) + claims.octets(jcs, "hash", 32)
    return Entry(EntryKind.ISSUED, hashlib.sha256(_ISSUED + hashes).digest())


def status(change: StatusChange) -> Entry:
    """Return the entry for a change of state."""
    content: dict[int, Any] = {
        1: claims.octets(change.nonce, "nonce", NONCE_SIZE),
        2: change.uuid.bytes,
        3: int(change.state),
        4: claims.integer(change.sequence, "sequence"),
        5: dates.check_instant(change.at),
        6: change.authority,
        8: claims.octets(change.predecessor, "predecessor", 32),
    }
    if change.ground is not None:
        content[7] = change.ground
    return entry(EntryKind.STATUS, content)


def voided(voiding: Voiding) -> Entry:
    """Return the entry for a serial that will never be issued."""
    content = {
        1: claims.octets(voiding.nonce, "nonce", NONCE_SIZE),
        2: voiding.uuid.bytes,
        5: dates.check_instant(voiding.at),
        7: voiding.ground,
    }
    return entry(EntryKind.VOIDED, content)


def entry(kind: EntryKind, content: dict[int, Any]) -> Entry:
    """Return the entry that commits to ``content``, a CBOR map whose field 1 is a nonce.

    Raises FormatError without a nonce of 16 bytes, and for kind ``issued``, which has its own rule.
    """
    if kind is EntryKind.ISSUED:
        raise FormatError("log entry: an issued certificate commits to its two forms")
    claims.octets(content.get(1), "nonce", NONCE_SIZE)
    return Entry(kind, _commitment(kind, cbor.encode(content)))


def _commitment(kind: EntryKind, content: bytes) -> bytes:
    return hashlib.sha256(kind.label + b"\0" + content).digest()
