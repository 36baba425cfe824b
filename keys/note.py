"""Signed notes (C2SP signed-note v1): text that people can read, signed by one or more keys.

The text ends in a newline, a blank line follows, then one line per signature::

    — certs.example.gov.cn/root/1 base64(key id || signature)

A key is known by its name **and** its key id; anything else is somebody else's signature and is
ignored. A known key's signature that does not verify spoils the whole note.
"""

import binascii
from base64 import b64decode, b64encode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256

from keys.errors import EnvelopeError, SignatureError
from keys.signer import PublicKey, Signer

MAX_SIZE = 4 * 2**20
"""Longest note that is read, in bytes."""
MAX_SIGNATURES = 64
"""Most signature lines that are read; the specification asks for at least 16."""

_ID_SIZE = 4
_PREFIX = "— "


@dataclass(frozen=True, slots=True)
class NoteSignature:
    """One signature line, not verified."""

    name: str
    key_id: bytes
    signature: bytes


@dataclass(frozen=True, slots=True)
class Note:
    """A parsed note; its text is not to be believed before :func:`open`."""

    text: str
    signatures: tuple[NoteSignature, ...]


def key_id(name: str, public: PublicKey) -> bytes:
    """Four bytes that stand for this key under this name in a signature line."""
    data = name.encode() + b"\n" + bytes((public.suite.note,)) + public.raw
    return sha256(data).digest()[:_ID_SIZE]


def sign(text: str, signers: Iterable[tuple[str, Signer]]) -> bytes:
    """Sign ``text`` with each (key name, signer); returns the whole note, UTF-8.

    Raises EnvelopeError for a text or a name that a note cannot carry, a name that signs twice,
    or no signer at all.
    """
    _check_text(text)
    lines = []
    names: set[str] = set()
    for name, signer in signers:
        _check_name(name)
        if not name.isprintable():
            raise EnvelopeError("a key name must be printable")
        if name in names:
            raise EnvelopeError(f"{name} would sign the note twice")
        names.add(name)
        raw = key_id(name, signer.public) + signer.sign(text.encode())
        lines.append(f"{_PREFIX}{name} {b64encode(raw).decode()}\n")
    if not lines:
        raise EnvelopeError("a note needs a signature")
    return "".join([text, "\n", *lines]).encode()


def add(data: bytes, name: str, signer: Signer) -> bytes:
    """Append one more signature to a note; the others are kept as they are, not verified.

    Raises EnvelopeError for a damaged note or when ``name`` already signed it.
    """
    note = parse(data)
    if any(signature.name == name for signature in note.signatures):
        raise EnvelopeError(f"{name} has already signed the note")
    line = sign(note.text, [(name, signer)])[len(note.text.encode()) + 1 :]
    return data + line


def parse(data: bytes) -> Note:
    """Split a note into text and signatures without verifying; raises EnvelopeError."""
    if len(data) > MAX_SIZE:
        raise EnvelopeError(f"note of more than {MAX_SIZE} bytes")
    try:
        whole = data.decode()
    except UnicodeDecodeError:
        raise EnvelopeError("the note is not valid UTF-8") from None
    if any(character < " " and character != "\n" for character in whole):
        raise EnvelopeError("the note holds a control character")
    # The last empty line separates; the text itself may hold empty lines.
    head, separator, tail = whole.rpartition("\n\n")
    if not separator or not tail.endswith("\n"):
        raise EnvelopeError("the note has no signatures after a blank line")
    lines = tail.split("\n")[:-1]
    if len(lines) > MAX_SIGNATURES:
        raise EnvelopeError(f"note of more than {MAX_SIGNATURES} signatures")
    return Note(head + "\n", tuple(_line(line) for line in lines))


def open(data: bytes | Note, verifiers: Mapping[str, PublicKey], threshold: int) -> str:
    """Verify a note and return its text.

    ``verifiers`` gives the public key of each trusted key name. At least ``threshold`` of them must
    have signed, each counted once however often it signed and under however many names.
    Raises EnvelopeError for a damaged note, SignatureError otherwise, ValueError for a threshold
    below one.
    """
    if threshold < 1:
        raise ValueError("a note is not opened without at least one signature")
    note = parse(data) if isinstance(data, bytes) else data
    message = note.text.encode()
    valid: set[bytes] = set()
    for signature in note.signatures:
        public = verifiers.get(signature.name)
        if public is None or signature.key_id != key_id(signature.name, public):
            continue
        try:
            public.suite.verify(public.raw, message, signature.signature)
        except SignatureError:
            raise SignatureError(f"the signature of {signature.name} does not verify") from None
        valid.add(public.raw)
    if len(valid) < threshold:
        raise SignatureError(f"signed by {len(valid)} of the trusted keys, {threshold} needed")
    return note.text


def _line(line: str) -> NoteSignature:
    name, separator, encoded = line.removeprefix(_PREFIX).partition(" ")
    if not line.startswith(_PREFIX) or not separator:
        raise EnvelopeError("a signature line is not an em dash, a name and a signature")
    _check_name(name)
    try:
        raw = b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        raise EnvelopeError("a signature is not base64") from None
    if len(raw) <= _ID_SIZE or b64encode(raw).decode() != encoded:
        raise EnvelopeError("a signature is too short, or base64 in a second spelling")
    return NoteSignature(name, raw[:_ID_SIZE], raw[_ID_SIZE:])


def _check_text(text: str) -> None:
    if not text.endswith("\n"):
        raise EnvelopeError("the text of a note must end in a newline")
    if any(character < " " and character != "\n" for character in text):
        raise EnvelopeError("the text of a note must not hold control characters")
    try:
        text.encode()
    except UnicodeEncodeError:
        raise EnvelopeError("the text of a note holds half of a surrogate pair") from None


def _check_name(name: str) -> None:
    if not name or "+" in name or any(character.isspace() for character in name):
        raise EnvelopeError("a key name must not be empty nor hold spaces or plus signs")
