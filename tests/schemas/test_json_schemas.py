"""The JSON Schemas accept what is printed and refuse what the formats forbid."""

import copy
import json
import random
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

import schemas
from schemas import bitstring_status, credential, did, status_note
from schemas.bitstring_status import BitstringStatusList
from schemas.certificate import State
from schemas.credential_layout import SCHEMA_PATH
from schemas.errors import FormatError
from schemas.status_note import Appeal, Authority, Ground, Replacement, StatusNote
from tests.schemas.certificates import SAMPLE, change, some
from tests.schemas.trust_values import FIRST, FULL, HOST, ROOT

FOLDER = Path(schemas.__file__ or "").parent / "json"
NAMES = sorted(path.name.removesuffix(".schema.json") for path in FOLDER.glob("*.schema.json"))


def validator(name: str) -> Any:
    schema = json.loads((FOLDER / f"{name}.schema.json").read_text("utf-8"))
    return jsonschema_rs.Draft202012Validator(schema, validate_formats=True)


def proof(suite: str, **more: Any) -> dict[str, Any]:
    return {
        "type": "DataIntegrityProof",
        "cryptosuite": suite,
        "created": "2026-11-22T04:00:00Z",
        "verificationMethod": did.method(f"did:web:{HOST}", bytes(32)),
        "proofPurpose": "assertionMethod",
        "proofValue": "z" + "3" * 88,
        **more,
    }


NOTE = StatusNote(
    uri=f"https://{HOST}/s/42",
    index=7,
    state=State.SUPERSEDED,
    sequence=3,
    cose=bytes(32),
    jcs=bytes(32),
    decided=SAMPLE.facts.awarded,
    authority=Authority(id="jst", zh="某省机构", en="A Body"),
    ground=Ground(code="correction", zh="更正姓名", en="A name was corrected"),
    appeal=Appeal(body="某省厅", until=SAMPLE.facts.awarded),
    replacement=Replacement(
        number="Y001011999966263000001", version=2, page=f"https://{HOST}/c/abcdefgh12345678"
    ),
    phone="000-12345678",
)
LIST = BitstringStatusList(
    uri=f"https://{HOST}/b/42",
    issuer=f"did:web:{HOST}",
    issued=1795320000,
    expires=1795406400,
    bits=bytes(16384),
)
CREDENTIAL = credential.document(SAMPLE)


def line(text: str) -> Any:
    return json.loads(text.split("\n")[1])


PRINTED: dict[str, list[Any]] = {
    "bitstring-status-list": [
        bitstring_status.document(LIST),
        bitstring_status.document(LIST)
        | {"proof": [proof("eddsa-rdfc-2022"), proof("eddsa-jcs-2022")]},
    ],
    "credential": [
        CREDENTIAL,
        CREDENTIAL
        | {
            "proof": [
                proof("eddsa-rdfc-2022"),
                proof("eddsa-jcs-2022", **{"@context": CREDENTIAL["@context"]}),
            ]
        },
        *(credential.document(some(random.Random(seed))) for seed in range(300)),
    ],
    "did": [did.document(f"did:web:{HOST}", FULL.keys), did.document(f"did:web:{HOST}", ())],
    "root": [ROOT.json()],
    "status-note": [line(status_note.text(NOTE))],
    "trust-list": [FIRST.json(), FULL.json()],
}


def test_every_schema_has_a_printed_value() -> None:
    assert sorted(PRINTED) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_accepts_what_is_printed(name: str) -> None:
    check = validator(name)
    for value in PRINTED[name]:
        check.validate(json.loads(json.dumps(value)))


@pytest.mark.parametrize("name", NAMES)
def test_is_itself_a_schema_and_names_no_host(name: str) -> None:
    text = (FOLDER / f"{name}.schema.json").read_text("utf-8")
    schema = json.loads(text)
    jsonschema_rs.meta.validate(schema)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["$id"] == f"urn:hallmark:schema:{name}:1"


def objects(value: Any, path: tuple[Any, ...] = ()) -> Any:
    if isinstance(value, dict):
        yield path
    if isinstance(value, dict | list):
        for step, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield from objects(inner, (*path, step))


@pytest.mark.parametrize("name", NAMES)
def test_refuses_any_key_more_or_less(name: str) -> None:
    check = validator(name)
    value = PRINTED[name][0]
    optional = {"validUntil", "proof"}
    for path in objects(value):
        changed = copy.deepcopy(value)
        node = changed
        for step in path:
            node = node[step]
        node["more"] = "x"
        assert not check.is_valid(changed), path
        del node["more"]
        for key in sorted(set(node) - optional):
            kept = node.pop(key)
            assert not check.is_valid(changed), (path, key)
            node[key] = kept


# What the Open Badges 3.0 schema and stable canonicalisation ask, one broken rule a row.
@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("credentialSubject", "identifier", 0, "id"), "urn:x"),
        (("credentialSubject", "identifier", 0, "hashed"), True),
        (("credentialSubject", "identifier", 0, "salt"), "00"),
        (("credentialSubject", "identifier", 1, "identityType"), "nationalIdentityNumber"),
        (("credentialSubject", "activityEndDate"), "2026-11-15"),
        (("credentialSubject", "otherIdentifier"), []),
        (("credentialSubject", "creditsEarned"), 3.5),
        (("credentialSubject", "awardedDate"), "2026-11-22T00:00:00Z"),
        (("credentialSubject", "name"), "欧阳娜娜"),
        (("credentialSubject", "achievement", "related"), []),
        (("credentialSubject", "achievement", "resultDescription", 0, "allowedValue"), ["a"]),
        (("credentialSubject", "achievement", "resultDescription", 0, "resultType"), "Passed"),
        (("credentialSubject", "achievement", "criteria"), {"narrative": "x"}),
        (("credentialSubject", "result", 0, "status"), "Passed"),
        (("credentialStatus",), [CREDENTIAL["credentialStatus"]]),
        (("credentialStatus", "statusListIndex"), 94567),
        (("credentialStatus", "statusMessage"), []),
        (("credentialSchema", 0, "type"), "1EdTechJsonSchemaValidator2019"),
        (("refreshService",), {"id": "https://a.example"}),
        (("name",), ["a | b"]),
        (("name",), {"@value": "a | b", "@language": "zh"}),
        (("issuer", "address"), {"type": ["Address"]}),
        (("issuer",), "did:web:a.example"),
        (("id",), "urn:uuid:6F0A1F0E-8A0C-4F3B-9C55-0D6A4C9F7E21"),
        (("proof",), []),
    ],
)
def test_credential_schema_keeps_the_open_badges_rules(path: tuple[Any, ...], value: Any) -> None:
    check = validator("credential")
    document = copy.deepcopy(CREDENTIAL)
    parent: Any = document
    for step in path[:-1]:
        parent = parent[step]
    parent[path[-1]] = value
    assert not check.is_valid(document)


def test_parser_refuses_what_the_schema_refuses() -> None:
    check = validator("credential")
    rng = random.Random("schema against parser")
    places = list(objects(CREDENTIAL))
    refused = 0
    for _ in range(2000):
        document = copy.deepcopy(CREDENTIAL)
        node = document
        for step in rng.choice(places):
            node = node[step]
        key = rng.choice(sorted(node))
        node[key] = rng.choice(["", "x", "9", 1, None, True, [], {}, "2026-11-22", node[key]])
        if not check.is_valid(document):
            refused += 1
            with pytest.raises(FormatError):
                credential.parse(document, 0)
    assert refused > 1000


def test_certificates_name_their_schema() -> None:
    uri = change(SAMPLE, base="http://127.0.0.1:8000")
    schema = credential.document(uri)["credentialSchema"][0]
    assert schema["id"] == f"http://127.0.0.1:8000{SCHEMA_PATH}1.json"
