"""Workbooks made for tests: good rows of invented people, and files that are wrong on purpose."""

import io
import zipfile
from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

import xlsxwriter

from registry.exchange.columns import ASSESSMENT, SHEET
from registry.exchange.limits import Limits
from registry.rules import identity, policy

TODAY = date(2026, 11, 23)
HEADINGS = [column.zh for column in ASSESSMENT]
KEYS = [column.key for column in ASSESSMENT]


def limits(**changes: int) -> Limits:
    """The published limits, some changed."""
    names = ("bytes", "unpacked_bytes", "parts", "ratio", "rows", "columns", "cell_length")
    found = {name: policy.published().limit(f"workbook_{name}", TODAY) for name in names}
    return Limits(**{**found, **changes})


LIMITS = limits()


def citizen(serial: int) -> str:
    """An invented citizen number: area code 000000."""
    head = f"00000019900101{serial:03d}"
    return head + identity.check_character(head)


def row(serial: int = 1, **changes: Any) -> list[Any]:
    """A good row in the order of the template's columns."""
    cells: dict[str, Any] = {
        "name": "张示例", "identity_kind": "居民身份证", "identity": citizen(serial),
        "occupation": "6-29-01-03", "work_type": "040", "level": "四级/中级工",
        "assessed": "2026-11-20", "theory": 82, "practice": 76.5,
        "practice_examiners": "K32260001、K32260002、K32260003",
    }  # fmt: skip
    cells.update(changes)
    return [cells.get(key, "") for key in KEYS]


def xlsx(
    rows: Sequence[Sequence[Any]],
    headings: Sequence[str] = HEADINGS,
    *,
    name: str = SHEET,
    more: Callable[[Any, Any], None] | None = None,
) -> bytes:
    """A workbook with these rows; ``more`` may add to the book and its sheet."""
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True, "strings_to_formulas": False})
    dates = book.add_format({"num_format": "yyyy-mm-dd"})
    sheet = book.add_worksheet(name)
    for number, cells in enumerate([headings, *rows]):
        for index, cell in enumerate(cells):
            if isinstance(cell, date):
                sheet.write_datetime(number, index, cell, dates)
            elif isinstance(cell, str) and cell.startswith("="):
                sheet.write_formula(number, index, cell, value=82)
            elif cell != "":
                sheet.write(number, index, cell)
    if more is not None:
        more(book, sheet)
    book.close()
    return buffer.getvalue()


def repacked(data: bytes, changed: dict[str, bytes]) -> bytes:
    """The ZIP file with some entries replaced or added."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old:
        entries = {name: old.read(name) for name in old.namelist()}
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as new:
        for name, content in {**entries, **changed}.items():
            new.writestr(name, content)
    return buffer.getvalue()


def part(data: bytes, name: str = "xl/worksheets/sheet1.xml") -> bytes:
    """One part of a workbook."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return archive.read(name)
