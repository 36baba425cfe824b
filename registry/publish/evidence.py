"""Signed public evidence as bytes: status lists, issued tiles and status notes."""

from collections.abc import Iterable

from keys import cose, data_integrity, note
from keys.signer import Signer
from schemas import bitstring_status, dates, did, jcs, rdf, status_note, tile, token_status
from schemas.bitstring_status import BitstringStatusList
from schemas.certificate import State
from schemas.status_note import StatusNote
from schemas.tile import IssuedTile
from schemas.token_status import TokenStatusList

_FINAL = frozenset(int(state) for state in State if state.is_terminal)


def states(entries: Iterable[tuple[int, int]], size: int = token_status.LIST_SIZE) -> bytes:
    """Pack (index, state) pairs into 4-bit entries; every other entry is 0 (valid).

    Raises:
        ValueError: an index outside the list, or a state of more than 4 bits.
    """
    packed = bytearray(size // 2)
    for index, state in entries:
        if not 0 <= index < size or not 0 <= state < 16:
            raise ValueError(f"no place {index} for state {state} in a list of {size}")
        packed[index >> 1] |= state << (4 * (index & 1))
    return bytes(packed)


def records(entries: Iterable[tuple[int, bytes, bytes]]) -> bytes:
    """Records of one tile from (index in the list, first 8 of COSE hash, first 8 of JCS hash)."""
    packed = bytearray(tile.ENTRIES * tile.RECORD_SIZE)
    for index, cose8, jcs8 in entries:
        if len(cose8) != tile.HALF or len(jcs8) != tile.HALF:
            raise ValueError(f"record {index} is not two halves of 8 bytes")
        start = index % tile.ENTRIES * tile.RECORD_SIZE
        packed[start : start + tile.RECORD_SIZE] = cose8 + jcs8
    return bytes(packed)


def sealed_list(value: TokenStatusList, signer: Signer) -> bytes:
    """The Token Status List as a signed CWT."""
    return cose.seal(token_status.payload(value), signer, token_status.TYP)


def sealed_tile(value: IssuedTile, signer: Signer) -> bytes:
    """The issued tile as a signed CWT."""
    return cose.seal(tile.payload(value), signer, tile.TYP)


def signed_note(value: StatusNote, key_name: str, signer: Signer) -> bytes:
    """The status note as a signed note."""
    return note.sign(status_note.text(value), [(key_name, signer)])


def sequence_of(data: bytes | None) -> int:
    """Sequence of a published list or tile; 0 where there is none yet.

    Raises:
        FormatError: the file is neither.
    """
    if data is None:
        return 0
    envelope = cose.parse(data)
    if envelope.typ == tile.TYP:
        return tile.parse(envelope.payload).sequence
    return token_status.parse(envelope.payload).sequence


def forgotten(before: bytes, after: TokenStatusList | IssuedTile) -> int:
    """How many places of a published file say something final that ``after`` no longer says.

    An ended state never changes and an issued certificate stays issued, so any such place means
    that ``after`` comes from a database older than the file.

    Raises:
        FormatError: ``before`` is damaged.
    """
    payload = cose.parse(before).payload
    if isinstance(after, IssuedTile):
        old, size = tile.parse(payload).records, tile.RECORD_SIZE
        places = range(0, len(old), size)
        return sum(
            old[at : at + size] not in (tile.EMPTY, after.records[at : at + size]) for at in places
        )
    pairs = zip(token_status.parse(payload).states, after.states, strict=False)
    return sum(
        was >> shift & 15 in _FINAL and was >> shift & 15 != now >> shift & 15
        for was, now in pairs
        if was != now
        for shift in (0, 4)
    )


def secured_bits(value: BitstringStatusList, signer: Signer) -> bytes:
    """The Bitstring Status List credential, secured with both Data Integrity suites."""
    document = bitstring_status.document(value)
    secured = data_integrity.secure(
        document,
        rdf.canonical(document),
        jcs.canonical(document),
        signer,
        did.method(value.issuer, signer.public.raw),
        dates.utc(value.issued),
    )
    return jcs.canonical(secured)
