"""The examples in the written formats are what the code prints, and they verify."""

import json
import re
from hashlib import sha256
from pathlib import Path
from typing import Any

import schemas
from keys import data_integrity
from keys.signer import KeyPair
from schemas import bitstring_status, credential, dates, did, jcs, rdf, trust
from tests.schemas.certificates import SAMPLE
from tests.schemas.trust_values import FULL, HOST, ROOT

SPEC = Path(schemas.__file__ or "").parent / "spec"
PAIR = KeyPair.from_seed(sha256(b"hallmark/example").digest())
FENCE = chr(96) * 3


def blocks(name: str) -> list[str]:
    return re.findall(f"{FENCE}(?:json)?\n(.*?){FENCE}", (SPEC / name).read_text("utf-8"), re.S)


def check_proofs(secured: dict[str, Any], owner: str) -> None:
    document = credential.unsecured(secured)
    nquads, canonical = rdf.canonical(document), jcs.canonical(document)
    proofs = credential.proofs(secured)
    assert [proof["cryptosuite"] for proof in proofs] == ["eddsa-rdfc-2022", "eddsa-jcs-2022"]
    for proof in proofs:
        assert proof["verificationMethod"] == did.method(owner, PAIR.public.raw)
        data_integrity.check(document, nquads, canonical, proof, PAIR.public)


def test_credential() -> None:
    (block,) = blocks("credential.md")
    secured = json.loads(block)
    document = credential.unsecured(secured)
    assert document == credential.document(SAMPLE)
    check_proofs(secured, document["issuer"]["id"])
    assert {proof["created"] for proof in secured["proof"]} == {dates.utc(SAMPLE.facts.signed_at)}


def test_hashes_of_the_credential() -> None:
    text = (SPEC / "credential.md").read_text("utf-8")
    document = credential.document(SAMPLE)
    forms = [rdf.canonical(document), jcs.canonical(document)]
    method = did.method(document["issuer"]["id"], PAIR.public.raw)
    created = dates.utc(SAMPLE.facts.signed_at)
    for suite in data_integrity.CRYPTOSUITES:
        options = data_integrity.configuration(document["@context"], suite, method, created)
        forms.append(suite.canonical(options))
    assert re.findall(r"`([0-9a-f]{64})`", text) == [sha256(form).hexdigest() for form in forms]


def test_bitstring_status_list() -> None:
    (block,) = blocks("bitstring-status-list.md")
    secured = json.loads(block)
    value = bitstring_status.parse(credential.unsecured(secured))
    assert [index for index in range(8 * len(value.bits)) if value.is_set(index)] == [94567]
    check_proofs(secured, f"did:web:{HOST}")


def test_trust_list_and_root() -> None:
    root, full = blocks("trust-list.md")
    assert trust.parse_root(root) == ROOT
    assert trust.parse(full) == FULL


def test_did_document() -> None:
    (block,) = blocks("did.md")
    assert json.loads(block) == did.document(FULL.issuers[0].did, FULL.keys_of("jst"))
