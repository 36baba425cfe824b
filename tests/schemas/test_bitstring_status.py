"""Bitstring Status List: bit order, the credential, and what is refused."""

import base64
import copy
import gzip
import random
import zlib
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas import bitstring_status, jcs
from schemas.bitstring_status import BitstringStatusList
from schemas.errors import FormatError, NotOurProfileError

SIZE = 131072


def some(bits: bytes = bytes(SIZE // 8)) -> BitstringStatusList:
    return BitstringStatusList(
        uri="https://certs.example.gov.cn/b/42",
        issuer="did:web:certs.example.gov.cn",
        issued=1795320000,
        expires=1795406400,
        bits=bits,
    )


def test_bit_order_is_most_significant_first() -> None:
    states = bytearray(SIZE // 2)
    states[0] = 0x01  # index 0, the lower half
    states[4] = 0xC0  # index 9, the upper half
    states[-1] = 0xE0  # the last index
    value = some(bitstring_status.bits(bytes(states)))
    assert value.bits[:2].hex() == "8040"
    assert value.bits[-1] == 1
    assert [index for index in range(SIZE) if value.is_set(index)] == [0, 9, SIZE - 1]


def test_every_state_but_valid_sets_the_bit() -> None:
    for state in range(16):
        low = bitstring_status.bits(bytes([state]) + bytes(3))
        high = bitstring_status.bits(bytes([state << 4]) + bytes(3))
        assert (low, high) == ((b"\x80", b"\x40") if state else (b"\0", b"\0"))


@given(st.binary(min_size=4, max_size=40).map(lambda data: data[: len(data) // 4 * 4]))
@settings(deadline=None)
def test_bits_against_a_slow_reference(states: bytes) -> None:
    values = [half for byte in states for half in (byte & 15, byte >> 4)]
    text = "".join("1" if value else "0" for value in values)
    assert bitstring_status.bits(states) == int(text, 2).to_bytes(len(states) // 4, "big")


def test_bits_need_whole_bytes() -> None:
    with pytest.raises(FormatError):
        bitstring_status.bits(bytes(3))


def test_an_empty_list_of_the_recommendation_reads_the_same() -> None:
    # W3C Bitstring Status List 1.0, example of an encoded list of 131,072 zero bits.
    encoded = "uH4sIAAAAAAAAA-3BMQEAAADCoPVPbQwfoAAAAAAAAAAAAAAAAAAAAIC3AYbSVKsAQAAA"
    document = bitstring_status.document(some())
    document["credentialSubject"]["encodedList"] = encoded
    assert bitstring_status.parse(document) == some()


def test_comes_back_and_is_repeatable() -> None:
    value = some(random.Random(5).randbytes(SIZE // 8))
    for level in (1, 6):
        document = bitstring_status.document(value, level=level)
        assert document == bitstring_status.document(value, level=level)
        assert bitstring_status.parse(jcs.load(jcs.canonical(document))) == value
    encoded = document["credentialSubject"]["encodedList"]
    packed = base64.urlsafe_b64decode(encoded[1:] + "=" * (-len(encoded[1:]) % 4))
    assert packed[4:8] == bytes(4), "no time inside"
    assert gzip.decompress(packed) == value.bits


def encoded(data: bytes) -> str:
    return "u" + base64.urlsafe_b64encode(data).decode().rstrip("=")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "u",
        "z" + encoded(gzip.compress(bytes(SIZE // 8)))[1:],
        encoded(gzip.compress(bytes(SIZE // 8))) + "=",
        encoded(gzip.compress(bytes(SIZE // 8))[:-1]),
        encoded(gzip.compress(bytes(SIZE // 8)) + b"x"),
        encoded(gzip.compress(bytes(SIZE // 8)) * 2),
        encoded(gzip.compress(bytes(SIZE // 8 - 1))),
        encoded(gzip.compress(bytes(bitstring_status.MAX_BYTES + 1))),
        encoded(gzip.compress(bytes(64 * bitstring_status.MAX_BYTES))),
        encoded(zlib.compress(bytes(SIZE // 8))),
        encoded(bytes(SIZE // 8)),
    ],
    ids=range(12),
)
def test_damaged_lists(text: str) -> None:
    document = bitstring_status.document(some())
    document["credentialSubject"]["encodedList"] = text
    with pytest.raises(FormatError):
        bitstring_status.parse(document)


@pytest.mark.parametrize(
    "path",
    [
        ("id",),
        ("issuer",),
        ("validFrom",),
        ("validUntil",),
        ("credentialSubject",),
        ("credentialSubject", "id"),
        ("credentialSubject", "type"),
        ("credentialSubject", "statusPurpose"),
        ("credentialSubject", "more"),
        ("more",),
    ],
)
@pytest.mark.parametrize("new", ["suspension", "", 1, None, [], {}, "did:web:evil.example/"])
def test_changes_are_seen(path: tuple[str, ...], new: Any) -> None:
    document = copy.deepcopy(bitstring_status.document(some()))
    parent: Any = document
    for step in path[:-1]:
        parent = parent[step]
    parent[path[-1]] = new
    with pytest.raises(FormatError):
        bitstring_status.parse(document)
    parent.pop(path[-1])
    if "more" not in path:
        with pytest.raises(FormatError):
            bitstring_status.parse(document)


def test_documents_of_others() -> None:
    document = bitstring_status.document(some())
    for other in ({"@context": []}, {"type": ["VerifiableCredential"]}):
        with pytest.raises(NotOurProfileError):
            bitstring_status.parse(document | other)
    for value in (None, [], "x"):
        with pytest.raises(FormatError):
            bitstring_status.parse(value)  # type: ignore[arg-type]


def test_values_that_cannot_be() -> None:
    good = some()
    for change in (
        {"bits": bytes(SIZE // 8 - 1)},
        {"expires": good.issued},
        {"issued": -1},
        {"uri": "https://certs.example.gov.cn/s/42"},
        {"uri": "https://certs.example.gov.cn/b/042"},
        {"issuer": "https://certs.example.gov.cn"},
    ):
        values = {name: getattr(good, name) for name in BitstringStatusList.__slots__}
        with pytest.raises(FormatError):
            BitstringStatusList(**(values | change))
    for index in (-1, SIZE):
        with pytest.raises(FormatError):
            good.is_set(index)
