"""COSE_Sign1 in the one spelling that this registry writes (RFC 9052, RFC 8949 §4.2.1).

``18([ << {1: alg, 4: kid, 16: typ} >>, {}, payload, signature ])``: tag 18, deterministic CBOR,
everything signed, nothing in the unprotected map. The reader walks these bytes by hand, because
then the pieces that were signed are slices of the input and need no second encoding.
"""

from functools import lru_cache
from typing import NamedTuple, TypeAlias

from keys.errors import EnvelopeError, SignatureError
from keys.signer import PublicKey, Signer
from keys.suites import SUITES
from schemas.errors import NewerFormatError, NotOurProfileError

Typ: TypeAlias = int | str
"""Content type of header 16 (RFC 9596): a CoAP number or a media type."""

MAX_SIZE = 8 * 2**20
"""Longest envelope that is read, in bytes."""

_ALG, _KID, _TYP = 1, 4, 16
_KID_SIZE = 4
_SHORT = 256
"""Longest protected header that is remembered, in bytes; anybody may send a longer one."""
_ALGORITHMS = {alg: suite for suite in SUITES for alg in suite.cose_accepted}
CONTEXT = b"\x84\x6aSignature1"
"""Begins every ``Sig_structure``; protected header, empty string and payload follow."""
_UINT, _NINT, _BYTES, _TEXT, _MAP = 0, 1, 2, 3, 5


class Sign1(NamedTuple):
    """A parsed envelope; nothing in it is to be believed before :func:`open`."""

    alg: int
    kid: bytes
    typ: Typ
    payload: bytes
    signature: bytes
    to_be_signed: bytes
    """The encoded ``Sig_structure`` that the signature covers."""


def seal(payload: bytes, signer: Signer, typ: Typ, *, alg: int | None = None) -> bytes:
    """Sign ``payload`` into the tagged envelope.

    ``alg`` is the suite's own identifier by default (-19 for Ed25519); a registry whose readers
    only know the older -8 may set that. Raises ValueError for an ``alg`` of another suite.
    """
    suite = signer.public.suite
    alg = suite.cose if alg is None else alg
    if alg not in suite.cose_accepted:
        raise ValueError(f"COSE algorithm {alg} is not one of {suite.name}")
    protected = _protected(alg, signer.public.kid, typ)
    body = _head(_BYTES, len(payload)) + payload
    signature = signer.sign(CONTEXT + protected + b"\x40" + body)
    return b"\xd2\x84" + protected + b"\xa0" + body + _head(_BYTES, len(signature)) + signature


def parse(data: bytes) -> Sign1:
    """Read an envelope without verifying it.

    Raises EnvelopeError for bytes that are not a COSE_Sign1 in the one allowed spelling,
    NotOurProfileError for a sound one whose headers are of some other profile, and
    NewerFormatError for our profile with an algorithm or a header that this code does not know.
    """
    if len(data) > MAX_SIZE:
        raise EnvelopeError(f"COSE_Sign1 of more than {MAX_SIZE} bytes")
    if data[:2] != b"\xd2\x84":
        raise EnvelopeError("not a COSE_Sign1: tag 18 over an array of four")
    start, end = _string(data, 2, _BYTES)
    if data[end : end + 1] != b"\xa0":
        raise EnvelopeError("the unprotected header must be the empty map")
    payload_start, payload_end = _string(data, end + 1, _BYTES)
    signature_start, signature_end = _string(data, payload_end, _BYTES)
    if signature_end != len(data):
        raise EnvelopeError("bytes after the COSE_Sign1")
    read = _headers if end - start <= _SHORT else _headers.__wrapped__
    alg, kid, typ = read(data[start:end])
    signature = data[signature_start:]
    if len(signature) != _ALGORITHMS[alg].signature_size:
        raise EnvelopeError("signature of the wrong length")
    return Sign1(
        alg, kid, typ, data[payload_start:payload_end], signature,
        CONTEXT + data[2:end] + b"\x40" + data[end + 1 : payload_end],
    )  # fmt: skip


def open(envelope: bytes | Sign1, public: PublicKey, *, typ: Typ | None = None) -> bytes:
    """Verify under ``public`` and return the payload.

    ``typ``, where given, is what header 16 must be: a status list is never read as a certificate.
    Raises what :func:`parse` raises, and SignatureError.
    """
    if not isinstance(envelope, Sign1):
        envelope = parse(envelope)
    if typ is not None and envelope.typ != typ:
        raise NotOurProfileError(f"envelope of type {envelope.typ!r}, not {typ!r}")
    if envelope.alg not in public.suite.cose_accepted or envelope.kid != public.kid:
        raise SignatureError("the envelope names another key or algorithm")
    public.suite.verify(public.raw, envelope.to_be_signed, envelope.signature)
    return envelope.payload


@lru_cache(maxsize=256)
def _protected(alg: int, kid: bytes, typ: Typ) -> bytes:
    kind = _head(_UINT, typ) if isinstance(typ, int) else _head(_TEXT, len(typ.encode()))
    text = b"" if isinstance(typ, int) else typ.encode()
    header = b"\xa3\x01" + _integer(alg) + b"\x04" + _head(_BYTES, len(kid)) + kid
    header += b"\x10" + kind + text
    return _head(_BYTES, len(header)) + header


# A registry has few keys and types, so few protected headers: the hot path finds them parsed.
@lru_cache(maxsize=256)
def _headers(protected: bytes) -> tuple[int, bytes, Typ]:
    """Parse the protected map: (alg, kid, typ)."""
    fields = _map(protected)
    alg, kid, typ = fields.get(_ALG), fields.get(_KID), fields.get(_TYP)
    if not isinstance(kid, bytes) or len(kid) != _KID_SIZE or not isinstance(typ, int | str):
        raise NotOurProfileError("COSE_Sign1 without the kid and typ of this profile")
    if isinstance(typ, int) and typ < 0:
        raise EnvelopeError("typ must not be negative")
    unknown = fields.keys() - {_ALG, _KID, _TYP}
    if any(label < 64 for label in unknown):
        raise NewerFormatError("a protected header that must be understood is not known")
    if not isinstance(alg, int) or alg not in _ALGORITHMS:
        raise NewerFormatError(f"COSE algorithm {alg!r} is not known")
    return alg, kid, typ


def _map(data: bytes) -> dict[int, int | bytes | str]:
    """Read a map of integers to integers, byte or text strings; every byte must be used."""
    kind, count, at = _read(data, 0)
    if kind != _MAP or count == 0:
        raise EnvelopeError("the protected header must be a map with entries")
    fields: dict[int, int | bytes | str] = {}
    last = b""
    for _ in range(count):
        begin = at
        label, at = _value(data, at)
        if not isinstance(label, int):
            raise EnvelopeError("a header label must be an integer")
        if data[begin:at] <= last:
            raise EnvelopeError("header labels out of order or repeated")
        last = data[begin:at]
        fields[label], at = _value(data, at)
    if at != len(data):
        raise EnvelopeError("bytes after the protected header")
    return fields


def _value(data: bytes, at: int) -> tuple[int | bytes | str, int]:
    kind, number, after = _read(data, at)
    if kind == _UINT:
        return number, after
    if kind == _NINT:
        return -1 - number, after
    start, end = _string(data, at, kind if kind == _TEXT else _BYTES)
    if kind == _BYTES:
        return data[start:end], end
    try:
        return data[start:end].decode(), end
    except UnicodeDecodeError:
        raise EnvelopeError("header text is not UTF-8") from None


def _string(data: bytes, at: int, kind: int) -> tuple[int, int]:
    """Bounds of the string of that major type whose head is at ``at``."""
    # The two heads that nearly every string has are read here, without another call.
    head = data[at : at + 2]
    short = head[0] - (kind << 5) if len(head) == 2 else -1
    if 0 <= short < 24:
        start, length = at + 1, short
    elif short == 24 and head[1] >= 24:
        start, length = at + 2, head[1]
    else:
        found, length, start = _read(data, at)
        if found != kind:
            raise EnvelopeError(f"byte {at} does not begin the string that belongs there")
    if start + length > len(data):
        raise EnvelopeError("the input ends inside a string")
    return start, start + length


def _read(data: bytes, at: int) -> tuple[int, int, int]:
    """Read one head: (major type, argument, where it ends); only the shortest form is allowed."""
    if at >= len(data):
        raise EnvelopeError("the input ends too early")
    first = data[at]
    kind, number = first >> 5, first & 0x1F
    if number < 24:
        return kind, number, at + 1
    size = {24: 1, 25: 2, 26: 4, 27: 8}.get(number, 0)
    end = at + 1 + size
    if size == 0 or end > len(data):
        raise EnvelopeError("indefinite or reserved length, or the input ends too early")
    number = int.from_bytes(data[at + 1 : end], "big")
    if number < (24 if size == 1 else 1 << (4 * size)):
        raise EnvelopeError("an integer is not in its shortest form")
    return kind, number, end


def _head(kind: int, number: int) -> bytes:
    if number < 24:
        return bytes((kind << 5 | number,))
    for code, size in ((24, 1), (25, 2), (26, 4), (27, 8)):
        if number < 1 << (8 * size):
            return bytes((kind << 5 | code,)) + number.to_bytes(size, "big")
    raise ValueError("integer of more than 64 bits")


def _integer(value: int) -> bytes:
    return _head(_UINT, value) if value >= 0 else _head(_NINT, -1 - value)
