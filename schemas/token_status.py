"""Token Status List (draft-ietf-oauth-status-list-20) with 4 bits, as claims of a CWT.

Values are packed least significant bits first and deflated (zlib). Our list adds a sequence and
the least version of the trust list that a reader must know, under one private claim.
Specification: ``spec/status-lists.md``.
"""

import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from schemas import cbor, claims, dates
from schemas.certificate import Instant
from schemas.errors import FormatError, NotOurProfileError

TYP = "application/statuslist+cwt"
"""COSE header 16."""

BITS = 4
LIST_SIZE = 1 << 17
"""Entries of one of our lists."""
MAX_BYTES = 1 << 23
"""Inflated size that is read at most: 2^24 entries of 4 bits."""

SUB, EXP, IAT, STATUS_LIST, TTL, OURS = 2, 4, 6, 65533, 65534, -65538
SEQUENCE, LEAST_TRUST = 1, 2

_CLAIMS = frozenset((SUB, EXP, IAT, STATUS_LIST, TTL, OURS))
_FIELDS = frozenset((SEQUENCE, LEAST_TRUST))


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenStatusList:
    """One version of a status list."""

    uri: str
    """Where it is served and what it calls itself: ``{base}/s/{number}``."""
    sequence: int
    """1 and up; a later version has a greater one."""
    issued: Instant
    expires: Instant
    ttl: int
    """Seconds for which a copy may be used without asking again."""
    least_trust: int
    """Version of the trust list below which a reader must first renew its trust."""
    states: bytes
    """Two entries to the byte, the lower four bits first."""

    def state(self, index: int) -> int:
        """Return the value at ``index``, 0 to 15; FormatError beyond the list."""
        return value(self.states, BITS, index)

    @property
    def size(self) -> int:
        """Number of entries."""
        return len(self.states) * 2


def payload(status_list: TokenStatusList, *, level: int = 6) -> bytes:
    """Return the claims to sign; ``level`` is zlib's, 1 (quick) to 6."""
    _check(status_list)
    ours = {SEQUENCE: status_list.sequence, LEAST_TRUST: status_list.least_trust}
    return cbor.encode(
        {
            SUB: status_list.uri,
            EXP: status_list.expires,
            IAT: status_list.issued,
            STATUS_LIST: {"bits": BITS, "lst": deflate(status_list.states, level)},
            TTL: status_list.ttl,
            OURS: ours,
        }
    )


def parse(payload: bytes) -> TokenStatusList:
    """Return the list that ``payload`` says.

    Raises NotOurProfileError without our private claim, NewerFormatError for an unknown field that
    must be understood, FormatError for all else, a list of more than ``MAX_BYTES`` included.
    """
    value = cbor.decode(payload)
    if type(value) is not dict or OURS not in value:
        raise NotOurProfileError("no status list of this profile")
    claims.fields(value, "status list", _CLAIMS, _CLAIMS)
    ours = claims.fields(value[OURS], "status list", _FIELDS, _FIELDS)
    bits, packed = members(value[STATUS_LIST])
    if bits != BITS:
        raise FormatError(f"status list: {bits} bits to the entry, not {BITS}")
    return _check(
        TokenStatusList(
            uri=value[SUB],
            sequence=ours[SEQUENCE],
            issued=value[IAT],
            expires=value[EXP],
            ttl=value[TTL],
            least_trust=ours[LEAST_TRUST],
            states=inflate(packed),
        )
    )


def _check(status_list: TokenStatusList) -> TokenStatusList:
    claims.numbered_uri(status_list.uri, "status list", "s")
    claims.integer(status_list.sequence, "sequence")
    claims.integer(status_list.least_trust, "least trust list")
    dates.check_instant(status_list.issued)
    if dates.check_instant(status_list.expires) <= status_list.issued:
        raise FormatError("status list: expires before it is issued")
    claims.integer(status_list.ttl, "ttl")
    if not 0 < len(status_list.states) <= MAX_BYTES:
        raise FormatError("status list: empty, or larger than any of ours")
    return status_list


def members(structure: Any) -> tuple[int, bytes]:
    """Return bits and compressed bytes of a CBOR ``StatusList`` map; it holds nothing else."""
    if type(structure) is not dict or structure.keys() != {"bits", "lst"}:
        raise FormatError("status list: not a map of bits and lst")
    bits, packed = structure["bits"], structure["lst"]
    if type(bits) is not int or type(packed) is not bytes:
        raise FormatError("status list: bits or lst of the wrong type")
    _check_bits(bits)
    return bits, packed


def deflate(states: bytes, level: int = 6) -> bytes:
    """Compress as zlib does at ``level`` by runs, which is small and quick for sparse lists."""
    packer = zlib.compressobj(level, zlib.DEFLATED, 15, 9, zlib.Z_RLE)
    return packer.compress(states) + packer.flush()


def inflate(packed: bytes, limit: int = MAX_BYTES) -> bytes:
    """Return the bytes of a whole zlib stream; FormatError if damaged, followed, or too long."""
    unpacker = zlib.decompressobj()
    try:
        states = unpacker.decompress(packed, limit + 1)
    except zlib.error as error:
        raise FormatError(f"status list: {error}") from None
    if len(states) > limit:
        raise FormatError(f"status list: more than {limit} bytes")
    if not unpacker.eof or unpacker.unused_data:
        raise FormatError("status list: compressed data cut short, or with bytes after its end")
    return states


def pack(values: Iterable[int], bits: int) -> bytes:
    """Pack entries of 1, 2, 4 or 8 bits, the first in the lowest bits of the first byte."""
    _check_bits(bits)
    per_byte = 8 // bits
    packed = bytearray()
    for place, entry in enumerate(values):
        if not 0 <= entry < 1 << bits:
            raise FormatError(f"status list: value {entry} does not fit {bits} bits")
        if place % per_byte == 0:
            packed.append(0)
        packed[-1] |= entry << (bits * (place % per_byte))
    return bytes(packed)


def value(packed: bytes, bits: int, index: int) -> int:
    """Return entry ``index`` of what :func:`pack` made; FormatError beyond the end."""
    _check_bits(bits)
    per_byte = 8 // bits
    if not 0 <= index < len(packed) * per_byte:
        raise FormatError(f"status list: no entry {index}")
    place, part = divmod(index, per_byte)
    return packed[place] >> (bits * part) & ((1 << bits) - 1)


def _check_bits(bits: int) -> None:
    if bits not in (1, 2, 4, 8):
        raise FormatError(f"status list: {bits} bits to the entry, not 1, 2, 4 or 8")
