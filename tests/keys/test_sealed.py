"""Sealed key files and the folder of them."""

import os
import stat
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keys import custody, sealed
from keys.errors import SealedFileError
from keys.sealed import Cost
from keys.signer import KeyPair
from tests.keys.randomness import CHEAP, stream

PAIR = KeyPair.from_seed(bytes(range(32)))
NAME = "issuer.js-jst.1"
PASSPHRASE = "通行 phrase of a test".encode()
DATA = sealed.seal(NAME, PAIR, PASSPHRASE, stream("sealed"), CHEAP)


def seal_file(path: Path, name: str = NAME) -> None:
    sealed.seal_file(path, name, PAIR, PASSPHRASE, stream(name), CHEAP)


def test_round_trip_and_mode(tmp_path: Path) -> None:
    path = tmp_path / sealed.file_name(NAME)
    before = os.umask(0)
    try:
        seal_file(path)
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert sealed.open_file(path, NAME, PASSPHRASE) == PAIR
    assert [entry.name for entry in tmp_path.iterdir()] == [path.name]


def test_the_file_shows_name_and_public_key_but_no_secret() -> None:
    header, _ = sealed.parse(DATA)
    assert (header.name, header.public, header.cost) == (NAME, PAIR.public, CHEAP)
    for secret in (PAIR.seed, PASSPHRASE):
        assert secret not in DATA
        assert secret.hex().encode() not in DATA
    assert DATA.decode().split("\n")[0] == "hallmark-sealed-key/1"


def test_two_seals_of_one_key_share_nothing() -> None:
    random = stream("twice")
    first, second = (sealed.seal(NAME, PAIR, PASSPHRASE, random, CHEAP) for _ in range(2))
    assert sealed.parse(first)[0].salt != sealed.parse(second)[0].salt
    assert sealed.parse(first)[0].nonce != sealed.parse(second)[0].nonce
    assert sealed.parse(first)[1] != sealed.parse(second)[1]


def test_the_wrong_passphrase() -> None:
    for wrong in (PASSPHRASE + b" ", PASSPHRASE[:-1], PASSPHRASE.upper(), b""):
        with pytest.raises(SealedFileError, match="wrong passphrase"):
            sealed.open(DATA, NAME, wrong)


def test_a_short_passphrase_seals_nothing() -> None:
    with pytest.raises(SealedFileError, match="at least 12"):
        sealed.seal(NAME, PAIR, b"eleven byte", stream("short"), CHEAP)


def test_a_renamed_file_does_not_open(tmp_path: Path) -> None:
    other = "issuer.gd-jst.1"
    with pytest.raises(SealedFileError, match=r"holds the key issuer\.js-jst\.1"):
        sealed.open(DATA, other, PASSPHRASE)
    # Nor when the name inside is changed with it: the name is under the seal.
    with pytest.raises(SealedFileError, match="or the file was changed"):
        sealed.open(DATA.replace(NAME.encode(), other.encode()), other, PASSPHRASE)
    seal_file(tmp_path / sealed.file_name(NAME))
    (tmp_path / sealed.file_name(NAME)).rename(tmp_path / sealed.file_name(other))
    with pytest.raises(SealedFileError, match="renamed"):
        custody.inventory(tmp_path)


def test_another_public_key_does_not_open() -> None:
    other = KeyPair.from_seed(bytes(32))
    mine, theirs = (sealed.to_base64url(pair.public.raw).encode() for pair in (PAIR, other))
    with pytest.raises(SealedFileError, match="or the file was changed"):
        sealed.open(DATA.replace(mine, theirs), NAME, PASSPHRASE)


def test_every_flipped_bit_and_every_cut_is_noticed() -> None:
    for bit in range(len(DATA) * 8):
        changed = bytearray(DATA)
        changed[bit // 8] ^= 1 << bit % 8
        with pytest.raises(SealedFileError):
            sealed.open(bytes(changed), NAME, PASSPHRASE)
    for length in range(len(DATA)):
        with pytest.raises(SealedFileError):
            sealed.open(DATA[:length], NAME, PASSPHRASE)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (b'"memory":8192', b'"memory":8193', "changed"),
        (b'"memory":8192', b'"memory":1073741825', "more work"),
        (b'"memory":8192', b'"memory":1', "could not be stretched"),
        (b'"operations":1', b'"operations":2', "changed"),
        (b'"operations":1', b'"operations":17', "more work"),
        (b'"operations":1', b'"operations":0', "could not be stretched"),
        (b'"memory":8192', b'"memory":8192.0', "not a sealed key"),
        (b'"memory":8192', b'"memory": 8192', "canonical"),
        (b'"operations":1', b'"operations":1,"more":1', "unknown field"),
        (b'"suite":"Ed25519"', b'"suite":"Ed448"', "unknown suite"),
        (b'"kdf":"argon2id"', b'"kdf":"none"', "unknown suite, key"),
        (b"hallmark-sealed-key/1", b"hallmark-sealed-key/2", "three lines"),
        (b'"salt":"', b'"salt":"AAAA', "wrong length"),
        (b"{", b"[", "not JSON"),
        (b"\n{", b"\r\n{", "three lines"),
    ],
)
def test_changed_headers(old: bytes, new: bytes, message: str) -> None:
    assert old in DATA
    with pytest.raises(SealedFileError, match=message):
        sealed.open(DATA.replace(old, new, 1), NAME, PASSPHRASE)


def test_a_seed_of_another_key_under_the_right_seal(tmp_path: Path) -> None:
    other = KeyPair.from_seed(bytes(32))
    mixed = KeyPair(PAIR.public, other.seed, b"")
    data = sealed.seal(NAME, mixed, PASSPHRASE, stream("mixed"), CHEAP)
    with pytest.raises(SealedFileError, match="another public key"):
        sealed.open(data, NAME, PASSPHRASE)


def test_nothing_is_written_over(tmp_path: Path) -> None:
    path = tmp_path / "one.key"
    path.write_bytes(b"old")
    with pytest.raises(SealedFileError, match="never written over"):
        seal_file(path)
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_second_writer_fails_and_leaves_the_first_alone(tmp_path: Path) -> None:
    path = tmp_path / "one.key"
    unfinished = tmp_path / ".one.key.unfinished"
    unfinished.write_bytes(b"of the first writer")
    with pytest.raises(SealedFileError, match="cannot write"):
        seal_file(path)
    assert unfinished.read_bytes() == b"of the first writer"
    assert not path.exists()


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(SealedFileError, match="cannot write"):
        seal_file(tmp_path / "none" / "one.key")
    with pytest.raises(SealedFileError, match="cannot read"):
        sealed.open_file(tmp_path / "one.key", NAME, PASSPHRASE)
    with pytest.raises(SealedFileError, match="not a folder"):
        custody.inventory(tmp_path / "none")
    (tmp_path / "large.key").write_bytes(bytes(5000))
    with pytest.raises(SealedFileError, match="too large"):
        custody.inventory(tmp_path)


@pytest.mark.parametrize("name", ["status.1", "127.0.0.1:8000/root/1", "../up", ".hidden", "印"])
def test_names_and_file_names(tmp_path: Path, name: str) -> None:
    file = sealed.file_name(name)
    assert "/" not in file
    assert sealed.key_name(tmp_path / file) == name
    seal_file(tmp_path / file, name)
    assert custody.inventory(tmp_path) == {name: PAIR.public}


def test_a_folder_gives_signers_by_name(tmp_path: Path) -> None:
    random = stream("folder")
    made = {
        name: custody.create(tmp_path, name, PASSPHRASE, random, CHEAP)
        for name in ("status.1", "issuer.a.1", "certs.example/log")
    }
    assert custody.inventory(tmp_path) == made
    signers = custody.open_folder(tmp_path, PASSPHRASE)
    assert {name: signer.public for name, signer in signers.items()} == made
    for signer in signers.values():
        signer.public.suite.verify(signer.public.raw, b"m", signer.sign(b"m"))
    assert list(custody.open_folder(tmp_path, PASSPHRASE, ["status.1"])) == ["status.1"]
    with pytest.raises(SealedFileError, match="cannot read"):
        custody.open_folder(tmp_path, PASSPHRASE, ["status.1", "status.2"])
    with pytest.raises(SealedFileError, match="wrong passphrase"):
        custody.open_folder(tmp_path, b"another passphrase")
    with pytest.raises(SealedFileError, match="never written over"):
        custody.create(tmp_path, "status.1", PASSPHRASE, random, CHEAP)


def test_one_damaged_file_gives_no_signer_at_all(tmp_path: Path) -> None:
    custody.create(tmp_path, "status.1", PASSPHRASE, stream("a"), CHEAP)
    (tmp_path / "other.key").write_text("not a key")
    with pytest.raises(SealedFileError, match="not a sealed key"):
        custody.open_folder(tmp_path, PASSPHRASE)


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"one line of words", b"one line of words"),
        (b"one line of words\n", b"one line of words"),
        (b"one line of words\r\n", b"one line of words"),
        (b" spaces count \n", b" spaces count "),
    ],
)
def test_a_passphrase_file(tmp_path: Path, data: bytes, expected: bytes) -> None:
    path = tmp_path / "passphrase"
    path.write_bytes(data)
    path.chmod(0o600)
    assert custody.read_passphrase(path) == expected


@pytest.mark.parametrize("data", [b"", b"\n", b"\r\n", b"two\nlines\n", b"\nsecond", b"x" * 1025])
def test_a_bad_passphrase_file(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "passphrase"
    path.write_bytes(data)
    path.chmod(0o600)
    with pytest.raises(SealedFileError, match="one line"):
        custody.read_passphrase(path)


def test_a_passphrase_file_that_everybody_reads(tmp_path: Path) -> None:
    path = tmp_path / "passphrase"
    path.write_bytes(PASSPHRASE)
    for mode in (0o644, 0o602, 0o604):
        path.chmod(mode)
        with pytest.raises(SealedFileError, match="chmod 600"):
            custody.read_passphrase(path)
    with pytest.raises(SealedFileError, match="cannot read"):
        custody.read_passphrase(tmp_path / "none")


def test_the_cost_of_a_key_at_rest_is_that_of_libsodium() -> None:
    assert sealed.MODERATE == Cost(3, 268435456)


@settings(deadline=None, max_examples=200)
@given(st.data())
def test_only_our_error_escapes_and_no_edit_opens(data: st.DataObject) -> None:
    begin = data.draw(st.integers(0, len(DATA)))
    end = data.draw(st.integers(begin, len(DATA)))
    edited = DATA[:begin] + data.draw(st.binary(max_size=12)) + DATA[end:]
    if edited == DATA:
        return
    try:
        header, _ = sealed.parse(edited)
    except SealedFileError:
        return
    if header.cost.memory <= 2**20:  # more is allowed, and would only make this slow
        with pytest.raises(SealedFileError):
            sealed.open(edited, NAME, PASSPHRASE)
