"""Canonical N-Quads: known answers, an independent processor, and the compiled template."""

import copy
import random
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from keys import data_integrity
from schemas import bitstring_status, credential, jcs, rdf, rdf_template
from schemas.bitstring_status import BitstringStatusList
from schemas.certificate import Certificate
from schemas.errors import FormatError, NotOurProfileError
from tests.schemas import jsonld
from tests.schemas.certificates import SAMPLE, change, some

EXAMPLES = Path(__file__).resolve().parents[2] / "../shared/reference/examples"


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("credential.json")), ids=str)
def test_known_answers_of_an_earlier_field_set(path: Path) -> None:
    document = credential.unsecured(jcs.load(path.read_bytes()))
    nquads = rdf.canonical(document)
    assert nquads == path.with_suffix(".nq").read_bytes()
    assert nquads.count(b"\n") == 80
    digest = sha256(nquads).hexdigest()
    assert (digest[:8], digest[-6:]) == ("993137a0", "8679f8")
    digest = sha256(jcs.canonical(document)).hexdigest()
    assert (digest[:8], digest[-6:]) == ("b13055bf", "ad5750")


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("credential.json")), ids=str)
def test_known_answers_of_its_proof_configurations(path: Path) -> None:
    known = {
        "eddsa-rdfc-2022": ("8dae49fb", "6c39d7"),
        "eddsa-jcs-2022": ("de69056d", "bcfa110"),
    }
    for proof in credential.proofs(jcs.load(path.read_bytes())):
        suite = data_integrity.cryptosuite(proof)
        options = {key: value for key, value in proof.items() if key != "proofValue"}
        digest = sha256(suite.canonical(options)).hexdigest()
        first, last = known[suite.name]
        assert (digest[:8], digest[-len(last) :]) == (first, last)


def certificates(count: int, seed: str) -> list[Certificate]:
    rng = random.Random(seed)
    return [some(rng) for _ in range(count)]


def check_peer(certificate: Certificate) -> None:
    document = credential.document(certificate)
    assert rdf.canonical(document) == jsonld.canonical(document)


@jsonld.needs_contexts
def test_equals_an_independent_processor() -> None:
    check_peer(SAMPLE)
    for certificate in certificates(300, "peer"):
        check_peer(certificate)


@jsonld.needs_contexts
@pytest.mark.prove
def test_equals_an_independent_processor_ten_thousand_times() -> None:
    for certificate in certificates(10_000, "prove"):
        check_peer(certificate)


@jsonld.needs_contexts
def test_peer_agrees_on_escapes() -> None:
    document = credential.document(SAMPLE)
    document["name"] = "\x00\x01\b\t\n\x0b\f\r\x1f \"\\'\x7f\x80é\u2028𡋤"
    assert rdf.canonical(document) == jsonld.canonical(document)


@jsonld.needs_contexts
def test_status_list_equals_an_independent_processor() -> None:
    value = BitstringStatusList(
        uri="https://certs.example.gov.cn/b/42",
        issuer="did:web:certs.example.gov.cn",
        issued=1795320000,
        expires=1795406400,
        bits=random.Random(1).randbytes(16384),
    )
    document = bitstring_status.document(value)
    assert rdf.canonical(document) == jsonld.canonical(document)


def check_template(certificate: Certificate) -> None:
    document = credential.document(certificate)
    expected = (rdf.canonical(document), jcs.canonical(document))
    forms = rdf_template.canonical(certificate)
    assert (forms.nquads, forms.jcs) == expected
    assert (forms.nquads_hash, forms.jcs_hash) == tuple(sha256(each).digest() for each in expected)


def test_template_equals_the_walker_for_random_certificates() -> None:
    for certificate in certificates(400, "template"):
        check_template(certificate)


def test_template_equals_the_walker_within_one_group() -> None:
    rng = random.Random("group")
    orders = set()
    for other in certificates(200, "one group"):
        certificate = change(
            SAMPLE,
            uuid=other.facts.uuid,
            name=other.facts.name,
            last4=other.facts.last4,
            number=other.facts.number,
            version=other.facts.version,
            assessed=other.facts.assessed,
            awarded=other.facts.awarded,
            valid_from=other.facts.valid_from,
            valid_until=other.facts.valid_until,
            status_list=other.facts.status_list,
            status_index=rng.randrange(2**17),
            batch=other.names.batch,
        )
        check_template(certificate)
        nquads = rdf_template.canonical(certificate).nquads
        name = f'_:c14n0 <{"https://purl.imsglobal.org/spec/vc/ob/vocab.html#"}identityHash> "'
        orders.add(f"{name}{certificate.facts.name}".encode() in nquads)
    assert orders == {True, False}, "both orders of the nodes without an id occur"


def test_texts_that_look_like_marks_or_formats_stay_texts() -> None:
    # No digit-only mark of the template, and no format character, may be taken for a place.
    for text in ("~0.0~", "~0.1~~0.2~ ~1.3~", "100%", "%b %s %% %(a)s", '"quoted" ~0.'):
        check_template(change(SAMPLE, description=text, batch=text))


def test_template_refuses_what_the_document_refuses() -> None:
    for certificate in (
        change(SAMPLE, name="a\u200bb"),
        change(SAMPLE, batch="a\nb"),
        change(SAMPLE, description="\ue000"),
        change(SAMPLE, base="https://certs.example.gov.cn/"),
        change(SAMPLE, status_index=-1),
    ):
        with pytest.raises(FormatError):
            credential.document(certificate)
        with pytest.raises(FormatError):
            rdf_template.canonical(certificate)


def _set(document: Any, *path: Any, value: Any) -> None:
    for step in path[:-1]:
        document = document[step]
    document[path[-1]] = value


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("unknown",), "x"),
        (("issuer", "email"), "x"),
        (("credentialSubject", "name"), None),
        (("credentialSubject", "result"), []),
        (("validFrom",), 1),
        (("validFrom",), {"@value": "x"}),
        (("validFrom",), True),
        (("name",), {"@value": "x", "@language": "zh"}),
        (("name",), "\ud800"),
        (("name",), "\ufffe"),
        (("type",), []),
        (("type",), ["VerifiableCredential", "OtherCredential"]),
        (("type",), [1]),
        (("id",), "relative"),
        (("id",), "urn:uuid:ä"),
        (("id",), "urn:a b"),
        (("id",), "name:x"),
        (("id",), None),
        (("issuer",), "_:b0"),
        (("issuer", "url"), ["https://a.example", 3]),
        (("credentialSubject", "identifier", 0, "hashed"), "false"),
        (("credentialSubject", "identifier", 0, "hashed"), 0),
    ],
)
def test_walker_refuses(path: tuple[Any, ...], value: Any) -> None:
    document = copy.deepcopy(credential.document(SAMPLE))
    _set(document, *path, value=value)
    with pytest.raises(FormatError):
        rdf.canonical(document)


def test_walker_refuses_other_contexts_and_shapes() -> None:
    document = credential.document(SAMPLE)
    for contexts in (
        None,
        "https://www.w3.org/ns/credentials/v2",
        [],
        [{}],
        document["@context"] * 2,
    ):
        with pytest.raises(NotOurProfileError):
            rdf.canonical(document | {"@context": contexts})
    twice = copy.deepcopy(document)
    twice["credentialSubject"]["identifier"][1] = twice["credentialSubject"]["identifier"][0]
    with pytest.raises(FormatError, match="told apart"):
        rdf.canonical(twice)
    deep: dict[str, Any] = {"type": "Profile"}
    for _ in range(20):
        deep = {"type": "Profile", "parentOrg": deep}
    with pytest.raises(FormatError, match="deep"):
        rdf.canonical(document | {"issuer": deep})


def test_open_badges_terms_need_the_open_badges_context() -> None:
    document = credential.document(SAMPLE)
    with pytest.raises(FormatError):
        rdf.canonical(document | {"@context": document["@context"][:1]})
