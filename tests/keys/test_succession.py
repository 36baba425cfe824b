"""The next trust list: threshold, one signature per holder, and what may change."""

from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest

from keys import ceremony, custody, note, succession
from keys.errors import CeremonyError, SignatureError
from keys.signer import KeyPair, Signer
from keys.succession import Change
from schemas import trust
from schemas.errors import FormatError
from schemas.trust import Closed, Issuer, Key, Location, TrustList
from tests.keys.plans import NOW, plan
from tests.keys.randomness import CHEAP, stream

PASSPHRASE = b"passphrase of everybody"
LATER = NOW + 3600


@pytest.fixture(scope="module")
def held(tmp_path_factory: pytest.TempPathFactory) -> "Held":
    folder = tmp_path_factory.mktemp("succession")
    transcript = ceremony.run(plan(), folder, PASSPHRASE, NOW, stream("succession"), cost=CHEAP)
    return Held(folder, transcript)


class Held:
    """Outcome of a ceremony, with the root holders' signers."""

    def __init__(self, folder: Path, transcript: ceremony.Transcript) -> None:
        self.root, self.first = transcript.root_note, transcript.trust_list
        self.holders: dict[str, Signer] = {}
        for label in ("1", "2", "3"):
            self.holders |= custody.open_folder(folder / "custodians" / label, PASSPHRASE)

    def signers(self, *labels: str) -> dict[str, Signer]:
        names = [f"127.0.0.1:8000/root/{label}" for label in labels]
        return {name: self.holders[name] for name in names}

    def next(self, *changes: Change, previous: bytes | None = None, now: int = LATER) -> bytes:
        signers = self.signers("2", "3")
        return succession.next_trust_list(previous or self.first, self.root, changes, signers, now)

    def open(self, data: bytes) -> TrustList:
        return succession.open_list(data, succession.open_root(self.root))


def key(name: str, seed: int, **more: object) -> Key:
    fields: dict[str, object] = {"issuer": "js", "role": "issuer", "start": NOW} | more
    public = KeyPair.from_seed(bytes([seed]) * 32).public
    return Key(name=name, public=public.raw, **fields)  # type: ignore[arg-type]


def test_the_next_version_names_the_one_before(held: Held) -> None:
    second = held.next()
    value = held.open(second)
    former = held.open(held.first)
    assert (value.version, value.issued) == (2, LATER)
    assert value.previous == sha256(note.parse(held.first).text.encode()).digest()
    assert replace(value, version=1, issued=NOW, previous=None) == former
    third = held.open(held.next(previous=second, now=LATER + 1))
    assert third.previous == sha256(note.parse(second).text.encode()).digest()


def test_the_changes_that_a_registry_lives_through(held: Held) -> None:
    stolen = Closed(why="stolen", at=LATER)
    body = Issuer(
        id="zj",
        did="did:web:127.0.0.1%3A8000:issuers:zj",
        names=held.open(held.first).issuers[0].names,
    )
    renamed = replace(held.open(held.first).issuers[0], phone="400 1234", successor="zj")
    data = held.next(
        succession.add_issuer(body),
        succession.amend_issuer(renamed),
        succession.add_key(key("issuer.js.2", 2)),
        succession.add_key(key("issuer.zj.1", 3, issuer="zj", until=NOW + 10)),
        succession.close_key("issuer.js.1", stolen),
        succession.close_key("issuer.gd.1", Closed(why="retired", at=LATER)),
        succession.end_window("status.1", LATER + 86400),
        succession.add_location(
            Location(old="http://127.0.0.1:8000/s/", new="http://new.example/s/")
        ),
    )
    value = held.open(data)
    closed = {key.name: key.closed for key in value.keys if key.closed}
    assert {name: found.why for name, found in closed.items()} == {
        "issuer.js.1": "stolen",
        "issuer.gd.1": "retired",
    }
    assert value.issuer("js") == renamed and value.issuer("zj") == body
    assert [found.name for found in value.keys_of("zj")] == ["issuer.zj.1"]
    assert value.key("status.1").until == LATER + 86400  # type: ignore[union-attr]
    assert value.locate("http://127.0.0.1:8000/s/4") == "http://new.example/s/4"
    # What was not changed is as it was.
    assert value.key("authority.1") == held.open(held.first).key("authority.1")


def test_two_of_three_holders_must_sign(held: Held) -> None:
    for labels in (("1", "2"), ("1", "3"), ("2", "3"), ("1", "2", "3")):
        data = succession.next_trust_list(held.first, held.root, [], held.signers(*labels), LATER)
        assert held.open(data).version == 2
    for labels in ((), ("1",), ("2",), ("3",)):
        with pytest.raises(CeremonyError, match=f"{len(labels)} holders sign, 2 are needed"):
            succession.next_trust_list(held.first, held.root, [], held.signers(*labels), LATER)


def test_a_list_signed_twice_by_one_holder_is_not_two(held: Held) -> None:
    root = succession.open_root(held.root)
    (name, signer), = held.signers("1").items()  # fmt: skip
    once = note.sign(note.parse(held.first).text, [(name, signer)])
    line = once.rpartition(b"\n\n")[2]
    with pytest.raises(SignatureError, match="signed by 1"):
        succession.open_list(once + line, root)
    # Nor is one holder two who signs in the name of another.
    with pytest.raises(CeremonyError, match="not a root holder with this key"):
        succession.next_trust_list(
            held.first, held.root, [], {name: signer, "127.0.0.1:8000/root/2": signer}, LATER
        )
    as_another = note.add(once, "127.0.0.1:8000/root/2", signer)
    with pytest.raises(SignatureError, match="signed by 1"):
        succession.open_list(as_another, root)


def test_strangers_sign_nothing(held: Held) -> None:
    stranger = KeyPair.from_seed(bytes(32))
    with pytest.raises(CeremonyError, match="stranger is not a root holder"):
        succession.next_trust_list(
            held.first, held.root, [], held.signers("1", "2") | {"stranger": stranger}, LATER
        )


def test_a_former_list_that_the_root_did_not_sign(held: Held) -> None:
    one = note.sign(note.parse(held.first).text, held.signers("1").items())
    with pytest.raises(SignatureError, match="signed by 1"):
        held.next(previous=one)
    changed = held.first.replace(b'"version":1', b'"version":7')
    with pytest.raises(SignatureError, match="does not verify"):
        held.next(previous=changed)
    with pytest.raises(FormatError):
        held.next(previous=held.root)


def test_a_root_that_its_holders_did_not_sign(held: Held) -> None:
    alone = note.sign(note.parse(held.root).text, held.signers("1").items())
    with pytest.raises(SignatureError, match="signed by 1"):
        succession.open_root(alone)
    easier = held.root.replace(b'"threshold":2', b'"threshold":1')
    with pytest.raises(SignatureError, match="does not verify"):
        succession.open_root(easier)


RETIRED = Closed(why="retired", at=NOW)


def without(*names: str) -> Change:
    return lambda given: replace(given, keys=tuple(k for k in given.keys if k.name not in names))


def changed(name: str, **fields: object) -> Change:
    return lambda given: replace(
        given,
        keys=tuple(replace(k, **fields) if k.name == name else k for k in given.keys),  # type: ignore[arg-type]
    )


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (without("issuer.js.1"), "must stay listed"),
        (changed("issuer.js.1", provinces=None), "must stay listed as it is"),
        (changed("issuer.js.1", kinds=None), "must stay listed as it is"),
        (changed("issuer.js.1", issuer="gd"), "must stay listed as it is"),
        (changed("issuer.js.1", start=0), "must stay listed as it is"),
        (changed("issuer.js.1", role="status"), "must stay listed as it is"),
        (changed("issuer.js.1", public=bytes(32)), "must stay listed as it is"),
        (changed("issuer.js.1", checks=()), "must stay listed as it is"),
        (changed("issuer.gd.1", closed=None), "closed for good"),
        (changed("issuer.gd.1", closed=replace(RETIRED, why="stolen")), "closed for good"),
        (succession.close_key("issuer.gd.1", RETIRED), "no open key"),
        (succession.close_key("issuer.xx.1", RETIRED), "no open key"),
        (succession.end_window("issuer.xx.1", LATER), "no key"),
        (succession.end_window("status.1", LATER + 2), "cannot be made longer"),
        (changed("status.1", until=None), "cannot be made longer"),
        (lambda given: replace(given, version=4), "not the next version"),
        (lambda given: replace(given, registry="elsewhere.example"), "another registry"),
        (lambda given: replace(given, issuers=given.issuers[:-1], keys=tuple(
            k for k in given.keys if k.issuer != "gd-dept")), "gd-dept must stay listed"),
        (lambda given: replace(given, issuers=(replace(given.issuers[0], did="did:web:a.example"),
                                               *given.issuers[1:])), "under its did"),
    ],
)  # fmt: skip
def test_what_may_never_change(held: Held, change: Change, message: str) -> None:
    second = held.next(
        succession.close_key("issuer.gd.1", RETIRED), succession.end_window("status.1", LATER + 1)
    )
    with pytest.raises(CeremonyError, match=message):
        held.next(change, previous=second)


def test_only_the_list_that_follows_the_published_one_is_next(held: Held) -> None:
    first, root = held.first, held.root
    second, other = held.next(), held.next(now=LATER - 1)
    third = held.next(previous=second)
    assert succession.check_next(first, second, root).version == 2
    assert succession.check_next(second, third, root).version == 3
    with pytest.raises(CeremonyError, match="follows another list"):
        succession.check_next(other, third, root)
    for published, following in ((first, third), (second, second), (second, first)):
        with pytest.raises(CeremonyError, match="not the next version"):
            succession.check_next(published, following, root)
    with pytest.raises(SignatureError):
        succession.check_next(first, second.replace(b'"phone"', b'"phome"'), root)


def test_a_list_is_not_issued_before_the_one_that_it_follows(held: Held) -> None:
    with pytest.raises(CeremonyError, match="before the one"):
        held.next(now=NOW - 1)


def test_changes_that_no_list_can_hold(held: Held) -> None:
    known = held.open(held.first).keys[0]
    for change in (
        succession.add_key(key("issuer.js.1", 2)),
        succession.add_key(replace(known, name="issuer.js.2")),
        succession.add_key(key("issuer.xx.1", 2, issuer="xx")),
        succession.add_issuer(held.open(held.first).issuers[0]),
    ):
        with pytest.raises(FormatError):
            held.next(change)
    with pytest.raises(CeremonyError, match="no body zj"):
        held.next(succession.amend_issuer(replace(held.open(held.first).issuers[0], id="zj")))


def test_the_list_is_the_text_that_the_schema_prints(held: Held) -> None:
    data = held.next()
    assert note.parse(data).text == trust.text(held.open(data))
