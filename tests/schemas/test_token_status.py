import base64
import json
import re
import zlib
from dataclasses import replace
from pathlib import Path
from typing import Any

import cbor2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas import cbor, token_status
from schemas.certificate import State
from schemas.errors import FormatError, NewerFormatError, NotOurProfileError
from schemas.token_status import TokenStatusList

DRAFT = Path(__file__).resolve().parents[2] / "../shared/reference/vectors/token-status-list"

LIST = TokenStatusList(
    uri="https://certs.example.gov.cn/s/42", sequence=7, issued=1795320000, expires=1795406400,
    ttl=300, least_trust=3, states=b"\x10\xd2" + bytes(65534),
)  # fmt: skip


def draft_bytes(path: Path) -> tuple[int, bytes]:
    """Bits and inflated bytes of an example of the draft, JSON or hexadecimal CBOR."""
    content = path.read_text()
    if path.name.endswith("_json.md"):
        found = json.loads(re.sub(r"\s", "", content[content.index("{") :]))
        packed = base64.urlsafe_b64decode(found["lst"] + "=" * (-len(found["lst"]) % 4))
        return found["bits"], token_status.inflate(packed)
    text = content.partition("encoded:")[2] or content
    # The draft writes its maps in an order of its own, so a reader that accepts any order is used.
    bits, packed = token_status.members(cbor2.loads(bytes.fromhex(re.sub(r"\s", "", text))))
    return bits, token_status.inflate(packed)


def test_every_value_of_the_draft() -> None:
    path = DRAFT / "long_list_expected.json"
    for name, expected in json.loads(path.read_text() if path.exists() else "{}").items():
        bits, states = draft_bytes(DRAFT / "examples" / name)
        assert (bits, len(states)) == (expected["bits"], expected["bytes"])
        listed = {int(index): int(value, 2) for index, value in expected["values"].items()}
        for index, value in listed.items():
            assert token_status.value(states, bits, index) == value
        count = len(states) * 8 // bits
        assert token_status.pack((listed.get(place, 0) for place in range(count)), bits) == states


def test_the_two_encodings_of_the_draft_hold_the_same() -> None:
    for path in DRAFT.glob("examples/status_list_encoding*_cbor.md"):
        twin = path.with_name(path.name.replace("_cbor", "_json"))
        assert draft_bytes(path) == draft_bytes(twin)


def test_the_short_examples_of_the_draft() -> None:
    # draft-ietf-oauth-status-list-20, section 4.1 and 4.3: byte_array = [0xb9, 0xa3], one bit
    bits, packed = token_status.members(
        cbor2.loads(bytes.fromhex("a2646269747301636c73744a78dadbb918000217015d"))
    )
    states = token_status.inflate(packed)
    assert (bits, states) == (1, b"\xb9\xa3")
    values = [1, 0, 0, 1, 1, 1, 0, 1, 1, 1, 0, 0, 0, 1, 0, 1]
    assert [token_status.value(states, 1, place) for place in range(16)] == values
    assert token_status.pack(values, 1) == states
    # the same with two bits: [0xc9, 0x44, 0xf9]
    values = [1, 2, 0, 3, 0, 1, 0, 1, 1, 2, 3, 3]
    assert token_status.pack(values, 2) == b"\xc9\x44\xf9"


def test_list_and_back() -> None:
    payload = token_status.payload(LIST)
    assert token_status.parse(payload) == LIST
    assert token_status.parse(token_status.payload(LIST, level=1)) == LIST
    assert LIST.size == token_status.LIST_SIZE
    assert [LIST.state(place) for place in range(5)] == [0, 1, 2, 13, 0]
    assert LIST.state(3) == State.CANCELLED
    for index in (-1, LIST.size):
        with pytest.raises(FormatError):
            LIST.state(index)


def test_claims_are_those_of_the_draft() -> None:
    claims = cbor.decode(token_status.payload(LIST))
    assert list(claims) == [2, 4, 6, 65533, 65534, -65538]
    assert claims[2] == LIST.uri
    assert (claims[4], claims[6], claims[65534]) == (1795406400, 1795320000, 300)
    assert claims[65533]["bits"] == 4
    assert zlib.decompress(claims[65533]["lst"]) == LIST.states
    assert claims[-65538] == {1: 7, 2: 3}


@settings(deadline=None)
@given(st.sampled_from([1, 2, 4, 8]), st.data())
def test_pack_and_value_are_inverse(bits: int, data: Any) -> None:
    values = data.draw(st.lists(st.integers(0, (1 << bits) - 1), max_size=70))
    packed = token_status.pack(values, bits)
    assert [token_status.value(packed, bits, place) for place in range(len(values))] == values
    assert token_status.inflate(token_status.deflate(packed)) == packed


def edited(target: int | None, key: Any, item: Any) -> bytes:
    claims = cbor.decode(token_status.payload(replace(LIST, states=bytes(32))))
    inner = claims if target is None else claims[target]
    if item is None:
        del inner[key]
    else:
        inner[key] = item
    return cbor.encode(claims)


GOOD = zlib.compress(bytes(32))
REFUSED: list[tuple[int | None, Any, Any]] = [
    (None, 2, "https://a.example/b/1"), (None, 2, 1), (None, 2, "https://a.example/x/s/1"),
    (None, 2, "https://a.example/s/01"), (None, 2, None), (None, 4, 1795320000), (None, 4, None),
    (None, 4, "x"), (None, 6, -1), (None, 6, True), (None, 65534, 0), (None, 65534, None),
    (None, 65533, None), (None, 65533, {}), (None, 65533, 1), (65533, "bits", 1),
    (65533, "bits", 3), (65533, "bits", True), (65533, "lst", "x"), (65533, "lst", b""),
    (65533, "lst", GOOD[:-1]), (65533, "lst", GOOD + b"\0"), (65533, "lst", GOOD + GOOD),
    (65533, "lst", GOOD[:-1] + b"\0"), (65533, "lst", bytes(32)),
    (65533, "lst", zlib.compress(b"")),
    (65533, "lst", zlib.compress(bytes(token_status.MAX_BYTES + 1))), (65533, "more", 1),
    (-65538, 1, 0), (-65538, 1, None), (-65538, 1, 1 << 53), (-65538, 2, 0), (-65538, 2, "1"),
    (None, -65538, 1), (None, -65538, {"1": 1}),
]  # fmt: skip


@pytest.mark.parametrize(("target", "key", "item"), REFUSED)
def test_other_claims_are_refused(target: int | None, key: Any, item: Any) -> None:
    with pytest.raises(FormatError) as refused:
        token_status.parse(edited(target, key, item))
    assert not isinstance(refused.value, NewerFormatError | NotOurProfileError)


def test_newer_and_other_profiles_are_told_apart() -> None:
    for target in (None, -65538):
        with pytest.raises(NewerFormatError):
            token_status.parse(edited(target, 63, 1))
        token_status.parse(edited(target, 64, 1))
    with pytest.raises(NotOurProfileError):
        token_status.parse(edited(None, -65538, None))
    with pytest.raises(NotOurProfileError):
        token_status.parse(cbor.encode([]))


def test_a_bomb_is_refused_before_it_is_whole() -> None:
    bomb = zlib.compress(bytes(1 << 26), 9)
    with pytest.raises(FormatError, match="more than"):
        token_status.inflate(bomb)


def test_bad_values_are_not_packed() -> None:
    for bits, values in ((4, [16]), (4, [-1]), (3, [1])):
        with pytest.raises(FormatError):
            token_status.pack(values, bits)
    for change in ({"sequence": 0}, {"expires": LIST.issued}, {"states": b""}, {"uri": "x"}):
        with pytest.raises(FormatError):
            token_status.payload(replace(LIST, **change))


def test_every_flipped_bit_and_cut_prints_back_or_is_refused() -> None:
    payload = token_status.payload(replace(LIST, states=bytes(range(32))))
    damaged = [payload[:length] for length in range(len(payload))]
    damaged += [
        (int.from_bytes(payload) ^ 1 << bit).to_bytes(len(payload))
        for bit in range(len(payload) * 8)
    ]
    for data in damaged:
        try:
            found = token_status.parse(data)
        except FormatError:
            continue
        # zlib has more than one stream for the same bytes, so all but the stream is compared.
        again = cbor.decode(token_status.payload(found))
        again[65533]["lst"] = cbor.decode(data)[65533]["lst"]
        assert cbor.encode(again) == data
