"""Signature algorithms as values; one :class:`Suite` is one row of :data:`SUITES`.

Ed25519 follows RFC 8032 with the strict verification of libsodium: S < L, and neither the public
key nor R of small order. So nobody can turn one accepted signature into another, and no key exists
that accepts signatures over everything.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from nacl import _sodium
from nacl.bindings import crypto_sign_seed_keypair

from keys.errors import SignatureError, SigningError

_crypto_sign: Callable[[object, object, bytes, int, bytes], int] = _sodium.lib.crypto_sign
_crypto_sign_open: Callable[[object, object, bytes, int, bytes], int] = _sodium.lib.crypto_sign_open
"""libsodium's own functions: PyNaCl's copy the whole message out, each time."""
_NOWHERE: object = _sodium.ffi.NULL
_room: Callable[[object, int], object] = _sodium.ffi.new
_octets: Callable[[object, int], Iterable[int]] = _sodium.ffi.buffer
_UNSIGNED_CHARS: object = _sodium.ffi.typeof("unsigned char[]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Suite:
    """One signature algorithm and its names in every format that carries it."""

    name: str
    """Name in trust lists and key files."""
    jose: str
    """``alg`` in JOSE, RFC 9864."""
    cose: int
    """``alg`` that is written in COSE."""
    cose_accepted: frozenset[int]
    """``alg`` values that are read in COSE."""
    note: int
    """Signature type byte of C2SP signed notes."""
    multicodec: bytes
    """Prefix of a Multikey."""
    seed_size: int
    public_size: int
    signature_size: int
    derive: Callable[[bytes], tuple[bytes, bytes]]
    """Seed to (public key, secret key)."""
    sign: Callable[[bytes, bytes], bytes]
    """(secret key, message) to signature."""
    verify: Callable[[bytes, bytes, bytes], None]
    """(public key, message, signature); raises SignatureError, returns nothing."""


def _sign(secret: bytes, message: bytes) -> bytes:
    # libsodium reads 64 bytes of the secret key, whatever their number is.
    if len(secret) != 64:
        raise ValueError("an Ed25519 secret key has 64 bytes")
    # Room of its own for each call: several threads may sign at once.
    signed = _room(_UNSIGNED_CHARS, 64 + len(message))
    if _crypto_sign(signed, _NOWHERE, message, len(message), secret) != 0:
        raise SigningError("libsodium does not sign")
    return bytes(_octets(signed, 64))


def _verify(public: bytes, message: bytes, signature: bytes) -> None:
    # libsodium reads signature and message as one piece, so a signature of another length would
    # lend bytes to the message: the lengths are checked here, not by every caller.
    if len(signature) != 64 or len(public) != 32:
        raise SignatureError("signature or public key of the wrong length")
    signed = signature + message
    if _crypto_sign_open(_NOWHERE, _NOWHERE, signed, len(signed), public) != 0:
        raise SignatureError("signature does not verify")


ED25519 = Suite(
    name="Ed25519",
    jose="Ed25519",
    cose=-19,
    cose_accepted=frozenset({-19, -8}),
    note=0x01,
    multicodec=b"\xed\x01",
    seed_size=32,
    public_size=32,
    signature_size=64,
    derive=crypto_sign_seed_keypair,
    sign=_sign,
    verify=_verify,
)
"""RFC 8032 over libsodium. COSE: -19 (RFC 9864) is written, the older -8 is read too."""

SUITES = (ED25519,)
"""Every algorithm that this code can sign and verify with."""

BY_NAME = {suite.name: suite for suite in SUITES}
"""Suites by their name in trust lists and key files."""
