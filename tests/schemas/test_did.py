"""did:web identities and documents."""

from schemas import did
from tests.schemas.trust_values import FULL, HOST


def test_identities() -> None:
    # did:web method specification: a port is percent-encoded, path parts become colons.
    assert did.centre("https://certs.example.gov.cn") == "did:web:certs.example.gov.cn"
    assert did.centre("http://127.0.0.1:8000") == "did:web:127.0.0.1%3A8000"
    assert did.centre("127.0.0.1:8000") == "did:web:127.0.0.1%3A8000"
    assert did.issuer("https://a.example", "jst") == "did:web:a.example:issuers:jst"


def test_multibase_of_a_published_key() -> None:
    # W3C vc-di-eddsa TestVectors/keyPair.json.
    public = bytes.fromhex("b00d8d938e7f773d51565aad36a623f5344f7f5d1960f9cf3e8e12620ea2810f")
    expected = "z6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQ7XJPt4swbTQ2"
    assert did.multibase(public) == expected
    assert did.method("did:web:a.example", public) == f"did:web:a.example#{expected}"


def test_issuer_document() -> None:
    owner = f"did:web:{HOST}:issuers:jst"
    document = did.document(owner, FULL.keys_of("jst"))
    first, stolen = FULL.keys_of("jst")
    method = did.method(owner, first.public)
    assert document == {
        "@context": ["https://www.w3.org/ns/did/v1", "https://w3id.org/security/multikey/v1"],
        "id": owner,
        "verificationMethod": [
            {
                "id": method,
                "type": "Multikey",
                "controller": owner,
                "publicKeyMultibase": did.multibase(first.public),
            }
        ],
        "assertionMethod": [method],
    }
    assert stolen.closed is not None


def test_retired_keys_stay_and_log_keys_are_not_listed() -> None:
    retired = did.document(f"did:web:{HOST}:issuers:jst2", FULL.keys_of("jst2"))
    assert len(retired["assertionMethod"]) == 1
    centre = did.document(f"did:web:{HOST}", FULL.keys_of(None))
    roles = {key.role for key in FULL.keys_of(None)}
    assert {"log", "witness"} < roles
    assert len(centre["verificationMethod"]) == len(roles) - 2
