"""The one place where an act asks whether its actor may do it there."""

from registry.rules import permissions
from registry.rules.decision import require
from registry.rules.permissions import Act, Actor, Where


def must(
    actor: Actor,
    act: Act,
    *,
    province: str | None = None,
    site: str | None = None,
    persons: frozenset[int] = frozenset(),
) -> None:
    """Return when the actor may do the act in that place.

    Raises:
        RefusedError: the role lacks the act, or the place is out of reach.
    """
    require(permissions.decide(actor, act, Where(province=province, site=site, persons=persons)))
