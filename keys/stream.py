"""Sealed streams: messages of any number, encrypted to a public key as they are written.

::

    hallmark-sealed-stream/1
    {"key":"<base64url of the recipient's Ed25519 key>","kind":"backup"}
    <box: the stream's key, sealed to the recipient, 80 bytes><stream header, 24 bytes>
    <length, 4 bytes, big endian><message, sealed> …

The key of the stream is random and sealed by libsodium's sealed box to the X25519 key that belongs
to the recipient's Ed25519 key; the messages go through libsodium's secretstream
(XChaCha20-Poly1305). The first two lines are associated data of every message, so a stream of
another kind or key does not open. The last message is tagged: a stream that was cut anywhere, with
anything changed, repeated or left out, is noticed, and who wrote it cannot open it again.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from nacl.bindings import (
    crypto_box_seal,
    crypto_box_seal_open,
    crypto_secretstream_xchacha20poly1305_ABYTES,
    crypto_secretstream_xchacha20poly1305_HEADERBYTES,
    crypto_secretstream_xchacha20poly1305_init_pull,
    crypto_secretstream_xchacha20poly1305_init_push,
    crypto_secretstream_xchacha20poly1305_KEYBYTES,
    crypto_secretstream_xchacha20poly1305_pull,
    crypto_secretstream_xchacha20poly1305_push,
    crypto_secretstream_xchacha20poly1305_state,
    crypto_secretstream_xchacha20poly1305_TAG_FINAL,
    crypto_secretstream_xchacha20poly1305_TAG_MESSAGE,
    crypto_sign_ed25519_pk_to_curve25519,
    crypto_sign_ed25519_sk_to_curve25519,
    crypto_sign_seed_keypair,
)
from nacl.exceptions import CryptoError

from keys.errors import SealedStreamError
from keys.signer import KeyPair, PublicKey
from keys.suites import ED25519
from schemas import jcs
from schemas.errors import FormatError
from schemas.json_object import JsonObject, to_base64url

HEADER = "hallmark-sealed-stream/1"
MAX_MESSAGE = 16 * 2**20
"""Longest message, before sealing; what is read is never longer."""

_MAX_LINE = 512
_BOX = crypto_secretstream_xchacha20poly1305_KEYBYTES + 48


@dataclass(frozen=True, slots=True)
class Label:
    """The clear part of a stream, authenticated by every message."""

    kind: str
    """What is inside, e.g. ``backup``; a reader asks for the kind that it wants."""
    recipient: PublicKey

    def text(self) -> bytes:
        """Print the first two lines."""
        fields = {"key": to_base64url(self.recipient.raw), "kind": self.kind}
        return f"{HEADER}\n".encode() + jcs.canonical(fields) + b"\n"


class Writer:
    """Seals messages into a file, one after the other; the last one by :meth:`finish`."""

    def __init__(self, file: BinaryIO, label: Label) -> None:
        self._file, self._text = file, label.text()
        key = os.urandom(crypto_secretstream_xchacha20poly1305_KEYBYTES)
        self._state = crypto_secretstream_xchacha20poly1305_state()
        header = crypto_secretstream_xchacha20poly1305_init_push(self._state, key)
        public = crypto_sign_ed25519_pk_to_curve25519(label.recipient.raw)
        file.write(self._text + crypto_box_seal(key, public) + header)

    def write(self, message: bytes) -> None:
        """Seal one more message."""
        self._push(message, crypto_secretstream_xchacha20poly1305_TAG_MESSAGE)

    def finish(self, message: bytes) -> None:
        """Seal the last message."""
        self._push(message, crypto_secretstream_xchacha20poly1305_TAG_FINAL)

    def _push(self, message: bytes, tag: int) -> None:
        if len(message) > MAX_MESSAGE:
            raise SealedStreamError(f"a message of {len(message)} bytes is too long")
        sealed = crypto_secretstream_xchacha20poly1305_push(self._state, message, self._text, tag)
        self._file.write(len(sealed).to_bytes(4, "big") + sealed)


def label(file: BinaryIO, kind: str) -> Label:
    """Read the clear part of a stream; raises SealedStreamError when it is of another kind."""
    try:
        if file.readline(_MAX_LINE) != f"{HEADER}\n".encode():
            raise FormatError(f"it does not begin with {HEADER}")
        body = JsonObject(jcs.load(file.readline(_MAX_LINE).decode().rstrip("\n")), "label")
        found = Label(body.text("kind"), PublicKey(ED25519, body.base64url("key")))
        body.close()
    except (FormatError, UnicodeDecodeError, ValueError) as error:
        raise SealedStreamError(f"not a sealed {kind}: {error}") from None
    if found.kind != kind:
        raise SealedStreamError(f"a sealed {found.kind}, not a {kind}")
    return found


def read(file: BinaryIO, kind: str, pair: KeyPair) -> Iterator[bytes]:
    """Open a stream from its beginning: its messages, each believed as it comes.

    Only when the iterator ends by itself is the stream known to be whole.

    Raises:
        SealedStreamError: of another kind or key, changed, cut short, or with bytes after its end.
    """
    found = label(file, kind)
    if found.recipient != pair.public:
        raise SealedStreamError(
            f"the {kind} was sealed for the key {to_base64url(found.recipient.raw)}, "
            f"not for {to_base64url(pair.public.raw)}"
        )
    state = _begin(file, kind, pair)
    tag = crypto_secretstream_xchacha20poly1305_TAG_MESSAGE
    text, number = found.text(), 0
    while tag != crypto_secretstream_xchacha20poly1305_TAG_FINAL:
        number += 1
        sealed = _sealed(file, kind)
        try:
            message, tag = crypto_secretstream_xchacha20poly1305_pull(state, sealed, text)
        except (CryptoError, RuntimeError, ValueError):
            raise SealedStreamError(f"the {kind} was changed: message {number} is not as written") \
                from None  # fmt: skip
        yield message
    if file.read(1):
        raise SealedStreamError(f"the {kind} goes on after its end: it was changed")


def _begin(file: BinaryIO, kind: str, pair: KeyPair) -> crypto_secretstream_xchacha20poly1305_state:
    box = _exactly(file, _BOX, kind)
    header = _exactly(file, crypto_secretstream_xchacha20poly1305_HEADERBYTES, kind)
    _, signing = crypto_sign_seed_keypair(pair.seed)
    secret = crypto_sign_ed25519_sk_to_curve25519(signing)
    public = crypto_sign_ed25519_pk_to_curve25519(pair.public.raw)
    state = crypto_secretstream_xchacha20poly1305_state()
    try:
        key = crypto_box_seal_open(box, public, secret)
        crypto_secretstream_xchacha20poly1305_init_pull(state, header, key)
    except (CryptoError, RuntimeError):
        raise SealedStreamError(f"the {kind} was changed: its key is not as written") from None
    return state


def _sealed(file: BinaryIO, kind: str) -> bytes:
    length = int.from_bytes(_exactly(file, 4, kind), "big")
    most = MAX_MESSAGE + crypto_secretstream_xchacha20poly1305_ABYTES
    if not crypto_secretstream_xchacha20poly1305_ABYTES <= length <= most:
        raise SealedStreamError(f"the {kind} was changed: no message has {length} bytes")
    return _exactly(file, length, kind)


def _exactly(file: BinaryIO, count: int, kind: str) -> bytes:
    data = file.read(count)
    if len(data) != count:
        raise SealedStreamError(f"the {kind} is cut short: copy it again, or take another one")
    return data
