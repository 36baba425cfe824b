"""Two facts to find a certificate, and what is shown before they match."""

import pytest

from registry.rules import lookup, masks, policy
from registry.rules.decision import RefusedError
from registry.rules.policy import PolicyError
from tests.registry.rules.build import POLICY, TODAY

NUMBER = "Y001011999966215000001"


@pytest.mark.parametrize(
    ("name", "last4", "found"),
    [
        ("欧阳娜娜", "", True), ("", "002x", True), ("欧阳娜娜", "００２Ｘ", True),
        ("欧阳 娜娜", "", True),
        ("欧阳娜", "", False), ("", "0021", False), ("欧阳娜娜", "0021", False),
        ("欧阳", "002X", False),
    ],
)  # fmt: skip
def test_answers(name: str, last4: str, found: bool) -> None:
    asked = lookup.question(f" {NUMBER.lower()} ", name, last4)
    assert asked.number == NUMBER
    assert lookup.answers(asked, name="欧阳娜娜", last4="002X") is found


@pytest.mark.parametrize(
    ("number", "name", "last4", "code"),
    [
        (NUMBER, "", "", "lookup_needs_two"), ("", "张三", "0021", "lookup_needs_two"),
        (NUMBER, "  ", "", "lookup_needs_two"), (NUMBER, "", "21", "lookup_malformed"),
        ("Y0010'; --", "张三", "", "lookup_malformed"),
        ("晋ABCDEFG", "张三", "", "lookup_malformed"),
        ("1" * 41, "张三", "", "lookup_malformed"), (NUMBER, "", "00_1", "lookup_malformed"),
    ],
)  # fmt: skip
def test_refused(number: str, name: str, last4: str, code: str) -> None:
    with pytest.raises(RefusedError) as refused:
        lookup.question(number, name, last4)
    assert refused.value.reasons[0].code == code


@pytest.mark.parametrize(
    ("typed", "key"),
    [
        (" 晋Ａ０１２００８０００００１ ", "晋A012008000001"),
        ("苏建［2010］第 12 号", "苏建(2010)第12号"),
        ("苏建〔2010〕第12号", "苏建(2010)第12号"), ("js—2010–7", "JS-2010-7"),
    ],
)  # fmt: skip
def test_older_papers_print_other_marks(typed: str, key: str) -> None:
    assert lookup.question(typed, "张三").number == key == lookup.number_key(key)


def test_a_name_without_letters_matches_nobody() -> None:
    asked = lookup.question(NUMBER, "··")
    assert not lookup.answers(asked, name="欧阳娜娜", last4="002X")


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("欧阳娜娜", "欧**娜"), ("张三", "张*"), ("王小明", "王*明"), ("张", "*"), ("", ""),
        ("买买提·吐尔逊", "买**·**"), ("𡋤示例", "𡋤*例"),
    ],
)  # fmt: skip
def test_name_masks(name: str, shown: str) -> None:
    assert masks.name(name) == shown


def test_the_mask_in_force_is_a_policy_row() -> None:
    assert masks.rule(TODAY, POLICY) == "first_and_last"
    assert [masks.name("王小明", rule) for rule in masks.RULES] == ["王*明", "王**", "***"]
    row = {"field": "name", "rule": "all", "source": "s", "confidence": "high"}
    with pytest.raises(PolicyError):
        masks.rule(TODAY, policy.build({"masks": [row]}))
    with pytest.raises(RefusedError):
        masks.rule(TODAY, policy.build({}))
