"""The workbooks that the sample sites hand in, good rows and bad ones, as clerks make them."""

import io
from dataclasses import dataclass, replace
from datetime import date

import xlsxwriter

from registry.demo import cast
from registry.demo.people import Person, people
from registry.exchange.columns import ASSESSMENT, SHEET

_TEAM = "K32240001、K32240002、K32240003"
_SENIORS = "G32240004、G32240005、G32240006"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One row as typed."""

    person: Person
    occupation: str
    level: str
    assessed: date | str
    work_type: str = ""
    theory: str = "82"
    practice: str = "79.5"
    review: str = ""
    team: str = _TEAM
    review_team: str = ""
    identity: str | float | None = None
    """Typed instead of the person's number."""


def build(lines: list[Line]) -> bytes:
    """The lines as XLSX with the template's headings; IDs are text unless typed otherwise."""
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as book:
        sheet = book.add_worksheet(SHEET)
        text = book.add_format({"num_format": "@"})
        for place, column in enumerate(ASSESSMENT):
            sheet.write_string(0, place, column.heading)
            sheet.set_column(place, place, column.width)
        for row, line in enumerate(lines, start=1):
            for place, column in enumerate(ASSESSMENT):
                cell = _cells(line)[column.key]
                if isinstance(cell, float):
                    sheet.write_number(row, place, cell)
                elif cell.startswith("="):
                    sheet.write_formula(row, place, cell)
                else:
                    sheet.write_string(row, place, cell, text)
    return buffer.getvalue()


def _cells(line: Line) -> dict[str, str | float]:
    day = line.assessed if isinstance(line.assessed, str) else line.assessed.isoformat()
    return {
        "name": line.person.name, "identity_kind": "居民身份证",
        "identity": line.person.identity if line.identity is None else line.identity,
        "occupation": line.occupation, "work_type": line.work_type, "level": line.level,
        "assessed": day, "theory": line.theory, "practice": line.practice, "review": line.review,
        "practice_examiners": line.team, "review_examiners": line.review_team, "ticket": "",
    }  # fmt: skip


def main_workbook(day: date) -> list[Line]:
    """Sixty candidates over four occupations; nine rows are wrong in nine ways."""
    persons = people(60, 0)
    trades = (
        (cast.STEEL, "020", "三级/高级工"), (cast.SCAFFOLD, "030", "四级/中级工"),
        (cast.CONCRETE, "040", "四级/中级工"), (cast.WATERPROOF, "230", "五级/初级工"),
    )  # fmt: skip
    lines = []
    for place, person in enumerate(persons):
        code, work_type, level = trades[place % 4]
        lines.append(
            Line(
                person=person, occupation=code, work_type=work_type, level=level, assessed=day,
                theory=str(68 + place % 29), practice=f"{71 + place % 23}.5",
            )
        )  # fmt: skip
    seniors = replace(lines[8], level="二级/技师", team=_SENIORS, review="81", review_team=_SENIORS)
    lines[8] = seniors
    return _spoilt(lines, day)


def _spoilt(lines: list[Line], day: date) -> list[Line]:
    def change(place: int, **values: object) -> None:
        lines[place] = replace(lines[place], **values)  # type: ignore[arg-type]

    good = lines[50].person.identity
    change(50, identity=good[:-1] + ("1" if good[-1] != "1" else "2"))
    change(51, identity=float(int(lines[51].person.identity[:17]) * 10))
    change(52, assessed=day.replace(year=day.year + 1))
    change(53, occupation="塔吊飞行员")
    change(54, occupation=cast.BRICKLAYER, work_type="010", level="一级/高级技师")
    change(55, theory="=60+5")
    lines[56] = replace(lines[3])
    change(57, practice="58")
    change(58, team="K32240001、K32240002、K32249999")
    return lines


def small_workbook(
    seed: int, count: int, occupation: str, work_type: str, level: str, day: date, team: str
) -> list[Line]:
    """A few candidates of one occupation, all in order."""
    return [
        Line(person=person, occupation=occupation, work_type=work_type, level=level,
             assessed=day, team=team)
        for person in people(count, seed)
    ]  # fmt: skip
