"""A workbook of existing certificates as the rules read it, and the same back with reasons."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from registry.exchange import delimited, report, workbook
from registry.exchange.columns import Column, Typing
from registry.exchange.limits import Limits
from registry.exchange.results import limits as workbook_limits
from registry.rules import legacy
from registry.rules.assessment import Occupations
from registry.rules.decision import Reason, reason
from registry.rules.legacy import KIND_NAMES, RECORDED_NAMES, LegacyRow
from registry.rules.policy import Policy

SHEET = "存量证书"
"""Name of the sheet that is read."""

COLUMNS = (
    Column(key="kind", zh="证书种类", en="Sort", width=18, hint="从下拉列表选择。",
           sample="职业资格证书"),
    Column(key="number", zh="证书编号", en="Number", width=26,
           hint="照原件写，文本格式；不要让表格软件把它变成数字。", sample="1500000009400001"),
    Column(key="name", zh="姓名", en="Name", hint="照原件写；少数民族姓名中间的点用“·”。",
           sample="张示例"),
    Column(key="identity_kind", zh="证件类型", en="Document", required=False, width=18,
           hint="留空表示居民身份证。", sample="居民身份证"),
    Column(key="identity", zh="证件号码", en="ID number", width=22,
           hint="文本格式；原件上是15位的会自动换成18位。", sample="000000199001010018"),
    Column(key="occupation", zh="职业（原文）", en="Occupation as printed", width=20,
           hint="原件怎么写就怎么写，不用换成现在的名称。", sample="砖瓦工"),
    Column(key="mapped", zh="对应目录职业", en="Catalogue occupation", required=False, width=20,
           hint="能对上目录的才填，写职业名称或编码；拿不准就留空。", sample="6-29-01-01"),
    Column(key="level", zh="等级（原文）", en="Level as printed", required=False, width=14,
           hint="原件怎么写就怎么写；没有等级就留空。", sample="中级"),
    Column(key="issuer", zh="发证单位（原文）", en="Issuer as printed", width=30,
           hint="原件上的印章或落款。", sample="示例省建设厅"),
    Column(key="issued", zh="发证日期", en="Issued on", typing=Typing.DATE,
           hint="写成 2015-06-30。", sample="2015-06-30"),
    Column(key="expires", zh="有效期至", en="Ends on", typing=Typing.DATE, required=False,
           hint="原件写了才填。"),
    Column(key="recorded", zh="原登记状态", en="State in the source", required=False, width=14,
           hint="来源怎么记就怎么填；不清楚就留空。", sample="在册"),
    Column(key="reference", zh="档案位置", en="Where it is kept", required=False, width=24,
           hint="卷号、盒号、页码。", sample="示例档2015-3-17"),
)  # fmt: skip
"""Columns of a workbook of existing certificates."""

LABELS = {column.key: column.zh for column in COLUMNS}
"""Column key -> Chinese heading, for reasons in words."""

CHOICES: dict[str, Sequence[str]] = {
    "kind": [spellings[0] for spellings in KIND_NAMES.values()],
    "recorded": [spellings[0] for spellings in RECORDED_NAMES.values()],
}
"""What the template's drop-downs offer."""


@dataclass(frozen=True, slots=True)
class LegacyIntake:
    """Rows of a workbook, by row number as the spreadsheet counts."""

    rows: dict[int, LegacyRow]
    problems: dict[int, tuple[Reason, ...]]
    """Rows that cannot be taken, and every reason."""


def limits(policy: Policy, on: date) -> Limits:
    """Bounds of an uploaded list: a workbook's, with fewer rows, since a page waits for it."""
    return replace(workbook_limits(policy, on), rows=policy.limit("legacy_rows", on))


def read(data: bytes, occupations: Occupations, on: date, policy: Policy) -> LegacyIntake:
    """Read every row; a row is either an existing certificate or has reasons.

    Args:
        data: XLSX, or CSV in UTF-8 or GB18030.
        occupations: the catalogue.
        on: civil date of the import.
        policy: limits and kinds of identity documents.

    Raises:
        WorkbookError: the file as a whole cannot be taken.
    """
    rows: dict[int, LegacyRow] = {}
    problems: dict[int, tuple[Reason, ...]] = {}
    for row in workbook.read(data, COLUMNS, limits(policy, on), SHEET).rows:
        broken = tuple(reason(each.code, each.column, **each.parameters) for each in row.problems)
        found = legacy.read(row.cells, occupations, on, policy)
        if isinstance(found, LegacyRow) and not broken:
            rows[row.number] = found
            continue
        spoilt = {each.column for each in row.problems}
        others = () if isinstance(found, LegacyRow) else found
        # A cell that could not be read is not also missing.
        problems[row.number] = broken + tuple(
            each for each in others if each.column is None or each.column not in spoilt
        )
    for number, why in legacy.repeated(rows).items():
        del rows[number]
        problems[number] = (why,)
    return LegacyIntake(rows, problems)


def mark(
    data: bytes, problems: Mapping[int, tuple[Reason, ...]], on: date, policy: Policy
) -> bytes:
    """The same file with a red column 问题: what is wrong in each row, for whoever imports it."""
    texts = {row: "；".join(map(_in_words, reasons)) for row, reasons in problems.items()}
    return report.mark(data, texts, limits(policy, on), SHEET)


def _in_words(why: Reason) -> str:
    # A list is mended by the officer who brings it, whoever else a reason may name.
    label = LABELS.get(why.column or "")
    text = why.sentence().rstrip("。")
    return f"{label}：{text}" if label else text


EXPORTED = (
    "证书种类", "证书编号", "姓名", "证件类型", "证件末四位", "职业（原文）", "对应目录职业",
    "等级（原文）", "发证单位（原文）", "发证日期", "有效期至", "原登记状态", "档案位置", "来源",
    "依据文件", "登记情况", "带签名的证书",
)  # fmt: skip
"""Headings of an export. It holds no ID number: those leave the register for nobody."""


def inert(text: str) -> str:
    """A text as a cell of an export: nothing that a spreadsheet would run."""
    return delimited.inert(text)
