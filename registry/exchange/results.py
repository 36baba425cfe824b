"""A workbook of assessment results as the rules read it, and the same back with reasons."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date

from registry.exchange import report, workbook
from registry.exchange.columns import ASSESSMENT, SHEET
from registry.exchange.limits import Limits
from registry.rules import assessment, decision
from registry.rules.assessment import Occupations, Result
from registry.rules.decision import Reason, reason
from registry.rules.policy import Policy

LABELS = {column.key: column.zh for column in ASSESSMENT}
"""Column key -> Chinese heading, for reasons in words."""


@dataclass(frozen=True, slots=True)
class Intake:
    """Rows of a workbook, by row number as the spreadsheet counts."""

    rows: dict[int, Result]
    problems: dict[int, tuple[Reason, ...]]
    """Rows that cannot be taken, and every reason."""


def limits(policy: Policy, on: date) -> Limits:
    """Bounds of an uploaded workbook, from the policy."""
    return Limits(
        bytes=policy.limit("workbook_bytes", on),
        unpacked_bytes=policy.limit("workbook_unpacked_bytes", on),
        parts=policy.limit("workbook_parts", on),
        ratio=policy.limit("workbook_ratio", on),
        rows=policy.limit("workbook_rows", on),
        columns=policy.limit("workbook_columns", on),
        cell_length=policy.limit("workbook_cell_length", on),
    )


def read(
    data: bytes, occupations: Occupations, on: date, policy: Policy, most: int | None = None
) -> Intake:
    """Read every row; a row is either a result or has reasons.

    Args:
        data: XLSX, or CSV in UTF-8 or GB18030.
        occupations: the catalogue.
        on: civil date of the import.
        policy: limits, kinds of identity documents, scores.
        most: rows that the caller can wait for, where those are fewer than the policy's.

    Raises:
        WorkbookError: the file as a whole cannot be taken.
    """
    rows: dict[int, Result] = {}
    problems: dict[int, tuple[Reason, ...]] = {}
    for number, found in judged(data, occupations, on, policy, most):
        if isinstance(found, Result):
            rows[number] = found
        else:
            problems[number] = found
    return Intake(rows, problems)


def judged(
    data: bytes, occupations: Occupations, on: date, policy: Policy, most: int | None = None
) -> Iterator[tuple[int, Result | tuple[Reason, ...]]]:
    """Rows one by one, as :func:`read` takes them; of a candidate's rows the first one counts."""
    bounds = limits(policy, on)
    if most is not None and most < bounds.rows:
        bounds = replace(bounds, rows=most)
    first: dict[tuple[str, str, str, str, date], int] = {}
    for row in workbook.read(data, ASSESSMENT, bounds, SHEET).rows:
        broken = tuple(reason(each.code, each.column, **each.parameters) for each in row.problems)
        found = assessment.read(row.cells, occupations, on, policy)
        if isinstance(found, Result) and not broken:
            earlier = first.setdefault(found.key, row.number)
            if earlier == row.number:
                yield row.number, found
            else:
                yield row.number, (reason("candidate_twice", "identity", row=earlier),)
            continue
        spoilt = {each.column for each in row.problems}
        others = () if isinstance(found, Result) else found
        # A cell that could not be read is not also missing.
        yield (
            row.number,
            broken
            + tuple(each for each in others if each.column is None or each.column not in spoilt),
        )


def mark(
    data: bytes, problems: Mapping[int, tuple[Reason, ...]], on: date, policy: Policy
) -> bytes:
    """The same file with a red column 问题: what is wrong in each row and who mends it."""
    texts = {row: decision.in_words(reasons, LABELS) for row, reasons in problems.items()}
    return report.mark(data, texts, limits(policy, on), SHEET)
