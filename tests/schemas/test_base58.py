"""Base58: the draft's own values, round trip, one reading per text."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas import base58
from schemas.errors import FormatError


# draft-msporny-base58-03, section 4.
@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"Hello World!", "2NEpo7TZRRrLZSi2U"),
        (
            b"The quick brown fox jumps over the lazy dog.",
            "USm3fpXnKG5EUBx2ndxBDMPVciP5hGey2Jh4NDv6gmeo1LkMeiKrLJUUBk6Z",
        ),
        (bytes.fromhex("0000287fb4cd"), "11233QC4"),
        (b"", ""),
        (b"\0", "1"),
    ],
)
def test_published_values(data: bytes, text: str) -> None:
    assert base58.encode(data) == text
    assert base58.decode(text) == data


@given(st.binary(max_size=100))
@settings(deadline=None)
def test_bytes_come_back(data: bytes) -> None:
    assert base58.decode(base58.encode(data)) == data


@given(st.text(base58.ALPHABET, max_size=100))
@settings(deadline=None)
def test_texts_come_back(text: str) -> None:
    assert base58.encode(base58.decode(text)) == text


@pytest.mark.parametrize("text", ["0", "O", "I", "l", "2NEpo7TZRRrLZSi2U ", "é", "1" * 513])
def test_refuses(text: str) -> None:
    with pytest.raises(FormatError):
        base58.decode(text)
