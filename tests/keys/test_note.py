"""Signed notes: the rules of C2SP signed-note."""

from base64 import b64decode, b64encode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keys import note
from keys.errors import EnvelopeError, SignatureError
from keys.signer import KeyPair, PublicKey
from keys.suites import ED25519

# The example and verifier key of golang.org/x/mod/sumdb/note (package documentation and tests):
# PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW
PETER = PublicKey(ED25519, b64decode("ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")[1:])
PETER_NOTE = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n"
    "\n"
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngo"
    "tpRZb6KE6RyyBwJnAM=\n"
).encode()

A, B, C = (KeyPair.from_seed(bytes([value]) * 32) for value in (1, 2, 3))
NAMES = {"root.example/a": A, "root.example/b": B, "root.example/c": C}
TRUSTED = {name: pair.public for name, pair in NAMES.items()}
TEXT = "hallmark-trust-list/1\n{}\n"


def signed(*names: str, text: str = TEXT) -> bytes:
    return note.sign(
        text, [(f"root.example/{name}", NAMES[f"root.example/{name}"]) for name in names]
    )


def test_the_published_example_opens() -> None:
    assert note.key_id("PeterNeumann", PETER).hex() == "c74f20a3"
    text = note.open(PETER_NOTE, {"PeterNeumann": PETER}, 1)
    assert text.startswith("If you think") and text.endswith("problem is.\n")
    with pytest.raises(SignatureError):
        note.open(PETER_NOTE.replace(b"don't", b"do"), {"PeterNeumann": PETER}, 1)


@pytest.mark.parametrize(
    "text", [TEXT, "\n", "a\n\n", "a\n\nb\n", "\n\n\n", "— a AAAA\n", "中文\n"]
)
def test_round_trip(text: str) -> None:
    data = signed("a", "c", text=text)
    parsed = note.parse(data)
    assert parsed.text == text
    assert [line.name for line in parsed.signatures] == ["root.example/a", "root.example/c"]
    assert note.open(data, TRUSTED, 2) == text


def test_each_holder_may_sign_alone() -> None:
    assert note.add(signed("a"), "root.example/b", B) == signed("a", "b")
    with pytest.raises(EnvelopeError, match="already signed"):
        note.add(signed("a"), "root.example/a", A)
    with pytest.raises(EnvelopeError, match="twice"):
        signed("a", "a")
    with pytest.raises(EnvelopeError, match="needs a signature"):
        signed()


def test_the_threshold_counts_keys_not_lines() -> None:
    once, twice = signed("a"), signed("a") + signed("a").rsplit(b"\n\n")[1]
    assert len(note.parse(twice).signatures) == 2
    assert note.open(twice, TRUSTED, 1) == TEXT
    for data in (once, twice):
        with pytest.raises(SignatureError, match="signed by 1 of the trusted keys, 2 needed"):
            note.open(data, TRUSTED, 2)
    # One key under two names is one holder, even if the anchor lists it twice.
    data = note.sign(TEXT, [("root.example/a", A), ("root.example/z", A)])
    with pytest.raises(SignatureError, match="signed by 1"):
        note.open(data, {**TRUSTED, "root.example/z": A.public}, 2)


@pytest.mark.parametrize("threshold", [0, -1])
def test_nothing_opens_without_a_signature(threshold: int) -> None:
    with pytest.raises(ValueError, match="at least one"):
        note.open(signed("a"), TRUSTED, threshold)


def test_unknown_keys_are_ignored() -> None:
    stranger = KeyPair.from_seed(bytes(32))
    data = note.add(signed("a"), "elsewhere.example/w", stranger)
    assert note.open(data, TRUSTED, 1) == TEXT
    # The name of a known key with the id of another is another key.
    data = note.sign(TEXT, [("root.example/a", stranger), ("root.example/b", B)])
    assert note.open(data, TRUSTED, 1) == TEXT
    with pytest.raises(SignatureError, match="signed by 1"):
        note.open(data, TRUSTED, 2)
    # The right id under another name is another key too.
    moved = signed("a").replace(b"root.example/a", b"root.example/b")
    with pytest.raises(SignatureError, match="signed by 0"):
        note.open(moved, TRUSTED, 1)


def test_a_known_key_whose_signature_fails_spoils_the_note() -> None:
    other = signed("a", text="another\n").rsplit(b"\n\n")[1]
    data = signed("b", "c") + other
    with pytest.raises(SignatureError, match=r"root\.example/a does not verify"):
        note.open(data, TRUSTED, 1)


@pytest.mark.parametrize(
    "name", ["", "a b", "a+b", "a\u2003b", "a\u00a0", "a\tb", "a\nb", "\ud800"]
)
def test_names_that_no_key_may_have(name: str) -> None:
    with pytest.raises(EnvelopeError, match="key name"):
        note.sign(TEXT, [(name, A)])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("no newline at the end", "end in a newline"),
        ("", "end in a newline"),
        ("tab\there\n", "control"),
        ("return\r\n", "control"),
        ("nul\0\n", "control"),
        ("half \ud800\n", "surrogate"),
    ],
)
def test_texts_that_no_note_can_carry(text: str, message: str) -> None:
    with pytest.raises(EnvelopeError, match=message):
        note.sign(text, [("root.example/a", A)])


LINE = signed("a").rsplit(b"\n\n")[1]
SIGNATURE = LINE.split(b" ")[2].rstrip()


@pytest.mark.parametrize(
    ("message", "data"),
    [
        ("no signatures", b""),
        ("no signatures", TEXT.encode()),
        ("no signatures", TEXT.encode() + LINE),
        ("no signatures", TEXT.encode() + b"\n" + LINE[:-1]),
        ("em dash", TEXT.encode() + b"\n" + LINE + b"more\n"),
        ("em dash", TEXT.encode() + b"\n- root.example/a " + SIGNATURE + b"\n"),
        ("em dash", f"{TEXT}\n— root.example/a\n".encode()),
        ("key name", f"{TEXT}\n—  AAAAAAA=\n".encode()),
        ("key name", f"{TEXT}\n— a+b AAAAAAA=\n".encode()),
        ("key name", f"{TEXT}\n— a\u3000b AAAAAAA=\n".encode()),
        ("not base64", f"{TEXT}\n— a b AAAAAAA=\n".encode()),
        ("not base64", f"{TEXT}\n— a AAAA_A==\n".encode()),
        ("not base64", f"{TEXT}\n— a AAAAA\n".encode()),
        ("too short", f"{TEXT}\n— a AAAAAA==\n".encode()),
        ("second spelling", f"{TEXT}\n— a AAAAAAB=\n".encode()),
        ("UTF-8", TEXT.encode() + b"\xff\n" + LINE),
        ("control", b"a\r\n\n" + LINE),
        ("signatures", TEXT.encode() + b"\n" + LINE * (note.MAX_SIGNATURES + 1)),
        ("more than", bytes(note.MAX_SIZE + 1)),
    ],
)
def test_damaged_notes(message: str, data: bytes) -> None:
    with pytest.raises(EnvelopeError, match=message):
        note.parse(data)


def test_at_least_sixteen_signatures_are_read() -> None:
    pairs = [(f"w{n}", KeyPair.from_seed(bytes([n]) * 32)) for n in range(16)]
    data = note.sign(TEXT, pairs)
    assert note.open(data, {name: pair.public for name, pair in pairs}, 16) == TEXT


def test_a_signature_of_another_length_does_not_verify() -> None:
    raw = note.key_id("root.example/a", A.public) + A.sign(TEXT.encode())
    for cut in (raw[:-1], raw + b"\0"):
        line = f"— root.example/a {b64encode(cut).decode()}\n".encode()
        with pytest.raises(SignatureError):
            note.open(TEXT.encode() + b"\n" + line, TRUSTED, 1)


@settings(deadline=None, max_examples=200)
@given(st.data())
def test_only_our_errors_escape_and_no_edit_of_the_text_opens(data: st.DataObject) -> None:
    good = signed("a", "b")
    begin = data.draw(st.integers(0, len(good)))
    end = data.draw(st.integers(begin, min(len(good), begin + 8)))
    edited = good[:begin] + data.draw(st.binary(max_size=8)) + good[end:]
    try:
        text = note.open(edited, TRUSTED, 2)
    except (EnvelopeError, SignatureError):
        return
    assert text == TEXT
