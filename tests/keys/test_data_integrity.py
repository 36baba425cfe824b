"""Data Integrity: the W3C vectors stage by stage, then our own proof set."""

import json
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keys import data_integrity
from keys.data_integrity import CRYPTOSUITES, JCS, RDFC, Cryptosuite
from keys.errors import EnvelopeError, SignatureError
from keys.signer import KeyPair, PublicKey
from schemas import base58, jcs
from schemas.errors import FormatError, NotOurProfileError
from tests.keys.vectors import DATA_INTEGRITY

PAIR = KeyPair.from_seed(sha256(b"data integrity").digest())
METHOD = "did:web:certs.example:issuers:js#key-1"
CREATED = "2026-11-22T04:00:00Z"
DOCUMENT: dict[str, Any] = {
    "@context": ["https://www.w3.org/ns/credentials/v2"],
    "id": "urn:uuid:58172aac-d8ba-11ed-83dd-0b3aef56cc33",
    "name": "样本",
}
QUADS = (
    '<urn:uuid:58172aac-d8ba-11ed-83dd-0b3aef56cc33> <https://schema.org/name> "样本" .\n'.encode()
)
CANONICAL = jcs.canonical(DOCUMENT)


def secured() -> dict[str, Any]:
    return data_integrity.secure(DOCUMENT, QUADS, CANONICAL, PAIR, METHOD, CREATED)


def check(proof: dict[str, Any], document: dict[str, Any] = DOCUMENT) -> None:
    data_integrity.check(document, QUADS, CANONICAL, proof, PAIR.public)


# W3C vc-di-eddsa TestVectors: keyPair.json, and proofHash of eddsa-{rdfc,jcs}-2022.
W3C_KEY = "z6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQ7XJPt4swbTQ2"
W3C_METHOD = f"did:key:{W3C_KEY}#{W3C_KEY}"
W3C_CONTEXT = [
    "https://www.w3.org/ns/credentials/v2",
    "https://www.w3.org/ns/credentials/examples/v2",
]
W3C_CREATED = "2023-02-24T23:36:38Z"


@pytest.mark.parametrize(
    ("suite", "digest"),
    [
        (RDFC, "bea7b7acfbad0126b135104024a5f1733e705108f42d59668b05c0c50004c6b0"),
        (JCS, "66ab154f5c2890a140cb8388a22a160454f80575f6eae09e5a097cabe539a1db"),
    ],
)
def test_configurations_of_the_w3c_vectors(suite: Cryptosuite, digest: str) -> None:
    options = data_integrity.configuration(W3C_CONTEXT, suite, W3C_METHOD, W3C_CREATED)
    assert sha256(suite.canonical(options)).hexdigest() == digest


def test_the_w3c_jcs_credential_verifies() -> None:
    document = {
        "@context": W3C_CONTEXT,
        "id": "urn:uuid:58172aac-d8ba-11ed-83dd-0b3aef56cc33",
        "type": ["VerifiableCredential", "AlumniCredential"],
        "name": "Alumni Credential",
        "description": "A minimum viable example of an Alumni Credential.",
        "issuer": "https://vc.example/issuers/5678",
        "validFrom": "2023-01-01T00:00:00Z",
        "credentialSubject": {
            "id": "did:example:abcdefgh",
            "alumniOf": "The School of Examples",
        },
    }
    value = (
        "z2HnFSSPPBzR36zdDgK8PbEHeXbR56YF24jwMpt3R1eHXQzJDMWS93FCzpvJpwTWd3GAVFuUfjoJdcnTMuVor51aX"
    )
    proof = data_integrity.configuration(W3C_CONTEXT, JCS, W3C_METHOD, W3C_CREATED)
    proof["proofValue"] = value
    public = PublicKey.from_multibase(W3C_KEY)
    data_integrity.check(document, b"", jcs.canonical(document), proof, public)
    changed = document | {"name": "Alumnus Credential"}
    with pytest.raises(SignatureError):
        data_integrity.check(changed, b"", jcs.canonical(changed), proof, public)


def stages(folder: Path, suffix: str) -> dict[str, Any]:
    names = ("canonDoc", "docHash", "proofCanon", "proofHash", "combinedHash", "sigBTC58", "sigHex")
    texts = {name: (folder / f"{name}{suffix}.txt").read_text() for name in names}
    for name in ("proofConfig", "signed"):
        texts[name] = json.loads((folder / f"{name}{suffix}.json").read_text())
    return texts


CASES = [
    (path.parent, path.name.removeprefix("proofConfig").removesuffix(".json"))
    for path in sorted(DATA_INTEGRITY.glob("eddsa-*/**/proofConfig*.json"))
]


@pytest.mark.parametrize(("folder", "suffix"), CASES, ids=lambda value: str(value)[-22:])
def test_every_stage_of_the_w3c_vectors(folder: Path, suffix: str) -> None:
    case = stages(folder, suffix)
    suite = data_integrity.cryptosuite(case["signed"]["proof"])
    options, document = case["proofConfig"], case["canonDoc"].encode()
    assert suite.canonical(options).decode() == case["proofCanon"]
    assert sha256(document).hexdigest() == case["docHash"].strip()
    message = data_integrity.signed_bytes(suite, options, document)
    assert message.hex() == case["combinedHash"].strip()
    public = PublicKey.from_multibase(options["verificationMethod"].split("#")[1])
    unsecured = {key: value for key, value in case["signed"].items() if key != "proof"}
    proof = case["signed"]["proof"]
    assert proof["proofValue"] == case["sigBTC58"].strip()
    assert base58.decode(proof["proofValue"][1:]).hex() == case["sigHex"].strip()
    data_integrity.check(unsecured, document, document, proof, public)
    # The private key is published beside them (keyPair.json), so that signing can be compared too.
    pair = key_pair(DATA_INTEGRITY / "keyPair.json")
    assert pair.public == public
    assert "z" + base58.encode(pair.sign(message)) == proof["proofValue"]


def key_pair(path: Path) -> KeyPair:
    """Multicodec ed25519-priv (8026) over the 32-byte seed."""
    private = base58.decode(json.loads(path.read_text())["privateKeyMultibase"][1:])
    assert private[:2] == b"\x80\x26"
    return KeyPair.from_seed(private[2:])


def test_the_vectors_are_all_found_where_they_are() -> None:
    assert len(CASES) == (3 if DATA_INTEGRITY.exists() else 0)


@pytest.mark.parametrize(
    "path",
    sorted(DATA_INTEGRITY.glob("proof-set-chain/signedProofSet*.json")),
    ids=lambda p: p.name,
)
def test_the_proof_sets_of_the_w3c_vectors(path: Path) -> None:
    signed = json.loads(path.read_text())
    document = {key: value for key, value in signed.items() if key != "proof"}
    # The set is made over the same document as the single proof, whose canonical form is published.
    quads = (DATA_INTEGRITY / "eddsa-rdfc-2022/canonDocDataInt.txt").read_bytes()
    proofs = signed["proof"] if isinstance(signed["proof"], list) else [signed["proof"]]
    for proof in proofs:
        public = PublicKey.from_multibase(proof["verificationMethod"].split("#")[1])
        data_integrity.check(document, quads, jcs.canonical(document), proof, public)
        other = proof | {"id": "urn:uuid:00000000-0000-4000-8000-000000000000"}
        with pytest.raises(SignatureError):
            data_integrity.check(document, quads, jcs.canonical(document), other, public)


@pytest.mark.parametrize(
    "path",
    sorted(DATA_INTEGRITY.glob("proof-set-chain/signedProofChain*.json")),
    ids=lambda p: p.name,
)
def test_proof_chains_are_not_of_our_profile(path: Path) -> None:
    chained = [p for p in json.loads(path.read_text())["proof"] if "previousProof" in p]
    assert chained
    for proof in chained:
        with pytest.raises(NotOurProfileError, match="other members"):
            data_integrity.cryptosuite(proof)


def test_our_proof_set() -> None:
    document = secured()
    assert [proof["cryptosuite"] for proof in document["proof"]] == [s.name for s in CRYPTOSUITES]
    assert {key: value for key, value in document.items() if key != "proof"} == DOCUMENT
    assert "proof" not in DOCUMENT
    rdfc, canonical = document["proof"]
    assert "@context" not in rdfc
    assert canonical["@context"] == DOCUMENT["@context"]
    for proof in document["proof"]:
        assert proof["verificationMethod"] == METHOD
        assert proof["created"] == CREATED
        check(proof)
    assert secured() == document
    with pytest.raises(EnvelopeError, match="already"):
        data_integrity.secure(document, QUADS, CANONICAL, PAIR, METHOD, CREATED)


def test_each_proof_covers_its_own_canonical_form() -> None:
    rdfc, canonical = secured()["proof"]
    with pytest.raises(SignatureError):
        data_integrity.check(DOCUMENT, QUADS + b"\n", CANONICAL, rdfc, PAIR.public)
    with pytest.raises(SignatureError):
        data_integrity.check(DOCUMENT, QUADS, CANONICAL + b" ", canonical, PAIR.public)
    other = KeyPair.from_seed(bytes(32)).public
    for proof in (rdfc, canonical):
        with pytest.raises(SignatureError):
            data_integrity.check(DOCUMENT, QUADS, CANONICAL, proof, other)


@pytest.mark.parametrize("which", [0, 1])
@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"created": "2026-11-22T04:00:01Z"}, SignatureError),
        ({"verificationMethod": METHOD + "0"}, SignatureError),
        ({"id": "urn:uuid:00000000-0000-4000-8000-000000000000"}, SignatureError),
        ({"@context": ["https://elsewhere.example/v1"]}, SignatureError),
        ({"created": "2026-11-22T04:00:00+08:00"}, EnvelopeError),
        ({"created": '2026"^^<x> .\n'}, EnvelopeError),
        ({"created": None}, EnvelopeError),
        ({"verificationMethod": "did:web:a> <b"}, EnvelopeError),
        ({"verificationMethod": "relative#key"}, EnvelopeError),
        ({"verificationMethod": {"id": METHOD}}, EnvelopeError),
        ({"id": "urn:uuid:1> <a"}, EnvelopeError),
        ({"id": ""}, EnvelopeError),
        ({"proofValue": "u" + "1" * 86}, EnvelopeError),
        ({"proofValue": "z0"}, EnvelopeError),
        ({"proofValue": "z1111"}, EnvelopeError),
        ({"proofValue": 5}, EnvelopeError),
        ({"proofPurpose": "authentication"}, NotOurProfileError),
        ({"type": "Ed25519Signature2020"}, NotOurProfileError),
        ({"cryptosuite": "ecdsa-rdfc-2019"}, NotOurProfileError),
        ({"cryptosuite": ["eddsa-rdfc-2022"]}, NotOurProfileError),
        ({"expires": "2036-11-22T04:00:00Z"}, NotOurProfileError),
        ({"nonce": "1"}, NotOurProfileError),
    ],
)
def test_a_changed_proof(which: int, change: dict[str, Any], error: type[Exception]) -> None:
    proof = secured()["proof"][which] | change
    with pytest.raises(error):
        check(proof)


@pytest.mark.parametrize("which", [0, 1])
@pytest.mark.parametrize("member", ["type", "cryptosuite", "created", "verificationMethod",
                                    "proofPurpose", "proofValue"])  # fmt: skip
def test_a_proof_lacks_nothing(which: int, member: str) -> None:
    proof = dict(secured()["proof"][which])
    del proof[member]
    with pytest.raises(NotOurProfileError):
        check(proof)


def test_a_jcs_proof_repeats_the_context() -> None:
    proof = dict(secured()["proof"][1])
    del proof["@context"]
    with pytest.raises(NotOurProfileError, match="without the document's @context"):
        check(proof)


@pytest.mark.parametrize("proof", [None, [], "proof", 5, {}, {"cryptosuite": None}])
def test_what_is_no_proof(proof: Any) -> None:
    with pytest.raises(NotOurProfileError):
        data_integrity.cryptosuite(proof)


@pytest.mark.parametrize(("method", "created"), [("not an iri", CREATED), (METHOD, "2026-11-22")])
def test_bad_options_are_not_signed(method: str, created: str) -> None:
    with pytest.raises(EnvelopeError):
        data_integrity.secure(DOCUMENT, QUADS, CANONICAL, PAIR, method, created)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=6,
)


@settings(deadline=None, max_examples=300)
@given(st.integers(0, 1), st.sampled_from([*secured()["proof"][1], "id", "nonce"]), JSON)
def test_only_our_errors_escape(which: int, member: str, value: Any) -> None:
    proof = secured()["proof"][which]
    if member in proof and proof[member] == value:
        return
    with pytest.raises((FormatError, SignatureError)):
        check(proof | {member: value})
