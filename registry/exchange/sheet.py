"""One pass over a sheet's XML: its true extent, formulas, error values, merged cells.

A workbook reader shows the cached results of formulas as if they were values and lays out the whole
rectangle that the cells span, so both are looked at here first.
"""

import re
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from xml.parsers import expat

from registry.exchange.errors import WorkbookError
from registry.exchange.limits import Limits

_REFERENCE = re.compile(r"([A-Z]{1,3})([1-9][0-9]{0,6})")


@dataclass(slots=True)
class Scan:
    """What a sheet holds beside values."""

    rows: int = 0
    """Last row that has a cell."""
    columns: int = 0
    formulas: dict[int, list[int]] = field(default_factory=dict)
    """Row -> columns (both from 1) with a formula."""
    errors: dict[int, list[int]] = field(default_factory=dict)
    """Row -> columns with an error value such as ``#N/A``."""
    merged: list[tuple[int, int, str]] = field(default_factory=list)
    """First row, last row and name of each merged range."""


def scan(xml: bytes, strings: bytes | None, limits: Limits) -> Scan:
    """Scan a sheet, within limits.

    Args:
        xml: the sheet's part.
        strings: the shared strings' part, if the package has one.
        limits: rows, columns, and the volume of text that the cells repeat.

    Raises:
        WorkbookError: beyond the limits, or not well-formed.
    """
    scanner = _Scanner(_lengths(strings) if strings else [], limits)
    _run(xml, scanner)
    return scanner.found


def cell_name(row: int, column: int) -> str:
    """``C5`` for row 5, column 3."""
    letters = ""
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return f"{letters}{row}"


def cell_place(name: str) -> tuple[int, int]:
    """Row and column of ``C5``.

    Raises:
        WorkbookError: not the name of a cell.
    """
    found = _REFERENCE.fullmatch(name)
    if found is None:
        raise WorkbookError("workbook_unreadable")
    return int(found.group(2)), _column(found.group(1))


@cache
def _column(letters: str) -> int:
    column = 0
    for letter in letters:
        column = column * 26 + ord(letter) - 64
    return column


def parser() -> Any:
    """An expat parser for a part of a package: UTF-8, no document type."""
    made = expat.ParserCreate("utf-8")
    made.buffer_text = True
    made.StartDoctypeDeclHandler = _refuse_doctype
    return made


def local(tag: str) -> str:
    """A tag without its prefix."""
    return tag.rpartition(":")[2]


def _refuse_doctype(*_: object) -> None:
    raise WorkbookError("workbook_unreadable")


def _run(xml: bytes, handler: Any) -> None:
    made = parser()
    made.StartElementHandler = handler.start
    made.EndElementHandler = handler.end
    made.CharacterDataHandler = handler.text
    try:
        made.Parse(xml, True)
    except (expat.ExpatError, ValueError, KeyError) as error:
        raise WorkbookError("workbook_unreadable") from error


class _Scanner:
    def __init__(self, lengths: list[int], limits: Limits) -> None:
        self.found, self.lengths, self.limits = Scan(), lengths, limits
        self.row = self.column = self.volume = 0
        self.shared = self.in_value = False
        self.value = ""

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        tag = local(tag)
        if tag == "c":
            self._cell(attributes)
        elif tag == "row":
            self._row(attributes)
        elif tag == "f":
            self.found.formulas.setdefault(self.row, []).append(self.column)
        elif tag == "v":
            self.in_value, self.value = self.shared, ""
        elif tag == "mergeCell":
            self._merge(attributes["ref"])

    def _row(self, attributes: dict[str, str]) -> None:
        row = int(attributes["r"]) if "r" in attributes else self.row + 1
        if row <= self.row:
            raise WorkbookError("workbook_unreadable")
        self.row, self.column = row, 0

    def _cell(self, attributes: dict[str, str]) -> None:
        if "r" in attributes:
            row, self.column = cell_place(attributes["r"])
            if row != self.row:
                raise WorkbookError("workbook_unreadable")
        else:
            self.column += 1
        found, limits = self.found, self.limits
        found.rows, found.columns = max(found.rows, self.row), max(found.columns, self.column)
        if found.rows > limits.rows + 1:
            raise WorkbookError("too_many_rows", most=limits.rows)
        if found.columns > limits.columns:
            raise WorkbookError("too_many_columns", most=limits.columns)
        kind = attributes.get("t")
        self.shared = kind == "s"
        if kind == "e":
            found.errors.setdefault(self.row, []).append(self.column)

    def _merge(self, name: str) -> None:
        first, _, last = name.partition(":")
        self.found.merged.append((cell_place(first)[0], cell_place(last or first)[0], name))

    def text(self, text: str) -> None:
        if self.in_value:
            self.value += text

    def end(self, tag: str) -> None:
        if self.in_value and local(tag) == "v":
            self.in_value = False
            index = int(self.value)
            if not 0 <= index < len(self.lengths):
                raise WorkbookError("workbook_unreadable")
            self.volume += self.lengths[index]
            if self.volume > self.limits.unpacked_bytes:
                raise WorkbookError("workbook_bomb")


class _Lengths:
    def __init__(self, most: int) -> None:
        self.found: list[int] = []
        self.most = most

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if local(tag) == "si":
            self.found.append(0)
        for name, value in attributes.items():
            # The workbook reader sets memory aside for as many texts as are announced, and the
            # whole process ends when there is not enough.
            if local(name) == "uniqueCount" and int(value) > self.most:
                raise WorkbookError("workbook_unreadable")

    def end(self, tag: str) -> None:
        pass

    def text(self, text: str) -> None:
        if self.found:
            self.found[-1] += len(text)


def _lengths(strings: bytes) -> list[int]:
    shortest = len(b"<si/>")
    counter = _Lengths(len(strings) // shortest)
    _run(strings, counter)
    return counter.found
