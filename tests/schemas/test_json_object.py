"""Strict reading of JSON objects, and base64url in one spelling."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.errors import FormatError, NewerFormatError
from schemas.json_object import JsonObject, from_base64url, to_base64url


@given(st.binary(max_size=40))
@settings(deadline=None)
def test_base64url_comes_back(data: bytes) -> None:
    text = to_base64url(data)
    assert "=" not in text
    assert from_base64url(text) == data


# RFC 4648 section 10, without padding.
@pytest.mark.parametrize(
    ("data", "text"), [(b"", ""), (b"f", "Zg"), (b"fo", "Zm8"), (b"foobar", "Zm9vYmFy")]
)
def test_base64url_published_values(data: bytes, text: str) -> None:
    assert to_base64url(data) == text
    assert from_base64url(text) == data


@pytest.mark.parametrize("text", ["Zg==", "Zh", "Z", "Zm9", "+/+/", "Zg\n", "Z g", "Ｚg", "AB"])
def test_base64url_refuses(text: str) -> None:
    with pytest.raises(FormatError):
        from_base64url(text)


READ: list[tuple[str, Any, Any, list[Any]]] = [
    ("text", "a", "a", [1, None, ["a"], True]),
    ("integer", 0, 0, [-1, True, "1", 1.0, None]),
    ("texts", ["a"], ("a",), [[1], "a", ["a", None]]),
    ("integers", [1], (1,), [["1"], [True], 1]),
    ("items", [{}], [{}], [{}, "a"]),
    ("instant", "2026-11-22T04:00:00Z", 1795320000, ["2026-11-22", 1795320000, None]),
    ("base64url", "Zg", b"f", ["Zg==", 1, "Zh"]),
]


@pytest.mark.parametrize(("reader", "given_value", "expected", "wrong"), READ)
def test_readers(reader: str, given_value: Any, expected: Any, wrong: list[Any]) -> None:
    read: Callable[[str], Any] = getattr(JsonObject({"key": given_value}, "value"), reader)
    assert read("key") == expected
    with pytest.raises(FormatError, match="no key"):
        read("key")
    for other in wrong:
        with pytest.raises(FormatError):
            getattr(JsonObject({"key": other}, "value"), reader)("key")


def test_hexadecimal_has_one_spelling() -> None:
    assert JsonObject({"a": "00ff"}, "value").hexadecimal("a", 2) == b"\x00\xff"
    for other in ("00FF", "00f", "00ff00", "zz00", "", 1, None, "0 ff"):
        with pytest.raises(FormatError):
            JsonObject({"a": other}, "value").hexadecimal("a", 2)


def test_null_must_be_there() -> None:
    given_object = JsonObject({"a": None, "b": "x"}, "value")
    assert given_object.optional("a", given_object.text) is None
    assert given_object.optional("b", given_object.text) == "x"
    with pytest.raises(FormatError):
        given_object.optional("c", given_object.text)


def test_what_is_left_over_is_newer() -> None:
    outer = JsonObject({"list": [{"a": "x"}, {"a": "y", "b": 1}]}, "value")
    with pytest.raises(NewerFormatError, match="list"):
        outer.objects("list", lambda inner: inner.text("a"))
    with pytest.raises(NewerFormatError):
        JsonObject({"a": 1}, "value").close()
    JsonObject({}, "value").close()


@pytest.mark.parametrize("value", [None, [], "x", 1])
def test_only_objects_are_read(value: Any) -> None:
    with pytest.raises(FormatError):
        JsonObject(value, "value")
    with pytest.raises(FormatError):
        JsonObject({"a": [value]}, "value").objects("a", lambda inner: inner)
    with pytest.raises(FormatError):
        JsonObject({"a": value}, "value").object("a", lambda inner: inner)
