"""Sealing: from a prepared value to its signed forms. Pure: a second run makes the same bytes."""

from functools import lru_cache
from hashlib import sha256
from typing import NamedTuple

from keys import cose, proof_items
from keys.signer import PublicKey, Signer
from schemas import dates, did, qr, rdf_template
from schemas.certificate import Certificate
from schemas.rdf_template import Canonical

# A chunk is signed within one second.
_created = lru_cache(maxsize=16)(dates.utc)


class Unsigned(NamedTuple):
    """Everything that is signed of one certificate, written."""

    claims: bytes
    """Payload of the COSE form."""
    canonical: Canonical
    nquads_hash: bytes
    jcs_hash: bytes
    method: str
    """Verification method that the proofs name."""
    created: str


class Sealed(NamedTuple):
    """The signed forms of one certificate and the hashes that name them in public."""

    cose: bytes
    document: bytes
    """Secured JSON, UTF-8: the canonical unsecured document and its proof set."""
    cose_hash: bytes
    jcs_hash: bytes
    """SHA-256 of the canonical unsecured document."""


def write(certificate: Certificate, public: PublicKey) -> Unsigned:
    """Write what is signed of a certificate.

    Args:
        certificate: the exact value, with the instant of signing in its facts.
        public: the issuer key that will sign.

    Raises:
        FormatError: the value cannot be written in a form.
    """
    facts = certificate.facts
    claims, canonical = qr.claims(facts), rdf_template.canonical(certificate)
    method = did.method(did.issuer(facts.base, facts.issuer), public.raw)
    return Unsigned(
        claims, canonical, canonical.nquads_hash, canonical.jcs_hash, method,
        _created(facts.signed_at),
    )  # fmt: skip


def sign(written: Unsigned, signer: Signer) -> Sealed:
    """Sign both forms of a certificate with one key.

    Raises:
        SigningError: custody will not sign.
    """
    envelope = cose.seal(written.claims, signer, qr.TYP)
    proofs = proof_items.secure(
        written.nquads_hash, written.jcs_hash, signer, written.method, written.created
    )
    # The canonical document with one more member: printing it again would say the same, slowly.
    document = b'%b,"proof":%b}' % (written.canonical.jcs[:-1], proofs)
    return Sealed(envelope, document, sha256(envelope).digest(), written.jcs_hash)


def seal(certificate: Certificate, signer: Signer) -> Sealed:
    """Write and sign both forms of one certificate."""
    return sign(write(certificate, signer.public), signer)
