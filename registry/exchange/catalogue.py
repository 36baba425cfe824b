"""The catalogue as a CSV file for anybody's spreadsheet: UTF-8 with a mark, bilingual heading."""

import csv
import io
from collections.abc import Iterable, Mapping

HEADINGS = {
    "code": "职业编码 code",
    "name": "职业名称 name",
    "name_en": "英文名称 English name (own translation)",
    "levels": "级别 levels",
    "work_types": "工种代码 work types",
    "catalogue_from": "国家目录起 in national catalogue from",
    "catalogue_to": "国家目录止 in national catalogue to",
    "issuable": "可发证 issuable",
    "source": "出处 source",
    "confidence": "可信度 confidence",
}
"""Key of each column and its heading."""

_LIVE = ("=", "+", "-", "@", "\t", "\r")


def write(rows: Iterable[Mapping[str, str]]) -> bytes:
    """Rows (by the keys of :data:`HEADINGS`) as CSV; a missing key is an empty cell."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow(HEADINGS.values())
    for row in rows:
        writer.writerow(_inert(row.get(key, "")) for key in HEADINGS)
    return buffer.getvalue().encode("utf-8-sig")


def _inert(text: str) -> str:
    # A spreadsheet would run a text that begins like a formula.
    return f"'{text}" if text.startswith(_LIVE) else text
