from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas import cbor
from schemas.errors import FormatError

# RFC 8949, appendix A; the map orders are those of §4.2.1.
KNOWN: list[tuple[str, Any]] = [
    ("00", 0),
    ("17", 23),
    ("1818", 24),
    ("18ff", 255),
    ("190100", 256),
    ("1903e8", 1000),
    ("1a000f4240", 1000000),
    ("1b000000e8d4a51000", 1000000000000),
    ("1bffffffffffffffff", 18446744073709551615),
    ("3bffffffffffffffff", -18446744073709551616),
    ("20", -1),
    ("3903e7", -1000),
    ("f4", False),
    ("f5", True),
    ("f6", None),
    ("40", b""),
    ("4401020304", b"\1\2\3\4"),
    ("60", ""),
    ("6449455446", "IETF"),
    ("63e6b0b4", "水"),
    ("64f0908591", "\U00010151"),
    ("8301820203820405", [1, [2, 3], [4, 5]]),
    ("a201020304", {1: 2, 3: 4}),
    ("a26161016162820203", {"a": 1, "b": [2, 3]}),
]


@pytest.mark.parametrize(("text", "value"), KNOWN)
def test_known_encodings(text: str, value: Any) -> None:
    data = bytes.fromhex(text)
    assert cbor.encode(value) == data
    assert cbor.decode(data) == value
    assert type(cbor.decode(data)) is type(value)


def test_keys_are_in_bytewise_order_of_their_encodings() -> None:
    value = {"aa": 6, -1: 4, "z": 5, 100: 3, 10: 2, 1: 1, -300: 7}
    assert cbor.encode(value).hex() == "a701010a02186403200439012b07617a0562616106"


REFUSED = {
    "": "nothing",
    "0000": "a byte after the end",
    "1800": "long form of 0",
    "1817": "long form of 23",
    "1900ff": "long form of 255",
    "1a0000ffff": "long form of 65535",
    "1b00000000ffffffff": "long form of 2^32 - 1",
    "3817": "long form of -24",
    "5800": "long form of a length",
    "780161": "long form of a length",
    "980100": "long form of a length",
    "b8010000": "long form of a length",
    "9fff": "indefinite array",
    "bfff": "indefinite map",
    "5f4100ff": "indefinite bytes",
    "7f6161ff": "indefinite text",
    "a202010102": "keys out of order",
    "a201010102": "key twice",
    "a2616101616102": "text key twice",
    "a2626161016162": "cut short",
    "a262616101616202": "longer key first",
    "a120a1200100": "tail",
    "a2200101f6": "negative before positive",
    "a1f501": "key true",
    "a1f60100": "key null",
    "a1410101": "key of bytes",
    "a1810102": "key of an array",
    "a1a1010203": "key of a map",
    "a1f93c0001": "key 1.0",
    "f93c00": "float",
    "fa3f800000": "float",
    "fb3ff0000000000000": "float",
    "f97e00": "not a number",
    "f7": "undefined",
    "f0": "simple value 16",
    "f8ff": "simple value 255",
    "f818": "reserved simple value",
    "1c": "reserved length",
    "ff": "break alone",
    "61ff": "not UTF-8",
    "62c080": "overlong UTF-8",
    "63eda080": "surrogate in UTF-8",
    "c249010000000000000000": "bignum",
    "c24101": "small bignum",
    "c11a514b67b0": "time",
    "c074323031332d30332d32315432303a30343a30305a": "time as text",
    "c482211904d2": "decimal fraction",
    "c5821bffffffffffffffff01": "bigfloat",
    "d81c8100": "shared value",
    "d81e820102": "rational",
    "d82363616263": "regular expression",
    "d9010081616101": "string references",
    "d9d9f701": "self-described",
    "d90102820102": "set",
    "d28443a10126a04040": "a tag",
    "5bffffffffffffffff00": "length beyond memory",
    "7b7fffffffffffffff00": "length beyond memory",
    "9bffffffffffffffff00": "length beyond memory",
    "bbffffffffffffffff00": "length beyond memory",
    "81" * 17 + "00": "too deep",
    "81" * 5000 + "00": "far too deep",
    "d2" * 5000 + "00": "tags far too deep",
    "a101" * 5000 + "00": "maps far too deep",
}


@pytest.mark.parametrize("text", REFUSED, ids=lambda text: REFUSED[text])
def test_anything_but_the_one_encoding_is_refused(text: str) -> None:
    with pytest.raises(FormatError):
        cbor.decode(bytes.fromhex(text))


@pytest.mark.parametrize(
    "value",
    [1.0, 1 << 64, -(1 << 64) - 1, "\ud800", (1,), {1.5: 1}, {None: 1}, {True: 1}, {1}],
)
def test_what_the_subset_lacks_is_not_written(value: Any) -> None:
    with pytest.raises(FormatError):
        cbor.encode(value)


def test_depth_is_bounded_alike_both_ways() -> None:
    value: Any = 1
    for _ in range(cbor.MAX_DEPTH - 1):
        value = [value]
    assert cbor.decode(cbor.encode(value)) == value
    with pytest.raises(FormatError):
        cbor.encode([[[value]]])


@pytest.mark.parametrize("tag", ["c0", "c1", "c2", "c4", "d81c", "d823", "d825", "d864", "d9d9f7"])
def test_no_tag_is_turned_into_a_value_of_another_kind(tag: str) -> None:
    with pytest.raises(FormatError, match="tag"):
        cbor.decode(bytes.fromhex(tag + "01"))


def head(major: int, number: int) -> bytes:
    """Section 3 of the RFC, written down once more, slowly."""
    if number < 24:
        return bytes([major << 5 | number])
    size = next(size for size in (1, 2, 4, 8) if number < 256**size)
    return bytes([major << 5 | {1: 24, 2: 25, 4: 26, 8: 27}[size]]) + number.to_bytes(size, "big")


def reference(value: Any) -> bytes:
    if isinstance(value, bool) or value is None:
        return {False: b"\xf4", True: b"\xf5", None: b"\xf6"}[value]
    if isinstance(value, int):
        return head(0, value) if value >= 0 else head(1, -1 - value)
    if isinstance(value, bytes):
        return head(2, len(value)) + value
    if isinstance(value, str):
        return head(3, len(value.encode())) + value.encode()
    if isinstance(value, list):
        return head(4, len(value)) + b"".join(map(reference, value))
    pairs = sorted((reference(key), reference(item)) for key, item in value.items())
    return head(5, len(value)) + b"".join(key + item for key, item in pairs)


SCALARS = st.one_of(
    st.integers(-(1 << 64), (1 << 64) - 1),
    st.integers(-300, 300),
    st.booleans(),
    st.none(),
    st.binary(max_size=40),
    st.text(st.characters(codec="utf-8"), max_size=30),
)
KEYS = st.integers(-70000, 70000) | st.text(st.characters(codec="utf-8"), max_size=4)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=6),
    max_leaves=20,
)


@settings(deadline=None)
@given(VALUES)
def test_every_value_has_the_encoding_of_the_rfc_and_comes_back(value: Any) -> None:
    data = cbor.encode(value)
    assert data == reference(value)
    assert cbor.decode(data) == value


@settings(deadline=None, max_examples=500)
@given(st.binary(max_size=60) | VALUES.map(reference).flatmap(lambda data: st.tuples(
    st.just(data), st.integers(0, max(0, len(data) * 8 - 1)))).map(
        lambda pair: (int.from_bytes(pair[0]) ^ 1 << pair[1]).to_bytes(len(pair[0]))))  # fmt: skip
def test_random_bytes_decode_to_what_prints_back_or_are_refused(data: bytes) -> None:
    try:
        value = cbor.decode(data)
    except FormatError:
        return
    assert cbor.encode(value) == data
