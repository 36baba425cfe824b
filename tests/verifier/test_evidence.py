"""Evidence: who may sign it, what is remembered, and nothing fetched that is not allowed."""

import base64
from dataclasses import replace

from keys import note
from schemas import status_note
from schemas.trust import Closed
from tests.world import BASE, ISSUER, NOW, SIGNED, State, World, pair
from verifier.evidence import Evidence
from verifier.sources import MappingSource, SequenceMemory
from verifier.trust import Trust
from verifier.verify import verify


class Counting:
    def __init__(self, files):
        self.source = MappingSource(files)
        self.asked = []

    def get(self, uri):
        self.asked.append(uri)
        return self.source.get(uri)


def desk(world, files, **options):
    source = Counting(files)
    trust = Trust.load(world.root_note, source)
    source.asked.clear()
    return source, trust, Evidence(source, trust, **options)


def test_each_file_is_asked_for_once():
    world = World()
    made = world.issue()
    source, trust, evidence = desk(world, world.publish())
    for _ in range(3):
        assert verify(made.text, trust, NOW, evidence).verdict == "valid"
        assert verify(made.json, trust, NOW, evidence).verdict == "valid"
    assert source.asked == [f"{BASE}/i/1/92", f"{BASE}/s/1"]


def test_the_note_is_asked_for_only_when_not_valid():
    world = World()
    made = world.issue()
    world.set_state(made, State.REVOKED)
    source, trust, evidence = desk(world, world.publish() | world.note_files(made, State.REVOKED))
    report = verify(made.text, trust, NOW, evidence)
    assert report.note["ground"]["code"] == "fraud"
    assert source.asked[2:] == [f"{BASE}/n/{made.cose_hash.hex()}"]
    report = verify(made.json, trust, NOW, evidence)
    assert source.asked[3:] == [f"{BASE}/n/{made.jcs_hash.hex()}"]


def test_nothing_unsigned_is_followed():
    world = World()
    thief = world.issue("thief", registered=False, base="https://evil.example")
    owner = world.issue(registered=False, base="https://evil.example", status_index=5)
    source, trust, evidence = desk(world, world.publish())
    assert verify(thief.text, trust, NOW, evidence).verdict == "untrusted_issuer"
    assert verify(owner.text, trust, NOW, evidence).reason == "status_missing"
    assert source.asked == []


def test_memory_is_shared_between_generations():
    world = World()
    made = world.issue()
    memory = SequenceMemory()
    world.sequence = 9
    _, trust, evidence = desk(world, world.publish(), memory=memory)
    assert verify(made.text, trust, NOW, evidence).verdict == "valid"
    world.sequence = 8
    _, trust, evidence = desk(world, world.publish(), memory=memory)
    assert verify(made.text, trust, NOW, evidence).reason == "status_rolled_back"


def test_a_note_needs_a_signature_of_a_key_in_force():
    """A thief of a closed key cannot borrow the name of another key for an unsigned line."""
    world = World()
    world.keys["stolen-status"] = replace(
        world.keys["status"], name="stolen-status", public=pair("stolen-status").public.raw,
        closed=Closed(why="stolen", at=SIGNED),
    )  # fmt: skip
    made = world.issue()
    world.set_state(made, State.REVOKED)
    stolen = world.note(made, State.REVOKED, key="stolen-status")
    line = base64.b64encode(b"oops" + bytes(64)).decode()
    for data in (stolen, stolen + f"— status {line}\n".encode()):
        files = world.publish() | {f"/n/{made.cose_hash.hex()}": data}
        report = world.check(made.text, files)
        assert report.verdict == "revoked" and report.note is None
    both = note.sign(
        status_note.text(status_note.parse(note.parse(stolen).text)),
        [("stolen-status", pair("stolen-status")), ("status", pair("status"))],
    )
    report = world.check(made.text, world.publish() | {f"/n/{made.cose_hash.hex()}": both})
    assert report.note is not None


def test_key_ids_may_collide():
    """Every key of the id is tried; here the first of two would fail."""
    world = World()
    made = world.issue()
    _, trust, evidence = desk(world, world.publish())
    right = trust.candidates(ISSUER, pair("issuer").public.kid)
    wrong = trust.candidates(ISSUER, pair("narrow-issuer").public.kid)
    trust._by_kid[ISSUER, pair("issuer").public.kid] = wrong + right
    report = verify(made.text, trust, NOW, evidence)
    assert report.verdict == "valid"


def test_the_issuers_name_is_of_the_trust_list():
    world = World()
    report = world.check(world.issue().json, world.publish())
    assert report.issuer_name == world.issuers[0].names[0].zh
    assert report.phone == "0791-12345"
