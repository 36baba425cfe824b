"""What may be shown of a person before two facts match: the rule in force is a policy row.

An ID number is never shown beyond its last four, whatever the policy says: no form holds more.
"""

from collections.abc import Callable
from datetime import date

from registry.rules.policy import Policy, PolicyError

STAR = "*"


def _first_and_last(text: str) -> str:
    if "·" in text:
        return text[:1] + STAR * 2 + "·" + STAR * 2
    if len(text) <= 1:
        return STAR * len(text)
    if len(text) == 2:
        return text[0] + STAR
    return text[0] + STAR * (len(text) - 2) + text[-1]


def _first_only(text: str) -> str:
    return text[:1] + STAR * 2 if len(text) > 1 else STAR * len(text)


def _hidden(text: str) -> str:
    return STAR * 3


RULES: dict[str, Callable[[str], str]] = {
    "first_and_last": _first_and_last,
    "first_only": _first_only,
    "hidden": _hidden,
}
"""Ways to mask a name: first and last character (of two only the first, of a name with ``·`` only
the very first), the first character alone, nothing."""


def name(text: str, rule: str = "first_and_last") -> str:
    """A name under one of the :data:`RULES`."""
    return RULES[rule](text)


def rule(on: date, policy: Policy) -> str:
    """The rule for names that is in force on a day.

    Raises:
        RefusedError: no row applies.
        PolicyError: the row names a rule that is not one of :data:`RULES`.
    """
    found: str = policy.row("masks", on, field="name")["rule"]
    if found not in RULES:
        raise PolicyError(f"masks: no rule {found}")
    return found
