"""Real papers of the demonstration, damaged or signed again by the real key: never ``valid``."""

import copy
import io
import random
import string
import time
from dataclasses import replace
from uuid import UUID

import pypdf
import pytest
from pypdf.generic import DecodedStreamObject, NameObject

from registry.config import Config
from registry.work.open import open_signers
from schemas import credential, dates, jcs
from schemas.errors import FormatError
from tests.e2e.demonstration import Award, Demonstration
from tests.verifier.test_flips import mutations
from tests.world import World
from verifier.evidence import Evidence
from verifier.report import Report, Verdict
from verifier.sources import FolderSource, MappingSource
from verifier.trust import Trust
from verifier.verify import verify

FEW, MANY = 300, 5000
LETTERS = string.ascii_letters + string.digits + "示例甲乙丙丁:/#-"


class Checker:
    """Verifies in this process, with the demonstration's public tree or its trust list only."""

    def __init__(self, demo: Demonstration) -> None:
        source = FolderSource(demo.public)
        self.trust = Trust.load(demo.root.read_bytes(), source)
        self.evidence = Evidence(source, self.trust)
        self.nothing = Evidence(MappingSource({}), self.trust)

    def report(self, data: bytes | str, *, alone: bool = False) -> Report:
        evidence = self.nothing if alone else self.evidence
        return verify(data, self.trust, int(time.time()), evidence)


@pytest.fixture(scope="module")
def checker(demo: Demonstration) -> Checker:
    return Checker(demo)


@pytest.fixture(scope="module")
def award(demo: Demonstration) -> Award:
    return demo.of_state("valid")[3]


def leaves(value, path=()):
    """Every place in a JSON value that holds no object and no array."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from leaves(inner, (*path, name))
    elif isinstance(value, list):
        for place, inner in enumerate(value):
            yield from leaves(inner, (*path, place))
    else:
        yield path


def edited(document, draw):
    """The document with one member changed, dropped, added, copied or moved."""
    bent = copy.deepcopy(document)
    *way, last = draw.choice(list(leaves(bent)))
    inner = bent
    for step in way:
        inner = inner[step]
    kind = draw.randrange(5)
    if kind == 0:
        inner[last] = _other(inner[last], draw)
    elif kind == 1:
        del inner[last]
    elif kind == 2 and isinstance(inner, dict):
        inner[draw.choice(("name", "note", "id", "x", "@id", "type"))] = draw.choice(LETTERS)
    elif kind == 3:
        *way, place = draw.choice(list(leaves(bent)))
        other = bent
        for step in way:
            other = other[step]
        other[place], inner[last] = inner[last], other[place]
    else:
        inner[last] = [inner[last]]
    return bent


def _other(value, draw):
    if not isinstance(value, str) or not value:
        return draw.choice((None, True, 0, "", [], {}))
    place = draw.randrange(len(value))
    return value[:place] + draw.choice(LETTERS) + value[place + draw.randrange(2) :]


def bent_bodies(original, count, seed):
    """``count`` bodies of another value than the original's: half by member, half by bytes."""
    draw = random.Random(seed)
    document = jcs.load(original)
    broken = mutations(original, 4 * count, seed)
    while count:
        body = jcs.canonical(edited(document, draw)) if count % 2 else next(broken)
        if not same_value(body, document):
            yield body
            count -= 1


def same_value(body, document):
    try:
        return jcs.load(body) == document
    except FormatError:
        return False


def carrier(original: bytes):
    """The real PDF without its drawing, which has no part in what is verified, and its one file."""
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(original))
    for page in writer.pages:
        page[NameObject("/Contents")] = writer._add_object(DecodedStreamObject())
    [attached] = writer.attachment_list
    return writer, attached


def written(writer) -> bytes:
    file = io.BytesIO()
    writer.write(file)
    return file.getvalue()


def run_json(checker, award, count, seed):
    original = award.file("certificate.json").read_bytes()
    assert checker.report(original).verdict is Verdict.VALID
    for body in bent_bodies(original, count, seed):
        assert checker.report(body).verdict is not Verdict.VALID, body


def run_attached(checker, award, count, seed):
    writer, attached = carrier(award.file("certificate.pdf").read_bytes())
    original = attached.content
    assert original == award.file("certificate.json").read_bytes()
    assert checker.report(written(writer)).verdict is Verdict.VALID
    for body in bent_bodies(original, count, seed):
        attached.content = body
        assert checker.report(written(writer)).verdict is not Verdict.VALID, body


def test_edited_json(checker, award):
    run_json(checker, award, FEW, 1)


def test_edited_json_in_the_pdf(checker, award):
    run_attached(checker, award, FEW, 2)


@pytest.mark.prove
def test_much_edited_json(checker, award):
    run_json(checker, award, MANY, 3)


@pytest.mark.prove
def test_much_edited_json_in_the_pdf(checker, award):
    run_attached(checker, award, MANY, 4)


def run_pdf(checker, award, count, seed):
    original = award.file("certificate.pdf").read_bytes()
    said = checker.report(original)
    assert said.verdict is Verdict.VALID
    draw = random.Random(seed)
    outcomes = set()
    for _ in range(count):
        bent = bytearray(original)
        bent[draw.randrange(len(bent))] ^= 1 << draw.randrange(8)
        report = checker.report(bytes(bent))
        outcomes.add(report.verdict)
        # Most of a PDF is its drawing, which nobody signed; what is signed stays as it was.
        assert report.verdict is not Verdict.VALID or report.facts == said.facts
        assert report.face == "not_checked"
    return outcomes


def test_flipped_bits_of_the_whole_pdf(checker, award):
    run_pdf(checker, award, 6, 5)


@pytest.mark.prove
def test_many_flipped_bits_of_the_whole_pdf(checker, award):
    assert len(run_pdf(checker, award, 300, 6)) > 1


@pytest.mark.prove
def test_every_other_digit_of_the_code(checker, award):
    head, _, digits = award.text.partition("#")
    for place, digit in enumerate(digits):
        for other in set(string.digits) - {digit}:
            text = f"{head}#{digits[:place]}{other}{digits[place + 1 :]}"
            assert checker.report(text).verdict is not Verdict.VALID, place


def forged_forms(demo: Demonstration, award: Award, **changes: object):
    """Code and JSON of a certificate that the real issuer's key signed over other facts."""
    document = award.document
    created = document["proof"][0]["created"]
    real = credential.parse(document, dates.parse_utc(created))
    signer = open_signers(Config.for_folder(demo.folder))[f"issuer.{real.facts.issuer}.1"]
    forged = replace(real, facts=replace(real.facts, **changes))
    made = World().sign(forged, signer)
    return made.text, made.json


def places(demo: Demonstration) -> set[int]:
    return {int(each.document["credentialStatus"]["statusListIndex"]) for each in demo.awards}


def unused(demo: Demonstration) -> int:
    taken = places(demo)
    return next(place for place in range(131_071, 0, -1) if place not in taken)


CHANGES = {
    "borrowed place, other name": {"name": "示例冒名"},
    "borrowed place, other level": {"level": "1"},
    "borrowed place, other identity": {"uuid": UUID(int=9, version=4)},
}


@pytest.mark.parametrize("name", CHANGES)
def test_signed_by_the_real_key_on_a_borrowed_place(demo, checker, award, name):
    for form in forged_forms(demo, award, **CHANGES[name]):
        report = checker.report(form)
        assert (report.verdict, report.reason) == (Verdict.UNTRUSTED_ISSUER, "never_issued")
        assert checker.report(form, alone=True).verdict is Verdict.UNDETERMINED


def test_signed_by_the_real_key_on_an_unused_place(demo, checker, award):
    forms = forged_forms(
        demo, award, status_index=unused(demo), uuid=UUID(int=8, version=4), name="示例冒名"
    )
    for form in forms:
        report = checker.report(form)
        assert (report.verdict, report.reason) == (Verdict.UNTRUSTED_ISSUER, "never_issued")
        assert checker.report(form, alone=True).verdict is Verdict.UNDETERMINED


def test_signed_again_unchanged_is_the_same_certificate(demo, checker, award):
    """The signature is deterministic, so only other facts make another certificate."""
    for form in forged_forms(demo, award):
        assert checker.report(form).verdict is Verdict.VALID


def test_code_signed_again_at_another_time_was_never_issued(demo, checker, award):
    later = dates.parse_utc(award.document["proof"][0]["created"]) + 60
    text, _ = forged_forms(demo, award, signed_at=later)
    report = checker.report(text)
    assert (report.verdict, report.reason) == (Verdict.UNTRUSTED_ISSUER, "never_issued")


@pytest.mark.parametrize("state", ["revoked", "suspended", "superseded"])
def test_void_certificate_moved_to_a_place_in_force(demo, checker, award, state):
    [void] = demo.of_state(state, 1)
    free = int(award.document["credentialStatus"]["statusListIndex"])
    for form in forged_forms(demo, void, status_index=free):
        report = checker.report(form)
        assert (report.verdict, report.reason) == (Verdict.UNTRUSTED_ISSUER, "never_issued")
