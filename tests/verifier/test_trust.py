"""Walking from the pinned root to the newest trust list."""

from hashlib import sha256

import pytest

from keys import ceremony, custody, note, succession
from schemas import trust as trust_format
from schemas.trust import Holder, HolderKey, Location, Root
from tests.keys.plans import NOW as CEREMONY
from tests.keys.plans import plan
from tests.keys.randomness import CHEAP, stream
from tests.world import HOLDERS, HOST, NOW, World, pair
from verifier.sources import FolderSource, MappingSource, SequenceMemory
from verifier.trust import Trust, TrustError

WORLD = World()
ONE = WORLD.trust_list()


def text(signed):
    return note.parse(signed).text


TWO = WORLD.trust_list(2, text(ONE))
THREE = WORLD.trust_list(3, text(TWO))


def load(files, root=WORLD.root_note, memory=None):
    return Trust.load(root, MappingSource(files), memory)


def test_walks_to_the_newest():
    files = {"/trust/1": ONE, "/trust/2": TWO, "/trust/3": THREE}
    trust = load(files)
    assert trust.version == 3 and set(trust.texts) == {1, 2, 3}
    assert trust.is_current(NOW)


def test_latest_alone_is_enough_only_for_the_first():
    assert load({"/trust/latest": ONE}).version == 1
    with pytest.raises(TrustError, match="stands for 1"):
        load({"/trust/latest": TWO})


def test_a_gap_ends_the_walk():
    assert load({"/trust/1": ONE, "/trust/3": THREE}).version == 1


@pytest.mark.parametrize(
    ("files", "code"),
    [
        ({}, "trust.none"),
        ({"/trust/1": b"junk"}, "trust.spoilt"),
        ({"/trust/1": TWO}, "trust.spoilt"),
        ({"/trust/1": ONE[:-1]}, "trust.spoilt"),
        ({"/trust/1": ONE, "/trust/2": ONE}, "trust.spoilt"),
        ({"/trust/1": ONE, "/trust/2": THREE}, "trust.spoilt"),
        ({"/trust/1": WORLD.trust_list(registry="other.example")}, "trust.spoilt"),
        ({"/trust/1": WORLD.root_note}, "trust.spoilt"),
    ],
)
def test_refusals(files, code):
    with pytest.raises(TrustError) as caught:
        load(files)
    assert caught.value.code == code


def test_a_bad_root_is_refused():
    alone = note.sign(trust_format.text(WORLD.root), [(HOLDERS[0], pair(HOLDERS[0]))])
    for root in (b"", b"junk", alone, ONE):
        with pytest.raises(TrustError, match="pinned root"):
            load({"/trust/1": ONE}, root)


def test_goes_never_back():
    memory = SequenceMemory()
    assert load({"/trust/1": ONE, "/trust/2": TWO}, memory=memory).version == 2
    with pytest.raises(TrustError, match="older than 2"):
        load({"/trust/1": ONE}, memory=memory)


def new_root():
    holders = tuple(
        Holder(name=name, keys=(HolderKey(public=pair(f"second {name}").public.raw),))
        for name in HOLDERS
    )
    root = Root(registry=HOST, version=2, threshold=2, holders=holders)
    signers = [(name, pair(f"second {name}")) for name in HOLDERS]
    return note.sign(trust_format.text(root), signers), signers


def under_new_root(previous, version):
    signers = new_root()[1]
    listed = trust_format.parse(text(WORLD.trust_list(version, text(previous), root=2)))
    return note.sign(trust_format.text(listed), signers)


def test_a_newer_root_makes_the_old_pin_stale():
    files = {"/trust/1": ONE, "/trust/2": under_new_root(ONE, 2)}
    trust = load(files)
    assert trust.version == 1 and not trust.is_current(NOW)


def test_older_lists_are_held_by_hash():
    root = new_root()[0]
    files = {"/trust/1": ONE, "/trust/2": under_new_root(ONE, 2)}
    assert load(files, root).version == 2
    unsigned = note.sign(text(ONE).replace("12329", "12328"), [("thief", pair("thief"))])
    with pytest.raises(TrustError, match="follows another"):
        load(files | {"/trust/1": unsigned}, root)
    with pytest.raises(TrustError, match="under the pinned root"):
        load({"/trust/1": ONE}, root)


def test_an_old_root_does_not_come_back():
    root = new_root()[0]
    two = under_new_root(ONE, 2)
    back = WORLD.trust_list(3, text(two))
    files = {
        "/trust/1": ONE,
        "/trust/2": two,
        "/trust/3": back,
        "/trust/4": under_new_root(back, 4),
    }
    with pytest.raises(TrustError, match="goes back"):
        load(files, root)


def test_a_folder_never_gives_what_lies_outside(tmp_path):
    (tmp_path / "public").mkdir()
    (tmp_path / "secret").write_bytes(b"secret")
    source = FolderSource(tmp_path / "public")
    assert source.get("/../secret") is None
    assert source.get("https://certs.example.gov.cn/s/../../secret") is None
    (tmp_path / "public" / "link").symlink_to(tmp_path / "secret")
    assert source.get("/link") is None
    assert source.get("/") is None


def test_hash_of_the_chain_is_of_the_signed_text():
    assert trust_format.parse(text(TWO)).previous == sha256(text(ONE).encode()).digest()


def test_what_a_ceremony_makes_is_walked(tmp_path):
    made = ceremony.run(
        plan(), tmp_path, b"a passphrase for tests", CEREMONY, stream("walk"), cost=CHEAP
    )
    signers = {}
    for label in ("1", "2"):
        signers |= custody.open_folder(tmp_path / "custodians" / label, b"a passphrase for tests")
    change = succession.add_location(
        Location(old="http://127.0.0.1:8000/", new="https://certs.example.gov.cn/")
    )
    second = succession.next_trust_list(
        made.trust_list, made.root_note, [change], signers, CEREMONY + 60
    )
    trust = load({"/trust/1": made.trust_list, "/trust/2": second}, made.root_note)
    assert trust.version == 2 and trust.is_current(CEREMONY + 60)
    assert trust.issuer_name("js", CEREMONY).zh == "江苏实施机构"
