"""From a site's bad workbook to the same workbook with every reason beside its row."""

from datetime import date
from io import BytesIO
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

from registry.exchange import results
from registry.exchange.columns import PROBLEM, SHEET
from registry.rules.assessment import Occupations
from registry.rules.catalogue import LEVELS, Occupation
from registry.rules.policy import published
from tests.registry.exchange.build import HEADINGS, TODAY, citizen, row, xlsx

POLICY = published()
CATALOGUE = Occupations([
    Occupation(code="6-29-01-03", name="混凝土工", levels=frozenset(LEVELS), confirmed=True,
               work_types=frozenset({"040"})),
    Occupation(code="6-29-01-01", name="砌筑工", levels=frozenset("5432"), confirmed=True),
])  # fmt: skip

BAD: list[tuple[dict[str, Any], str, str]] = [
    ({"identity": 110105194912310020}, "identity_as_number", "证件号码：身份证号存成了数字"),
    ({"identity": "110105194912310021"}, "identity_check", "证件号码：身份证号的校验位不对"),
    ({"assessed": date(2026, 11, 24)}, "date_in_future", "考核日期：考核日期2026-11-24在今天"),
    ({"occupation": "程序员"}, "occupation_unknown", "职业：目录里没有职业“程序员”"),
    ({"occupation": "砌筑工", "work_type": "", "level": "1", "review": 70,
      "review_examiners": "K1、K2、K3"}, "level_not_in_occupation",
     "级别：职业“砌筑工”没有一级/高级技师"),
    ({"theory": "=80+2"}, "formula", "理论成绩：H3是公式"),
    ({"name": "张\ue000三"}, "name_character", "姓名：姓名里有不能用的字符"),
    ({"identity": citizen(1)}, "candidate_twice", "证件号码：与第2行是同一考生的同一次考核"),
    ({"practice_examiners": ""}, "missing", "实操考评员：这一格必须填写（站点登记员处理）"),
    ({"work_type": 40}, "text_as_number", "工种：E3存成了数字"),
    ({"practice": 101}, "score_malformed", "实操成绩：成绩“101”应为0到100"),
]  # fmt: skip


@pytest.mark.parametrize(("changes", "code", "words"), BAD, ids=[code for _, code, _ in BAD])
def test_one_bad_row_among_good_ones(changes: dict[str, Any], code: str, words: str) -> None:
    data = xlsx([row(1), row(2, **changes), row(3)])
    intake = results.read(data, CATALOGUE, TODAY, POLICY)
    assert set(intake.rows) == {2, 4}
    assert [reason.code for reason in intake.problems[3]] == [code]
    marked = results.mark(data, intake.problems, TODAY, POLICY)
    lines = CalamineWorkbook.from_filelike(BytesIO(marked)).get_sheet_by_name(SHEET).to_python()
    column = lines[0].index(PROBLEM)
    assert lines[2][column].startswith(words)
    assert [lines[1][column], lines[3][column]] == ["", ""]


def test_a_mended_workbook_is_taken_whole() -> None:
    data = xlsx([row(1), row(2, theory=101)])
    marked = results.mark(
        data, results.read(data, CATALOGUE, TODAY, POLICY).problems, TODAY, POLICY
    )
    assert results.read(marked, CATALOGUE, TODAY, POLICY).rows.keys() == {2}
    mended = xlsx([[*row(1), ""], [*row(2), "旧的问题"]], [*HEADINGS, PROBLEM])
    intake = results.read(mended, CATALOGUE, TODAY, POLICY)
    assert (set(intake.rows), intake.problems) == ({2, 3}, {})


def test_merged_rows_are_not_taken() -> None:
    data = xlsx([row(1), row(2), row(3)], more=lambda _, s: s.merge_range("D2:D3", "6-29-01-03"))
    intake = results.read(data, CATALOGUE, TODAY, POLICY)
    assert set(intake.rows) == {4}
    assert {each.code for reasons in intake.problems.values() for each in reasons} >= {"merged"}
