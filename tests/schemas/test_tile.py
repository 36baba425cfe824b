import hashlib
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas import cbor, tile
from schemas.errors import FormatError, NewerFormatError, NotOurProfileError
from schemas.tile import IssuedTile

COSE, JCS = hashlib.sha256(b"cose").digest(), hashlib.sha256(b"jcs").digest()
RECORD = tile.record(COSE, JCS)
RECORDS = bytes(359 * 16) + RECORD + bytes((1024 - 360) * 16)
TILE = IssuedTile(
    uri="https://certs.example.gov.cn/i/42/92", sequence=7, issued=1795320000, expires=1795406400,
    least_trust=3, records=RECORDS,
)  # fmt: skip


def test_a_record_is_the_first_half_of_each_hash() -> None:
    assert RECORD == COSE[:8] + JCS[:8]
    assert len(RECORD) == tile.RECORD_SIZE
    for bad in (COSE[:8], b"", COSE + b"\0"):
        with pytest.raises(FormatError):
            tile.record(bad, JCS)
        with pytest.raises(FormatError):
            tile.record(COSE, bad)


def test_tile_and_back() -> None:
    payload = tile.payload(TILE)
    assert tile.parse(payload) == TILE
    claims = cbor.decode(payload)
    assert list(claims) == [2, 4, 6, -65539]
    assert claims[-65539] == {1: 7, 2: 3, 3: RECORDS}


def test_records_are_found_by_the_index_of_the_whole_list() -> None:
    assert TILE.record(92 * 1024 + 359) == RECORD
    assert TILE.record(92 * 1024) == TILE.record(92 * 1024 + 1023) == tile.EMPTY
    for index in (92 * 1024 - 1, 93 * 1024, 359, -1):
        with pytest.raises(FormatError):
            TILE.record(index)


def edited(target: int | None, key: Any, item: Any) -> bytes:
    claims = cbor.decode(tile.payload(TILE))
    inner = claims if target is None else claims[target]
    if item is None:
        del inner[key]
    else:
        inner[key] = item
    return cbor.encode(claims)


REFUSED: list[tuple[int | None, Any, Any]] = [
    (None, 2, "https://a.example/i/42"), (None, 2, "https://a.example/s/42/92"), (None, 2, 1),
    (None, 2, "https://a.example/i/42/092"), (None, 2, "https://a.example/i/42/-1"),
    (None, 2, "https://a.example/i/４/9"), (None, 4, 1795320000), (None, 4, None), (None, 6, "x"),
    (None, 6, True), (-65539, 1, 0), (-65539, 2, 0), (-65539, 3, RECORDS[:-1]),
    (-65539, 3, RECORDS + b"\0"), (-65539, 3, "x"), (-65539, 3, None), (None, -65539, []),
]  # fmt: skip


@pytest.mark.parametrize(("target", "key", "item"), REFUSED)
def test_other_claims_are_refused(target: int | None, key: Any, item: Any) -> None:
    with pytest.raises(FormatError) as refused:
        tile.parse(edited(target, key, item))
    assert not isinstance(refused.value, NewerFormatError | NotOurProfileError)


def test_newer_and_other_profiles_are_told_apart() -> None:
    for target in (None, -65539):
        with pytest.raises(NewerFormatError):
            tile.parse(edited(target, 63, 1))
        assert tile.parse(edited(target, 64, 1)) == TILE
    with pytest.raises(NotOurProfileError):
        tile.parse(edited(None, -65539, None))


def test_what_could_not_be_read_is_not_written() -> None:
    for change in ({"records": b""}, {"uri": "https://a.example/i/1"}, {"sequence": 0}):
        with pytest.raises(FormatError):
            tile.payload(replace(TILE, **change))


@given(st.integers(0, 8 * 80 - 1))
def test_a_flipped_bit_prints_back_or_is_refused(bit: int) -> None:
    payload = bytearray(tile.payload(TILE))
    payload[bit // 8] ^= 1 << bit % 8
    try:
        found = tile.parse(bytes(payload))
    except FormatError:
        return
    assert found != TILE
    assert tile.payload(found) == payload


@given(st.binary(max_size=80))
def test_random_bytes_are_refused(data: bytes) -> None:
    with pytest.raises(FormatError):
        tile.parse(data)
