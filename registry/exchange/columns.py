"""Columns of a workbook: bilingual headings, how cells are typed, which values a list offers."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

SHEET = "成绩"
"""Name of the sheet that is read."""

PROBLEM = "问题"
"""Heading of the column that the returned workbook adds; ignored when it comes back."""


class Typing(StrEnum):
    """How a cell must be stored."""

    TEXT = "text"
    """Text only: a number would have lost digits or leading zeros."""
    NUMBER = "number"
    """Text or number."""
    DATE = "date"
    """Text or an Excel date."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column; matched by name, in any order."""

    key: str
    zh: str
    en: str
    typing: Typing = Typing.TEXT
    required: bool = True
    width: int = 14
    hint: str = ""
    """What the instruction sheet says."""
    sample: str = ""

    @property
    def heading(self) -> str:
        """Text of the heading in the template."""
        return f"{self.zh} {self.en}"

    @property
    def spellings(self) -> frozenset[str]:
        """Headings that mean this column."""
        return frozenset(plain(each) for each in (self.key, self.zh, self.en, self.heading))


def plain(heading: str) -> str:
    """A heading without spaces, stars and case, for comparing."""
    return re.sub(r"[\s*＊:：]", "", heading).casefold()


def find(columns: Iterable[Column], heading: str) -> Column | None:
    """The column of that heading, or None."""
    wanted = plain(heading)
    return next((column for column in columns if wanted in column.spellings), None)


def is_problem(heading: str) -> bool:
    """Whether it is the heading of the returned workbook's own column."""
    return plain(heading) == PROBLEM


ASSESSMENT = (
    Column(key="name", zh="姓名", en="Name", hint="与身份证一致；少数民族姓名中间的点用“·”。",
           sample="张示例"),
    Column(key="identity_kind", zh="证件类型", en="Document", required=False, width=18,
           hint="从下拉列表选择；留空表示居民身份证。", sample="居民身份证"),
    Column(key="identity", zh="证件号码", en="ID number", width=22,
           hint="文本格式，18位，末位X大写；不要让表格软件把它变成数字。",
           sample="000000199001010016"),
    Column(key="occupation", zh="职业", en="Occupation", width=18,
           hint="职业名称或职业编码，以目录为准。", sample="6-29-01-03"),
    Column(key="work_type", zh="工种", en="Work type", required=False, width=10,
           hint="三位工种代码；没有就留空。", sample="040"),
    Column(key="level", zh="级别", en="Level", typing=Typing.NUMBER, width=14,
           hint="五级/初级工 至 一级/高级技师；也可只写数字。", sample="四级/中级工"),
    Column(key="assessed", zh="考核日期", en="Assessment date", typing=Typing.DATE,
           hint="写成 2026-11-22；不能晚于今天。", sample="2026-11-20"),
    Column(key="theory", zh="理论成绩", en="Theory", typing=Typing.NUMBER, width=10,
           hint="0至100，最多一位小数。", sample="82"),
    Column(key="practice", zh="实操成绩", en="Practice", typing=Typing.NUMBER, width=10,
           hint="0至100，最多一位小数。", sample="76.5"),
    Column(key="review", zh="综合评审", en="Review", typing=Typing.NUMBER, required=False,
           width=10, hint="只有二级、一级填写。"),
    Column(key="practice_examiners", zh="实操考评员", en="Practice examiners", width=34,
           hint="考评员证卡编号，用顿号隔开，人数为单数。",
           sample="K00260001、K00260002、K00260003"),
    Column(key="review_examiners", zh="综评考评员", en="Review examiners", required=False,
           width=34, hint="只有二级、一级填写。"),
    Column(key="ticket", zh="准考证号", en="Ticket", required=False, width=22,
           hint="文本格式；没有就留空。"),
)  # fmt: skip
"""Columns of a site's workbook of assessment results."""
