"""The life of an issued certificate: which act leads from which state, and on what ground."""

from dataclasses import dataclass
from enum import StrEnum

from registry.rules.decision import Decision, Granted, Refused, ground, reason
from registry.rules.policy import Policy
from schemas.certificate import State


class StatusAct(StrEnum):
    """Acts upon an issued certificate."""

    REVOKE = "revoke"
    """撤销: it was wrongly granted."""
    CANCEL = "cancel"
    """注销: it ends without wrongdoing."""
    WITHDRAW = "withdraw"
    """吊销: it ends as a penalty."""
    SUSPEND = "suspend"
    """暂停: under decision."""
    REINSTATE = "reinstate"
    """恢复: the suspension ends."""
    SUPERSEDE = "supersede"
    """更正: a new version replaces it."""


_A = StatusAct

TRANSITIONS: dict[tuple[State, StatusAct], State] = {
    (State.VALID, _A.REVOKE): State.REVOKED,
    (State.VALID, _A.CANCEL): State.CANCELLED,
    (State.VALID, _A.WITHDRAW): State.WITHDRAWN,
    (State.VALID, _A.SUSPEND): State.SUSPENDED,
    (State.VALID, _A.SUPERSEDE): State.SUPERSEDED,
    (State.SUSPENDED, _A.REVOKE): State.REVOKED,
    (State.SUSPENDED, _A.CANCEL): State.CANCELLED,
    (State.SUSPENDED, _A.WITHDRAW): State.WITHDRAWN,
    (State.SUSPENDED, _A.REINSTATE): State.VALID,
}
"""(state, act) -> next state; what is absent is refused. Terminal states lead nowhere, and a
suspended certificate is decided before it can be corrected."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusGround:
    """A ground of the catalogue: what an act may rest on."""

    code: str
    act: StatusAct
    zh: str
    en: str
    basis: str
    """Text that it rests on, with ``by analogy`` where the text is about something else."""
    confidence: str
    """Empty where the ground is our own default."""


def grounds(act: StatusAct, policy: Policy) -> tuple[StatusGround, ...]:
    """Grounds that an act can rest on, in the order of the table."""
    return tuple(
        StatusGround(
            code=row["code"], act=act, zh=row["zh"], en=row["en"],
            basis=row["source"], confidence=row.get("confidence", ""),
        )
        for row in policy.rows("status_grounds")
        if row["act"] == act.value
    )  # fmt: skip


def decide(state: State, act: StatusAct, ground_code: str, policy: Policy) -> Decision:
    """Whether the act may follow from the state on that ground."""
    if (state, act) not in TRANSITIONS:
        return Refused((reason("status_state", state=state.name.lower(), act=act.value),))
    for row in grounds(act, policy):
        if row.code == ground_code:
            return Granted((ground("status_ground", act=act.value, code=row.code),), policy.version)
    return Refused((reason("status_ground_unknown", act=act.value, ground=ground_code),))


def after(state: State, act: StatusAct) -> State:
    """The next state. Ask :func:`decide` first: a pair that is not in the table is a KeyError."""
    return TRANSITIONS[state, act]
