"""A site's table, XLSX or CSV, as rows of texts by column; what cannot be a value is a problem.

Excel dates become ``2026-11-22``, numbers their shortest text. Formulas, error values, merged cells
and numbers where text is needed are problems that name the cell. Nothing here knows what the values
mean.
"""

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypeAlias

from python_calamine import CalamineError, CalamineWorkbook

from registry.exchange import delimited, sheet
from registry.exchange.columns import Column, Typing, find, is_problem
from registry.exchange.errors import Problem, WorkbookError
from registry.exchange.limits import Limits
from registry.exchange.package import (
    OLE_MAGIC,
    ZIP_MAGIC,
    Package,
    SheetEntry,
    choose_sheet,
    open_package,
)
from registry.exchange.sheet import Scan

Cell: TypeAlias = Any


@dataclass(frozen=True, slots=True)
class Row:
    """One row below the heading."""

    number: int
    """As the spreadsheet counts, heading = 1."""
    cells: dict[str, str]
    """Text by column key; cells with a problem are left out."""
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A table that was opened: its heading is checked, its rows come one by one."""

    form: str
    """``xlsx`` or ``csv``."""
    rows: Iterator[Row]


def read(data: bytes, columns: Sequence[Column], limits: Limits, sheet_name: str) -> Table:
    """Open a table.

    Args:
        data: the file.
        columns: which columns there are; headings match by name, in any order.
        limits: bounds of the upload.
        sheet_name: sheet to read, where a workbook has several.

    Raises:
        WorkbookError: the file as a whole cannot be taken. While rows are drawn it is raised for a
            file without rows and for a broken CSV line.
    """
    if len(data) > limits.bytes:
        raise WorkbookError("workbook_too_large", size=len(data), most=limits.bytes)
    if not data.strip():
        raise WorkbookError("workbook_empty")
    if data.startswith((ZIP_MAGIC, OLE_MAGIC)):
        scanned, cells = _open_sheet(data, limits, sheet_name)
        form = "xlsx"
    else:
        scanned, cells = Scan(), delimited.rows(data, limits)
        form = "csv"
    heading = next(cells, [])
    placed = place(heading, columns)
    return Table(form, _rows(cells, placed, scanned, limits))


def place(heading: Sequence[Cell], columns: Sequence[Column]) -> dict[int, Column]:
    """Which column stands where (from 0).

    Raises:
        WorkbookError: a heading is unknown or stands twice, or a required column is missing.
    """
    placed: dict[int, Column] = {}
    unknown, twice = [], []
    for index, cell in enumerate(heading):
        text = str(cell).strip()
        if not text or is_problem(text):
            continue
        column = find(columns, text)
        if column is None:
            unknown.append(text)
        elif column in placed.values():
            twice.append(text)
        else:
            placed[index] = column
    missing = [each.zh for each in columns if each.required and each not in placed.values()]
    for code, names in (
        ("header_missing", missing), ("header_twice", twice), ("header_unknown", unknown)
    ):  # fmt: skip
        if names:
            raise WorkbookError(code, columns="、".join(name[:40] for name in names[:20]))
    return placed


def _open_sheet(
    data: bytes, limits: Limits, sheet_name: str
) -> tuple[Scan, Iterator[Sequence[Cell]]]:
    package = open_package(data, limits)
    chosen = choose_sheet(package, sheet_name)
    scanned = sheet.scan(package.parts[chosen.part], package.shared_strings, limits)
    return scanned, iter(values(package, chosen))


def values(package: Package, chosen: SheetEntry) -> list[list[Cell]]:
    """Every row of a sheet from the first on, after :func:`.sheet.scan` has bounded it.

    Raises:
        WorkbookError: the reader cannot make sense of the sheet.
    """
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(package.packed(store=True)))
        opened = book.get_sheet_by_name(chosen.name)
        # Only the used rectangle is laid out; what lies above and left of it is put back.
        top, left = opened.start or (0, 0)
        body = opened.to_python(skip_empty_area=True)
    except (CalamineError, OSError, ValueError) as error:
        raise WorkbookError("workbook_unreadable") from error
    padding: list[Cell] = [""] * left
    above: list[list[Cell]] = [[] for _ in range(top)]
    return [*above, *([*padding, *row] for row in body)]


def _rows(
    cells: Iterator[Sequence[Cell]], placed: dict[int, Column], scanned: Scan, limits: Limits
) -> Iterator[Row]:
    some = False
    for number, values in enumerate(cells, 2):
        if number > limits.rows + 1:
            raise WorkbookError("too_many_rows", most=limits.rows)
        row = _row(number, values, placed, scanned, limits)
        if row is not None:
            some = True
            yield row
    if not some:
        raise WorkbookError("no_rows")


def _row(
    number: int, values: Sequence[Cell], placed: dict[int, Column], scanned: Scan, limits: Limits
) -> Row | None:
    problems = [
        Problem(number, None, "merged", {"cells": name})
        for first, last, name in scanned.merged
        if first <= number <= last
    ]
    formulas, errors = scanned.formulas.get(number, ()), scanned.errors.get(number, ())
    cells: dict[str, str] = {}
    for index, column in placed.items():
        value = values[index] if index < len(values) else ""
        name = sheet.cell_name(number, index + 1)
        if index + 1 in formulas:
            problems.append(Problem(number, column.key, "formula", {"cell": name}))
        elif index + 1 in errors:
            problems.append(Problem(number, column.key, "cell_error", {"cell": name}))
        elif isinstance(found := _text(value, column, number, name, limits), Problem):
            problems.append(found)
        elif found:
            cells[column.key] = found
    return Row(number, cells, tuple(problems)) if cells or problems else None


def _text(value: Cell, column: Column, row: int, name: str, limits: Limits) -> str | Problem:
    """A cell's text, or what is wrong with it."""
    if isinstance(value, str):
        text = value.strip()
        if len(text) > limits.cell_length:
            shown = {"cell": name, "most": str(limits.cell_length)}
            return Problem(row, column.key, "cell_too_long", shown)
        return text
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int | float):
        return _number(value, column, row, name)
    if isinstance(value, datetime):
        return value.date().isoformat()
    return value.isoformat() if isinstance(value, date) else str(value)


def _number(value: int | float, column: Column, row: int, name: str) -> str | Problem:
    text = f"{value:.0f}" if float(value).is_integer() else repr(value)
    if column.key == "identity":
        return Problem(row, column.key, "identity_as_number")
    if column.typing is Typing.TEXT:
        return Problem(row, column.key, "text_as_number", {"cell": name})
    # 20261122 typed as a number is a date by its digits; 46348 is a day count without a format.
    if column.typing is Typing.DATE and len(text) != 8:
        return Problem(row, column.key, "date_as_number", {"text": text})
    return text
