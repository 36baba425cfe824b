"""What the rules need to know of certificates that a person already holds."""

from dataclasses import dataclass

from schemas.certificate import State


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """A certificate already issued to, prepared for, or granted to the candidate."""

    number: str
    occupation: str
    level: str
    state: State = State.VALID
    expired: bool = False
    """Whether its last day lies before the day of the decision."""
    batch: str | None = None
    """Number of the batch that will issue it, where it is granted and has no number yet."""
