"""Lists of existing certificates: what a row may say, and that nothing breaks the reader."""

import io
from datetime import date
from typing import Any

import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from registry.exchange import delimited, template
from registry.exchange import legacy as workbook
from registry.exchange.errors import WorkbookError
from registry.exchange.legacy import CHOICES, COLUMNS, LABELS, SHEET
from registry.rules import legacy, policy
from registry.rules.assessment import Occupations
from registry.rules.catalogue import Occupation
from registry.rules.decision import Reason
from registry.rules.legacy import LegacyKind, LegacyRow, Recorded
from tests.registry.office import citizen

TODAY = date(2026, 11, 23)
POLICY = policy.published()
OCCUPATIONS = Occupations([Occupation(code="6-29-01-04", name="钢筋工")])
GOOD = {
    "kind": "职业资格证书", "number": "1500000009400001", "name": "张示例",
    "identity": citizen(1).number, "occupation": "钢筋工（旧）", "mapped": "钢筋工",
    "level": "中级", "issuer": "示例省建设厅", "issued": "2015-06-30", "recorded": "在册",
}  # fmt: skip


def table(*rows: dict[str, str]) -> bytes:
    lines = [[column.heading for column in COLUMNS]]
    lines += [[row.get(column.key, "") for column in COLUMNS] for row in rows]
    return delimited.write(lines)


def read(*rows: dict[str, str]) -> workbook.LegacyIntake:
    return workbook.read(table(*rows), OCCUPATIONS, TODAY, POLICY)


def test_a_row_is_kept_as_it_is_worded() -> None:
    row = read(GOOD).rows[2]
    assert (row.kind, row.occupation, row.mapped) == (
        LegacyKind.QUALIFICATION, "钢筋工（旧）", "6-29-01-04"
    )  # fmt: skip
    assert (row.issued, row.recorded, row.expires) == (date(2015, 6, 30), Recorded.IN_FORCE, None)


@pytest.mark.parametrize(
    ("changes", "code", "column"),
    [
        ({"kind": "驾驶证"}, "legacy_kind_unknown", "kind"), ({"kind": ""}, "missing", "kind"),
        ({"number": "第一号"}, "legacy_number_malformed", "number"),
        ({"number": "1" * 41}, "legacy_number_malformed", "number"),
        ({"number": "12;DROP"}, "legacy_number_malformed", "number"),
        ({"identity": "000000199001010016"}, "identity_check", "identity"),
        ({"identity": "1.1E17"}, "identity_as_number", "identity"),
        ({"mapped": "塔吊飞行员"}, "occupation_unknown", "mapped"),
        ({"issued": "2026-11-24"}, "legacy_issued_future", "issued"),
        ({"issued": "1979-12-31"}, "legacy_issued_early", "issued"),
        ({"issued": "去年"}, "date_malformed", "issued"),
        ({"expires": "2015-06-29"}, "legacy_expires_early", "expires"),
        ({"recorded": "挺好"}, "legacy_recorded_unknown", "recorded"),
        ({"issuer": "厅" * 161}, "legacy_text_too_long", "issuer"),
        ({"occupation": "钢筋\u202e工"}, "legacy_text_unprintable", "occupation"),
        ({"name": "张\u200b示例"}, "legacy_text_unprintable", "name"),
    ],
)  # fmt: skip
def test_what_cannot_be_right_is_named(changes: dict[str, str], code: str, column: str) -> None:
    intake = read({**GOOD, **changes})
    assert not intake.rows
    assert [(each.code, each.column) for each in intake.problems[2]] == [(code, column)]


def test_all_that_is_wrong_is_told_at_once_and_comes_back_marked() -> None:
    data = table(GOOD, {**GOOD, "number": "x", "issued": "", "identity": "1"})
    intake = workbook.read(data, OCCUPATIONS, TODAY, POLICY)
    assert {each.column for each in intake.problems[3]} == {"number", "issued", "identity"}
    text = workbook.mark(data, intake.problems, TODAY, POLICY).decode("utf-8-sig")
    line = text.splitlines()[2]
    assert all(f"{LABELS[key]}：" in line for key in ("number", "issued", "identity"))
    assert text.splitlines()[1].endswith(",")


def test_the_template_has_the_columns_that_are_read() -> None:
    made = template.build(COLUMNS, CHOICES, sheet=SHEET, title="存量证书登记表")
    with pytest.raises(WorkbookError) as caught:
        workbook.read(made, OCCUPATIONS, TODAY, POLICY)
    assert caught.value.code == "no_rows"


def test_a_workbook_of_excel_is_read_like_a_table() -> None:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as book:
        sheet = book.add_worksheet(SHEET)
        for index, column in enumerate(COLUMNS):
            sheet.write_string(0, index, column.heading)
            sheet.write_string(1, index, GOOD.get(column.key, ""))
            sheet.write_string(2, index, GOOD.get(column.key, ""))
        sheet.write_number(2, 1, 1500000009400001)
    data = buffer.getvalue()
    intake = workbook.read(data, OCCUPATIONS, TODAY, POLICY)
    assert intake.rows == {2: read(GOOD).rows[2]}
    assert [each.code for each in intake.problems[3]] == ["text_as_number"]
    assert workbook.mark(data, intake.problems, TODAY, POLICY).startswith(b"PK")


def test_fifteen_digits_and_look_alikes_are_one_person_and_one_paper() -> None:
    other = {**GOOD, "identity": "000000900101001", "number": "１５０００００００９４００００１"}
    intake = read(GOOD, other)
    assert [each.code for each in intake.problems[3]] == ["legacy_twice"]


def test_a_list_that_no_page_could_wait_for_is_refused() -> None:
    most = POLICY.limit("legacy_rows", TODAY)
    head, line = table(GOOD).split(b"\r\n")[:2]
    with pytest.raises(WorkbookError) as caught:
        workbook.read(b"\r\n".join([head, *[line] * (most + 1)]), OCCUPATIONS, TODAY, POLICY)
    assert caught.value.code == "too_many_rows"


@pytest.mark.parametrize("column", ["mapped", "reference"])
def test_a_source_that_is_silent_does_not_differ(column: str) -> None:
    stored = read({**GOOD, "reference": "卷一"}).rows[2]
    new = read({**GOOD, "reference": "卷一", column: ""}).rows[2]
    assert legacy.differences(stored, new) == ()


@given(st.dictionaries(st.sampled_from([c.key for c in COLUMNS]), st.text(max_size=70)))
@settings(deadline=None, max_examples=300)
def test_any_text_is_a_row_or_has_reasons(cells: dict[str, str]) -> None:
    found: Any = legacy.read({**GOOD, **cells}, OCCUPATIONS, TODAY, POLICY)
    if isinstance(found, LegacyRow):
        assert legacy.differences(found, found) == () and 4 <= len(found.key[1]) <= 40
        assert found.issued <= TODAY and found.issuer.isprintable()
    else:
        assert found and all(isinstance(each, Reason) and each.sentence() for each in found)


@given(st.binary(max_size=400))
@settings(deadline=None, max_examples=200)
def test_any_bytes_are_a_table_or_our_own_error(data: bytes) -> None:
    head = ",".join(column.zh for column in COLUMNS).encode() + b"\r\n"
    for given_bytes in (data, head + data):
        try:
            workbook.read(given_bytes, OCCUPATIONS, TODAY, POLICY)
        except WorkbookError:
            continue
