"""A holder's request for a signed version of an existing certificate: its way and its duties."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from registry.rules.decision import Decision, Granted, Reason, Refused, RefusedError, ground, reason


class RequestState(StrEnum):
    """Where a request stands."""

    WAITING = "waiting"
    CHECKED = "checked"
    APPROVED = "approved"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class RequestStep(StrEnum):
    """What can be done to a request."""

    CHECK = "check"
    APPROVE = "approve"
    REFUSE = "refuse"
    WITHDRAW = "withdraw"
    SEND_BACK = "send_back"


_S, _T = RequestState, RequestStep

STEPS: dict[tuple[RequestState, RequestStep], RequestState] = {
    (_S.WAITING, _T.CHECK): _S.CHECKED,
    (_S.WAITING, _T.REFUSE): _S.REFUSED,
    (_S.WAITING, _T.WITHDRAW): _S.WITHDRAWN,
    (_S.CHECKED, _T.APPROVE): _S.APPROVED,
    (_S.CHECKED, _T.REFUSE): _S.REFUSED,
    (_S.CHECKED, _T.SEND_BACK): _S.WAITING,
    (_S.CHECKED, _T.WITHDRAW): _S.WITHDRAWN,
}
"""(state, step) -> next state."""

OPEN = (RequestState.WAITING, RequestState.CHECKED)
"""A request in one of these is being dealt with."""

TICKS = ("record", "image", "person", "no_revocation", "assessment")
"""What the checking officer has compared, each of them: the source's record, the paper's image,
the person, that no revocation is on file, and the assessment file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LegacyHands:
    """Persons who have taken part so far."""

    importer: int
    """Who brought the entry into the register."""
    checker: int | None = None


def after(state: RequestState, step: RequestStep) -> RequestState:
    """The state after a step.

    Raises:
        RefusedError: the step does not lead on from that state.
    """
    following = STEPS.get((state, step))
    if following is None:
        raise RefusedError(reason("legacy_request_state", state=state.value, step=step.value))
    return following


def may_approve(person: int, hands: LegacyHands, policy: str = "") -> Decision:
    """Whether this person may approve: neither who checked nor who brought the entry in.

    Persons are compared, never accounts.
    """
    refusals = tuple(_duties(person, hands))
    if refusals:
        return Refused(refusals)
    return Granted((ground("separate_duties", step=RequestStep.APPROVE.value),), policy)


def _duties(person: int, hands: LegacyHands) -> Iterable[Reason]:
    if hands.checker is None:
        yield reason("not_checked")
    elif person == hands.checker:
        yield reason("checker_approves")
    if person == hands.importer:
        yield reason("legacy_importer_approves")


def all_ticked(ticked: Iterable[str]) -> Reason | None:
    """A reason when something that has to be compared was not ticked."""
    missing = set(TICKS) - set(ticked)
    return reason("legacy_not_all_ticked", missing=len(missing)) if missing else None
