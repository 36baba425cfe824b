"""Names: one spelling to store, tolerance to find, and refusal of what deceives."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from registry.rules import names
from registry.rules.decision import RefusedError


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("张三", "张三"), ("张 三", "张三"), ("　张　三 ", "张三"), ("㛃䶮𡋤", "㛃䶮𡋤"),
        ("买买提•吐尔逊", "买买提·吐尔逊"), ("买买提.吐尔逊", "买买提·吐尔逊"),
        ("买买提・吐尔逊", "买买提·吐尔逊"), ("买买提 · 吐尔逊", "买买提·吐尔逊"),
        ("买买提‧吐尔逊", "买买提·吐尔逊"), ("·买买提·", "买买提"),
        ("John  O’Neil", "John O'Neil"), ("Ｊｏｈｎ", "John"), ("Jean–Paul", "Jean-Paul"),
        ("Jose\u0301", "Jos\u00e9"),
    ],
)  # fmt: skip
def test_normalise(typed: str, stored: str) -> None:
    assert names.normalise(typed) == stored
    assert names.normalise(stored) == stored


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("", "missing"), ("   ", "missing"), ("·", "missing"), ("张三1", "name_character"),
        ("张\u200b三", "name_character"), ("张\ue000三", "name_character"),
        ("\u202e张三", "name_character"), ("张三?", "name_character"), ("---", "name_character"),
        ("张\x00三", "name_character"), ("J. Smith", "name_character"),
        ("张" * 61, "name_too_long"),
        ("□三", "name_character"),
    ],
)  # fmt: skip
def test_refused(typed: str, code: str) -> None:
    with pytest.raises(RefusedError) as refused:
        names.normalise(typed)
    assert refused.value.reasons[0].code == code
    assert refused.value.reasons[0].column == "name"


def test_a_refused_character_is_named() -> None:
    with pytest.raises(RefusedError) as refused:
        names.normalise("张\ue000三")
    assert "U+E000" in refused.value.reasons[0].sentence("zh")


@pytest.mark.parametrize(
    ("asked", "stored", "same"),
    [
        ("买买提吐尔逊", "买买提·吐尔逊", True), ("买买提.吐尔逊", "买买提·吐尔逊", True),
        ("张 三", "张三", True), ("john oneil", "John O'Neil", True), ("张三", "张山", False),
        ("", "张三", False), ("·", "张三", False), ("张三丰", "张三", False), ("1", "2", False),
    ],
)  # fmt: skip
def test_match(asked: str, stored: str, same: bool) -> None:
    assert names.match(asked, stored) is same


@settings(deadline=None, max_examples=300)
@given(st.text(alphabet=st.sampled_from("张三买提·•.　 aé́'’-\u200b𡋤"), max_size=12))
def test_normal_form_is_stable_and_found(text: str) -> None:
    try:
        stored = names.normalise(text)
    except RefusedError:
        return
    assert names.normalise(stored) == stored
    assert names.match(text, stored)
