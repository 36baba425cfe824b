"""The same workbook back, with a red column 问题 at its right; every original byte else is kept.

An XLSX is edited in place: cells are spliced into the sheet's own XML, so that formats, drop-downs,
formulas and other sheets stay as the site made them. A CSV gets one more column, in its encoding.
"""

import re
from collections.abc import Mapping
from xml.parsers import expat
from xml.sax.saxutils import escape

from registry.exchange import delimited, sheet
from registry.exchange.columns import PROBLEM, is_problem
from registry.exchange.errors import WorkbookError
from registry.exchange.limits import Limits
from registry.exchange.package import OLE_MAGIC, ZIP_MAGIC, choose_sheet, open_package
from registry.exchange.sheet import cell_name, cell_place, local
from registry.exchange.workbook import values

_TAG = re.compile(rb"<[^>\"']*(?:\"[^\"]*\"|'[^']*'|[^>\"'])*>")
# No tag holds a "<": a search that stops there stays linear, whatever a comment is full of.
_COLUMN = re.compile(rb"<(?:\w+:)?col\s[^<>]*\bmax=[\"'](\d+)[\"']")
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_WIDTH = 60


def mark(data: bytes, texts: Mapping[int, str], limits: Limits, sheet_name: str) -> bytes:
    """The file with a text in the column 问题 of every row named.

    Args:
        data: the file as uploaded; an XLSX gives an XLSX, a CSV a CSV.
        texts: row (heading = 1) -> what is wrong, already in words.
        limits: the limits under which it was read.
        sheet_name: the sheet that was read.

    Raises:
        WorkbookError: as for reading; a file that could not be read cannot be marked.
    """
    if data.startswith((ZIP_MAGIC, OLE_MAGIC)):
        return _mark_sheet(data, texts, limits, sheet_name)
    return _mark_lines(data, texts, limits)


def _mark_lines(data: bytes, texts: Mapping[int, str], limits: Limits) -> bytes:
    _, encoding = delimited.decode(data)
    lines = [list(line) for line in delimited.rows(data, limits)]
    width = max(map(len, lines), default=0)
    heading = lines[0] if lines else []
    column = next((i for i, text in enumerate(heading) if is_problem(text)), width)
    for number, line in enumerate(lines, 1):
        text = PROBLEM if number == 1 else texts.get(number, "")
        line += [""] * (column + 1 - len(line))
        line[column] = text
    return delimited.write(lines, encoding)


def _mark_sheet(data: bytes, texts: Mapping[int, str], limits: Limits, sheet_name: str) -> bytes:
    package = open_package(data, limits)
    chosen = choose_sheet(package, sheet_name)
    xml = package.parts[chosen.part]
    scanned = sheet.scan(xml, package.shared_strings, limits)
    heading = next(iter(values(package, chosen)), [])
    column = next(
        (i for i, cell in enumerate(heading, 1) if is_problem(str(cell))), scanned.columns + 1
    )
    splicer = _Splicer(xml, column, {1: PROBLEM, **texts})
    marked = _widen(splicer.spliced(), column)
    marked = _extend(marked, max(scanned.rows, *texts, 1), max(scanned.columns, column))
    return package.packed({chosen.part: marked})


class _Splicer:
    """Finds, by byte offsets of the parser, where cells of one column go, and puts them there."""

    def __init__(self, xml: bytes, column: int, texts: Mapping[int, str]) -> None:
        self.xml, self.column = xml, column
        self.pending = dict(texts)
        self.waiting = sorted(texts, reverse=True)
        self.edits: list[tuple[int, int, bytes]] = []
        self.row = self.cell = self.opened = 0
        self.place: int | None = None
        """Where this row's new cell goes: before the first cell right of the column."""
        self.replacing = False
        self.prefix = ""

    def spliced(self) -> bytes:
        self.parser = sheet.parser()
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        try:
            self.parser.Parse(self.xml, True)
        except expat.ExpatError as error:
            raise WorkbookError("workbook_unreadable") from error
        parts, position = [], 0
        for first, last, text in self.edits:
            parts += [self.xml[position:first], text]
            position = last
        return b"".join([*parts, self.xml[position:]])

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        name, at = local(tag), self.parser.CurrentByteIndex
        if name == "row":
            self.prefix = tag[: -len("row")]
            self.row = int(attributes["r"]) if "r" in attributes else self.row + 1
            self.cell, self.opened, self.place = 0, at, None
            self._missing_rows(self.row, at)
        elif name == "c":
            self.cell = cell_place(attributes["r"])[1] if "r" in attributes else self.cell + 1
            self.replacing = self.cell == self.column
            if self.replacing:
                self.first = at
            elif self.cell > self.column and self.place is None:
                self._insert(at)

    def _end(self, tag: str) -> None:
        name, at = local(tag), self.parser.CurrentByteIndex
        if name == "c" and self.replacing:
            self.replacing = False
            self._insert(self.first, self._after(at))
        elif name == "row" and self.place is None:
            if at == self.opened:
                self._fill_empty_row(at)
            else:
                self._insert(at)
        elif name == "sheetData":
            self.prefix = tag[: -len("sheetData")]
            self._missing_rows(None, at)

    def _insert(self, first: int, last: int | None = None) -> None:
        """Put this row's cell at ``first``, in place of what stands up to ``last``."""
        self.place = first
        text = self.pending.pop(self.row, None)
        if text is not None or last is not None:
            cell = b"" if text is None else self._cell_xml(self.row, text)
            self.edits.append((first, first if last is None else last, cell))

    def _fill_empty_row(self, at: int) -> None:
        text = self.pending.pop(self.row, None)
        if text is not None:
            end = self._after(at)
            cell = self._cell_xml(self.row, text)
            self.edits.append((end - 2, end, b">" + cell + f"</{self.prefix}row>".encode()))

    def _missing_rows(self, before: int | None, at: int) -> None:
        """Rows that have a text but no element yet, such as those inside a merged range."""
        while self.waiting and (before is None or self.waiting[-1] < before):
            number = self.waiting.pop()
            if number not in self.pending:
                continue
            cell = self._cell_xml(number, self.pending.pop(number))
            row = f'<{self.prefix}row r="{number}">'.encode() + cell
            self.edits.append((at, at, row + f"</{self.prefix}row>".encode()))

    def _after(self, at: int) -> int:
        found = _TAG.match(self.xml, at)
        if found is None:
            raise WorkbookError("workbook_unreadable")
        return found.end()

    def _cell_xml(self, row: int, text: str) -> bytes:
        # A run with its own colour is red in any workbook, whatever its table of styles.
        p, shown = self.prefix, escape(_UNPRINTABLE.sub("\ufffd", text))
        return (
            f'<{p}c r="{cell_name(row, self.column)}" t="inlineStr"><{p}is><{p}r><{p}rPr><{p}b/>'
            f'<{p}color rgb="FFC00000"/></{p}rPr><{p}t xml:space="preserve">{shown}</{p}t></{p}r>'
            f"</{p}is></{p}c>"
        ).encode()


def _widen(xml: bytes, column: int) -> bytes:
    """Give the column a readable width, unless the sheet has already sized it."""
    if any(int(last) >= column for last in _COLUMN.findall(xml)):
        return xml
    found = re.search(rb"<(\w+:)?sheetData\b", xml)
    prefix = (found.group(1) or b"").decode() if found else ""
    new = f'<{prefix}col min="{column}" max="{column}" width="{_WIDTH}" customWidth="1"/>'.encode()
    end = f"</{prefix}cols>".encode()
    if end in xml:
        return xml.replace(end, new + end, 1)
    columns = f"<{prefix}cols>".encode() + new + end
    return re.sub(rb"<(?:\w+:)?sheetData\b", lambda tag: columns + tag.group(0), xml, count=1)


def _extend(xml: bytes, rows: int, columns: int) -> bytes:
    """Bring the sheet's note of its extent, and of each row's, in line with the new column."""
    extent = f"A1:{cell_name(rows, columns)}".encode()
    xml = re.sub(rb"(<(?:\w+:)?dimension\s+ref=\")[^\"]*", rb"\g<1>" + extent, xml, count=1)
    return re.sub(rb"(<(?:\w+:)?row\b[^<>]*?)\sspans=\"[^\"]*\"", rb"\1", xml)
