"""Sealing: from a prepared value to its signed forms. Pure: a second run makes the same bytes."""

from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256

from keys import cose, proof_items
from keys.signer import Signer
from schemas import dates, did, qr, rdf_template
from schemas.certificate import Certificate

# A chunk is signed within one second.
_created = lru_cache(maxsize=16)(dates.utc)


@dataclass(frozen=True, slots=True)
class Sealed:
    """The signed forms of one certificate and the hashes that name them in public."""

    cose: bytes
    document: bytes
    """Secured JSON, UTF-8: the canonical unsecured document and its proof set."""
    cose_hash: bytes
    jcs_hash: bytes
    """SHA-256 of the canonical unsecured document."""


def seal(certificate: Certificate, signer: Signer) -> Sealed:
    """Sign both forms of a certificate with one key.

    Args:
        certificate: the exact value, with the instant of signing in its facts.
        signer: custody of the issuer key.

    Raises:
        FormatError: the value cannot be written in a form.
        SigningError: custody will not sign.
    """
    facts = certificate.facts
    envelope = cose.seal(qr.claims(facts), signer, qr.TYP)
    canonical = rdf_template.canonical(certificate)
    method = did.method(did.issuer(facts.base, facts.issuer), signer.public.raw)
    jcs_hash = canonical.jcs_hash
    proofs = proof_items.secure(
        canonical.nquads_hash, jcs_hash, signer, method, _created(facts.signed_at)
    )
    # The canonical document with one more member: printing it again would say the same, slowly.
    document = canonical.jcs[:-1] + b',"proof":' + proofs + b"}"
    return Sealed(
        cose=envelope,
        document=document,
        cose_hash=sha256(envelope).digest(),
        jcs_hash=jcs_hash,
    )
