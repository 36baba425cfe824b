"""The empty workbook that a site fills in: text-formatted columns, drop-downs, instructions.

The sample row stands on the instruction sheet, not among the results, so that nobody can leave it
in and have it imported. Its ID number has the area code 000000, which no person has.
"""

import io
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import xlsxwriter

from registry.exchange.columns import SHEET, Column, Typing

LISTS = "选项"
INSTRUCTIONS = "填写说明"
_TEXT = 49
"""The built-in number format ``@``."""

_MADE = datetime(2026, 1, 1)
"""Written into the file's properties: the same template has the same bytes."""


def build(
    columns: Sequence[Column], choices: Mapping[str, Sequence[str]], *, rows: int = 2000,
    sheet: str = SHEET, title: str = "职业技能考核成绩登记表",
) -> bytes:  # fmt: skip
    """A template as XLSX.

    Args:
        columns: its columns, in order.
        choices: column key -> what its drop-down offers.
        rows: rows that are formatted and have drop-downs.
        sheet: name of the sheet to be filled in.
        title: of the file.
    """
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True})
    book.set_properties({"title": title, "created": _MADE})
    results = book.add_worksheet(sheet)
    guide = book.add_worksheet(INSTRUCTIONS)
    lists = book.add_worksheet(LISTS)
    lists.hide()
    _headings(book, results, columns, rows)
    _drop_downs(results, lists, columns, choices, rows)
    _instructions(book, guide, columns, sheet)
    book.close()
    return buffer.getvalue()


def _headings(book: Any, sheet: Any, columns: Sequence[Column], rows: int) -> None:
    text = book.add_format({"num_format": _TEXT})
    plain = book.add_format({})
    needed = book.add_format(
        {"bold": True, "bg_color": "#0B5C4D", "font_color": "#FFFFFF", "border": 1}
    )
    optional = book.add_format({"bold": True, "bg_color": "#DCE9E5", "border": 1})
    for index, column in enumerate(columns):
        # Text format keeps eighteen digits and leading zeros; only scores stay numbers.
        cells = plain if column.typing is Typing.NUMBER and column.key != "level" else text
        sheet.set_column(index, index, column.width, cells)
        sheet.write_string(0, index, column.heading, needed if column.required else optional)
        if column.hint:
            sheet.write_comment(0, index, column.hint)
    sheet.freeze_panes(1, 1)
    sheet.autofilter(0, 0, rows, len(columns) - 1)


def _drop_downs(
    sheet: Any, lists: Any, columns: Sequence[Column], choices: Mapping[str, Sequence[str]],
    rows: int,
) -> None:  # fmt: skip
    for index, column in enumerate(columns):
        offered = choices.get(column.key)
        if not offered:
            continue
        for place, value in enumerate(offered):
            lists.write_string(place, index, value)
        letter = xlsxwriter.utility.xl_col_to_name(index)
        sheet.data_validation(
            1, index, rows, index,
            {
                "validate": "list",
                "source": f"='{LISTS}'!${letter}$1:${letter}${len(offered)}",
                "error_title": "不在列表中",
                "error_message": "请从下拉列表选择。",
                # A code instead of a name is welcome too; the import has the last word.
                "error_type": "warning",
            },
        )  # fmt: skip


def _instructions(book: Any, sheet: Any, columns: Sequence[Column], name: str) -> None:
    bold = book.add_format({"bold": True, "bg_color": "#DCE9E5", "border": 1})
    body = book.add_format({"text_wrap": True, "valign": "top", "border": 1, "num_format": _TEXT})
    sheet.set_column(0, 1, 20)
    sheet.set_column(2, 2, 8)
    sheet.set_column(3, 3, 56)
    sheet.set_column(4, 4, 34)
    for index, title in enumerate(("列", "Column", "必填", "说明", "示例（不是真实人员）")):
        sheet.write_string(0, index, title, bold)
    for row, column in enumerate(columns, 1):
        cells = (column.zh, column.en, "是" if column.required else "", column.hint, column.sample)
        for index, text in enumerate(cells):
            sheet.write_string(row, index, text, body)
    sheet.write_string(
        len(columns) + 2, 0,
        f"只填“{name}”这一张表，第一行标题不要改。不要合并单元格，不要用公式。",
    )  # fmt: skip
    sheet.write_string(
        len(columns) + 3, 0, "上传后，有问题的行会在最右边的红色“问题”列里说明原因。"
    )
