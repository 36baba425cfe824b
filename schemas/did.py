"""did:web identities of the registry and its issuers, and their documents for foreign verifiers.

Our own verifier believes the trust list and never a DID document; the documents let any other
reader of Verifiable Credentials find the keys. Sources: did:web method specification, DID 1.0,
Controlled Identifiers 1.0 (Multikey). Specification: ``schemas/spec/did.md``.
"""

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from schemas import base58
from schemas.trust_keys import Key

CONTEXTS = ("https://www.w3.org/ns/did/v1", "https://w3id.org/security/multikey/v1")
ED25519_PREFIX = b"\xed\x01"
"""Multicodec of a raw Ed25519 public key."""


def centre(base: str) -> str:
    """Return the DID of the registry at the origin ``base``; its document is at ``/.well-known``.

    A port is written ``%3A8000``, as did:web demands.
    """
    return "did:web:" + base.split("//", 1)[-1].replace(":", "%3A")


def issuer(base: str, identity: str) -> str:
    """Return the DID of an issuer; its document is at ``{base}/issuers/{identity}/did.json``."""
    return f"{centre(base)}:issuers:{identity}"


# A batch names the same key on every certificate.
@lru_cache(maxsize=256)
def multibase(public: bytes) -> str:
    """Write a raw Ed25519 public key as ``publicKeyMultibase``: ``z6Mk…``."""
    return "z" + base58.encode(ED25519_PREFIX + public)


def method(did: str, public: bytes) -> str:
    """Return the verification method of a key: its DID, ``#``, and the key itself.

    The fragment is the whole key, so that two keys of one owner never share a name.
    """
    return f"{did}#{multibase(public)}"


def document(did: str, keys: Iterable[Key]) -> dict[str, Any]:
    """Print the DID document of the owner of ``keys``, in their order.

    A stolen key is left out, so that foreign verifiers refuse what it signed; a retired one stays,
    because its certificates do. Log and witness keys sign no credentials and are not listed.
    """
    listed = [key for key in keys if _is_listed(key)]
    methods = [
        {
            "id": method(did, key.public),
            "type": "Multikey",
            "controller": did,
            "publicKeyMultibase": multibase(key.public),
        }
        for key in listed
    ]
    return {
        "@context": list(CONTEXTS),
        "id": did,
        "verificationMethod": methods,
        "assertionMethod": [entry["id"] for entry in methods],
    }


def _is_listed(key: Key) -> bool:
    stolen = key.closed is not None and key.closed.why == "stolen"
    return key.alg == "Ed25519" and key.role not in ("log", "witness") and not stolen
