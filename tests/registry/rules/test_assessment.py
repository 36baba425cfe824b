"""Rows of a workbook: every problem named with its column; conflicts named, never won."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from registry.rules import assessment
from registry.rules.assessment import Occupations, Result
from registry.rules.catalogue import Occupation
from registry.rules.decision import RefusedError
from tests.registry.rules.build import ALL, CONCRETE, POLICY, TODAY, citizen

CATALOGUE = Occupations([
    CONCRETE,
    Occupation(code="6-29-01-01", name="砌筑工", levels=ALL - {"1"}, confirmed=True),
    Occupation(code="SPOP-01", name="建筑电工", special_operation=True),
    Occupation(code="6-29-01-02", name="石工", levels=ALL),
    Occupation(code="A", name="双名工", levels=ALL, confirmed=True),
    Occupation(code="B", name="双名工", levels=ALL, confirmed=True),
])  # fmt: skip
CARDS = "K32260001、K32260002、K32260003"
ROW = {
    "name": "张示例", "identity": citizen(), "occupation": "混凝土工", "work_type": "040",
    "level": "四级/中级工", "assessed": "2026-11-20", "theory": "82", "practice": "76.5",
    "practice_examiners": CARDS,
}  # fmt: skip


def read(**changes: str) -> Result | tuple[assessment.Reason, ...]:
    return assessment.read({**ROW, **changes}, CATALOGUE, TODAY, POLICY)


def good(**changes: str) -> Result:
    found = read(**changes)
    assert isinstance(found, Result), [reason.sentence("en") for reason in found]
    return found


def test_a_row() -> None:
    assert good() == Result(
        name="张示例", identity=assessment.Identity("resident_id", citizen()),
        occupation="6-29-01-03", level="4", work_type="040", assessed=date(2026, 11, 20),
        theory=Decimal(82), practice=Decimal("76.5"), review=None,
        practice_examiners=("K32260001", "K32260002", "K32260003"),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("column", "text", "code"),
    [
        ("name", "", "missing"), ("name", "张\u200b三", "name_character"),
        ("identity", "", "missing"), ("identity", "110105194912310021", "identity_check"),
        ("identity", "1.1E+17", "identity_as_number"), ("identity_kind", "工作证",
                                                        "identity_kind_unknown"),
        ("occupation", "", "missing"), ("occupation", "程序员", "occupation_unknown"),
        ("occupation", "双名工", "occupation_ambiguous"),
        ("occupation", "SPOP-01", "occupation_special"),
        ("occupation", "石工", "occupation_unconfirmed"), ("level", "", "missing"),
        ("level", "6", "level_unknown"), ("level", "特级技师", "level_unknown"),
        ("work_type", "40", "work_type_malformed"), ("work_type", "木工", "work_type_malformed"),
        ("work_type", "020", "work_type_not_in_occupation"), ("assessed", "", "missing"),
        ("assessed", "2026-11-24", "date_in_future"), ("assessed", "2026-02-30", "date_malformed"),
        ("assessed", "20-11-2026", "date_malformed"), ("assessed", "1989-12-31", "date_too_early"),
        ("assessed", "²026-11-20 ?", "date_malformed"), ("theory", "", "missing"),
        ("theory", "100.1", "score_malformed"), ("theory", "-1", "score_malformed"),
        ("theory", "八十", "score_malformed"), ("practice", "76.55", "score_malformed"),
        ("practice", "1e1", "score_malformed"), ("review", "80", "review_not_used"),
        ("practice_examiners", "", "missing"), ("practice_examiners", "K1、k1", "examiner_twice"),
    ],
)  # fmt: skip
def test_problems(column: str, text: str, code: str) -> None:
    found = read(**{column: text})
    assert isinstance(found, tuple)
    assert [(reason.code, reason.column) for reason in found] == [(code, column)]


def test_level_that_the_occupation_lacks() -> None:
    found = read(occupation="砌筑工", work_type="", level="1", review="80", review_examiners=CARDS)
    assert isinstance(found, tuple)
    assert [reason.code for reason in found] == ["level_not_in_occupation"]


def test_a_technician_needs_the_review_and_its_examiners() -> None:
    found = read(level="技师")
    assert isinstance(found, tuple)
    assert [(reason.code, reason.column) for reason in found] == [
        ("review_missing", "review"), ("missing", "review_examiners")
    ]  # fmt: skip
    assert good(level="技师", review="60", review_examiners=CARDS).review == Decimal(60)


def test_every_problem_of_a_row_at_once() -> None:
    found = assessment.read({}, CATALOGUE, TODAY, POLICY)
    assert isinstance(found, tuple)
    assert {reason.column for reason in found} == {
        "name", "identity", "occupation", "level", "assessed", "theory", "practice",
        "practice_examiners",
    }  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-20",
        "2026/11/20",
        "2026.11.20",
        "2026年11月20日",
        "20261120",
        " ２０２６－１１－２０ ",
    ],
)
def test_spellings_of_a_date(text: str) -> None:
    assert good(assessed=text).assessed == date(2026, 11, 20)


@pytest.mark.parametrize(
    ("text", "score"),
    [
        ("0", "0"),
        ("100", "100"),
        ("60.0", "60"),
        ("60.50", "60.5"),
        ("059", "59"),
        ("６０．５", "60.5"),
    ],
)
def test_scores(text: str, score: str) -> None:
    assert good(theory=text).theory == Decimal(score)
    assert assessment.score_text(good(theory=text).theory) == score


@pytest.mark.parametrize(("text", "level"), [("5", "5"), ("五级", "5"), ("高级工", "3"),
                                             ("三级/高级工", "3"), ("初级", "5")])  # fmt: skip
def test_levels(text: str, level: str) -> None:
    assert good(level=text).level == level


def test_the_same_again_changes_nothing() -> None:
    assert assessment.conflicts(good(), good(theory="82.0", level="4")) == ()


@pytest.mark.parametrize(
    ("column", "text", "shown"),
    [
        ("theory", "90", {"field": "理论成绩", "stored": "82", "new": "90"}),
        ("practice", "76.4", {"field": "实操成绩", "stored": "76.5", "new": "76.4"}),
        ("name", "李示例", {"field": "姓名", "stored": "张示例", "new": "李示例"}),
        ("work_type", "", {"field": "工种", "stored": "040", "new": "--"}),
    ],
)
def test_a_difference_is_a_named_conflict(column: str, text: str, shown: dict[str, str]) -> None:
    (found,) = assessment.conflicts(good(), good(**{column: text}))
    assert (found.code, found.column, dict(found.parameters)) == ("conflict", column, shown)


def test_another_assessment_is_no_conflict_but_a_mistake_of_the_caller() -> None:
    with pytest.raises(ValueError, match="same assessment"):
        assessment.conflicts(good(), good(assessed="2026-11-19"))


def test_same_candidate_twice_in_a_workbook() -> None:
    rows = {2: good(), 3: good(assessed="2026-11-19"), 4: good(theory="90"), 7: good()}
    found = assessment.repeated(rows)
    assert {row: dict(reason.parameters)["row"] for row, reason in found.items()} == {
        4: "2", 7: "2"
    }  # fmt: skip


def test_a_lookup_by_code_or_name() -> None:
    assert CATALOGUE.find(" 6-29-01-03 ") is CATALOGUE.find("混凝土工")
    with pytest.raises(RefusedError):
        CATALOGUE.find("")


@settings(deadline=None, max_examples=150)
@given(st.dictionaries(st.sampled_from([*ROW, "review", "ticket"]), st.text(max_size=20)))
def test_any_texts_give_a_result_or_reasons(changes: dict[str, str]) -> None:
    found = assessment.read({**ROW, **changes}, CATALOGUE, TODAY, POLICY)
    if isinstance(found, tuple):
        assert found and all(reason.sentence("zh") for reason in found)
    else:
        assert replace(found) == found
