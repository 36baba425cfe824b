"""What quick ways answer equals what the long ways answer, for sound documents and damaged ones.

A space after the first brace leaves a JSON document as it is, but no template writes it: so the
same document goes both ways.
"""

import random
import re
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis.strategies import DataObject, data, integers, sampled_from

from keys import cose, data_integrity, proof_items
from keys.errors import EnvelopeError
from schemas import dates, did, jcs, qr, rdf_template
from schemas.certificate import Certificate
from schemas.errors import FormatError
from tests.schemas.certificates import change, some
from tests.world import BASE, ISSUER, NOW, SIGNED, World, pair
from verifier.evidence import Evidence
from verifier.forms import JsonForm, json_form, printed_form
from verifier.report import Report, Verdict
from verifier.sources import MappingSource
from verifier.trust import Trust
from verifier.verify import verify, verify_all

SIGNER = pair("issuer")


def certificates(count: int, seed: str) -> list[Certificate]:
    """Random certificates that the world's issuer may sign."""
    rng = random.Random(seed)
    return [
        change(some(rng), base=BASE, issuer=ISSUER, signed_at=SIGNED + rng.randrange(99))
        for _ in range(count)
    ]


def text_of(certificate: Certificate) -> str:
    """The secured document as issuing writes it: the proof set after the canonical document."""
    facts = certificate.facts
    forms = rdf_template.canonical(certificate)
    method = did.method(did.issuer(facts.base, facts.issuer), SIGNER.public.raw)
    secured = data_integrity.secure(
        jcs.load(forms.jcs), forms.nquads, forms.jcs, SIGNER, method, dates.utc(facts.signed_at)
    )
    return f'{forms.jcs.decode()[:-1]},"proof":{jcs.canonical(secured["proof"]).decode()}}}'


def long_way(text: str) -> str:
    """The same JSON value in a spelling that no template writes."""
    return "{ " + text.removeprefix("{")


def said(form: JsonForm) -> tuple[object, ...]:
    return (form.facts, form.names, form.issuer_did, form.proofs, form.our_proofs,
            form.canonical, form.nquads, form.digest,
            *map(form.digest_in, data_integrity.CRYPTOSUITES))  # fmt: skip


def is_plain(certificate: Certificate) -> bool:
    """Whether no text of the certificate's own needs an escape in JSON."""
    return re.search(r'["\\\x7f]', certificate.facts.name + certificate.names.batch) is None


def test_a_printed_document_reads_as_it_does_the_long_way() -> None:
    quick = 0
    for certificate in certificates(300, "quick"):
        text = text_of(certificate)
        assert printed_form(long_way(text).encode()) is None
        form = printed_form(text.encode())
        assert (form is not None) == is_plain(certificate)
        if form is not None:
            quick += 1
            assert said(form) == said(json_form(jcs.load(text)))
            assert form.facts == certificate.facts
            assert form.names == certificate.names
    assert quick > 100


@pytest.fixture(scope="module")
def world() -> World:
    made = World()
    made.issue()
    return made


class Pair:
    """Both ways under one trust list."""

    def __init__(self, world: World) -> None:
        files = world.publish()
        self.trust = Trust.load(world.root_note, MappingSource(files))
        self.evidence = Evidence(MappingSource(files), self.trust)

    def report(self, text: str) -> Report:
        """The one report that both ways give."""
        quick = verify(text, self.trust, NOW, self.evidence)
        assert quick == verify(long_way(text), self.trust, NOW, self.evidence)
        with suppress(UnicodeEncodeError):
            assert quick == verify(text.encode(), self.trust, NOW, self.evidence)
        return quick


def test_both_ways_report_the_same(world: World) -> None:
    both = Pair(world)
    for certificate in certificates(60, "reports"):
        report = both.report(text_of(certificate))
        passed = {step.check for step in report.steps if step.outcome == "passed"}
        assert {"readable", "trust", "key", "signature"} <= passed


SAMPLES = [text_of(each) for each in certificates(25, "damage") if is_plain(each)]


def damaged(rng: random.Random, text: str) -> str:
    """One of many ways to alter a text; its first brace stays."""
    at = rng.randrange(1, len(text))
    values = list(re.finditer(r'(?<=")[^"{}\[\],:]{1,40}(?=")|[0-9]+', text))
    value = rng.choice(values)
    other = rng.choice(SAMPLES)
    match rng.randrange(8):
        case 0:
            return text[:at] + chr(ord(text[at]) ^ 1 << rng.randrange(7)) + text[at + 1 :]
        case 1:
            return text[:at] + text[at + rng.randrange(1, 9) :]
        case 2:
            return text[:at] + text[at : at + 30] + text[at:]
        case 3:
            return text[: value.start()] + rng.choice(["0", "007", "", "甲", "1e3", '"', "\\u0041",
                "2026-02-30", "9" * 30, "\ud800", "x\ny"]) + text[value.end() :]  # fmt: skip
        case 4:
            return text.replace(value[0], rng.choice(["0", "A1", "00", "9" * 12, "2026-13-01"]))
        case 5:
            swapped = rng.choice(list(re.finditer(r'(?<=")[^"{}\[\],:]{1,40}(?=")|[0-9]+', other)))
            return text.replace(value[0], swapped[0])
        case 6:
            return text.partition(',"proof":')[0] + "".join(other.partition(',"proof":')[1:])
        case _:
            cut = rng.choice(['"proof":', "{", "}", ",", "[", '"'])
            return cut.join(text.split(cut)[: rng.randrange(2, 9)]) + text[at:]


def test_both_ways_report_the_same_of_whatever_was_damaged(world: World) -> None:
    rng = random.Random(20261123)
    both = Pair(world)
    verdicts = set()
    for _ in range(1500):
        text = rng.choice(SAMPLES)
        altered = damaged(rng, text)
        if altered == text or not altered.startswith("{"):
            continue
        verdicts.add(both.report(altered).verdict)
    assert Verdict.FORGED in verdicts
    assert Verdict.VALID not in verdicts


def test_many_at_once_are_judged_as_one_by_one(world: World) -> None:
    rng = random.Random("many")
    trust = Pair(world).trust
    damage = [damaged(rng, rng.choice(SAMPLES)) for _ in range(60)]
    whole = [text.encode() for text in SAMPLES]
    others = ["", "https://example.org/", b"%PDF-", b"\xd2", *world.publish().values()]
    inputs = [(each, NOW - rng.randrange(10**7)) for each in [*whole, *damage, *others]]
    rng.shuffle(inputs)
    reports = verify_all(inputs, trust)
    assert reports == [verify(data, trust, at) for data, at in inputs]
    assert len({report.verdict for report in reports}) > 3
    assert [each.verdict for each in verify_all(inputs[:9], None)] == [
        verify(data, None, at).verdict for data, at in inputs[:9]
    ]
    with pytest.raises(FormatError):
        verify_all([*inputs, ("", -1)], trust)


@pytest.mark.parametrize("field, old, new", [
    ("version", '"value":"1"', '"value":"01"'),
    ("last day", "T15:59:59Z", "T15:59:58Z"),
    ("first day", "T16:00:00Z", "T16:00:01Z"),
    ("last day", "2027-11-22T15:59:59Z", ""),
    ("assessed", "T00:00:00Z", "T00:00:01Z"),
    ("awarded", '"value":"2026-11-22"', '"value":"20261122"'),
    ("index", '"statusListIndex":"', '"statusListIndex":"0'),
    ("identity", "urn:uuid:", "urn:uuid:{"),
])  # fmt: skip
def test_what_a_template_writes_but_no_certificate_says(field: str, old: str, new: str) -> None:
    """Slots that fill the template to the very bytes, yet are not how a value is spelt."""
    certificate = change(
        certificates(1, "spelling")[0], version=1, name="甲", batch="1",
        awarded=dates.parse_date("2026-11-22"), valid_from=None,
        valid_until=dates.parse_date("2027-11-22"),
    )  # fmt: skip
    text = text_of(certificate)
    assert printed_form(text.encode()) is not None
    assert old in text, field
    altered = text.replace(old, new)
    assert printed_form(altered.encode()) is None
    both = Pair(World())
    assert both.report(altered).verdict in (Verdict.FORGED, Verdict.UNRECOGNISED)


def test_a_capital_identity_is_left_to_the_long_way() -> None:
    text = text_of(certificates(1, "capital")[0])
    identity = re.search(r"urn:uuid:([0-9a-f-]{36})", text)
    assert identity is not None
    altered = text.replace(identity[1], identity[1].upper())
    assert altered != text
    assert printed_form(altered.encode()) is None


def test_a_proof_set_reads_as_it_does_the_long_way() -> None:
    rng = random.Random("proofs")
    read = 0
    for text in SAMPLES:
        proofs = text.rpartition(',"proof":')[2][:-1]
        assert proof_items.read(proofs) == jcs.load(proofs)
        for _ in range(40):
            altered = damaged(rng, proofs)
            found = proof_items.read(altered)
            if found is not None:
                read += 1
                assert found == jcs.load(altered)
    assert read > 20


def test_a_proof_set_is_written_as_it_is_the_long_way() -> None:
    for certificate in certificates(20, "written"):
        facts, forms = certificate.facts, rdf_template.canonical(certificate)
        owner = did.issuer(facts.base, facts.issuer)
        for method in (did.method(owner, SIGNER.public.raw), f"{owner}#~!$&'()*+,;=@[]?_"):
            created = dates.utc(facts.signed_at)
            secured = data_integrity.secure(
                jcs.load(forms.jcs), forms.nquads, forms.jcs, SIGNER, method, created
            )
            hashes = forms.nquads_hash, forms.jcs_hash
            written = proof_items.secure(*hashes, SIGNER, method, created)
            assert written == jcs.canonical(secured["proof"])
    today = "2026-11-23T00:00:00Z"
    for method, created in (('did:web:certs.example#"', today), ("did:web:certs.example#1", "1")):
        with pytest.raises(EnvelopeError):
            proof_items.secure(b"", b"", SIGNER, method, created)


def test_a_qr_of_the_same_certificate_says_the_same() -> None:
    for certificate in certificates(20, "twins"):
        if is_plain(certificate):
            form = printed_form(text_of(certificate).encode())
            envelope = cose.parse(cose.seal(qr.claims(certificate.facts), SIGNER, qr.TYP))
            assert form is not None
            assert qr.parse(envelope.payload) == form.facts


PIECES = (
    "", "0", "00", "-1", "1e1", "true", "null", '"', '\\"', "\\u0030", "T00:00:00Z", "2026-11-22",
    "urn:uuid:", "#", "/", "甲", "\x7f", "{", "}", "[", ",", " ", "z", "A",
)  # fmt: skip


@pytest.fixture(scope="module")
def both() -> Pair:
    return Pair(World())


@settings(deadline=None, max_examples=300)
@given(drawn=data())
def test_both_ways_report_the_same_of_any_edit(both: Pair, drawn: DataObject) -> None:
    text = drawn.draw(sampled_from(SAMPLES[:8]))
    start = drawn.draw(integers(1, len(text)))
    end = drawn.draw(integers(start, min(len(text), start + 40)))
    altered = text[:start] + drawn.draw(sampled_from(PIECES)) + text[end:]
    if altered != text:
        assert both.report(altered).verdict is not Verdict.VALID
