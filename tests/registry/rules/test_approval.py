"""The way of a batch: steps, separation of duties by person, and the digest that is bound."""

import itertools
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from registry.rules import approval
from registry.rules.approval import BatchState, Hands, Step
from registry.rules.assessment import Result
from registry.rules.decision import Granted, Refused, RefusedError
from registry.rules.identity import Identity
from tests.registry.rules.build import ASSESSED, HANDS, TODAY, citizen

ROW = Result(
    name="张示例", identity=Identity("resident_id", citizen()), occupation="6-29-01-03", level="4",
    work_type="040", assessed=ASSESSED, theory=Decimal(82), practice=Decimal("76.5"), review=None,
    practice_examiners=("K1", "K2", "K3"),
)  # fmt: skip
OTHER = replace(ROW, name="李示例", identity=Identity("resident_id", citizen(2)))


def test_the_way_forward() -> None:
    state = BatchState.DRAFT
    for step in (Step.EDIT, Step.SUBMIT, Step.CONFIRM, Step.CHECK, Step.APPROVE, Step.ISSUE,
                 Step.FINISH):  # fmt: skip
        state = approval.after(state, step)
    assert state is BatchState.ISSUED


def test_every_other_step_is_refused() -> None:
    allowed = 0
    for state, step in itertools.product(BatchState, Step):
        try:
            following = approval.after(state, step)
        except RefusedError as refused:
            assert refused.reasons[0].code == "batch_state"
            continue
        allowed += 1
        if step is Step.EDIT:
            assert state is BatchState.DRAFT
        if step is Step.RETURN:
            assert following is BatchState.DRAFT
    assert allowed == len(approval.STEPS) == 11


@pytest.mark.parametrize(
    ("step", "person", "hands", "codes"),
    [
        (Step.CONFIRM, 101, replace(HANDS, confirmed=frozenset()), set()),
        (Step.CONFIRM, 104, HANDS, {"not_on_team"}),
        (Step.CONFIRM, 101, HANDS, {"confirmed_already"}),
        (Step.CONFIRM, 1, replace(HANDS, examiners=frozenset({1})), {"registrar_confirms"}),
        (Step.CHECK, 2, HANDS, set()),
        (Step.CHECK, 1, HANDS, {"registrar_decides"}),
        (Step.CHECK, 101, HANDS, {"examiner_decides"}),
        (Step.APPROVE, 3, HANDS, set()),
        (Step.APPROVE, 2, HANDS, {"checker_approves"}),
        (Step.APPROVE, 1, HANDS, {"registrar_decides"}),
        (Step.APPROVE, 102, HANDS, {"examiner_decides"}),
        (Step.APPROVE, 3, replace(HANDS, checker=None), {"not_checked"}),
        (Step.SUBMIT, 1, Hands(), set()),
    ],
)
def test_duties(step: Step, person: int, hands: Hands, codes: set[str]) -> None:
    found = approval.may_take(step, person, hands, "p")
    if codes:
        assert isinstance(found, Refused)
        assert {reason.code for reason in found.reasons} == codes
    else:
        assert isinstance(found, Granted) and found.policy == "p"


def test_digest_ignores_order_and_sees_every_fact() -> None:
    base = approval.digest("B1", "S1", [ROW, OTHER])
    assert base == approval.digest("B1", "S1", [OTHER, ROW])
    changed = [
        replace(ROW, name="张示列"), replace(ROW, identity=Identity("passport", citizen())),
        replace(ROW, identity=Identity("resident_id", citizen(3))),
        replace(ROW, occupation="6-29-01-04"), replace(ROW, level="5"),
        replace(ROW, work_type=None), replace(ROW, assessed=date(2026, 11, 19)),
        replace(ROW, theory=Decimal("82.1")), replace(ROW, practice=Decimal(76)),
        replace(ROW, review=Decimal(0)), replace(ROW, practice_examiners=("K1", "K2", "K4")),
        replace(ROW, review_examiners=("K1",)), replace(ROW, ticket="1"),
    ]  # fmt: skip
    digests = {approval.digest("B1", "S1", [row, OTHER]) for row in changed}
    digests |= {approval.digest("B2", "S1", [ROW, OTHER]),
                approval.digest("B1", "S2", [ROW, OTHER]),
                approval.digest("B1", "S1", [ROW]), approval.digest("B1", "S1", [ROW, OTHER, ROW]),
                base}  # fmt: skip
    assert len(digests) == len(changed) + 5


def test_digest_has_one_value_per_score() -> None:
    again = replace(ROW, theory=Decimal("82.0"), practice=Decimal("76.50"))
    assert approval.digest("B", "S", [ROW]) == approval.digest("B", "S", [again])


def test_a_changed_digest_is_a_reason() -> None:
    one, two = approval.digest("B", "S", [ROW]), approval.digest("B", "S", [OTHER])
    assert approval.same_digest(one, one) is None
    found = approval.same_digest(one, two)
    assert found is not None and found.code == "digest_changed"


@pytest.mark.parametrize(
    ("awarded", "code"),
    [
        (TODAY, None), (ASSESSED, None), (date(2026, 11, 19), "award_before_assessment"),
        (date(2026, 11, 24), "award_in_future"),
    ],
)  # fmt: skip
def test_award_date(awarded: date, code: str | None) -> None:
    found = approval.award_date(awarded, [ROW], TODAY)
    assert (found.code if found else None) == code
