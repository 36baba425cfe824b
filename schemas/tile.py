"""Issued tile: which two forms stand at each of 1,024 places of a status list, as claims of a CWT.

A status list alone cannot tell a place that was given out from one that a thief of an issuer's key
made up; the tile can. A record is the first 8 bytes of SHA-256 of the sealed QR claims and the
first 8 of SHA-256 of the canonical unsecured JSON; zeros where nothing is issued.
Specification: ``spec/issued-tile.md``.
"""

from dataclasses import dataclass

from schemas import cbor, claims, dates
from schemas.certificate import Instant
from schemas.errors import FormatError, NotOurProfileError

TYP = "application/hallmark-issued+cwt"
"""COSE header 16."""

ENTRIES = 1024
RECORD_SIZE = 16
HALF = 8
EMPTY = bytes(RECORD_SIZE)

SUB, EXP, IAT, OURS = 2, 4, 6, -65539
SEQUENCE, LEAST_TRUST, RECORDS = 1, 2, 3

_CLAIMS = frozenset((SUB, EXP, IAT, OURS))
_FIELDS = frozenset((SEQUENCE, LEAST_TRUST, RECORDS))


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuedTile:
    """One version of a tile."""

    uri: str
    """Where it is served and what it calls itself: ``{base}/i/{list}/{index div 1024}``."""
    sequence: int
    issued: Instant
    expires: Instant
    least_trust: int
    records: bytes
    """1,024 records of 16 bytes."""

    def record(self, index: int) -> bytes:
        """Return the record of status index ``index`` of the list, counted in the whole list.

        FormatError where this tile does not cover that index.
        """
        if index // ENTRIES != int(self.uri.rpartition("/")[2]):
            raise FormatError(f"issued tile: index {index} is on another tile")
        start = index % ENTRIES * RECORD_SIZE
        return self.records[start : start + RECORD_SIZE]


def record(cose: bytes, jcs: bytes) -> bytes:
    """Return the 16-byte record of one certificate.

    ``cose`` is SHA-256 of the whole tagged COSE_Sign1, ``jcs`` SHA-256 of the canonical unsecured
    JSON document, 32 bytes each.
    """
    return claims.octets(cose, "hash", 32)[:HALF] + claims.octets(jcs, "hash", 32)[:HALF]


def payload(tile: IssuedTile) -> bytes:
    """Return the claims to sign."""
    _check(tile)
    ours = {SEQUENCE: tile.sequence, LEAST_TRUST: tile.least_trust, RECORDS: tile.records}
    return cbor.encode({SUB: tile.uri, EXP: tile.expires, IAT: tile.issued, OURS: ours})


def parse(payload: bytes) -> IssuedTile:
    """Return the tile that ``payload`` says.

    Raises NotOurProfileError without our private claim, NewerFormatError for an unknown field that
    must be understood, FormatError for all else.
    """
    value = cbor.decode(payload)
    if type(value) is not dict or OURS not in value:
        raise NotOurProfileError("no issued tile of this profile")
    claims.fields(value, "issued tile", _CLAIMS, _CLAIMS)
    ours = claims.fields(value[OURS], "issued tile", _FIELDS, _FIELDS)
    return _check(
        IssuedTile(
            uri=value[SUB],
            sequence=ours[SEQUENCE],
            issued=value[IAT],
            expires=value[EXP],
            least_trust=ours[LEAST_TRUST],
            records=ours[RECORDS],
        )
    )


def _check(tile: IssuedTile) -> IssuedTile:
    claims.numbered_uri(tile.uri, "issued tile", "i", 2)
    claims.integer(tile.sequence, "sequence")
    claims.integer(tile.least_trust, "least trust list")
    dates.check_instant(tile.issued)
    if dates.check_instant(tile.expires) <= tile.issued:
        raise FormatError("issued tile: expires before it is issued")
    claims.octets(tile.records, "records", ENTRIES * RECORD_SIZE)
    return tile
