"""Which kind of certificate an assessment leads to, by the dated table, as of its date.

In the national catalogue that day: 职业资格证书. Outside it, with the assessing body filed (备案)
for that occupation and level that day: 职业技能等级证书. Otherwise: 培训合格证, numbered by
provincial setting and refused without one.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from registry.rules import numbering
from registry.rules.catalogue import Occupation
from registry.rules.decision import Ground, RefusedError, ground, reason
from registry.rules.numbering import Scheme
from registry.rules.organisations import Body
from registry.rules.policy import Policy, PolicyError
from schemas.certificate import Kind


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """The kind, and all that follows from it."""

    kind: Kind
    title: str
    title_en: str
    signer: str
    """Who signs: ``implementing_body``, ``assessing_body`` or ``centre``."""
    scheme: Scheme
    months: int | None
    """Length of validity; None when it has no end, as national rules set none."""
    first_day: str
    """``award``, or ``next_month``: the first of the month after the award."""
    ground: Ground


def choose(
    occupation: Occupation, level: str, body: Body, province: str, on: date, policy: Policy
) -> Choice:
    """The kind of certificate for an assessment of that day.

    Args:
        occupation: with its periods in the national catalogue.
        level: digit of the level.
        body: the assessing body with its filings.
        province: two digits; a training certificate is numbered by that province's setting.
        on: the assessment date.
        policy: tables ``kinds``, ``numbering`` and ``training_numbers``.

    Raises:
        RefusedError: a training certificate without the province's numbering.
        PolicyError: the table has no row, or two, for the day.
    """
    condition, why = _condition(occupation, level, body, on)
    rows = list(policy.rows("kinds", on, when=condition))
    if len(rows) != 1:
        raise PolicyError(f"kinds: {len(rows)} rows for {condition} on {on}")
    row = rows[0]
    scheme, setting = _numbering(row["numbering"], province, on, policy)
    return Choice(
        kind=Kind(row["kind"]), title=row["zh"], title_en=row["en"], signer=row["signer"],
        scheme=scheme, months=setting.get("months", row.get("months")),
        first_day=setting.get("first_day", row["first_day"]), ground=why,
    )  # fmt: skip


def _condition(occupation: Occupation, level: str, body: Body, on: date) -> tuple[str, Ground]:
    for period in occupation.catalogue:
        if period.covers(on):
            return "in_catalogue", ground(
                "in_catalogue", occupation=occupation.code, since=period.first
            )
    for filing in body.filings:
        if filing.covers(occupation.code, level, on):
            return "filed", ground(
                "filed", body=body.id, occupation=occupation.code, level=level,
                since=filing.period.first,
            )  # fmt: skip
    return "otherwise", ground("neither_catalogue_nor_filed", occupation=occupation.code)


def _numbering(
    name: str, province: str, on: date, policy: Policy
) -> tuple[Scheme, Mapping[str, Any]]:
    """The scheme, and the provincial setting that may also limit validity (empty for national)."""
    if name != "provincial":
        return numbering.national(name, on, policy), {}
    rows = list(policy.rows("training_numbers", on, province=province))
    if not rows:
        raise RefusedError(reason("training_numbering_missing", province=province, date=on))
    if len(rows) > 1:
        raise PolicyError(f"training_numbers: {len(rows)} rows for {province} on {on}")
    return numbering.scheme(f"provincial-{province}", rows[0]["layout"]), rows[0]


def validity(choice: Choice, awarded: date) -> tuple[date | None, date | None]:
    """First and last valid day: (None when it is the award, None when it has no end)."""
    first = _next_month(awarded) if choice.first_day == "next_month" else awarded
    last = None if choice.months is None else _last_day(first, choice.months)
    return (first if first > awarded else None), last


def _next_month(day: date) -> date:
    return date(day.year + day.month // 12, day.month % 12 + 1, 1)


def _last_day(first: date, months: int) -> date:
    """Last day of so many months from ``first`` on: the day before its anniversary."""
    index = first.year * 12 + first.month - 1 + months
    year, month = index // 12, index % 12 + 1
    ordinal = date(year, month, 1).toordinal() + first.day - 1
    # A month too short for the anniversary ends the period on its own last day.
    end_of_month = _next_month(date(year, month, 1)).toordinal() - 1
    return date.fromordinal(min(ordinal - 1, end_of_month))
