"""CSV as offices save and open it: UTF-8 or GB18030, commas, double quotes."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence

from registry.exchange.errors import WorkbookError
from registry.exchange.limits import Limits

UTF8 = "utf-8-sig"
CHINESE = "gb18030"
_LIVE = tuple("=+-@＝＋－＠\t\r\n")
"""What makes a cell a formula at its beginning, also in the full width of Chinese typing."""


def decode(data: bytes) -> tuple[str, str]:
    """The text and the name of its encoding (``utf-8-sig`` also for UTF-8 without a mark).

    Raises:
        WorkbookError: neither UTF-8 nor GB18030, or with a NUL, which no table holds.
    """
    position = 0
    for encoding in (UTF8, CHINESE):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError as error:
            position = error.start + 1
            continue
        if "\x00" in text:
            raise WorkbookError("workbook_unreadable")
        return text, encoding
    raise WorkbookError("csv_encoding", position=position)


def rows(data: bytes, limits: Limits) -> Iterator[Sequence[str]]:
    """Rows of a CSV file, the heading first; numbers of rows are those a spreadsheet shows.

    Raises:
        WorkbookError: the encoding, a broken line, or too many columns.
    """
    text, _ = decode(data)
    return _lines(text, limits)


def _lines(text: str, limits: Limits) -> Iterator[Sequence[str]]:
    number = 0
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    while True:
        number += 1
        try:
            line = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise WorkbookError("csv_quotes", row=number) from error
        if len(line) > limits.columns:
            raise WorkbookError("too_many_columns", most=limits.columns)
        yield line


def write(lines: Iterable[Sequence[str]], encoding: str = UTF8) -> bytes:
    """Lines as a CSV file; UTF-8 gets its mark, without which spreadsheets guess wrong."""
    buffer = io.StringIO(newline="")
    csv.writer(buffer, lineterminator="\r\n").writerows(lines)
    return buffer.getvalue().encode(encoding)


def inert(text: str) -> str:
    """The text as a cell of our own tables: what a spreadsheet would run gets an apostrophe."""
    return f"'{text}" if text.startswith(_LIVE) else text
