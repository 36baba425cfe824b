"""What a checker has to tick."""

from datetime import date

from registry.rules import checklist
from registry.rules.policy import Policy, published
from tests.registry.office import TODAY


def all_ticked(policy: Policy | None = None, on: date = TODAY) -> dict[str, bool]:
    """Every point of the checklist in force, ticked."""
    return {item.code: True for item in checklist.items(policy or published(), on)}
