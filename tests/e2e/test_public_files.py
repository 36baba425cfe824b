"""The static tree as it is served, DID documents where did:web says, and the look-up's one miss."""

import json
from urllib.parse import unquote, urlsplit

import pytest

from keys import cose
from keys.signer import PublicKey
from schemas import qr
from tests.e2e.demonstration import STATES

MEDIA_TYPES = {
    "s": "application/statuslist+cwt",
    "b": "application/vc",
    "i": "application/hallmark-issued+cwt",
    "n": "text/plain; charset=utf-8",
    "trust": "text/plain; charset=utf-8",
    "issuers": "application/did+json",
    ".well-known": "application/did+json",
    "schemas": "application/schema+json",
}


def did_address(did: str, base: str) -> str:
    """Path of a did:web document by the method's own rule, on the host that the name says."""
    method, _, rest = did.removeprefix("did:").partition(":")
    host, *path = map(unquote, rest.split(":"))
    assert method == "web" and host == urlsplit(base).netloc
    return "/" + "/".join([*path, "did.json"] if path else [".well-known", "did.json"])


def test_every_file_with_its_tag_and_type(demo, client):
    files = [path for path in sorted(demo.public.rglob("*")) if path.is_file()]
    kinds = {path.relative_to(demo.public).parts[0] for path in files}
    assert kinds == MEDIA_TYPES.keys()
    for path in files[:: max(1, len(files) // 60)] + list(demo.public.glob("[!i]*/*")):
        name = path.relative_to(demo.public)
        answer = client.get(f"/{name.as_posix()}")
        assert answer.status_code == 200, name
        assert answer.content == path.read_bytes()
        assert answer.headers["content-type"] == MEDIA_TYPES[name.parts[0]]
        assert answer.headers["cache-control"].startswith("public, max-age=")
        assert answer.headers["access-control-allow-origin"] == "*"
        tag = answer.headers["etag"]
        again = client.get(f"/{name.as_posix()}", headers={"if-none-match": tag})
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == tag
        other = client.get(f"/{name.as_posix()}", headers={"if-none-match": '"other"'})
        assert other.status_code == 200


@pytest.mark.parametrize(
    "path",
    ["/s/999", "/s/x", "/n/" + "0" * 64, "/n/..%2f..%2froot.note", "/trust/..%2f..%2fhallmark.toml",
     "/issuers/nobody/did.json", "/issuers/../hallmark.db", "/.well-known/other", "/i/1", "/b/"],
)  # fmt: skip
def test_what_is_no_file(client, path):
    answer = client.get(path)
    assert answer.status_code == 404
    assert b"hallmark" not in answer.content[:60]


@pytest.mark.parametrize(
    "name", ["hallmark.db", "hallmark.toml", "passphrase", "keys/status.1.key"]
)
def test_what_is_not_public(demo, client, name):
    assert client.get(f"/{name}").status_code == 404
    assert client.get(f"/static/..%2f{name}").status_code == 404


@pytest.mark.parametrize("state", STATES)
def test_did_documents_hold_the_keys_that_signed(demo, client, state):
    [award] = demo.of_state(state, 1)
    document = award.document
    did = document["issuer"]["id"]
    found = client.get(did_address(did, demo.base)).json()
    assert found["id"] == did
    methods = {each["id"]: each["publicKeyMultibase"] for each in found["verificationMethod"]}
    for proof in document["proof"]:
        assert proof["verificationMethod"] in found["assertionMethod"]
        assert proof["verificationMethod"] in methods
    sealed = cose.parse(qr.from_text(award.text))
    signers = [PublicKey.from_multibase(each) for each in methods.values()]
    assert any(cose.open(sealed, each) for each in signers if each.kid == sealed.kid)


def test_centre_signs_the_lists(demo, client):
    listed = client.get("/b/1").json()
    did = listed["issuer"]
    found = client.get(did_address(did, demo.base)).json()
    assert found["id"] == did
    for proof in listed["proof"]:
        assert proof["verificationMethod"] in found["assertionMethod"]


def test_schema_that_the_credentials_name(demo, client):
    [award] = demo.of_state("valid", 1)
    for schema in award.document["credentialSchema"]:
        assert schema["id"].startswith(demo.base + "/")
        answer = client.get(schema["id"])
        assert answer.status_code == 200
        assert json.loads(answer.content)["$schema"]


def test_look_up_finds_and_every_miss_is_one_answer(demo, client):
    [award] = demo.of_state("valid", 1)
    found = client.post("/lookup", data={"number": award.number, "name": award.holder})
    assert found.status_code == 303
    page = client.get(found.headers["location"])
    assert page.status_code == 200 and award.number in page.text
    # Nobody learns from the answer whether the number, the name or the last four were wrong.
    misses = [
        {"number": award.number, "name": "别人"},
        {"number": award.number[:-1] + "x", "name": award.holder},
        {"number": award.number, "last4": "0000"},
    ]
    pages = []
    for given in misses:
        answer = client.post("/lookup", data=given)
        assert answer.status_code == 200
        text = answer.text
        for value in given.values():
            text = text.replace(f'value="{value}"', 'value=""')
        pages.append(text)
    assert pages[0] == pages[1] == pages[2]
    assert award.holder not in pages[2]
