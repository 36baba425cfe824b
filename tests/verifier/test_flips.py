"""No damage of any form is ever ``valid``."""

import io
import random

import pypdf
import pytest

from schemas import jcs
from tests.world import NOW, World
from verifier.evidence import Evidence
from verifier.report import Verdict
from verifier.sources import MappingSource
from verifier.trust import Trust
from verifier.verify import verify

WORLD = World()
MADE = WORLD.issue()
SOURCE = MappingSource(WORLD.publish())
TRUST = Trust.load(WORLD.root_note, SOURCE)
EVIDENCE = Evidence(SOURCE, TRUST)


def verdict(data):
    return verify(data, TRUST, NOW, EVIDENCE).verdict


def flipped(data, bit):
    bent = bytearray(data)
    bent[bit // 8] ^= 1 << bit % 8
    return bytes(bent)


def mutations(data, count, seed):
    """Yield ``count`` different inputs: a flipped bit, a lost, doubled or swapped stretch."""
    draw = random.Random(seed)
    for _ in range(count):
        start, length = draw.randrange(len(data)), draw.randrange(1, 24)
        piece = data[start : start + length]
        other = draw.randrange(len(data))
        yield draw.choice(
            (
                flipped(data, draw.randrange(8 * len(data))),
                data[:start] + data[start + length :],
                data[:start] + piece + data[start:],
                data[:start] + data[other : other + length] + data[start + length :],
            )
        )


def same_value(data):
    try:
        return jcs.load(data) == MADE.document
    except Exception:
        return False


def pdf(attached):
    writer = pypdf.PdfWriter()
    writer.add_blank_page(100, 100)
    writer.add_attachment("certificate.json", attached)
    file = io.BytesIO()
    writer.write(file)
    return file.getvalue()


def test_the_originals_are_valid():
    assert verdict(MADE.cose) == verdict(MADE.text) == verdict(MADE.json) == Verdict.VALID
    assert verdict(pdf(MADE.json)) is Verdict.VALID


def test_every_single_bit_of_the_sealed_bytes():
    wrong = [bit for bit in range(8 * len(MADE.cose))
             if verdict(flipped(MADE.cose, bit)) is Verdict.VALID]  # fmt: skip
    assert wrong == []


def test_every_bit_through_the_text_form():
    data = MADE.text.encode()
    start = 8 * (data.index(b"#") + 1)
    wrong = [bit for bit in range(start, 8 * len(data), 3)
             if verdict(flipped(data, bit)) is Verdict.VALID]  # fmt: skip
    assert wrong == []


def test_every_prefix_of_the_sealed_bytes():
    assert not any(verdict(MADE.cose[:end]) is Verdict.VALID for end in range(len(MADE.cose)))


def run_json(count, seed, wrap=bytes):
    for bent in mutations(MADE.json, count, seed):
        if not same_value(bent):
            assert verdict(wrap(bent)) is not Verdict.VALID, bent


def test_json_mutations():
    run_json(400, 1)


def test_json_in_pdf_mutations():
    run_json(40, 2, pdf)


@pytest.mark.prove
def test_many_json_mutations():
    run_json(5000, 3)


@pytest.mark.prove
def test_many_json_in_pdf_mutations():
    run_json(5000, 4, pdf)
