"""A judged workbook as a file of lines, so that it can be gone through part by part.

One line of JSON per row, in the order of the sheet: a result, or the reasons why it is none. The
number of bytes up to a line's end is the place to go on from, by whichever process.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, BinaryIO, TypeAlias

from registry.rules.assessment import Result
from registry.rules.decision import Reason
from registry.rules.identity import Identity

Judged: TypeAlias = Result | tuple[Reason, ...]
"""What a row says, or every reason why it cannot be taken."""


@dataclass(frozen=True, slots=True)
class Part:
    """Some rows in a row."""

    rows: dict[int, Result]
    problems: dict[int, tuple[Reason, ...]]
    end: int
    """Bytes up to the end of the last row: where the next part begins."""

    @property
    def count(self) -> int:
        """How many rows."""
        return len(self.rows) + len(self.problems)


def write(rows: Iterable[tuple[int, Judged]], file: BinaryIO) -> int:
    """Write rows; answers how many."""
    count = 0
    for number, judged in rows:
        shape: dict[str, Any] = {"row": number}
        if isinstance(judged, Result):
            shape["result"] = _result(judged)
        else:
            shape["problems"] = [each.as_dict() for each in judged]
        file.write(_line(shape))
        count += 1
    return count


def part(path: Path, start: int, most: int) -> Part:
    """At most so many rows from a place on; none at the end of the file."""
    rows: dict[int, Result] = {}
    problems: dict[int, tuple[Reason, ...]] = {}
    with path.open("rb") as file:
        file.seek(start)
        for _ in range(most):
            line = file.readline()
            if not line:
                break
            shape = json.loads(line)
            if "result" in shape:
                rows[shape["row"]] = _read_result(shape["result"])
            else:
                problems[shape["row"]] = tuple(reason_of(each) for each in shape["problems"])
        return Part(rows, problems, file.tell())


def problem_lines(problems: dict[int, tuple[Reason, ...]]) -> bytes:
    """Problems of a part, by row, as lines of their own."""
    return b"".join(
        _line({"row": row, "problems": [each.as_dict() for each in problems[row]]})
        for row in sorted(problems)
    )


def problems(path: Path, length: int) -> Iterator[tuple[int, tuple[Reason, ...]]]:
    """Rows with their reasons, from the first ``length`` bytes; none where there is no file."""
    if not length:
        return
    with path.open("rb") as file:
        while file.tell() < length:
            shape = json.loads(file.readline())
            yield shape["row"], tuple(reason_of(each) for each in shape["problems"])


def reason_of(shape: dict[str, Any]) -> Reason:
    """A reason from its JSON shape."""
    return Reason(shape["code"], tuple(sorted(shape["parameters"].items())), shape.get("column"))


def _line(shape: dict[str, Any]) -> bytes:
    return json.dumps(shape, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def _result(result: Result) -> dict[str, Any]:
    return {
        "name": result.name, "identity": [result.identity.kind, result.identity.number],
        "occupation": result.occupation, "level": result.level, "work_type": result.work_type,
        "assessed": result.assessed.isoformat(), "theory": str(result.theory),
        "practice": str(result.practice),
        "review": None if result.review is None else str(result.review),
        "practice_examiners": result.practice_examiners,
        "review_examiners": result.review_examiners, "ticket": result.ticket,
    }  # fmt: skip


def _read_result(shape: dict[str, Any]) -> Result:
    review = shape["review"]
    return Result(
        name=shape["name"], identity=Identity(*shape["identity"]), occupation=shape["occupation"],
        level=shape["level"], work_type=shape["work_type"],
        assessed=date.fromisoformat(shape["assessed"]), theory=Decimal(shape["theory"]),
        practice=Decimal(shape["practice"]), review=None if review is None else Decimal(review),
        practice_examiners=tuple(shape["practice_examiners"]),
        review_examiners=tuple(shape["review_examiners"]), ticket=shape["ticket"],
    )  # fmt: skip
