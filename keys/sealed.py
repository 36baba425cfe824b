"""Key files: one private key each, sealed with a passphrase, bound to the key's name.

Three lines of text::

    hallmark-sealed-key/1
    {"aead":"XChaCha20-Poly1305","kdf":"argon2id","memory":268435456,"name":"…", …}
    <base64url of the sealed seed>

The passphrase goes through argon2id. The first two lines are associated data of the AEAD, so a file
that is renamed, given another public key or edited anywhere does not open. Name and public key
stand in the clear: an inventory of keys needs no passphrase.
"""

import os
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, unquote

from nacl.bindings import (
    crypto_aead_xchacha20poly1305_ietf_decrypt,
    crypto_aead_xchacha20poly1305_ietf_encrypt,
    crypto_aead_xchacha20poly1305_ietf_KEYBYTES,
    crypto_aead_xchacha20poly1305_ietf_NPUBBYTES,
    crypto_pwhash_alg,
    crypto_pwhash_ALG_ARGON2ID13,
    crypto_pwhash_SALTBYTES,
)
from nacl.exceptions import CryptoError

from keys.errors import SealedFileError
from keys.signer import KeyPair, PublicKey, Random
from keys.suites import BY_NAME
from schemas import jcs
from schemas.errors import FormatError
from schemas.json_object import JsonObject, from_base64url, to_base64url

HEADER = "hallmark-sealed-key/1"
SUFFIX = ".key"
MODE = 0o600
MIN_PASSPHRASE = 12
"""Shortest passphrase that a new file is sealed with, in bytes."""

_KDF = "argon2id"
_AEAD = "XChaCha20-Poly1305"
_MAX_SIZE = 4096
# Bounds on what a file may ask of the machine that opens it.
_MAX_OPERATIONS = 16
_MAX_MEMORY = 2**30


@dataclass(frozen=True, slots=True)
class Cost:
    """Work of argon2id: passes over ``memory`` bytes."""

    operations: int
    memory: int


MODERATE = Cost(3, 256 * 2**20)
"""libsodium's MODERATE, about a third of a second: keys at rest on a server or a stick."""


@dataclass(frozen=True, slots=True)
class SealedKey:
    """The clear part of a key file, not authenticated before it is opened."""

    name: str
    public: PublicKey
    cost: Cost
    salt: bytes
    nonce: bytes

    def text(self) -> str:
        """Print the first two lines, which are the associated data."""
        fields = {
            "aead": _AEAD,
            "kdf": _KDF,
            "memory": self.cost.memory,
            "name": self.name,
            "nonce": to_base64url(self.nonce),
            "operations": self.cost.operations,
            "public": to_base64url(self.public.raw),
            "salt": to_base64url(self.salt),
            "suite": self.public.suite.name,
        }
        return f"{HEADER}\n{jcs.canonical(fields).decode()}\n"


def seal(name: str, pair: KeyPair, passphrase: bytes, random: Random, cost: Cost) -> bytes:
    """Return the bytes of a key file; raises SealedFileError for a passphrase that is too short."""
    if len(passphrase) < MIN_PASSPHRASE:
        raise SealedFileError(f"a passphrase needs at least {MIN_PASSPHRASE} bytes")
    salt = random(crypto_pwhash_SALTBYTES)
    nonce = random(crypto_aead_xchacha20poly1305_ietf_NPUBBYTES)
    text = SealedKey(name, pair.public, cost, salt, nonce).text()
    key = _derive(passphrase, salt, cost)
    sealed = crypto_aead_xchacha20poly1305_ietf_encrypt(pair.seed, text.encode(), nonce, key)
    return f"{text}{to_base64url(sealed)}\n".encode()


def parse(data: bytes) -> tuple[SealedKey, bytes]:
    """Read a key file without opening it: (clear part, sealed seed); raises SealedFileError."""
    try:
        return _parse(data)
    except (FormatError, UnicodeDecodeError, ValueError) as error:
        raise SealedFileError(f"not a sealed key: {error}") from None


def open(data: bytes, name: str, passphrase: bytes) -> KeyPair:
    """Open a key file that must hold the key ``name``; raises SealedFileError."""
    header, sealed = parse(data)
    if header.name != name:
        raise SealedFileError(f"the file holds the key {header.name}, not {name}")
    key = _derive(passphrase, header.salt, header.cost)
    try:
        seed = crypto_aead_xchacha20poly1305_ietf_decrypt(
            sealed, header.text().encode(), header.nonce, key
        )
    except CryptoError:
        raise SealedFileError(f"key {name}: wrong passphrase, or the file was changed") from None
    if len(seed) != header.public.suite.seed_size:
        raise SealedFileError(f"key {name}: the sealed seed has the wrong length")
    pair = KeyPair.from_seed(seed, header.public.suite)
    if pair.public != header.public:
        raise SealedFileError(f"key {name}: the sealed seed belongs to another public key")
    return pair


def file_name(name: str) -> str:
    """File name of the key ``name``; every character that a path gives meaning to is escaped."""
    return quote(name, safe="") + SUFFIX


def key_name(path: Path) -> str:
    """Key name that the file name of ``path`` spells."""
    return unquote(path.name.removesuffix(SUFFIX))


def seal_file(
    path: Path,
    name: str,
    pair: KeyPair,
    passphrase: bytes,
    random: Random,
    cost: Cost = MODERATE,
) -> None:
    """Write a new key file with mode 0600, whole or not at all; never over an existing one.

    Raises SealedFileError when the file exists, when it cannot be written, or when the passphrase
    is too short.
    """
    data = seal(name, pair, passphrase, random, cost)
    # The unfinished file is the lock: of two writers of one key, the second fails here.
    unfinished = path.with_name(f".{path.name}.unfinished")
    try:
        handle = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, MODE)
    except OSError as error:
        raise SealedFileError(f"cannot write {unfinished}: {error.strerror}") from None
    try:
        with os.fdopen(handle, "wb") as file:
            if path.exists():
                raise SealedFileError(f"{path} exists; a key file is never written over")
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        unfinished.rename(path)
        _sync_folder(path.parent)
    except OSError as error:
        raise SealedFileError(f"cannot write {path}: {error.strerror}") from None
    finally:
        unfinished.unlink(missing_ok=True)


def open_file(path: Path, name: str, passphrase: bytes) -> KeyPair:
    """Open the key file at ``path``, which must hold the key ``name``; raises SealedFileError."""
    return open(read(path), name, passphrase)


def read(path: Path) -> bytes:
    """Read a key file's bytes; raises SealedFileError."""
    try:
        with path.open("rb") as file:
            data = file.read(_MAX_SIZE + 1)
    except OSError as error:
        raise SealedFileError(f"cannot read {path}: {error.strerror}") from None
    if len(data) > _MAX_SIZE:
        raise SealedFileError(f"{path} is too large for a key file")
    return data


def _parse(data: bytes) -> tuple[SealedKey, bytes]:
    lines = data.decode().split("\n")
    if len(lines) != 4 or lines[0] != HEADER or lines[3]:
        raise FormatError(f"it is not three lines under {HEADER}")
    body = JsonObject(jcs.load(lines[1]), "key file")
    suite = BY_NAME.get(body.text("suite"))
    if suite is None or body.text("kdf") != _KDF or body.text("aead") != _AEAD:
        raise FormatError("an unknown suite, key derivation or cipher")
    header = SealedKey(
        name=body.text("name"),
        public=PublicKey(suite, body.base64url("public")),
        cost=Cost(body.integer("operations"), body.integer("memory")),
        salt=body.base64url("salt"),
        nonce=body.base64url("nonce"),
    )
    body.close()
    if header.text() != f"{HEADER}\n{lines[1]}\n":
        raise FormatError("its second line is not canonical JSON")
    if (
        len(header.salt) != crypto_pwhash_SALTBYTES
        or len(header.nonce) != crypto_aead_xchacha20poly1305_ietf_NPUBBYTES
    ):
        raise FormatError("salt or nonce of the wrong length")
    return header, from_base64url(lines[2])


def _derive(passphrase: bytes, salt: bytes, cost: Cost) -> bytes:
    if cost.operations > _MAX_OPERATIONS or cost.memory > _MAX_MEMORY:
        raise SealedFileError("the file asks for more work than is allowed to open a key")
    try:
        return crypto_pwhash_alg(
            crypto_aead_xchacha20poly1305_ietf_KEYBYTES,
            passphrase,
            salt,
            cost.operations,
            cost.memory,
            crypto_pwhash_ALG_ARGON2ID13,
        )
    except CryptoError:
        raise SealedFileError("the passphrase could not be stretched with these costs") from None


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
