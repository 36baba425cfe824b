"""Data Integrity proofs of W3C vc-di-eddsa: ``eddsa-rdfc-2022`` and ``eddsa-jcs-2022``.

Each suite is a value: a name, and how its proof configuration becomes bytes. What is signed is
SHA-256(canonical configuration), then SHA-256(canonical document without proof). The canonical
documents are arguments, because only the author of a document knows how to canonicalise it.

A document of ours carries a proof set of two, rdfc first, over the same document.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from typing import Any

from keys.errors import EnvelopeError, SignatureError
from keys.signer import PublicKey, Signer
from schemas import base58, jcs
from schemas.errors import FormatError, NotOurProfileError

PROOF_TYPE = "DataIntegrityProof"
PURPOSE = "assertionMethod"

_REQUIRED = {"type", "cryptosuite", "created", "verificationMethod", "proofPurpose", "proofValue"}
_KNOWN = _REQUIRED | {"id", "@context"}
# Terms of the configuration's RDF form, in the order in which RDFC-1.0 sorts their quads.
_CREATED = "http://purl.org/dc/terms/created"
_TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
_SECURITY = "https://w3id.org/security#"
_DATE_TIME = "http://www.w3.org/2001/XMLSchema#dateTime"
_IRI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[!#-;=?-\[\]_a-z~]+")
_SHORT = 512
"""Longest verification method that is remembered, in characters; anybody may send a longer one."""
_INSTANT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class Cryptosuite:
    """One cryptosuite as a value."""

    name: str
    """``cryptosuite`` of the proof."""
    repeats_context: bool
    """Whether the proof carries the document's ``@context``."""
    canonical: Callable[[Mapping[str, Any]], bytes]
    """Proof configuration to the bytes that are hashed."""


def _quads(configuration: Mapping[str, Any]) -> bytes:
    """Five N-Quads in canonical order; the subject is the proof's ``id``, else ``_:c14n0``."""
    identity = configuration.get("id")
    subject = f"<{identity}>" if identity else "_:c14n0"
    method, purpose = configuration["verificationMethod"], configuration["proofPurpose"]
    return (
        f'{subject} <{_CREATED}> "{configuration["created"]}"^^<{_DATE_TIME}> .\n'
        f"{subject} <{_TYPE}> <{_SECURITY}{configuration['type']}> .\n"
        f'{subject} <{_SECURITY}cryptosuite> "{configuration["cryptosuite"]}"'
        f"^^<{_SECURITY}cryptosuiteString> .\n"
        f"{subject} <{_SECURITY}proofPurpose> <{_SECURITY}{purpose}> .\n"
        f"{subject} <{_SECURITY}verificationMethod> <{method}> .\n"
    ).encode()


RDFC = Cryptosuite(name="eddsa-rdfc-2022", repeats_context=False, canonical=_quads)
"""Canonical document: RDFC-1.0 N-Quads."""
JCS = Cryptosuite(name="eddsa-jcs-2022", repeats_context=True, canonical=jcs.canonical)
"""Canonical document: RFC 8785."""

CRYPTOSUITES = (RDFC, JCS)
"""Both suites, in the order of our proof set."""
_BY_NAME = {suite.name: suite for suite in CRYPTOSUITES}


def configuration(context: Any, suite: Cryptosuite, method: str, created: str) -> dict[str, Any]:
    """Proof options without ``proofValue``.

    ``context`` is the document's ``@context``, ``method`` the verification method's URL and
    ``created`` an instant such as ``2026-11-22T04:00:00Z``.
    """
    options: dict[str, Any] = {
        "type": PROOF_TYPE,
        "cryptosuite": suite.name,
        "created": created,
        "verificationMethod": method,
        "proofPurpose": PURPOSE,
    }
    return {"@context": context} | options if suite.repeats_context else options


def signed_bytes(suite: Cryptosuite, options: Mapping[str, Any], canonical: bytes) -> bytes:
    """The 64 bytes under the signature: hash of the configuration, then of the document."""
    return sha256(suite.canonical(options)).digest() + sha256(canonical).digest()


def secure(
    document: Mapping[str, Any],
    nquads: bytes,
    canonical: bytes,
    signer: Signer,
    method: str,
    created: str,
) -> dict[str, Any]:
    """Return ``document`` with our proof set.

    ``nquads`` and ``canonical`` are the RDFC-1.0 and the RFC 8785 form of ``document``. Raises
    EnvelopeError when it already has a proof, or for a method or time of another shape.
    """
    if "proof" in document:
        raise EnvelopeError("the document already has a proof")
    context = document["@context"]
    frozen = _frozen(context)
    proofs = []
    for suite, form in ((RDFC, nquads), (JCS, canonical)):
        value = proof_value(suite, frozen, sha256(form).digest(), signer, method, created)
        proofs.append(configuration(context, suite, method, created) | {"proofValue": value})
    return {**document, "proof": proofs}


def proof_value(
    suite: Cryptosuite, context: bytes, digest: bytes, signer: Signer, method: str, created: str
) -> str:
    """Sign a document: ``digest`` is the SHA-256 of its canonical form in that suite.

    ``context`` is its ``@context`` in RFC 8785. Raises EnvelopeError for a method or time of
    another shape.
    """
    _check_method(method, created)
    options = _configuration_hash(suite, context, method, created)
    return "z" + base58.encode(signer.sign(options + digest))


def check(
    document: Mapping[str, Any],
    nquads: bytes,
    canonical: bytes,
    proof: Mapping[str, Any],
    public: PublicKey,
) -> None:
    """Verify one ``proof`` over ``document``, given without any proof, in both canonical forms.

    Raises NotOurProfileError for a proof that is not of either suite with exactly our members,
    EnvelopeError for a damaged one and SignatureError when it does not verify.
    """

    def digest(suite: Cryptosuite) -> bytes:
        return sha256(nquads if suite is RDFC else canonical).digest()

    check_digest(document, digest, proof, public)


def check_digest(
    document: Mapping[str, Any],
    digest: Callable[[Cryptosuite], bytes],
    proof: Mapping[str, Any],
    public: PublicKey,
) -> None:
    """Do what :func:`check` does, given the SHA-256 of the document's form in each suite."""
    suite = cryptosuite(proof)
    if "@context" in proof and proof["@context"] != document.get("@context"):
        raise SignatureError("the proof was made under another @context")
    if "id" in proof:
        named = {key: value for key, value in proof.items() if key != "proofValue"}
        options = sha256(suite.canonical(named)).digest()
    else:
        context = _frozen(document.get("@context"))
        options = _configuration_hash(suite, context, proof["verificationMethod"], proof["created"])
    signature = _signature(proof["proofValue"], public)
    public.suite.verify(public.raw, options + digest(suite), signature)


def cryptosuite(proof: Any) -> Cryptosuite:
    """Which suite made ``proof``, whose members are checked to be those that are signed.

    A member outside the known ones would not be in the RDF form, hence not under the signature.
    Raises NotOurProfileError for another suite or another set of members, EnvelopeError for members
    of the wrong shape.
    """
    if not isinstance(proof, Mapping) or not isinstance(proof.get("cryptosuite"), str):
        raise NotOurProfileError("not a Data Integrity proof")
    suite = _BY_NAME.get(proof["cryptosuite"])
    if suite is None or proof.get("type") != PROOF_TYPE:
        raise NotOurProfileError("a proof of an unknown cryptosuite")
    if not _REQUIRED <= proof.keys() <= _KNOWN:
        raise NotOurProfileError("a proof with other members than those of this profile")
    if proof["proofPurpose"] != PURPOSE:
        raise NotOurProfileError("a proof for another purpose than assertion")
    if suite.repeats_context and "@context" not in proof:
        raise NotOurProfileError(f"an {suite.name} proof without the document's @context")
    if "id" in proof and not _is_iri(proof["id"]):
        raise EnvelopeError("the proof's id is not an IRI")
    _check_method(proof["verificationMethod"], proof["created"])
    return suite


def _frozen(context: Any) -> bytes:
    """The canonical form of an ``@context``; that of a list of addresses is remembered."""
    if type(context) is list and all([type(part) is str for part in context]):
        return _frozen_addresses(tuple(context))
    return jcs.canonical(context)


@lru_cache(maxsize=64)
def _frozen_addresses(context: tuple[str, ...]) -> bytes:
    return jcs.canonical(list(context))


def _configuration_hash(suite: Cryptosuite, context: bytes, method: str, created: str) -> bytes:
    is_short = len(method) <= _SHORT
    find = _remembered_hash if is_short else _remembered_hash.__wrapped__
    return find(suite, context, method, created)


# A batch signs thousands of documents under one configuration within the same second.
@lru_cache(maxsize=64)
def _remembered_hash(suite: Cryptosuite, context: bytes, method: str, created: str) -> bytes:
    options = configuration(jcs.load(context), suite, method, created)
    return sha256(suite.canonical(options)).digest()


def _signature(value: Any, public: PublicKey) -> bytes:
    if not isinstance(value, str) or not value.startswith("z"):
        raise EnvelopeError("proofValue is not base58 in Multibase")
    try:
        signature = base58.decode(value[1:])
    except FormatError as error:
        raise EnvelopeError(f"proofValue: {error}") from None
    if len(signature) != public.suite.signature_size:
        raise EnvelopeError("proofValue has the wrong length")
    return signature


def _check_method(method: Any, created: Any) -> None:
    if type(method) is not str or type(created) is not str:
        raise EnvelopeError("verificationMethod and created are texts")
    check = _check_texts if len(method) <= _SHORT else _check_texts.__wrapped__
    check(method, created)


@lru_cache(maxsize=64)
def _check_texts(method: str, created: str) -> None:
    if not _is_iri(method):
        raise EnvelopeError("verificationMethod is not an IRI")
    if not _INSTANT.fullmatch(created):
        raise EnvelopeError("created is not a UTC instant in whole seconds")


def _is_iri(text: Any) -> bool:
    return isinstance(text, str) and _IRI.fullmatch(text) is not None
