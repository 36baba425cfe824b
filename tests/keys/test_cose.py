"""COSE_Sign1: one spelling is written, and only that one is read."""

import cbor2
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from keys import cose
from keys.errors import EnvelopeError, SignatureError
from keys.signer import KeyPair
from schemas.errors import FormatError, NewerFormatError, NotOurProfileError

PAIR = KeyPair.from_seed(bytes(range(32)))
OTHER = KeyPair.from_seed(bytes(32))
PAYLOAD = cbor2.dumps({1: "jst.example.gov.cn"})
KID = PAIR.public.kid
assert len(PAYLOAD) == 0x15


def envelope(
    protected: bytes | None = None,
    unprotected: bytes = b"\xa0",
    payload: bytes | None = None,
    tag: bytes = b"\xd2",
    signed: bytes | None = None,
) -> bytes:
    """An envelope of any spelling, signed by PAIR as RFC 9052 §4.4 says, by another encoder."""
    header = cbor2.dumps({1: -19, 4: KID, 16: 61}) if protected is None else protected
    body = cbor2.dumps(PAYLOAD) if payload is None else payload
    structure = cbor2.dumps(["Signature1", header if signed is None else signed, b"", PAYLOAD])
    signature = cbor2.dumps(PAIR.sign(structure))
    return tag + b"\x84" + cbor2.dumps(header) + unprotected + body + signature


def test_the_structure_is_that_of_the_rfc() -> None:
    data = cose.seal(PAYLOAD, PAIR, 61)
    assert data == envelope()
    tagged = cbor2.loads(data)
    assert tagged.tag == 18
    protected, unprotected, payload, signature = tagged.value
    assert cbor2.loads(protected) == {1: -19, 4: KID, 16: 61}
    assert (unprotected, payload, len(signature)) == ({}, PAYLOAD, 64)
    assert cose.open(data, PAIR.public) == PAYLOAD


@pytest.mark.parametrize("size", [0, 1, 23, 24, 255, 256, 65535, 65536])
@pytest.mark.parametrize("typ", [61, 16, 300, "application/statuslist+cwt"])
def test_every_length_round_trips(size: int, typ: cose.Typ) -> None:
    payload = bytes(size)
    data = cose.seal(payload, PAIR, typ)
    sign1 = cose.parse(data)
    assert (sign1.alg, sign1.kid, sign1.typ, sign1.payload) == (-19, KID, typ, payload)
    assert cose.open(sign1, PAIR.public, typ=typ) == payload
    assert cbor2.loads(data).value[2] == payload


def test_the_older_algorithm_is_read_and_written_on_request() -> None:
    data = cose.seal(PAYLOAD, PAIR, 61, alg=-8)
    assert cose.parse(data).alg == -8
    assert cose.open(data, PAIR.public) == PAYLOAD
    assert cose.parse(cose.seal(PAYLOAD, PAIR, 61)).alg == -19
    with pytest.raises(ValueError, match="-7 is not one of Ed25519"):
        cose.seal(PAYLOAD, PAIR, 61, alg=-7)


def header(*pairs: bytes) -> bytes:
    return bytes([0xA0 + len(pairs)]) + b"".join(pairs)


ALG, KEY, TYP = b"\x01\x32", b"\x04\x44" + KID, b"\x10\x18\x3d"


@pytest.mark.parametrize(
    ("name", "message", "data"),
    [
        ("another tag", "tag 18", envelope(tag=b"\xd1")),
        ("no tag", "tag 18", envelope(tag=b"")),
        ("tag in a longer form", "tag 18", envelope(tag=b"\xd8\x12")),
        ("array of unknown length", "tag 18", b"\xd2\x9f" + envelope()[2:] + b"\xff"),
        ("array head in a longer form", "tag 18", b"\xd2\x98\x04" + envelope()[2:]),
        ("array of five", "array of four", b"\xd2\x85" + envelope()[2:] + b"\x00"),
        ("array of three", "array of four", b"\xd2\x83" + envelope()[2:-66]),
        ("trailing byte", "bytes after the COSE", envelope() + b"\x00"),
        (
            "empty protected header as h'a0'",
            "map with entries",
            envelope(protected=b"\xa0", signed=b""),
        ),
        ("empty protected header as h''", "ends too early", envelope(protected=b"")),
        ("unprotected kid", "empty map", envelope(unprotected=b"\xa1\x04\x44" + KID)),
        ("unprotected empty map of unknown length", "empty map", envelope(unprotected=b"\xbf\xff")),
        ("unprotected null", "empty map", envelope(unprotected=b"\xf6")),
        ("detached payload", "string that belongs", envelope(payload=b"\xf6")),
        (
            "payload as text",
            "string that belongs",
            envelope(payload=b"\x78" + cbor2.dumps(PAYLOAD)[1:]),
        ),
        ("payload length in a longer form", "shortest", envelope(payload=b"\x58\x15" + PAYLOAD)),
        ("payload length in 2 bytes", "shortest", envelope(payload=b"\x59\x00\x15" + PAYLOAD)),
        (
            "payload length in 4 bytes",
            "shortest",
            envelope(payload=b"\x5a\x00\x00\x00\x15" + PAYLOAD),
        ),
        (
            "payload length in 8 bytes",
            "shortest",
            envelope(payload=b"\x5b\x00\x00\x00\x00\x00\x00\x00\x15" + PAYLOAD),
        ),
        (
            "signature of 63 bytes",
            "wrong length",
            envelope()[:-66] + b"\x58\x3f" + bytes(63),
        ),
        (
            "signature of 65 bytes",
            "wrong length",
            envelope()[:-66] + b"\x58\x41" + envelope()[-64:] + b"\x00",
        ),
        ("payload in chunks", "indefinite", envelope(payload=b"\x5f\x55" + PAYLOAD + b"\xff")),
        ("headers out of order", "out of order", envelope(protected=header(KEY, ALG, TYP))),
        ("header twice", "repeated", envelope(protected=header(ALG, ALG, KEY, TYP))),
        ("alg in a longer form", "shortest", envelope(protected=header(b"\x01\x38\x12", KEY, TYP))),
        (
            "label in a longer form",
            "shortest",
            envelope(protected=header(b"\x18\x01\x32", KEY, TYP)),
        ),
        (
            "typ in a longer form",
            "shortest",
            envelope(protected=header(ALG, KEY, b"\x10\x19\x00\x3d")),
        ),
        (
            "kid in a longer form",
            "shortest",
            envelope(protected=header(ALG, b"\x04\x58\x04" + KID, TYP)),
        ),
        (
            "header map of unknown length",
            "indefinite",
            envelope(protected=b"\xbf" + ALG + KEY + TYP + b"\xff"),
        ),
        (
            "header map too long",
            "after the protected",
            envelope(protected=header(ALG, KEY, TYP) + b"\x00"),
        ),
        ("header is no map", "must be a map", envelope(protected=b"\x83\x01\x32\x04")),
        (
            "text label",
            "must be an integer",
            envelope(protected=header(ALG, KEY, TYP, b"\x61a\x01")),
        ),
        ("typ not UTF-8", "UTF-8", envelope(protected=header(ALG, KEY, b"\x10\x61\xff"))),
        ("typ negative", "negative", envelope(protected=header(ALG, KEY, b"\x10\x20"))),
        (
            "header value an array",
            "string that belongs",
            envelope(protected=header(ALG, KEY, TYP, b"\x18\x64\x80")),
        ),
    ],
)
def test_a_second_spelling_is_refused_though_its_signature_is_right(
    name: str, message: str, data: bytes
) -> None:
    with pytest.raises(EnvelopeError, match=message):
        cose.parse(data)


@pytest.mark.parametrize(
    ("pairs", "error"),
    [
        ((ALG, KEY), NotOurProfileError),
        ((ALG, TYP), NotOurProfileError),
        ((ALG, b"\x04\x48" + KID * 2, TYP), NotOurProfileError),
        ((b"\x01\x26", b"\x04\x48" + KID * 2), NotOurProfileError),
        ((KEY, TYP), NewerFormatError),
        ((b"\x01\x26", KEY, TYP), NewerFormatError),  # ES256
        ((b"\x01\x38\x2f", KEY, TYP), NewerFormatError),  # ML-DSA-44, RFC 9964
        ((b"\x01\x65EdDSA", KEY, TYP), NewerFormatError),
        ((ALG, b"\x02\x18\x21", KEY, TYP), NewerFormatError),  # crit
        ((ALG, KEY, TYP, b"\x18\x3f\x00"), NewerFormatError),
        ((ALG, KEY, TYP, b"\x20\x00"), NewerFormatError),
    ],
)
def test_headers_of_other_profiles_and_of_later_versions(
    pairs: tuple[bytes, ...], error: type[Exception]
) -> None:
    with pytest.raises(error):
        cose.parse(envelope(protected=header(*pairs)))


def test_a_header_from_64_on_may_be_ignored_but_stays_signed() -> None:
    data = envelope(protected=header(ALG, KEY, TYP, b"\x18\x40\x00"))
    assert cose.open(data, PAIR.public) == PAYLOAD
    with pytest.raises(SignatureError):
        cose.open(data.replace(b"\x18\x40\x00", b"\x18\x40\x01"), PAIR.public)


@pytest.mark.parametrize(("size", "head"), [(256, b"\x5a\0\0"), (65536, b"\x5b\0\0\0\0")])
def test_a_length_that_a_shorter_head_could_hold(size: int, head: bytes) -> None:
    shortest = cose.seal(bytes(size), PAIR, 61)
    length = size.to_bytes(2 if size == 256 else 4, "big")
    bare = head[:1].translate(bytes.maketrans(b"\x5a\x5b", b"\x59\x5a")) + length
    assert shortest.count(bare) == 1
    with pytest.raises(EnvelopeError, match="shortest"):
        cose.parse(shortest.replace(bare, head + length))


def test_the_right_key_type_and_algorithm_are_asked_for() -> None:
    data = cose.seal(PAYLOAD, PAIR, 61)
    with pytest.raises(SignatureError, match="another key"):
        cose.open(data, OTHER.public)
    with pytest.raises(NotOurProfileError, match="type 61"):
        cose.open(data, PAIR.public, typ="application/statuslist+cwt")
    # A number is not the text that spells it.
    with pytest.raises(NotOurProfileError):
        cose.open(data, PAIR.public, typ="61")


def test_a_key_with_the_same_kid_does_not_verify() -> None:
    forged = cose.seal(PAYLOAD, OTHER, 61).replace(OTHER.public.kid, KID)
    with pytest.raises(SignatureError, match="does not verify"):
        cose.open(forged, PAIR.public)


def test_every_flipped_bit_and_every_cut_is_noticed() -> None:
    data = cose.seal(PAYLOAD, PAIR, 61)
    for bit in range(len(data) * 8):
        changed = bytearray(data)
        changed[bit // 8] ^= 1 << bit % 8
        with pytest.raises((FormatError, SignatureError)):
            cose.open(bytes(changed), PAIR.public)
    for length in range(len(data)):
        with pytest.raises(EnvelopeError):
            cose.parse(data[:length])


def test_a_huge_length_allocates_nothing() -> None:
    with pytest.raises(EnvelopeError, match="ends inside"):
        cose.parse(b"\xd2\x84\x5b\x7f\xff\xff\xff\xff\xff\xff\xff" + bytes(100))
    with pytest.raises(EnvelopeError, match="more than"):
        cose.parse(bytes(cose.MAX_SIZE + 1))


@settings(deadline=None, max_examples=300)
@given(st.binary(max_size=200))
@example(b"\xd2\x84")
def test_only_our_errors_escape_from_anything(tail: bytes) -> None:
    for data in (tail, b"\xd2\x84" + tail, envelope(protected=tail)):
        try:
            cose.open(data, PAIR.public)
        except (FormatError, SignatureError):
            continue
        # What is accepted is exactly what the writer writes.
        assert cose.parse(data).to_be_signed


@settings(deadline=None, max_examples=300)
@given(st.data())
def test_only_our_errors_escape_from_edited_envelopes(data: st.DataObject) -> None:
    good = cose.seal(PAYLOAD, PAIR, 61)
    begin = data.draw(st.integers(0, len(good)))
    end = data.draw(st.integers(begin, min(len(good), begin + 8)))
    edited = good[:begin] + data.draw(st.binary(max_size=8)) + good[end:]
    if edited == good:
        return
    with pytest.raises((FormatError, SignatureError)):
        cose.open(edited, PAIR.public)
