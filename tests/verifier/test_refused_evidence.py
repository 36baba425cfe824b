"""Evidence that is well signed and yet does not count: wrong key, wrong place, wrong state."""

from dataclasses import replace

import pytest

from keys import cose, data_integrity
from schemas import credential, dates, did, jcs, qr, rdf
from schemas.certificate import Certificate, State
from schemas.trust import Closed
from tests.world import NAMES, OTHER_ISSUER, SIGNED, Issued, World, facts, pair


def revoked(world):
    made = world.issue()
    world.set_state(made, State.REVOKED)
    return made


def shown_note(world, made, note):
    files = world.publish() | {f"/n/{made.cose_hash.hex()}": note}
    report = world.check(made.text, files)
    assert report.verdict == "revoked"
    return report.note


def test_a_note_of_a_status_key_is_shown():
    world = World()
    made = revoked(world)
    assert shown_note(world, made, world.note(made, State.REVOKED)) is not None


@pytest.mark.parametrize("key", ["issuer", "authority", "other-status"])
def test_a_note_of_another_key_is_not_shown(key):
    world = World()
    made = revoked(world)
    assert shown_note(world, made, world.note(made, State.REVOKED, key=key)) is None


def test_a_note_about_another_state_is_not_shown():
    world = World()
    made = revoked(world)
    assert shown_note(world, made, world.note(made, State.CANCELLED)) is None


@pytest.mark.parametrize("changes", [{"index": 1}, {"cose": bytes(32), "jcs": bytes(32)}])
def test_a_note_about_another_certificate_is_not_shown(changes):
    world = World()
    made = revoked(world)
    assert shown_note(world, made, world.note(made, State.REVOKED, **changes)) is None


def test_a_list_of_a_stolen_key_does_not_count():
    world = World()
    world.keys["stolen-status"] = replace(
        world.keys["status"], name="stolen-status", public=pair("stolen-status").public.raw,
        closed=Closed(why="stolen", at=SIGNED),
    )  # fmt: skip
    made = world.issue()
    report = world.check(made.text, world.publish(key="stolen-status"))
    assert (report.verdict, report.reason) == ("undetermined", "status_spoilt")


def test_a_required_tile_is_required_off_line_too():
    world = World()
    world.keys["strict-issuer"] = replace(world.keys["strict-issuer"], checks=("issued",))
    made = world.issue("strict-issuer")
    files = {path: data for path, data in world.publish().items() if not path.startswith("/i/")}
    report = world.check(made.text, files, online=False)
    assert (report.verdict, report.reason) == ("undetermined", "issued_missing")


def test_a_proof_names_a_method_of_its_own_issuer():
    """The right key under another body's name: the signature holds, the name does not."""
    world = World()
    value = Certificate(facts=facts(), names=NAMES)
    document, signer = credential.document(value), pair("issuer")
    method = did.method(did.issuer(value.facts.base, OTHER_ISSUER), signer.public.raw)
    secured = data_integrity.secure(
        document, rdf.canonical(document), jcs.canonical(document), signer, method,
        dates.utc(value.facts.signed_at),
    )  # fmt: skip
    made = Issued(value, cose.seal(qr.claims(value.facts), signer, qr.TYP), secured)
    world.issued.append(made)
    report = world.check(made.json, world.publish())
    assert (report.verdict, report.reason) == ("untrusted_issuer", "unknown")
