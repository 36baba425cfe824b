"""The JSON certificate: what is printed comes back, and nothing else does."""

import copy
import json
import random
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas import credential, jcs
from schemas.certificate import Certificate, Kind
from schemas.errors import ContradictionError, FormatError, NewerFormatError, NotOurProfileError
from tests.schemas.certificates import SAMPLE, change, some

DOCUMENT = credential.document(SAMPLE)
SIGNED_AT = SAMPLE.facts.signed_at


def read(document: dict[str, Any]) -> Certificate:
    return credential.parse(jcs.load(jcs.canonical(document)), SIGNED_AT)


def test_what_the_sample_says() -> None:
    # Typed out once, so that a change of the layout cannot pass unseen.
    assert DOCUMENT["name"] == (
        "职业技能等级证书 · 钢筋工 三级/高级工 | Vocational Skill Level Certificate, "
        "Reinforcing Bar Worker, Level 3 (Senior Skilled Worker)"
    )
    assert DOCUMENT["issuer"]["id"] == "did:web:certs.example.gov.cn:issuers:jst.example.gov.cn"
    assert DOCUMENT["issuer"]["parentOrg"]["id"] == "did:web:certs.example.gov.cn"
    assert DOCUMENT["validFrom"] == "2026-11-21T16:00:00Z"
    assert "validUntil" not in DOCUMENT
    subject = DOCUMENT["credentialSubject"]
    assert subject["activityEndDate"] == "2026-11-15T00:00:00Z"
    assert [item["identityHash"] for item in subject["identifier"]] == ["欧阳娜娜", "002X"]
    achievement = subject["achievement"]
    assert achievement["id"] == "https://certs.example.gov.cn/achievements/2/6-29-01-04/3/020"
    assert [item["targetCode"] for item in achievement["alignment"]] == [
        "2",
        "6-29-01-04",
        "3",
        "020",
    ]
    assert [item.get("value") for item in subject["result"]] == [None, None, "2026-11-22", "1"]
    assert DOCUMENT["credentialStatus"]["id"] == "https://certs.example.gov.cn/b/42#94567"


def test_last_day_is_its_last_second_in_shanghai() -> None:
    document = credential.document(
        change(SAMPLE, valid_from=date(2027, 1, 1), valid_until=date(2028, 12, 31))
    )
    assert document["validFrom"] == "2026-12-31T16:00:00Z"
    assert document["validUntil"] == "2028-12-31T15:59:59Z"


def test_an_empty_work_type_is_printed() -> None:
    document = credential.document(change(SAMPLE, work_type=None))
    assert document["credentialSubject"]["achievement"]["specialization"] == "--"


def test_random_certificates_come_back() -> None:
    rng = random.Random("round trip")
    for _ in range(500):
        certificate = some(rng)
        document = jcs.load(jcs.canonical(credential.document(certificate)))
        assert credential.parse(document, certificate.facts.signed_at) == certificate


def test_proofs_are_set_aside() -> None:
    proof = {"type": "DataIntegrityProof"}
    secured = DOCUMENT | {"proof": [proof, proof]}
    assert credential.unsecured(secured) == DOCUMENT
    assert credential.proofs(secured) == [proof, proof]
    assert credential.proofs(DOCUMENT | {"proof": proof}) == [proof]
    assert read(secured) == SAMPLE
    for wrong in ({}, {"proof": []}, {"proof": "x"}, {"proof": [proof, 1]}, {"proof": None}):
        with pytest.raises(FormatError):
            credential.proofs(DOCUMENT | wrong)


def paths(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every place in a document, the inner ones included."""
    if path:
        yield path
    inner: Any = ()
    if isinstance(value, dict):
        inner = value.items()
    elif isinstance(value, list):
        inner = enumerate(value)
    for key, item in inner:
        yield from paths(item, (*path, key))


RICH = change(SAMPLE, review=True, valid_from=date(2027, 1, 1), valid_until=date(2028, 12, 31))
RICH_DOCUMENT = credential.document(RICH)
PATHS = list(paths(RICH_DOCUMENT))


def at(document: Any, path: tuple[Any, ...]) -> Any:
    for step in path:
        document = document[step]
    return document


def refused_or_other(document: dict[str, Any]) -> None:
    """A changed document is refused, or says something else and prints as it was changed."""
    try:
        certificate = credential.parse(document, SIGNED_AT)
    except FormatError:
        return
    assert certificate != RICH
    assert jcs.canonical(credential.document(certificate)) == jcs.canonical(document)


@pytest.mark.parametrize(
    "value", ["", "x", "3", "2027-01-01T00:00:00Z", 0, 1, True, None, [], {}, [""], {"id": "x"}]
)
def test_no_value_can_be_changed_unseen(value: Any) -> None:
    for path in PATHS:
        document = copy.deepcopy(RICH_DOCUMENT)
        parent = at(document, path[:-1])
        if type(parent[path[-1]]) is not type(value) or parent[path[-1]] != value:
            parent[path[-1]] = value
            refused_or_other(document)


def test_nothing_can_be_added_or_removed_unseen() -> None:
    for path in PATHS:
        document = copy.deepcopy(RICH_DOCUMENT)
        del at(document, path[:-1])[path[-1]]
        refused_or_other(document)
    for path in [(), *PATHS]:
        document = copy.deepcopy(RICH_DOCUMENT)
        target = at(document, path)
        if isinstance(target, dict):
            target["more"] = "x"
        elif isinstance(target, list):
            target.append(target[-1])
        else:
            continue
        with pytest.raises(FormatError):
            credential.parse(document, SIGNED_AT)


def test_one_character_more_is_seen() -> None:
    for path in PATHS:
        document = copy.deepcopy(RICH_DOCUMENT)
        parent = at(document, path[:-1])
        if isinstance(parent[path[-1]], str):
            for other in (parent[path[-1]] + "1", parent[path[-1]][:-1], parent[path[-1]] + " "):
                parent[path[-1]] = other
                refused_or_other(document)


def test_one_altered_place_is_a_contradiction() -> None:
    document = copy.deepcopy(DOCUMENT)
    alignment = document["credentialSubject"]["achievement"]["alignment"][2]
    alignment["targetName"] = "一级/高级技师 | Level 1 (Senior Technician)"
    with pytest.raises(ContradictionError, match="achievement/name"):
        credential.parse(document, SIGNED_AT)


def test_a_number_is_not_taken_for_false() -> None:
    for value in (0, 1, None, "false", True):
        document = copy.deepcopy(DOCUMENT)
        document["credentialSubject"]["identifier"][1]["hashed"] = value
        with pytest.raises(FormatError):
            credential.parse(document, SIGNED_AT)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("@context", ["https://www.w3.org/ns/credentials/v2"]),
        ("@context", list(reversed(DOCUMENT["@context"]))),
        ("@context", [*DOCUMENT["@context"], "https://www.w3.org/ns/credentials/examples/v2"]),
        ("type", ["VerifiableCredential"]),
        ("type", "VerifiableCredential"),
        ("credentialSchema", []),
        ("credentialSchema", [{"id": "https://other.example/schema.json", "type": "JsonSchema"}]),
        ("credentialSchema", None),
    ],
)
def test_documents_of_others(key: str, value: Any) -> None:
    with pytest.raises(NotOurProfileError):
        credential.parse(DOCUMENT | {key: value}, SIGNED_AT)


def test_later_layouts_and_kinds_are_newer() -> None:
    later = [{"id": "https://x.example/schemas/hallmark-certificate-2.json", "type": "JsonSchema"}]
    with pytest.raises(NewerFormatError):
        credential.parse(DOCUMENT | {"credentialSchema": later}, SIGNED_AT)
    document = copy.deepcopy(DOCUMENT)
    document["credentialSubject"]["achievement"]["alignment"][0]["targetCode"] = "4"
    with pytest.raises(NewerFormatError):
        credential.parse(document, SIGNED_AT)


@pytest.mark.parametrize("value", [None, [], "x", 1, {}, [DOCUMENT]])
def test_other_json_is_refused(value: Any) -> None:
    with pytest.raises(FormatError):
        credential.parse(value, SIGNED_AT)


@pytest.mark.parametrize(
    "values",
    [
        {"base": "https://certs.example.gov.cn/"},
        {"base": "ftp://certs.example.gov.cn"},
        {"base": "https://Certs.example"},
        {"base": "https://a.example/path"},
        {"kind": 4},
        {"issuer": "a/b"},
        {"issuer": "机构"},
        {"number": ""},
        {"number": "Y 1"},
        {"name": "A\u202eB"},
        {"name": "e\u0301"},
        {"name": "张三 "},
        {"last4": "02x1"},
        {"last4": "002XX"},
        {"occupation": "6/29"},
        {"occupation_name": None},
        {"occupation_name": "钢|筋"},
        {"level": ""},
        {"site": "a b"},
        {"version": 0},
        {"version": True},
        {"status_list": -1},
        {"status_index": 2**24},
        {"signed_at": -1},
        {"valid_from": date(2026, 11, 22)},
        {"valid_until": date(2026, 11, 21)},
        {"awarded": date(1969, 12, 31)},
        {"issuer_url": "did:web:a.example"},
        {"issuer_url": "https://例.example"},
        {"level_en": "a | b"},
        {"description": "a\nb"},
        {"batch": ""},
        {"review": 1},
    ],
)
def test_facts_that_cannot_be_stated(values: dict[str, Any]) -> None:
    with pytest.raises(FormatError):
        credential.document(change(SAMPLE, **values))


def test_work_type_needs_code_and_name() -> None:
    only_code = Certificate(facts=SAMPLE.facts, names=change(SAMPLE, work_type=None).names)
    only_name = Certificate(facts=change(SAMPLE, work_type=None).facts, names=SAMPLE.names)
    for certificate in (only_code, only_name, change(SAMPLE, work_type="--")):
        with pytest.raises(FormatError):
            credential.document(certificate)


@given(st.data())
@settings(deadline=None, max_examples=200)
def test_only_our_errors_escape(data: st.DataObject) -> None:
    document = copy.deepcopy(RICH_DOCUMENT)
    values = st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=8),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
        max_leaves=5,
    )
    for _ in range(data.draw(st.integers(1, 3))):
        path = data.draw(st.sampled_from(PATHS))
        try:
            at(document, path[:-1])[path[-1]] = data.draw(values)
        except (KeyError, IndexError, TypeError):
            continue
    refused_or_other(document)


def test_kinds_print_their_own_words() -> None:
    names = {kind: credential.document(change(SAMPLE, kind=kind))["name"] for kind in Kind}
    assert [names[kind].split(" ")[0] for kind in Kind] == [
        "职业资格证书",
        "职业技能等级证书",
        "培训合格证",
    ]
    assert json.dumps(names, ensure_ascii=False).count("Certificate") == 3
