"""Evidence at hand: status lists, issued tiles and status notes, opened once and remembered.

A source gives bytes for an address; :class:`Evidence` verifies them against the trust list and says
what they are, or why they do not count. Nothing here knows a clock: age is judged by the checks.
One object may serve any number of verifications; a web process swaps it as a whole when files are
republished, and hands on the memory of sequences.
"""

from dataclasses import dataclass
from typing import Generic, TypeVar

from keys import cose, note
from keys.errors import SignatureError
from schemas import status_note, tile, token_status
from schemas.certificate import Facts, Instant
from schemas.errors import FormatError
from schemas.status_note import StatusNote
from schemas.tile import IssuedTile
from schemas.token_status import TokenStatusList
from schemas.trust import Key
from verifier.sources import Memory, SequenceMemory, Source
from verifier.trust import Trust

MAX_REMEMBERED = 4096
"""Lists and tiles kept open; beyond that all are dropped and read anew."""

_T = TypeVar("_T", TokenStatusList, IssuedTile)


@dataclass(frozen=True, slots=True)
class Found(Generic[_T]):
    """What was found at one address: a verified value with its key, or the problem."""

    value: _T | None
    key: Key | None = None
    problem: str = ""
    """``missing``, ``spoilt``, ``rolled_back`` or ``foreign``."""


class Evidence:
    """Verified evidence about certificates, from one source under one trust list.

    ``online`` says that the source would have what exists, so that a missing tile is a reason to
    doubt. ``memory`` refuses lists and tiles that go backwards.
    """

    def __init__(
        self, source: Source, trust: Trust, *, memory: Memory | None = None, online: bool = True
    ) -> None:
        self.online = online
        self._source = source
        self._trust = trust
        self._memory = memory if memory is not None else SequenceMemory()
        self._lists: dict[str, Found[TokenStatusList]] = {}
        self._tiles: dict[str, Found[IssuedTile]] = {}

    def status_list(self, uri: str) -> Found[TokenStatusList]:
        """Return the status list that signed data calls ``uri``."""
        found = self._lists.get(uri)
        if found is None:
            if len(self._lists) >= MAX_REMEMBERED:
                self._lists.clear()
            found = self._lists[uri] = self._open_list(uri)
        return found

    def issued_tile(self, uri: str) -> Found[IssuedTile]:
        """Return the issued tile that belongs at ``uri``."""
        found = self._tiles.get(uri)
        if found is None:
            if len(self._tiles) >= MAX_REMEMBERED:
                self._tiles.clear()
            found = self._tiles[uri] = self._open_tile(uri)
        return found

    def is_at_hand(self, uri: str) -> bool:
        """Whether what belongs at ``uri`` is known without asking the source."""
        return uri in self._lists or uri in self._tiles

    def status_note(self, facts: Facts, digest: bytes, state: int) -> StatusNote | None:
        """Return the note about one form (by its SHA-256) in one state, if a sound one is there."""
        data = self._get(f"{facts.base}/n/{digest.hex()}")
        if data is None:
            return None
        try:
            found, key = open_note(data, self._trust)
        except (FormatError, SignatureError):
            return None
        speaks_for = key.issuer in (None, facts.issuer)
        names_it = found.uri == facts.status_uri and found.index == facts.status_index
        if not speaks_for or not names_it or digest not in (found.cose, found.jcs):
            return None
        return found if found.state == state else None

    def _get(self, uri: str) -> bytes | None:
        """Ask for an address of signed data, moved and allowed; the only way to the source."""
        located = self._trust.list.locate(uri)
        if not self._trust.list.allows_status(located):
            return None
        return self._source.get(located)

    def _open_list(self, uri: str) -> Found[TokenStatusList]:
        if not self._trust.list.allows_status(self._trust.list.locate(uri)):
            return Found(None, problem="foreign")
        data = self._get(uri)
        if data is None:
            return Found(None, problem="missing")
        try:
            value, key = open_list(data, self._trust)
        except (FormatError, SignatureError):
            return Found(None, problem="spoilt")
        return self._accept(uri, value, key)

    def _open_tile(self, uri: str) -> Found[IssuedTile]:
        data = self._get(uri)
        if data is None:
            return Found(None, problem="missing")
        try:
            value, key = open_tile(data, self._trust)
        except (FormatError, SignatureError):
            return Found(None, problem="spoilt")
        return self._accept(uri, value, key)

    def _accept(self, uri: str, value: _T, key: Key) -> Found[_T]:
        if value.uri not in (uri, self._trust.list.locate(uri)):
            return Found(None, problem="spoilt")
        seen = self._memory.highest(uri)
        if seen is not None and seen > value.sequence:
            return Found(None, problem="rolled_back")
        self._memory.remember(uri, value.sequence)
        return Found(value, key)


def open_list(data: bytes | cose.Sign1, trust: Trust) -> tuple[TokenStatusList, Key]:
    """Open a status list signed by a status key; raises FormatError or SignatureError."""
    payload, key = open_sealed(data, token_status.TYP, trust)
    value = token_status.parse(payload)
    _check_key(key, value.issued)
    return value, key


def open_tile(data: bytes | cose.Sign1, trust: Trust) -> tuple[IssuedTile, Key]:
    """Open an issued tile signed by a status key; raises FormatError or SignatureError."""
    payload, key = open_sealed(data, tile.TYP, trust)
    value = tile.parse(payload)
    _check_key(key, value.issued)
    return value, key


def open_note(data: bytes, trust: Trust) -> tuple[StatusNote, Key]:
    """Open a status note signed by a status key; raises FormatError or SignatureError.

    A note has a day and no instant, so of the key's window only theft counts.
    """
    parsed = note.parse(data)
    value = status_note.parse(parsed.text)
    failure = SignatureError("the note is signed by no status key in force")
    for line in parsed.signatures:
        key = trust.list.key(line.name)
        if key is None or key.role != "status" or is_stolen(key):
            continue
        try:
            # One key at a time, so that the key that is returned is one that signed.
            note.open(parsed, {line.name: trust.public(key)}, 1)
        except SignatureError as error:
            failure = error
        else:
            return value, key
    raise failure


def open_sealed(data: bytes | cose.Sign1, typ: str, trust: Trust) -> tuple[bytes, Key]:
    """Return payload and key of COSE signed by any status key; FormatError or SignatureError."""
    sign1 = data if isinstance(data, cose.Sign1) else cose.parse(data)
    failure = SignatureError("no status key of that id")
    for key, public in trust.status_keys(sign1.kid):
        try:
            return cose.open(sign1, public, typ=typ), key
        except SignatureError as error:
            failure = error
    raise failure


def is_stolen(key: Key) -> bool:
    """Whether a key is closed as stolen."""
    return key.closed is not None and key.closed.why == "stolen"


def is_in_window(key: Key, signed: Instant) -> bool:
    """Whether a key could sign at that instant: inside its window, and not yet retired."""
    is_retired = key.closed is not None and key.closed.why == "retired" and signed > key.closed.at
    return key.is_open(signed) and not is_retired


def _check_key(key: Key, issued: Instant) -> None:
    if is_stolen(key) or not is_in_window(key, issued):
        raise SignatureError(f"status key {key.name} was not in force")
