"""Inputs that are made to cost: nothing unsigned may be kept, however many come."""

import tracemalloc
from collections.abc import Callable, Iterator

import pytest

from keys import cose
from schemas import did, jcs, qr
from tests.world import BASE, ISSUER, NOW, World, pair
from verifier.evidence import Evidence
from verifier.express import Express
from verifier.sources import MappingSource
from verifier.trust import Trust
from verifier.verify import verify

LONG = 200_000
"""Bytes of what is crafted in each input."""
COUNT = 30
WORLD = World()
MADE = WORLD.issue()


def test_a_signed_name_of_any_length_is_answered() -> None:
    payload = cose.parse(MADE.cose).payload
    source = MappingSource(WORLD.publish())
    trust = Trust.load(WORLD.root_note, source)
    for length in (255, 256, 2600):
        name = b"\x78" + bytes([length % 256]) + b"A" * length
        altered = payload.replace(b"\x6c" + MADE.facts.name.encode(), name)
        assert altered != payload
        text = qr.text(BASE, cose.seal(altered, pair("issuer"), qr.TYP))
        assert Express(trust, Evidence(source, trust)).answer(text.encode(), NOW) is None
        assert verify(text, trust, NOW).verdict == "unrecognised"


def addresses() -> Iterator[bytes]:
    digits = MADE.text.partition("#")[2]
    for number in range(COUNT):
        yield f"https://{number}{'甲' * (LONG // 3)}/v#{digits}".encode()


def headers() -> Iterator[bytes]:
    """Envelopes with a long header that need not be understood: label 64 and its bytes."""
    sign1 = cose.parse(MADE.cose)
    rest = MADE.cose[MADE.cose.index(b"\xa0") :]
    head = b"\xa4\x01\x32\x04\x44" + sign1.kid + b"\x10\x18\x3d\x18\x40\x5a" + LONG.to_bytes(4)
    for number in range(COUNT):
        protected = head + number.to_bytes(4) + bytes(LONG - 4)
        yield b"\xd2\x84\x5a" + len(protected).to_bytes(4) + protected + rest


def methods() -> Iterator[bytes]:
    """Proofs whose verification method is long and ends in a key that is trusted."""
    owner = did.issuer(BASE, ISSUER)
    key = did.method(owner, pair("issuer").public.raw).rpartition("#")[2]
    for number in range(COUNT):
        document = jcs.load(MADE.json)
        for proof in document["proof"]:
            proof["verificationMethod"] = f"{owner}#{number}{'a' * LONG}#{key}"
        yield jcs.canonical(document)


@pytest.mark.parametrize(
    "make, said", [(addresses, "unrecognised"), (headers, "unrecognised"), (methods, "forged")]
)
def test_what_is_not_signed_is_not_kept(make: Callable[[], Iterator[bytes]], said: str) -> None:
    source = MappingSource(WORLD.publish())
    trust = Trust.load(WORLD.root_note, source)
    evidence = Evidence(source, trust)
    express = Express(trust, evidence)

    def ask(data: bytes) -> None:
        assert express.answer(data, NOW) is None
        assert verify(data, trust, NOW, evidence).verdict == said

    inputs = make()
    ask(next(inputs))
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        for data in inputs:
            ask(data)
            del data
        after, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert after - before < 3 * LONG
