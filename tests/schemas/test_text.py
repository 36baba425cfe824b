import unicodedata

import pytest

from schemas import text
from schemas.errors import FormatError

GOOD = ["欧阳娜娜", "㛃", "䶮", "𡋤", "买买提·吐尔逊", "Anne-Marie O'Neill", "É", "〇", "\ufa0e"]


@pytest.mark.parametrize("name", GOOD)
def test_a_name_that_may_be_signed_comes_back_unchanged(name: str) -> None:
    assert text.check(name) is name


BAD = {
    "": "empty",
    " 甲": "space",
    "甲 ": "space",
    "甲  乙": "space",
    "甲\u202e乙": "U+202E (RIGHT-TO-LEFT OVERRIDE) at place 2",
    "甲\u200b": "U+200B (ZERO WIDTH SPACE) at place 2",
    "\ue000": "U+E000",
    "甲\n": "U+000A",
    "\x00": "U+0000",
    "甲\ud800": "U+D800",
    "甲1": "U+0031 (DIGIT ONE)",
    "Ａ": "U+FF21",
    "甲•乙": "U+2022 (BULLET)",
    "e\u0301": "U+0301",
    "\uf900": "U+F900",
    "×": "U+00D7",
    "\ufffe": "U+FFFE",
    "甲" * 101: "at most 100",
}


@pytest.mark.parametrize("name", BAD)
def test_another_name_is_refused_with_its_character(name: str) -> None:
    with pytest.raises(FormatError) as refused:
        text.check(name)
    assert BAD[name] in str(refused.value)


def test_words_have_digits_and_chinese_punctuation() -> None:
    words = "架子工（普通）：3 级，《规定》第5条。"
    assert text.check(words, alphabet=text.WORDS) == words
    with pytest.raises(FormatError):
        text.check("甲\u200d乙", alphabet=text.WORDS)


def test_length_counts_characters() -> None:
    assert text.check("𡋤𡋤", max_length=2)
    with pytest.raises(FormatError):
        text.check("𡋤𡋤𡋤", max_length=2)


@pytest.mark.parametrize("alphabet", [text.NAME, text.WORDS])
def test_no_allowed_character_is_invisible_or_changed_by_normalization(
    alphabet: text.Alphabet,
) -> None:
    for point in range(0x110000):
        character = chr(point)
        if character == " " or not alphabet.character.fullmatch(character):
            continue
        assert unicodedata.category(character) not in {"Cc", "Cf", "Co", "Cs", "Zs", "Zl", "Zp"}
        assert unicodedata.combining(character) == 0
