"""ID numbers at rest: sealed under an AEAD, found by a keyed hash, both under named keys.

Sealed text = 24-byte nonce, then XChaCha20-Poly1305 over the number with the associated data
``hallmark/personal/1``, table, row and key name, so that a sealed number cannot be moved to another
row or read under another key's name. The look-up value is HMAC-SHA-256 over kind and number in
normal form. Every stored value names its key: a new key is added, used from then on, and old rows
are sealed again when there is time.
"""

import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass, field

from nacl.bindings import (
    crypto_aead_xchacha20poly1305_ietf_decrypt,
    crypto_aead_xchacha20poly1305_ietf_encrypt,
    crypto_aead_xchacha20poly1305_ietf_NPUBBYTES,
)
from nacl.exceptions import CryptoError

from registry.rules.identity import Identity

_NONCE = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES


class PersonalKeyError(Exception):
    """A sealed number cannot be opened: key not at hand, or the bytes belong to another row."""


@dataclass(frozen=True, slots=True)
class PersonalKey:
    """One named secret of 32 bytes; the sealing and the look-up key are derived from it."""

    name: str
    secret: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if len(self.secret) != 32:
            raise ValueError("a personal key has 32 bytes")

    def derive(self, use: str) -> bytes:
        """32 bytes for one use only."""
        return hmac.digest(self.secret, b"hallmark/personal/1/" + use.encode(), "sha256")


@dataclass(frozen=True, slots=True)
class Personal:
    """The keys at hand; the first one is used for what is new."""

    keys: tuple[PersonalKey, ...]
    random: Callable[[int], bytes] = field(repr=False)

    def __post_init__(self) -> None:
        names = [key.name for key in self.keys]
        if not names or len(set(names)) != len(names):
            raise ValueError("at least one personal key is needed, each with a name of its own")

    @property
    def current(self) -> str:
        """Name of the key that is used for what is new."""
        return self.keys[0].name

    def seal(self, number: str, table: str, row: str) -> bytes:
        """The number sealed for one row under the current key."""
        return self.seal_content(number.encode(), table, row)

    def seal_content(self, content: bytes, table: str, row: str) -> bytes:
        """Any bytes about a person, such as a scan, sealed for one row under the current key."""
        key = self.keys[0]
        nonce = self.random(_NONCE)
        return nonce + crypto_aead_xchacha20poly1305_ietf_encrypt(
            content, _bound_to(table, row, key.name), nonce, key.derive("seal")
        )

    def open(self, sealed: bytes, table: str, row: str, key_name: str) -> str:
        """The number of a row.

        Raises:
            PersonalKeyError: the key is not at hand, or the bytes were not sealed for this row.
        """
        return self.open_content(sealed, table, row, key_name).decode()

    def open_content(self, sealed: bytes, table: str, row: str, key_name: str) -> bytes:
        """The bytes of a row.

        Raises:
            PersonalKeyError: the key is not at hand, or the bytes were not sealed for this row.
        """
        key = self._key(key_name)
        try:
            return crypto_aead_xchacha20poly1305_ietf_decrypt(
                sealed[_NONCE:], _bound_to(table, row, key_name), sealed[:_NONCE],
                key.derive("seal"),
            )  # fmt: skip
        except (CryptoError, TypeError, ValueError):
            raise PersonalKeyError(f"sealed content of {table} {row} does not open") from None

    def lookup(self, identity: Identity) -> bytes:
        """Look-up value of an identity under the current key."""
        return _lookup(self.keys[0], identity)

    def lookups(self, identity: Identity) -> tuple[bytes, ...]:
        """Look-up values under every key at hand, current first: for finding older rows."""
        return tuple(_lookup(key, identity) for key in self.keys)

    def code_hash(self, code: str) -> bytes:
        """Hash of a pick-up code under the current key: a copy of the table cannot be searched."""
        return self.code_hashes(code)[0]

    def code_hashes(self, code: str) -> tuple[bytes, ...]:
        """Hashes of a code under every key at hand, current first: for finding older codes."""
        return tuple(
            hmac.digest(key.derive("pickup"), code.encode(), "sha256") for key in self.keys
        )

    def _key(self, name: str) -> PersonalKey:
        for key in self.keys:
            if key.name == name:
                return key
        raise PersonalKeyError(f"personal key {name} is not at hand")


def _lookup(key: PersonalKey, identity: Identity) -> bytes:
    message = identity.kind.encode() + b"\x00" + identity.number.encode()
    return hmac.digest(key.derive("lookup"), message, "sha256")


def _bound_to(table: str, row: str, key_name: str) -> bytes:
    parts = ("hallmark/personal/1", table, row, key_name)
    return hashlib.sha256(b"\x00".join(part.encode() for part in parts)).digest()
