"""Canonical JSON: the vectors of RFC 8785's author, a peer, and what the profile refuses."""

import json
from pathlib import Path
from typing import Any

import pytest
import rfc8785
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas import jcs
from schemas.errors import FormatError

VECTORS = Path(__file__).resolve().parents[2] / "../shared/reference/vectors/jcs-rfc8785"
# These have floating-point numbers or keys beyond ASCII, which this profile refuses.
OUTSIDE = {"values.json", "weird.json", "french.json", "structures.json"}
INPUTS = sorted((VECTORS / "input").glob("*.json"))


@pytest.mark.parametrize("path", [path for path in INPUTS if path.name not in OUTSIDE], ids=str)
def test_vectors(path: Path) -> None:
    value = json.loads(path.read_bytes())
    assert jcs.canonical(value) == (VECTORS / "output" / path.name).read_bytes()


@pytest.mark.parametrize("path", [path for path in INPUTS if path.name in OUTSIDE], ids=str)
def test_vectors_outside_the_profile(path: Path) -> None:
    with pytest.raises(FormatError):
        jcs.canonical(json.loads(path.read_bytes()))
    with pytest.raises(FormatError):
        jcs.load(path.read_bytes())


def test_rfc8785_string_example() -> None:
    # RFC 8785 section 3.2.2: the "string" member of the example, and its canonical bytes.
    text = '"\\u20ac$\\u000F\\u000aA\'\\u0042\\u0022\\u005c\\\\\\"\\/"'
    expected = "22e282ac245c75303030665c6e4127425c225c5c5c5c5c222f22"
    assert jcs.canonical(jcs.load(text)).hex() == expected


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-jcs.SAFE_INTEGER, jcs.SAFE_INTEGER)
    | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(st.characters(max_codepoint=127), max_size=8), inner, max_size=4)
    ),
    max_leaves=20,
)


@given(VALUES)
@settings(deadline=None, max_examples=300)
def test_equals_a_peer_and_comes_back(value: Any) -> None:
    written = jcs.canonical(value)
    assert written == rfc8785.dumps(value)
    assert jcs.load(written) == value
    assert jcs.canonical(jcs.load(written)) == written


@pytest.mark.parametrize(
    "value",
    [1.0, 2**53, -(2**53), {"é": 1}, {1: 2}, "\ud800", {"a": ["\udfff"]}, (1,), b"x", {1.5}],
)
def test_refuses_to_write(value: Any) -> None:
    with pytest.raises(FormatError):
        jcs.canonical(value)


@pytest.mark.parametrize(
    "text",
    [
        b'{"a":1,"a":1}',
        b'{"a":{"b":1,"b":2}}',
        b'{"a":1.0}',
        b'{"a":1e3}',
        b"[NaN]",
        b"[Infinity]",
        b"[9007199254740992]",
        b"[" + b"9" * 5000 + b"]",
        b'{"\xc3\xa9":1}',
        b'["\\ud800"]',
        b'["\xed\xa0\x80"]',
        b'["\xff"]',
        b'\xef\xbb\xbf{"a":1}',
        b'{"a":1} x',
        b'{"a":1}{"a":1}',
        b'{"a":1,}',
        b'["\n"]',
        b"",
        b"[" * 25 + b"]" * 25,
        b"[" * 100000,
        b'{"a":' * 100000,
    ],
)
def test_refuses_to_read(text: bytes) -> None:
    with pytest.raises(FormatError):
        jcs.load(text)


def test_depth_and_size_have_an_edge() -> None:
    deep = b"[" * jcs.MAX_DEPTH + b"]" * jcs.MAX_DEPTH
    assert jcs.canonical(jcs.load(deep)) == deep
    with pytest.raises(FormatError):
        jcs.load(b"[" + deep + b"]")
    with pytest.raises(FormatError):
        jcs.canonical([jcs.load(deep)])
    assert jcs.load(b"[1]", max_size=3) == [1]
    with pytest.raises(FormatError):
        jcs.load(b"[1] ", max_size=3)


@given(st.binary(max_size=60) | st.text(max_size=60))
@settings(deadline=None)
def test_only_our_errors_escape(data: bytes | str) -> None:
    try:
        value = jcs.load(data)
    except FormatError:
        return
    assert jcs.load(jcs.canonical(value)) == value
