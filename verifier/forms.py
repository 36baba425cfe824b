"""The two forms of a certificate, parsed: COSE and JSON. Nothing is verified here."""

from collections.abc import Mapping
from functools import cached_property, lru_cache
from hashlib import sha256
from typing import Any, TypeAlias

from keys import cose, data_integrity, proof_items
from keys.cose import Sign1
from schemas import credential, credential_items, dates, did, jcs, qr, rdf, rdf_template
from schemas.certificate import Certificate, Facts, Names
from schemas.credential_layout import CONTEXTS
from schemas.errors import FormatError, NewerFormatError, NotOurProfileError
from schemas.rdf_template import Canonical

MAX_CERTIFICATE = 64 * 2**10
"""Longest COSE certificate, in bytes; lists may be longer."""
MAX_PROOFS = 8
HEAD: Mapping[str, Any] = {"@context": list(CONTEXTS)}
"""All that proofs are compared with of a document, and the same in every one that reads."""


class UnsignedError(FormatError):
    """A JSON certificate without any proof."""


class SeveralError(FormatError):
    """Two different certificates in one file."""


class QrForm:
    """A certificate as COSE, parsed."""

    __slots__ = ("cose", "facts", "sign1")
    names: Names | None = None

    def __init__(self, data: bytes, sign1: Sign1, facts: Facts) -> None:
        self.cose = data
        self.sign1 = sign1
        self.facts = facts

    @property
    def digest(self) -> bytes:
        """SHA-256 of the whole tagged COSE bytes: what tiles and notes call this form."""
        return sha256(self.cose).digest()

    tile_half = slice(0, 8)


class JsonForm:
    """A certificate as JSON, parsed.

    ``given`` is the document, with proofs or without; of one that a template wrote, ``printed`` are
    its canonical forms, and the document itself need not be there.
    """

    def __init__(
        self,
        proofs: list[dict[str, Any]],
        certificate: Certificate,
        given: dict[str, Any] | None = None,
        printed: Canonical | None = None,
    ) -> None:
        self.proofs = proofs
        # What a template wrote was found with both proofs of ours and no other.
        self.our_proofs = proofs if printed else [proof for proof in proofs if _is_ours(proof)]
        """Proofs of a suite that this code knows; the others are somebody else's."""
        self.facts = certificate.facts
        self.names = certificate.names
        self.issuer_did = did.issuer(self.facts.base, self.facts.issuer)
        self._given = given
        # The document was found to be what this certificate prints, so a template may print it.
        self._printed = printed or rdf_template.known(certificate)

    @property
    def _unsecured(self) -> dict[str, Any]:
        """The document without proofs."""
        assert self._given is not None  # or its forms would be printed
        return credential.unsecured(self._given)

    @cached_property
    def canonical(self) -> bytes:
        """RFC 8785 form of the document without proofs."""
        return jcs.canonical(self._unsecured) if self._printed is None else self._printed.jcs

    @cached_property
    def nquads(self) -> bytes:
        """RDFC-1.0 form of the document without proofs."""
        return rdf.canonical(self._unsecured) if self._printed is None else self._printed.nquads

    @cached_property
    def digest(self) -> bytes:
        """SHA-256 of the canonical unsecured JSON: what tiles and notes call this form."""
        return sha256(self.canonical).digest()

    def digest_in(self, suite: data_integrity.Cryptosuite) -> bytes:
        """SHA-256 of the document's canonical form in a suite: what its proof signs."""
        if suite is not data_integrity.RDFC:
            return self.digest
        if self._printed is not None:
            return self._printed.nquads_hash
        return sha256(self.nquads).digest()

    tile_half = slice(8, 16)


CertificateForm: TypeAlias = QrForm | JsonForm


def qr_form(data: bytes, sign1: Sign1 | None = None) -> QrForm:
    """Parse sealed bytes, already split into ``sign1`` or not; raises FormatError."""
    if len(data) > MAX_CERTIFICATE:
        raise FormatError("too long for a certificate")
    sign1 = sign1 or cose.parse(data)
    if sign1.typ != qr.TYP:
        raise NotOurProfileError("COSE of another type than a certificate")
    return QrForm(data, sign1, qr.parse(sign1.payload))


_PROOF = b',"proof":'
# Certificates of a batch are signed within few seconds.
_instant = lru_cache(maxsize=256)(dates.parse_utc)


def printed_form(document: bytes) -> JsonForm | None:
    """Read a document that this process can print; None for every other, which is not refused.

    What it answers equals :func:`json_form` of the parsed text.
    """
    unsecured, mark, proof = document.rpartition(_PROOF)
    if not mark or proof[-1:] != b"}":
        return None
    try:
        proofs = proof_items.read(proof[:-1].decode())
        if proofs is None or proofs[0]["created"] != proofs[1]["created"]:
            return None
        found = credential_items.read(unsecured + b"}", _instant(proofs[0]["created"]))
    except (FormatError, UnicodeError):
        return None
    return None if found is None else JsonForm(proofs, found[0], printed=found[1])


def json_form(value: dict[str, Any]) -> JsonForm:
    """Parse a secured document; raises FormatError, UnsignedError without any proof."""
    # Parsed once for its profile, so that another registry's file is not called unsigned.
    if "proof" not in value:
        credential.parse(value, 0)
        raise UnsignedError("a certificate without proof")
    proofs = credential.proofs(value)
    if len(proofs) > MAX_PROOFS:
        raise FormatError(f"more than {MAX_PROOFS} proofs")
    created = {text for proof in proofs if isinstance(text := proof.get("created"), str)}
    if len(created) != 1:
        credential.parse(value, 0)
        raise FormatError("the proofs do not share one instant of signing")
    certificate = credential.parse(value, dates.parse_utc(created.pop()))
    form = JsonForm(proofs, certificate, value)
    if not form.our_proofs:
        raise NewerFormatError("no proof is of a suite that is known")
    return form


def _is_ours(proof: dict[str, Any]) -> bool:
    try:
        data_integrity.cryptosuite(proof)
    except NotOurProfileError:
        return False
    except FormatError:
        # Ours, but damaged: it must not verify, rather than be passed over.
        return True
    return True


def codes(texts: list[str]) -> list[QrForm]:
    """Return the certificates among a picture's codes; another party's code is passed over.

    Raises SeveralError for two different ones, FormatError where a code of ours is damaged.
    """
    found: list[QrForm] = []
    refused: FormatError | None = None
    for text in texts:
        try:
            code = qr_form(qr.from_text(text.strip()))
        except FormatError as error:
            # Ours but damaged or newer says more than somebody else's advertisement.
            if refused is None or isinstance(refused, NotOurProfileError):
                refused = error
            continue
        if all(code.cose != other.cose for other in found):
            found.append(code)
    if len(found) > 1:
        raise SeveralError("two certificates in one picture")
    if not found and refused is not None:
        raise refused
    return found
