"""Which act leads from which state, and on which ground."""

import itertools

import pytest

from registry.rules import status
from registry.rules.decision import Granted, Refused
from registry.rules.status import StatusAct
from schemas.certificate import State
from tests.registry.rules.build import POLICY

AFTER = {
    StatusAct.REVOKE: State.REVOKED, StatusAct.CANCEL: State.CANCELLED,
    StatusAct.WITHDRAW: State.WITHDRAWN, StatusAct.SUSPEND: State.SUSPENDED,
    StatusAct.REINSTATE: State.VALID, StatusAct.SUPERSEDE: State.SUPERSEDED,
}  # fmt: skip


@pytest.mark.parametrize(("state", "act"), list(itertools.product(State, StatusAct)))
def test_transitions(state: State, act: StatusAct) -> None:
    code = status.grounds(act, POLICY)[0].code
    found = status.decide(state, act, code, POLICY)
    if state is State.VALID:
        allowed = act is not StatusAct.REINSTATE
    elif state is State.SUSPENDED:
        allowed = act not in (StatusAct.SUSPEND, StatusAct.SUPERSEDE)
    else:
        allowed = False
    assert isinstance(found, Granted) is allowed
    if allowed:
        assert status.after(state, act) is AFTER[act]
    else:
        assert isinstance(found, Refused) and found.reasons[0].code == "status_state"
        with pytest.raises(KeyError):
            status.after(state, act)


def test_a_ground_of_another_act_is_refused() -> None:
    for ground in ("holder_died", "", "nonsense"):
        found = status.decide(State.VALID, StatusAct.REVOKE, ground, POLICY)
        assert isinstance(found, Refused) and found.reasons[0].code == "status_ground_unknown"


@pytest.mark.parametrize("act", StatusAct)
def test_grounds_have_words_and_a_basis(act: StatusAct) -> None:
    found = status.grounds(act, POLICY)
    assert found and len({ground.code for ground in found}) == len(found)
    assert all(ground.zh and ground.en and ground.basis for ground in found)
