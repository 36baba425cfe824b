"""Bitstring Status List (W3C Recommendation 1.0): one bit per certificate, for foreign verifiers.

A bit is set while the certificate is anything but valid, suspended and superseded included, so that
a reader that knows only ``revocation`` fails closed. The exact state is in the Token Status List.
Bits are counted from the most significant bit of the first byte, the opposite of the other list.
Specification: ``schemas/spec/bitstring-status-list.md``.
"""

import re
import zlib
from dataclasses import dataclass
from typing import Any

from schemas import dates
from schemas.certificate import Instant
from schemas.errors import FormatError, NotOurProfileError
from schemas.json_object import from_base64url, to_base64url
from schemas.rdf_terms import V2

CONTEXTS = (V2,)
TYPES = ("VerifiableCredential", "BitstringStatusListCredential")
PURPOSE = "revocation"
MIN_BYTES = 2**14
"""131,072 entries: fewer would tell too much about who is looked up (section 2.2 of the source)."""
MAX_BYTES = 2**21

_URI = re.compile(r"https?://[0-9a-z.:-]+/b/(?:0|[1-9][0-9]{0,9})")
_DID = re.compile(r"did:web:[0-9A-Za-z.%_:-]+")
_GZIP = 31
# Four entries of two bits: a byte of two 4-bit states, the lower half first.
_PAIRS = bytes(2 * bool(byte & 15) + bool(byte >> 4) for byte in range(256))


@dataclass(frozen=True, slots=True, kw_only=True)
class BitstringStatusList:
    """One version of a status list, as bits."""

    uri: str
    """``{base}/b/{list}``."""
    issuer: str
    """DID of the registry, whose status key signs."""
    issued: Instant
    expires: Instant
    bits: bytes

    def __post_init__(self) -> None:
        if _URI.fullmatch(self.uri) is None:
            raise FormatError(f"{self.uri[:120]!r} is not the address of a bitstring status list")
        if _DID.fullmatch(self.issuer) is None:
            raise FormatError(f"{self.issuer[:120]!r} is not a did:web")
        if not MIN_BYTES <= len(self.bits) <= MAX_BYTES:
            raise FormatError(f"a bitstring of {len(self.bits)} bytes, outside the allowed sizes")
        if dates.check_instant(self.expires) <= dates.check_instant(self.issued):
            raise FormatError("the status list expires before it is issued")

    def is_set(self, index: int) -> bool:
        """Whether the certificate at ``index`` is anything but valid; FormatError outside."""
        if not 0 <= index < 8 * len(self.bits):
            raise FormatError(f"status index {index} lies outside the list")
        return bool(self.bits[index >> 3] & (0x80 >> (index & 7)))


def bits(states: bytes) -> bytes:
    """Turn packed 4-bit states (lower half first) into bits (highest first), set unless zero.

    ``states`` must hold a multiple of four bytes: FormatError.
    """
    if len(states) % 4:
        raise FormatError("the states do not fill whole bytes of bits")
    pairs = states.translate(_PAIRS)
    # Each byte of ``pairs`` is at most 3, so the shifted long integers never run into each other.
    columns = [int.from_bytes(pairs[start::4], "big") << (6 - 2 * start) for start in range(4)]
    whole = columns[0] | columns[1] | columns[2] | columns[3]
    return whole.to_bytes(len(states) // 4, "big")


def document(value: BitstringStatusList, *, level: int = 6) -> dict[str, Any]:
    """Print the unsecured status list credential; ``level`` is zlib's, 1 (quick) to 6."""
    return _document(value, "u" + to_base64url(_compress(value.bits, level)))


def parse(unsecured: dict[str, Any]) -> BitstringStatusList:
    """Read a status list credential without its proofs.

    Raises NotOurProfileError for other contexts or types, and FormatError for anything that
    :func:`document` would not print, whatever the compressor.
    """
    if not isinstance(unsecured, dict):
        raise FormatError("a status list credential is a JSON object")
    if unsecured.get("@context") != list(CONTEXTS) or unsecured.get("type") != list(TYPES):
        raise NotOurProfileError("not a status list credential of this profile")
    subject = unsecured.get("credentialSubject")
    encoded = _text(subject, "encodedList")
    if not encoded.startswith("u"):
        raise FormatError("the list is not Multibase base64url")
    value = BitstringStatusList(
        uri=_text(unsecured, "id"),
        issuer=_text(unsecured, "issuer"),
        issued=dates.parse_utc(_text(unsecured, "validFrom")),
        expires=dates.parse_utc(_text(unsecured, "validUntil")),
        bits=_decompress(from_base64url(encoded[1:])),
    )
    if unsecured != _document(value, encoded):
        raise FormatError("the status list credential holds something that is not read")
    return value


def _document(value: BitstringStatusList, encoded: str) -> dict[str, Any]:
    return {
        "@context": list(CONTEXTS),
        "id": value.uri,
        "type": list(TYPES),
        "issuer": value.issuer,
        "validFrom": dates.utc(value.issued),
        "validUntil": dates.utc(value.expires),
        "credentialSubject": {
            "id": f"{value.uri}#list",
            "type": "BitstringStatusList",
            "statusPurpose": PURPOSE,
            "encodedList": encoded,
        },
    }


def _text(value: Any, key: str) -> str:
    found = value.get(key) if isinstance(value, dict) else None
    if not isinstance(found, str):
        raise FormatError(f"the status list credential has no text {key}")
    return found


def _compress(data: bytes, level: int) -> bytes:
    # zlib's gzip wrapper writes no file name and the time 0: the same bits give the same bytes.
    packer = zlib.compressobj(level, zlib.DEFLATED, _GZIP)
    return packer.compress(data) + packer.flush()


def _decompress(data: bytes) -> bytes:
    unpacker = zlib.decompressobj(_GZIP)
    try:
        bits = unpacker.decompress(data, MAX_BYTES + 1)
    except zlib.error:
        raise FormatError("the list is not gzip") from None
    if not unpacker.eof or unpacker.unused_data:
        raise FormatError("the list is cut short, too long, or followed by more data")
    return bits
