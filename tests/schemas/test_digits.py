import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas import digits
from schemas.errors import FormatError

KNOWN = {
    "": "",
    "00": "000",
    "ff": "255",
    "0102": "00513",
    "ff" * 6: "281474976710655",
    "ff" * 7: "72057594037927935",
    "00" * 7: "0" * 17,
    "68656c6c6f2c20776f726c6421": "09056056326776168036715199885175",
    "000102030405060708090a0b0c0d0e0f": "016943646487349760367241624977613503854",
}
REFUSED = [
    "1", "12", "256", "99999", "72057594037927936", "99999999999999999", "1234567", "000a",
    "０００",
    "00 ", " 00", "-00", "+00", "0_0", "00\n", "٠٠٠", "²²²", "0x0", "281474976710656",
    "0" * 17 + "256", "0" * 17 + "1", "72057594037927936" + "0" * 34,
    "0" * 17 + "99999999999999999",
    "0" * 34 + "72057594037927936", "0" * 7090,
]  # fmt: skip
EXAMPLES = Path(__file__).resolve().parents[2] / "../shared/reference/examples"


def reference(text: str) -> bytes:
    """The rule of the specification, one group at a time."""
    sizes = {3: 1, 5: 2, 8: 3, 10: 4, 13: 5, 15: 6, 17: 7}
    data = b""
    for start in range(0, len(text), 17):
        group = text[start : start + 17]
        if len(group) not in sizes or not set(group) <= set("0123456789"):
            raise FormatError(group)
        size = sizes[len(group)]
        if int(group) >= 256**size:
            raise FormatError(group)
        data += int(group).to_bytes(size, "little")
    return data


@pytest.mark.parametrize("data", KNOWN)
def test_known_answers(data: str) -> None:
    assert digits.encode(bytes.fromhex(data)) == KNOWN[data]
    assert digits.decode(KNOWN[data]).hex() == data


@pytest.mark.parametrize("text", REFUSED)
def test_other_texts_are_refused(text: str) -> None:
    with pytest.raises(FormatError):
        digits.decode(text)


def test_example_tokens() -> None:
    for path in EXAMPLES.glob("*.digits"):
        data = bytes.fromhex(path.with_suffix(".hex").read_text().strip())
        assert digits.decode(path.read_text().strip()) == data
        assert digits.encode(data) == path.read_text().strip()


def test_every_length_round_trips() -> None:
    rng = random.Random(7)
    for size in range(330):
        for data in (bytes(size), b"\xff" * size, rng.randbytes(size)):
            text = digits.encode(data)
            assert digits.decode(text) == reference(text) == data


@settings(deadline=None, max_examples=300)
@given(st.text("0123456789", max_size=120) | st.text("79", min_size=17, max_size=51))
def test_any_digits_decode_as_the_rule_says(text: str) -> None:
    try:
        expected = reference(text)
    except FormatError:
        with pytest.raises(FormatError):
            digits.decode(text)
    else:
        assert digits.decode(text) == expected
        assert digits.encode(expected) == text


@given(st.text(max_size=40))
def test_any_text_is_decoded_or_refused(text: str) -> None:
    try:
        data = digits.decode(text)
    except FormatError:
        return
    assert digits.encode(data) == text
