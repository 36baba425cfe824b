"""Reading tables: what becomes text, what is a problem of a cell, what refuses the file."""

import re
import struct
import zipfile
from datetime import date, datetime
from io import BytesIO
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from registry.exchange import workbook
from registry.exchange.columns import ASSESSMENT, SHEET
from registry.exchange.errors import WorkbookError
from registry.exchange.limits import Limits
from registry.exchange.workbook import Row
from registry.rules.decision import reason
from tests.registry.exchange.build import (
    HEADINGS,
    LIMITS,
    citizen,
    limits,
    part,
    repacked,
    row,
    xlsx,
)


def read(data: bytes, bounds: Limits = LIMITS) -> list[Row]:
    return list(workbook.read(data, ASSESSMENT, bounds, SHEET).rows)


def refusal(data: bytes, bounds: Limits = LIMITS) -> WorkbookError:
    with pytest.raises(WorkbookError) as refused:
        read(data, bounds)
    # Every code has its sentence, with exactly these parameters.
    reason(refused.value.code, **refused.value.parameters)
    return refused.value


def problem(cells: list[Any]) -> tuple[str, str | None, dict[str, str]]:
    (found,) = read(xlsx([cells]))
    (only,) = found.problems
    assert only.row == found.number == 2
    assert only.column is None or only.column not in found.cells
    reason(only.code, only.column, **only.parameters)
    return only.code, only.column, only.parameters


def test_a_workbook() -> None:
    first, second = read(xlsx([row(1), row(2, assessed=date(2026, 11, 20), level=4)]))
    assert (first.number, first.problems) == (2, ())
    assert first.cells == {
        "name": "张示例", "identity_kind": "居民身份证", "identity": citizen(1),
        "occupation": "6-29-01-03", "work_type": "040", "level": "四级/中级工",
        "assessed": "2026-11-20", "theory": "82", "practice": "76.5",
        "practice_examiners": "K32260001、K32260002、K32260003",
    }  # fmt: skip
    assert second.cells == {**first.cells, "identity": citizen(2), "level": "4"}


def test_csv_says_the_same_as_xlsx() -> None:
    text = "\n".join(",".join(map(str, line)) for line in [HEADINGS, row(1), row(2)])
    expected = read(xlsx([row(1), row(2)]))
    for encoding in ("utf-8", "utf-8-sig", "gb18030"):
        assert read(text.encode(encoding)) == expected


def test_gb18030_with_rare_characters() -> None:
    text = ",".join(HEADINGS) + "\r\n" + ",".join(map(str, row(1, name="㛃䶮𡋤"))) + "\r\n"
    (found,) = read(text.encode("gb18030"))
    assert found.cells["name"] == "㛃䶮𡋤"


@pytest.mark.parametrize("heading", ["{zh}", "{en}", "{zh} {en}", " {zh} *", "{zh}\n{en}", "{key}"])
def test_headings_match_by_name_in_any_order(heading: str) -> None:
    names = [heading.format(zh=c.zh, en=c.en, key=c.key) for c in reversed(ASSESSMENT)]
    (found,) = read(xlsx([row(1)[::-1]], names))
    assert found.cells == read(xlsx([row(1)]))[0].cells


def test_headings_refused() -> None:
    unknown = refusal(xlsx([[*row(1), "x", "y"]], [*HEADINGS, "籍贯", "备注"]))
    assert (unknown.code, unknown.parameters) == ("header_unknown", {"columns": "籍贯、备注"})
    missing = refusal(xlsx([row(1)[2:]], HEADINGS[2:]))
    assert (missing.code, missing.parameters) == ("header_missing", {"columns": "姓名"})
    twice = refusal(xlsx([[*row(1), "x"]], [*HEADINGS, "Name"]))
    assert (twice.code, twice.parameters) == ("header_twice", {"columns": "Name"})
    assert refusal("职业技能考核\n姓名,证件号码\n".encode()).code == "header_missing"


def test_optional_columns_may_be_absent_and_the_report_column_is_ignored() -> None:
    names = [column.zh for column in ASSESSMENT if column.required]
    cells = [cell for cell, column in zip(row(1), ASSESSMENT, strict=True) if column.required]
    (found,) = read(xlsx([[*cells, "旧的问题"]], [*names, "问题"]))
    assert found.problems == () and "work_type" not in found.cells


def test_empty_rows_are_passed_over_and_numbers_kept() -> None:
    found = read(xlsx([row(1), ["", "  "], [], row(2), [""]]))
    assert [each.number for each in found] == [2, 5]
    assert refusal(xlsx([])).code == "no_rows"
    assert refusal(xlsx([[" "]])).code == "no_rows"
    assert refusal(",".join(HEADINGS).encode()).code == "no_rows"


def test_a_table_that_does_not_begin_in_the_corner() -> None:
    shifted = xlsx([["", *row(1)]], ["", *HEADINGS])
    assert read(shifted) == read(xlsx([row(1)]))
    assert refusal(xlsx([row(1)], [""])).code == "header_missing"


@pytest.mark.parametrize(
    ("changes", "code", "column"),
    [
        ({"identity": 110105194912310020}, "identity_as_number", "identity"),
        ({"identity": 1.10105194912310e17}, "identity_as_number", "identity"),
        ({"work_type": 40}, "text_as_number", "work_type"),
        ({"ticket": 2104271199996600001}, "text_as_number", "ticket"),
        ({"practice_examiners": 12}, "text_as_number", "practice_examiners"),
        ({"assessed": 46348}, "date_as_number", "assessed"),
        ({"theory": "=A1+1"}, "formula", "theory"),
        ({"identity": '="1"&"2"'}, "formula", "identity"),
        ({"name": "张" * 501}, "cell_too_long", "name"),
    ],
)  # fmt: skip
def test_cells_refused(changes: dict[str, Any], code: str, column: str) -> None:
    found = problem(row(1, **changes))
    assert found[:2] == (code, column)


def test_a_formula_names_its_cell() -> None:
    assert problem(row(1, theory="=1+1"))[2] == {"cell": "H2"}


def test_an_error_value_names_its_cell() -> None:
    data = xlsx([row(1)])
    xml = part(data).replace(b'<c r="H2"><v>82</v>', b'<c r="H2" t="e"><v>#N/A</v>')
    (found,) = read(repacked(data, {"xl/worksheets/sheet1.xml": xml}))
    (only,) = found.problems
    assert (only.code, only.column, only.parameters) == ("cell_error", "theory", {"cell": "H2"})


@pytest.mark.parametrize(
    ("changes", "column", "text"),
    [
        ({"assessed": 20261120}, "assessed", "20261120"),
        ({"assessed": datetime(2026, 11, 20, 9, 30)}, "assessed", "2026-11-20"),
        ({"theory": 82.0}, "theory", "82"), ({"theory": 0}, "theory", "0"),
        ({"practice": 60.1}, "practice", "60.1"), ({"level": 5}, "level", "5"),
        ({"name": " 张 三\n"}, "name", "张 三"), ({"theory": True}, "theory", "TRUE"),
    ],
)  # fmt: skip
def test_cells_as_text(changes: dict[str, Any], column: str, text: str) -> None:
    (found,) = read(xlsx([row(1, **changes)]))
    assert (found.cells[column], found.problems) == (text, ())


def test_merged_cells_are_a_problem_of_every_row_they_touch() -> None:
    data = xlsx([row(1), row(2), row(3)], more=lambda _, s: s.merge_range("D2:D3", "6-29-01-03"))
    found = read(data)
    assert [[p.code for p in each.problems] for each in found] == [["merged"], ["merged"], []]
    assert found[0].problems[0].parameters == {"cells": "D2:D3"}


def test_hidden_sheets() -> None:
    def beside(book: Any, _: Any) -> None:
        book.add_worksheet("旧").hide()

    assert len(read(xlsx([row(1)], more=beside))) == 1
    assert len(read(xlsx([row(1)], name="Sheet1", more=beside))) == 1
    hidden = refusal(
        xlsx([row(1)], more=lambda book, s: (book.add_worksheet("x").activate(), s.hide()))
    )
    assert (hidden.code, hidden.parameters) == ("sheet_hidden", {"sheet": "成绩"})


def test_several_sheets_and_none_is_named() -> None:
    several = refusal(xlsx([row(1)], name="甲", more=lambda book, _: book.add_worksheet("乙")))
    assert (several.code, several.parameters["found"]) == ("sheet_missing", "甲、乙")


def test_limits() -> None:
    assert refusal(xlsx([row(1), row(2)]), limits(rows=1)).code == "too_many_rows"
    csv = "\n".join([",".join(HEADINGS), *(",".join(map(str, row(n))) for n in (1, 2))]).encode()
    assert refusal(csv, limits(rows=1)).code == "too_many_rows"
    assert len(read(xlsx([row(1), row(2)]), limits(rows=2))) == 2
    assert refusal(xlsx([row(1)]), limits(columns=5)).code == "too_many_columns"
    assert refusal(csv, limits(columns=5)).code == "too_many_columns"


def test_a_hundred_megabytes_are_refused_before_anything_is_opened() -> None:
    found = refusal(b"PK\x03\x04" + bytes(100 * 1024 * 1024))
    assert found.code == "workbook_too_large"
    assert found.parameters["most"] == str(LIMITS.bytes)


def bomb(size: int) -> bytes:
    return repacked(xlsx([row(1)]), {"xl/worksheets/sheet1.xml": b" " * size})


def test_zip_bombs() -> None:
    assert refusal(bomb(64 << 20)).code == "workbook_bomb"
    assert refusal(xlsx([row(1)]), limits(unpacked_bytes=1000)).code == "workbook_bomb"
    assert refusal(xlsx([row(1)]), limits(parts=3)).code == "workbook_bomb"


def test_a_directory_that_lies_about_sizes_is_refused() -> None:
    data = bytearray(bomb(64 << 20))
    # The size of the sheet in the central directory: 64 MiB becomes 1 KiB.
    place = data.index(struct.pack("<I", 64 << 20), data.index(b"PK\x01\x02"))
    data[place : place + 4] = struct.pack("<I", 1024)
    assert refusal(bytes(data)).code == "workbook_unreadable"


def test_repeated_long_texts_are_a_bomb() -> None:
    data = xlsx([row(n, name="张" * 30000) for n in range(1, 40)])
    assert refusal(data, limits(unpacked_bytes=1_000_000)).code == "workbook_bomb"
    assert len(read(data)) == 39


@pytest.mark.parametrize("announced", [b"4294967296", b"99999999999999999999", b"-1x", b"300"])
def test_more_texts_announced_than_there_are(announced: bytes) -> None:
    # The reader would set memory aside for them and end the process when it cannot.
    good = xlsx([row(1)])
    name = "xl/sharedStrings.xml"
    changed = re.sub(rb'uniqueCount="\d+"', b'uniqueCount="%s"' % announced, part(good, name))
    assert refusal(repacked(good, {name: changed})).code == "workbook_unreadable"
    elsewhere = repacked(good, {"xl/other.xml": changed})
    assert refusal(elsewhere).code == "workbook_unreadable"


def test_a_far_away_cell_is_refused_before_it_is_laid_out() -> None:
    far = xlsx([row(1)], more=lambda _, s: s.write_string(1048575, 3, "x"))
    assert refusal(far).code == "too_many_rows"
    wide = xlsx([row(1)], more=lambda _, s: s.write_string(1, 16383, "x"))
    assert refusal(wide).code == "too_many_columns"


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "workbook_empty"), (b" \r\n ", "workbook_empty"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512), "workbook_old_format"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"),
         "workbook_encrypted"),
        (b"PK\x03\x04 not a zip", "workbook_unreadable"), (b"%PDF-1.7", "header_missing"),
        (b"\xff\xfe\x00\x00", "csv_encoding"), (b"\x80\x81\xff", "csv_encoding"),
        (b"a\x00b", "workbook_unreadable"),
        ((",".join(HEADINGS) + '\n"张').encode(), "csv_quotes"),
        ((",".join(HEADINGS) + '\n"张"三,1').encode(), "csv_quotes"),
    ],
)  # fmt: skip
def test_files_refused(data: bytes, code: str) -> None:
    assert refusal(data).code == code


def test_broken_packages_are_refused() -> None:
    good = xlsx([row(1)])
    sheet = "xl/worksheets/sheet1.xml"
    for changed, code in [
        ({"xl/vbaProject.bin": b"x"}, "workbook_macros"),
        ({"XL/workbook.xml": b"x"}, "workbook_unreadable"),
        ({"xl/workbook.xml": b"<x"}, "workbook_unreadable"),
        ({"xl/workbook.xml": b'<?xml version="1.0" encoding="UTF-9"?><x/>'}, "workbook_unreadable"),
        ({"xl/workbook.xml": b'<!DOCTYPE x [<!ENTITY a "b">]><x/>'}, "workbook_unreadable"),
        ({"xl/_rels/workbook.xml.rels": b"<x/>"}, "workbook_unreadable"),
        ({sheet: b""}, "workbook_unreadable"), ({sheet: b"<a><b></a>"}, "workbook_unreadable"),
        ({sheet: b'<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>'}, "workbook_unreadable"),
        ({sheet: part(good).replace(b'r="C2"', b'r="C0"')}, "workbook_unreadable"),
        ({sheet: part(good).replace(b'r="C2"', b'r="C9"')}, "workbook_unreadable"),
        ({sheet: part(good).replace(b'<row r="2"', b'<row r="1"')}, "workbook_unreadable"),
        ({"xl/sharedStrings.xml": b'<sst xmlns="http://schemas.openxmlformats.org/'
                                  b'spreadsheetml/2006/main"/>'}, "workbook_unreadable"),
    ]:  # fmt: skip
        assert refusal(repacked(good, changed)).code == code, changed


def test_an_encrypted_entry_is_refused() -> None:
    data = bytearray(xlsx([row(1)]))
    with zipfile.ZipFile(BytesIO(bytes(data))) as archive:
        offset = archive.infolist()[0].header_offset
    directory = data.index(b"PK\x01\x02")
    data[offset + 6] |= 1
    data[directory + 8] |= 1
    assert refusal(bytes(data)).code == "workbook_encrypted"


def test_rows_come_one_by_one() -> None:
    lines = [",".join(HEADINGS), ",".join(map(str, row(1))), '"broken']
    table = workbook.read("\n".join(lines).encode(), ASSESSMENT, LIMITS, SHEET)
    assert next(table.rows).number == 2
    with pytest.raises(WorkbookError) as refused:
        next(table.rows)
    assert (refused.value.code, refused.value.parameters) == ("csv_quotes", {"row": "3"})


GOOD = xlsx([row(1), row(2)])


@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.tuples(st.integers(0, len(GOOD) - 1), st.integers(0, 255)), min_size=1,
                max_size=6), st.integers(0, len(GOOD)))  # fmt: skip
def test_damage_gives_rows_or_our_own_error(edits: list[tuple[int, int]], cut: int) -> None:
    data = bytearray(GOOD)
    for place, value in edits:
        data[place] = value
    for damaged in (bytes(data), bytes(data[:cut])):
        try:
            read(damaged)
        except WorkbookError as error:
            reason(error.code, **error.parameters)


SHEET_XML = part(GOOD)


@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(
        st.tuples(st.integers(0, len(SHEET_XML) - 1), st.sampled_from(b'<>/"=&;rstcv0189AZ \xff')),
        min_size=1,
        max_size=4,
    )
)
def test_damage_inside_the_sheet(edits: list[tuple[int, int]]) -> None:
    xml = bytearray(SHEET_XML)
    for place, value in edits:
        xml[place] = value
    try:
        read(repacked(GOOD, {"xl/worksheets/sheet1.xml": bytes(xml)}))
    except WorkbookError as error:
        reason(error.code, **error.parameters)


@settings(deadline=None, max_examples=100)
@given(st.binary(max_size=200))
def test_any_bytes(data: bytes) -> None:
    try:
        read(data)
    except WorkbookError as error:
        reason(error.code, **error.parameters)
