"""The returned workbook: a red column 问题, and every original cell as it was."""

import re
from datetime import date
from io import BytesIO
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from registry.exchange import report, template, workbook
from registry.exchange.columns import ASSESSMENT, PROBLEM, SHEET
from registry.exchange.errors import WorkbookError
from tests.registry.exchange.build import HEADINGS, LIMITS, citizen, part, repacked, row, xlsx

SHEET_PART = "xl/worksheets/sheet1.xml"


def cells(data: bytes, name: str = SHEET) -> list[list[Any]]:
    book = CalamineWorkbook.from_filelike(BytesIO(data))
    return book.get_sheet_by_name(name).to_python(skip_empty_area=False)


def without(data: bytes) -> list[list[Any]]:
    """All cells but the added column, ragged ends trimmed."""
    lines = cells(data)
    column = lines[0].index(PROBLEM)
    return trimmed([line[:column] + line[column + 1 :] for line in lines])


def trimmed(lines: list[list[Any]]) -> list[list[Any]]:
    found = []
    for line in lines:
        while line and line[-1] == "":
            line = line[:-1]
        found.append(line)
    while found and not found[-1]:
        found.pop()
    return found


def test_problems_stand_beside_their_rows() -> None:
    original = xlsx([row(1), row(2, assessed=date(2026, 11, 20)), row(3)])
    marked = report.mark(original, {3: "日期<不对> & 其他", 4: "二"}, LIMITS, SHEET)
    lines = cells(marked)
    column = lines[0].index(PROBLEM)
    assert [line[column] for line in lines] == [PROBLEM, "", "日期<不对> & 其他", "二"]
    assert without(marked) == trimmed(cells(original))


def test_the_column_is_red_and_wide() -> None:
    xml = part(report.mark(xlsx([row(1)]), {2: "x"}, LIMITS, SHEET)).decode()
    found = re.findall(
        r'<c r="[A-Z]+\d+" t="inlineStr"><is><r><rPr><b/><color rgb="FFC00000"/>', xml
    )
    assert len(found) == 2
    assert re.search(r'<col min="(\d+)" max="\1" width="60"', xml)


def test_everything_else_in_the_file_is_untouched() -> None:
    def more(book: Any, sheet: Any) -> None:
        sheet.write_formula("H3", "=1+1")
        sheet.data_validation("F2:F9", {"validate": "list", "source": ["a", "b"]})
        sheet.conditional_format("A1:A9", {"type": "no_blanks", "format": book.add_format()})
        other = book.add_worksheet("其他")
        other.write_string(0, 0, "留")
        other.hide()

    original = xlsx([row(1), row(2)], more=more)
    marked = report.mark(original, {3: "x"}, LIMITS, SHEET)
    names = CalamineWorkbook.from_filelike(BytesIO(marked)).sheet_names
    assert names == CalamineWorkbook.from_filelike(BytesIO(original)).sheet_names
    for name in ("xl/styles.xml", "xl/sharedStrings.xml", "xl/worksheets/sheet2.xml",
                 "xl/workbook.xml", "[Content_Types].xml"):  # fmt: skip
        assert part(marked, name) == part(original, name)
    for kept in (b"<f>1+1</f>", b"<dataValidation ", b"<conditionalFormatting "):
        assert kept in part(marked)


def test_marking_again_replaces_the_column() -> None:
    original = xlsx([row(1), row(2), row(3)])
    once = report.mark(original, {2: "甲", 3: "乙"}, LIMITS, SHEET)
    again = report.mark(once, {3: "丙", 4: "丁"}, LIMITS, SHEET)
    lines = cells(again)
    assert lines[0].count(PROBLEM) == 1
    column = lines[0].index(PROBLEM)
    assert [line[column] for line in lines[1:]] == ["", "丙", "丁"]
    assert without(again) == trimmed(cells(original))
    assert len(list(workbook.read(again, ASSESSMENT, LIMITS, SHEET).rows)) == 3


def test_a_problem_column_in_the_middle_keeps_cells_in_order() -> None:
    names = [HEADINGS[0], PROBLEM, *HEADINGS[1:]]
    original = xlsx([[line[0], "", *line[1:]] for line in (row(1), row(2))], names)
    marked = report.mark(original, {3: "x"}, LIMITS, SHEET)
    assert [line[1] for line in cells(marked)] == [PROBLEM, "", "x"]
    found = re.findall(rb'<c r="([A-Z])3"', part(marked))
    assert found == sorted(found)
    assert without(marked) == [[*line[:1], *line[2:]] for line in trimmed(cells(original))]


def test_rows_without_elements_and_empty_elements() -> None:
    original = xlsx([row(1)], more=lambda _, s: (s.merge_range("A4:A8", "张"), s.set_row(4, 30)))
    assert b'<row r="5"' in part(original) and b'<row r="6"' not in part(original)
    texts = {4: "四", 5: "五", 6: "六", 8: "八"}
    lines = cells(report.mark(original, texts, LIMITS, SHEET))
    column = lines[0].index(PROBLEM)
    assert {n: line[column] for n, line in enumerate(lines, 1) if line[column]} == {
        1: PROBLEM, **texts
    }  # fmt: skip


def test_cells_and_rows_without_references_and_with_a_prefix() -> None:
    original = xlsx([row(1), row(2)])
    bare = re.sub(rb'(<(?:row|c)) r="[A-Z]*\d+"', rb"\1", part(original))
    prefixed = re.sub(rb"<(/?)(?=[a-z])", rb"<\1x:", bare).replace(b" xmlns=", b" xmlns:x=")
    for xml in (bare, prefixed):
        changed = repacked(original, {SHEET_PART: xml})
        marked = report.mark(changed, {3: "x"}, LIMITS, SHEET)
        assert without(marked) == trimmed(cells(changed))
        assert cells(marked)[2][-1] == "x"


@pytest.mark.parametrize("tag", [b"<col ", b"<row "])
def test_a_comment_full_of_half_tags_does_not_hold_the_process(tag: bytes) -> None:
    # A search that ran on to the end from each of them would need hours, not milliseconds.
    original = xlsx([row(1)])
    comment = b"<!--" + tag * 180_000 + b"--><sheetData"
    xml = part(original).replace(b"<sheetData", comment, 1)
    marked = report.mark(repacked(original, {SHEET_PART: xml}), {2: "x"}, LIMITS, SHEET)
    assert cells(marked)[1][-1] == "x"


def test_unprintable_characters_do_not_break_the_file() -> None:
    marked = report.mark(xlsx([row(1)]), {2: "a\x00b\x1fc\ud800d\uffff"}, LIMITS, SHEET)
    assert cells(marked)[1][-1] == "a\ufffdb\ufffdc\ufffdd\ufffd"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_csv(encoding: str) -> None:
    lines = [HEADINGS, row(1, name="㛃䶮𡋤"), row(2, name='张"示,例')]
    text = "\r\n".join(
        ",".join('"' + str(cell).replace('"', '""') + '"' for cell in line) for line in lines
    )
    marked = report.mark(text.encode(encoding), {3: "不对，x"}, LIMITS, SHEET)
    assert marked.startswith(b"\xef\xbb\xbf") is (encoding != "gb18030")
    decoded = marked.decode("gb18030" if encoding == "gb18030" else "utf-8-sig")
    assert decoded.splitlines()[0].endswith("," + PROBLEM)
    assert decoded.splitlines()[2].endswith(",不对，x")
    kept = list(workbook.read(marked, ASSESSMENT, LIMITS, SHEET).rows)
    assert kept == list(workbook.read(text.encode(encoding), ASSESSMENT, LIMITS, SHEET).rows)
    again = report.mark(marked, {}, LIMITS, SHEET)
    assert again.decode("gb18030" if encoding == "gb18030" else "utf-8-sig").count(PROBLEM) == 1


def test_what_cannot_be_read_cannot_be_marked() -> None:
    for data in (b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"\x80\x81\xff"):
        with pytest.raises(WorkbookError):
            report.mark(data, {2: "x"}, LIMITS, SHEET)


TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=30)


@settings(deadline=None, max_examples=60)
@given(
    st.lists(st.booleans(), min_size=1, max_size=6),
    st.dictionaries(st.integers(2, 9), TEXT, max_size=5),
)
def test_any_rows_and_texts(present: list[bool], texts: dict[int, str]) -> None:
    original = xlsx([row(n) if there else [] for n, there in enumerate(present)])
    marked = report.mark(original, texts, LIMITS, SHEET)
    assert without(marked) == trimmed(cells(original))
    lines = cells(marked)
    column = lines[0].index(PROBLEM)
    shown = {n: line[column] for n, line in enumerate(lines, 1) if n > 1 and line[column]}
    assert {n: text.strip() for n, text in shown.items() if text.strip()} == {
        n: report._UNPRINTABLE.sub("\ufffd", text).strip()
        for n, text in texts.items()
        if text.strip()
    }


def test_the_template_filled_in_is_read() -> None:
    made = template.build(ASSESSMENT, {"level": ["五级/初级工"], "occupation": ["混凝土工"]})
    assert made == template.build(
        ASSESSMENT, {"level": ["五级/初级工"], "occupation": ["混凝土工"]}
    )
    with pytest.raises(WorkbookError) as refused:
        list(workbook.read(made, ASSESSMENT, LIMITS, SHEET).rows)
    assert refused.value.code == "no_rows"
    filled = report.mark(made, {2: citizen(1)}, LIMITS, SHEET)
    assert cells(filled)[0][: len(ASSESSMENT)] == [column.heading for column in ASSESSMENT]


def test_the_template_keeps_ids_as_text_and_its_sample_is_nobody() -> None:
    made = template.build(ASSESSMENT, {"level": ["五级/初级工"]}, rows=50)
    styles, sheet = part(made, "xl/styles.xml").decode(), part(made).decode()
    formats = re.findall(r'<xf numFmtId="(\d+)"', styles.partition("<cellXfs")[2])
    column = 1 + [each.key for each in ASSESSMENT].index("identity")
    style = re.search(rf'<col min="{column}" max="{column}" [^>]*style="(\d+)"', sheet)
    assert style is not None and formats[int(style.group(1))] == "49"
    assert "'选项'!$F$1:$F$1" in sheet
    guide = cells(made, template.INSTRUCTIONS)
    sample = next(line[4] for line in guide if line[0] == "证件号码")
    assert sample.startswith("000000")
    visible = {
        each.name: str(each.visible)
        for each in CalamineWorkbook.from_filelike(BytesIO(made)).sheets_metadata
    }
    assert visible[template.LISTS].endswith("Hidden") and visible[SHEET].endswith("Visible")
