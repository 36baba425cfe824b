"""The checklist before approval: what a provincial checker compares and ticks, as dated policy."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from registry.rules.decision import Reason, reason
from registry.rules.policy import Policy


@dataclass(frozen=True, slots=True)
class Item:
    """One point of the list."""

    code: str
    zh: str
    en: str


def items(policy: Policy, on: date) -> tuple[Item, ...]:
    """The points in force on a day, in their order."""
    return tuple(Item(row["code"], row["zh"], row["en"]) for row in policy.rows("checklist", on))


def compare(wanted: tuple[Item, ...], ticked: Mapping[str, bool]) -> tuple[Reason, ...]:
    """Every point that is not ticked, and everything ticked that is no point of the list."""
    open_items = [each for each in wanted if ticked.get(each.code) is not True]
    known = {each.code for each in wanted}
    return (
        *(reason("not_ticked", "checks", item=f"{each.zh} / {each.en}") for each in open_items),
        *(reason("not_on_checklist", "checks", code=code) for code in ticked if code not in known),
    )
