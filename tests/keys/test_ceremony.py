"""The first ceremony: what it makes, what it refuses, what it never shows."""

import stat
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest

from keys import ceremony, custody, note, sealed, succession
from keys.ceremony import Transcript
from keys.errors import CeremonyError, SealedFileError, SignatureError
from keys.plan import Plan, parse
from keys.signer import KeyPair
from schemas import trust
from schemas.certificate import Kind
from schemas.errors import FormatError
from schemas.trust import Freshness
from tests.keys.plans import NOW, body, plan
from tests.keys.randomness import CHEAP, stream

PASSPHRASE = b"passphrase of the machines"
HOLDERS = {"1": b"passphrase of one", "2": b"passphrase of two", "3": b"passphrase of three"}


def run(folder: Path, seed: str = "ceremony", given: Plan | None = None) -> Transcript:
    return ceremony.run(
        given or plan(), folder, PASSPHRASE, NOW, stream(seed),
        holder_passphrases=HOLDERS, cost=CHEAP,
    )  # fmt: skip


@pytest.fixture(scope="module")
def held(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Transcript]:
    folder = tmp_path_factory.mktemp("ceremony")
    return folder, run(folder)


def files(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_what_lies_where(held: tuple[Path, Transcript]) -> None:
    folder, transcript = held
    root = "127.0.0.1%3A8000%2Froot%2F"
    assert sorted(files(folder)) == sorted([
        "root.note", "transcript.md", "trust/1",
        f"custodians/1/{root}1.key", f"custodians/2/{root}2.key", f"custodians/3/{root}3.key",
        "keys/issuer.js.1.key", "keys/authority.js-dept.1.key", "keys/issuer.gd.1.key",
        "keys/document.gd.1.key", "keys/authority.gd-dept.1.key", "keys/authority.1.key",
        "keys/status.1.key", "keys/127.0.0.1%3A8000%2Flog.key",
    ])  # fmt: skip
    for path in folder.rglob("*.key"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert (folder / "root.note").read_bytes() == transcript.root_note
    assert (folder / "trust/1").read_bytes() == transcript.trust_list
    assert (folder / "transcript.md").read_text() == transcript.markdown()


def test_the_root_and_the_list_open_as_any_verifier_opens_them(
    held: tuple[Path, Transcript],
) -> None:
    _, transcript = held
    root = trust.parse_root(note.parse(transcript.root_note).text)
    assert (root.registry, root.version, root.threshold) == ("127.0.0.1:8000", 1, 2)
    verifiers = succession.holders(root)
    assert len(verifiers) == 3
    note.open(transcript.root_note, verifiers, 3)
    first = trust.parse(note.open(transcript.trust_list, verifiers, 2))
    with pytest.raises(SignatureError, match="signed by 2"):
        note.open(transcript.trust_list, verifiers, 3)
    assert (first.version, first.previous, first.issued, first.root) == (1, None, NOW, 1)
    assert first.issuer("js").did == "did:web:127.0.0.1%3A8000:issuers:js"  # type: ignore[union-attr]
    assert first.allows_status("http://127.0.0.1:8000/s/1")
    assert not first.allows_status("http://127.0.0.1:8000/c/1")
    assert [(log.origin, log.key) for log in first.logs] == [("127.0.0.1:8000/log",) * 2]


def test_every_key_has_its_role_scope_and_window(held: tuple[Path, Transcript]) -> None:
    folder, transcript = held
    first = trust.parse(note.parse(transcript.trust_list).text)
    scopes = {key.name: (key.role, key.issuer, key.kinds, key.provinces, key.checks)
              for key in first.keys}  # fmt: skip
    assert scopes == {
        "issuer.js.1": ("issuer", "js", (Kind.LEVEL,), ("10",), ("issued",)),
        "authority.js-dept.1": ("authority", "js-dept", None, ("10",), ()),
        "issuer.gd.1": ("issuer", "gd", None, ("19",), ()),
        "document.gd.1": ("document", "gd", None, ("19",), ()),
        "authority.gd-dept.1": ("authority", "gd-dept", None, ("19",), ()),
        "authority.1": ("authority", None, None, None, ()),
        "status.1": ("status", None, None, None, ()),
        "127.0.0.1:8000/log": ("log", None, None, None, ()),
    }
    assert {(key.start, key.until, key.closed) for key in first.keys} == {(NOW - 86400, None, None)}
    # What the list publishes is what the sealed files hold, and each opens with its own passphrase.
    signers = custody.open_folder(folder / "keys", PASSPHRASE)
    assert {name: signer.public.raw for name, signer in signers.items()} == {
        key.name: key.public for key in first.keys
    }
    for label, passphrase in HOLDERS.items():
        (name,) = custody.open_folder(folder / "custodians" / label, passphrase)
        assert name == f"127.0.0.1:8000/root/{label}"
        with pytest.raises(SealedFileError, match="wrong passphrase"):
            custody.open_folder(folder / "custodians" / label, PASSPHRASE)


def test_the_same_randomness_makes_the_same_files(
    held: tuple[Path, Transcript], tmp_path: Path
) -> None:
    folder, transcript = held
    assert run(tmp_path) == transcript
    assert files(tmp_path) == files(folder)
    other = run(tmp_path / "other", "another seed")
    assert {e.public for e in other.entries}.isdisjoint({e.public for e in transcript.entries})


def test_no_two_keys_are_alike(held: tuple[Path, Transcript]) -> None:
    publics = [entry.public.raw for entry in held[1].entries]
    assert len(set(publics)) == len(publics) == 11


def spellings(secret: bytes) -> set[bytes]:
    return {
        secret, secret.hex().encode(), secret.hex().upper().encode(),
        b64encode(secret).rstrip(b"="), urlsafe_b64encode(secret).rstrip(b"="),
    }  # fmt: skip


def test_nothing_that_is_shown_holds_a_secret(held: tuple[Path, Transcript]) -> None:
    folder, transcript = held
    secrets = {PASSPHRASE, *HOLDERS.values()}
    for path in folder.rglob("*.key"):
        secret = HOLDERS.get(path.parent.name, PASSPHRASE)
        pair = sealed.open_file(path, sealed.key_name(path), secret)
        secrets |= {pair.seed, pair._secret}
    assert len(secrets) == 4 + 2 * 11
    shown = files(folder) | {"transcript": (transcript.markdown() + repr(transcript)).encode()}
    for name, data in shown.items():
        for secret in secrets:
            assert not any(spelling in data for spelling in spellings(secret)), name


def test_the_transcript_says_what_people_compare(held: tuple[Path, Transcript]) -> None:
    text = held[1].markdown()
    for entry in held[1].entries:
        row = next(line for line in text.splitlines() if line.startswith(f"| {entry.name} |"))
        assert entry.public.multibase in row
        assert sha256(entry.public.raw).hexdigest() in row
        assert entry.file in row
    for data in (held[1].root_note, held[1].trust_list):
        assert sha256(data).hexdigest() in text
    assert "Held at 2026-09-21T14:13:20Z. 2 root holders sign together." in text


def test_a_second_ceremony_in_the_same_folder_is_refused(held: tuple[Path, Transcript]) -> None:
    folder, _ = held
    before = files(folder)
    with pytest.raises(CeremonyError, match="already holds"):
        run(folder, "second")
    assert files(folder) == before


def test_a_ceremony_that_fails_leaves_no_root(tmp_path: Path) -> None:
    (tmp_path / "keys").mkdir()
    (tmp_path / "keys" / "status.1.key").write_bytes(b"left over")
    with pytest.raises(SealedFileError, match="never written over"):
        run(tmp_path)
    assert not (tmp_path / "root.note").exists()
    with pytest.raises(CeremonyError, match="cannot make"):
        run(tmp_path / "keys" / "status.1.key")


def test_every_holder_needs_a_passphrase(tmp_path: Path) -> None:
    for given in ({"1": b"only one of three"}, {**HOLDERS, "4": b"one too many here"}):
        with pytest.raises(CeremonyError, match="each root holder"):
            ceremony.run(
                plan(), tmp_path, PASSPHRASE, NOW, stream("x"), holder_passphrases=given, cost=CHEAP
            )
    assert files(tmp_path) == {}


def test_one_passphrase_may_serve_for_all(tmp_path: Path) -> None:
    ceremony.run(plan(), tmp_path, PASSPHRASE, NOW, stream("x"), cost=CHEAP)
    assert custody.open_folder(tmp_path / "custodians" / "2", PASSPHRASE)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: plan(threshold=1), "at least 2"),
        (lambda: plan(threshold=4), "at most"),
        (lambda: plan(holders=("1", "1", "2")), "same label"),
        (lambda: plan(holders=("1", "../2", "3")), "root holder"),
        (lambda: plan(bodies=()), "no body that issues"),
        (lambda: plan(bodies=(body("a", "甲", ("authority",)),)), "no body that issues"),
        (lambda: plan(bodies=(body("a", "甲", ("issuer",)),) * 2), "same id"),
        (lambda: body("a", "甲", ()), "one or more roles"),
        (lambda: body("a", "甲", ("issuer", "issuer")), "one or more roles"),
        (lambda: body("a", "甲", ("status",)), "one or more roles"),
        (lambda: body("a b", "甲", ("issuer",)), "not a code"),
        (lambda: plan(base="certs.example"), "not an origin"),
        (lambda: plan(base="ftp://certs.example"), "not an origin"),
        (lambda: plan(base="https://certs.example/"), "not an origin"),
    ],
)
def test_bad_plans(make: Callable[[], object], message: str) -> None:
    with pytest.raises(FormatError, match=message):
        make()


@pytest.mark.parametrize(
    "changes",
    [
        {"base": "https://certs example"},
        {"phone": "call me"},
        {"start": -1},
        {"until": 5},
        {"bodies": (body("a", "甲", ("issuer",), provinces=("江苏",)),)},
        {"bodies": (body("a", "\u202e", ("issuer",)),)},
    ],
)
def test_a_plan_that_no_list_can_hold_writes_nothing(tmp_path: Path, changes: dict) -> None:
    with pytest.raises(FormatError):
        run(tmp_path, given=plan(**changes))
    assert files(tmp_path) == {}


PLAN = """{"base": "http://127.0.0.1:8000", "holders": ["1", "2", "3"], "threshold": 2,
 "from": "2026-09-20T14:13:20Z", "until": null, "phone": "12345",
 "freshness": {"trust": 2592000, "status": 86400},
 "bodies": [
  {"id": "js", "zh": "江苏实施机构", "en": "Body js", "since": "2020-01-01", "roles": ["issuer"],
   "kinds": [2], "provinces": ["10"], "phone": null, "checks": ["issued"]},
  {"id": "js-dept", "zh": "江苏主管部门", "en": "Body js-dept", "since": "2020-01-01",
   "roles": ["authority"], "kinds": null, "provinces": ["10"], "phone": null, "checks": []},
  {"id": "gd", "zh": "广东实施机构", "en": "Body gd", "since": "2020-01-01",
   "roles": ["issuer", "document"], "kinds": null, "provinces": ["19"], "phone": null,
   "checks": []},
  {"id": "gd-dept", "zh": "广东主管部门", "en": "Body gd-dept", "since": "2020-01-01",
   "roles": ["authority"], "kinds": null, "provinces": ["19"], "phone": null, "checks": []}]}"""


def test_a_plan_is_read_from_json() -> None:
    assert parse(PLAN.encode()) == plan()
    assert replace(plan(), freshness=Freshness(trust=1, status=1)) != plan()


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"threshold": 2', '"threshold": "2"'),
        ('"threshold": 2', '"threshold": 2.0'),
        ('"threshold": 2,', ""),
        ('"threshold": 2', '"threshold": 2, "more": 1'),
        ('"kinds": [2]', '"kinds": [9]'),
        ('"roles": ["authority"]', '"roles": ["root"]'),
        ('"since": "2020-01-01"', '"since": "2020-02-30"'),
        ("{", ""),
    ],
)
def test_a_bad_plan_file(old: str, new: str) -> None:
    assert old in PLAN
    with pytest.raises(FormatError):
        parse(PLAN.replace(old, new, 1).encode())


def test_the_plan_of_the_operators_guide_is_a_plan(tmp_path: Path) -> None:
    guide = (Path(ceremony.__file__).parent / "README.md").read_text(encoding="utf-8")
    example = guide.partition("```json")[2].partition("```")[0]
    transcript = run(tmp_path, given=parse(example.encode()))
    assert {entry.role for entry in transcript.entries} == {
        "root", "issuer", "authority", "status", "log",
    }  # fmt: skip


def test_keys_are_made_by_the_source_that_was_given(tmp_path: Path) -> None:
    transcript = run(tmp_path)
    random = stream("ceremony")
    assert [entry.public for entry in transcript.entries] == [
        KeyPair.generate(random).public for _ in transcript.entries
    ]
