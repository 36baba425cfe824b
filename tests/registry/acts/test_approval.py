"""The way of a batch: four eyes, bound to the digest, and only one wins."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from registry.acts import approval, organisations
from registry.queries.approval import hands
from registry.queries.eligibility import of_batch
from registry.queries.policy import policy
from registry.records.approval import Decision
from registry.records.assessment import Batch, Result
from registry.records.log import Task
from registry.rules.decision import RefusedError
from registry.rules.permissions import Actor, Role
from tests.registry import batches
from tests.registry.batches import version
from tests.registry.checklist import all_ticked
from tests.registry.office import NOW, PERSONAL, TODAY, Office
from tests.registry.refusals import codes


def approve(session: Session, actor: Actor, batch: int, awarded: date = TODAY) -> None:
    approval.approve(
        session, actor, NOW, PERSONAL, policy(session), batch, version(session, batch), awarded
    )


def test_a_batch_goes_its_way_and_every_row_is_decided(session: Session, here: Office) -> None:
    batch = batches.approved(session, here)
    assert batches.state(session, batch) == "approved"
    record = session.get_one(Batch, batch)
    assert record.awarded == TODAY
    found = of_batch(session, batch, record.version)
    assert [row.outcome for row in found.values()] == ["granted"] * 3
    assert {row.policy for row in found.values()} == {policy(session).version}
    assert {row.kind for row in found.values()} == {2}
    task = session.get_one(Task, approval.issue(session, here.issuer, NOW, batch, record.version))
    assert (task.total, task.done, task.state) == (3, 0, "waiting")
    assert batches.state(session, batch) == "issuing"


def test_the_last_examiner_moves_the_batch_on(session: Session, here: Office) -> None:
    batch = batches.submitted(session, here)
    states = [
        approval.confirm(session, examiner, NOW, PERSONAL, batch, version(session, batch)).value
        for examiner in here.examiners
    ]
    assert states == ["submitted", "submitted", "confirmed"]


def test_an_examiner_confirms_once(session: Session, here: Office) -> None:
    batch = batches.submitted(session, here)
    approval.confirm(session, here.examiners[0], NOW, PERSONAL, batch, version(session, batch))
    with pytest.raises(RefusedError) as caught:
        approval.confirm(session, here.examiners[0], NOW, PERSONAL, batch, version(session, batch))
    assert codes(caught) == {"confirmed_already"}


def with_role(actor: Actor, role: Role) -> Actor:
    """The same person with another role of the province: what a second account could be."""
    return replace(actor, roles=frozenset({role}), province="32", site=None)


FOUR_EYES = [
    # who has done what before, who wants to do the next step, why not
    ("registrar checks", "registrar", Role.PROVINCIAL_CHECKER, "check", "registrar_decides"),
    ("examiner checks", "examiner", Role.PROVINCIAL_CHECKER, "check", "examiner_decides"),
    ("registrar approves", "registrar", Role.PROVINCIAL_ISSUER, "approve", "registrar_decides"),
    ("examiner approves", "examiner", Role.PROVINCIAL_ISSUER, "approve", "examiner_decides"),
    ("checker approves", "checker", Role.PROVINCIAL_ISSUER, "approve", "checker_approves"),
    ("checker's other account approves", "twin", Role.PROVINCIAL_ISSUER, "approve",
     "checker_approves"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("person", "role", "step", "code"), [row[1:] for row in FOUR_EYES],
    ids=[row[0] for row in FOUR_EYES],
)  # fmt: skip
def test_one_person_never_has_two_duties(
    session: Session, here: Office, person: str, role: Role, step: str, code: str
) -> None:
    people = {
        "registrar": here.registrar, "examiner": here.examiners[0], "checker": here.checker,
        "twin": here.checker_twin,
    }  # fmt: skip
    actor = with_role(people[person], role)
    batch = (batches.confirmed if step == "check" else batches.checked)(session, here)
    with pytest.raises(RefusedError) as caught:
        if step == "check":
            approval.check(
                session, actor, NOW, PERSONAL, batch, version(session, batch), all_ticked()
            )
        else:
            approve(session, actor, batch)
    assert codes(caught) == {code}


def test_the_twin_account_is_the_same_person(here: Office) -> None:
    assert here.checker.account != here.checker_twin.account
    assert here.checker.person == here.checker_twin.person


@pytest.mark.parametrize(
    ("ticked", "said"),
    [
        ({}, {"not_ticked"}),
        ({**all_ticked(), "photos_right": False}, {"not_ticked"}),
        ({**all_ticked(), "coffee": True}, {"not_on_checklist"}),
    ],
    ids=["nothing", "one left open", "one too many"],
)
def test_every_point_of_the_checklist_has_to_be_ticked(
    session: Session, here: Office, ticked: dict[str, bool], said: set[str]
) -> None:
    batch = batches.confirmed(session, here)
    with pytest.raises(RefusedError) as caught:
        approval.check(session, here.checker, NOW, PERSONAL, batch, version(session, batch), ticked)
    assert codes(caught) == said
    missing = [code for code in all_ticked() if not ticked.get(code)]
    named = [reason.sentence("en") for reason in caught.value.reasons]
    assert len(named) == max(len(missing), 1)
    assert batches.state(session, batch) == "confirmed"


def test_an_office_adds_a_point_to_the_checklist_from_a_day_on(
    session: Session, here: Office
) -> None:
    row = {"code": "insured", "zh": "已投保", "en": "Insured", "from": TODAY.isoformat(),
           "source": "default, to be replaced by the published policy"}  # fmt: skip
    organisations.add_policy_row(session, None, NOW, "checklist", row)
    batch = batches.confirmed(session, here)
    shown = version(session, batch)
    with pytest.raises(RefusedError, match="Insured"):
        approval.check(session, here.checker, NOW, PERSONAL, batch, shown, all_ticked())
    every = {**all_ticked(), "insured": True}
    approval.check(session, here.checker, NOW, PERSONAL, batch, shown, every)
    stored = session.scalars(select(Decision.checks).where(Decision.batch_id == batch)).all()
    assert every in stored


def test_another_province_may_not_check(session: Session, here: Office) -> None:
    batch = batches.confirmed(session, here)
    with pytest.raises(RefusedError) as caught:
        approval.check(
            session, here.stranger, NOW, PERSONAL, batch, version(session, batch), all_ticked()
        )
    assert codes(caught) == {"outside_reach"}


@pytest.mark.parametrize("column", ["name", "theory", "level", "work_type"])
def test_a_row_changed_behind_the_approval_voids_it(
    session: Session, here: Office, column: str
) -> None:
    batch = batches.checked(session, here)
    row = session.scalars(select(Result).where(Result.batch_id == batch)).first()
    assert row is not None
    other = {"name": "李示例", "theory": row.theory + 1, "level": "3", "work_type": None}[column]
    session.execute(update(Result).where(Result.id == row.id).values({column: other}))
    session.expire_all()
    with pytest.raises(RefusedError) as caught:
        approve(session, here.issuer, batch)
    assert codes(caught) == {"digest_changed"}


def test_a_page_that_is_out_of_date_decides_nothing(session: Session, here: Office) -> None:
    batch = batches.checked(session, here)
    shown = version(session, batch)
    approval.return_batch(session, here.issuer, NOW, batch, shown, "示例原因")
    with pytest.raises(RefusedError) as caught:
        approval.approve(session, here.issuer, NOW, PERSONAL, policy(session), batch, shown, TODAY)
    assert codes(caught) == {"batch_edited"}


def test_of_two_approvals_one_wins_and_the_other_is_told(session: Session, here: Office) -> None:
    batch = batches.approved(session, here)
    with pytest.raises(RefusedError) as caught:
        approve(session, here.second_issuer, batch)
    assert codes(caught) == {"batch_state"}


def test_a_return_voids_confirmations_and_checks(session: Session, here: Office) -> None:
    batch = batches.checked(session, here)
    approval.return_batch(session, here.issuer, NOW, batch, version(session, batch), "照片不合格")
    record = session.get_one(Batch, batch)
    assert (record.state, record.digest, record.awarded) == ("draft", None, None)
    past = hands(session, record)
    assert past.confirmed == frozenset()
    assert past.checker is None
    assert here.registrar.person in past.registrars


def test_a_return_says_why(session: Session, here: Office) -> None:
    batch = batches.checked(session, here)
    with pytest.raises(RefusedError) as caught:
        approval.return_batch(session, here.issuer, NOW, batch, version(session, batch), "  ")
    assert codes(caught) == {"return_without_reason"}


@pytest.mark.parametrize(
    ("days", "code"), [(1, "award_in_future"), (-4, "award_before_assessment")]
)
def test_the_award_lies_between_assessment_and_today(
    session: Session, here: Office, days: int, code: str
) -> None:
    batch = batches.checked(session, here)
    with pytest.raises(RefusedError) as caught:
        approve(session, here.issuer, batch, TODAY + timedelta(days))
    assert codes(caught) == {code}


def test_rows_that_the_rules_refuse_are_stored_with_their_reasons(
    session: Session, here: Office
) -> None:
    batch = batches.drafted(session, here)
    failed = batches.result(9, theory=batches.result(9).theory - 30)
    batches.bring(session, here, batch, {9: failed})
    approval.submit(session, here.registrar, NOW, PERSONAL, batch, version(session, batch))
    for examiner in here.examiners:
        approval.confirm(session, examiner, NOW, PERSONAL, batch, version(session, batch))
    approval.check(
        session, here.checker, NOW, PERSONAL, batch, version(session, batch), all_ticked()
    )
    approve(session, here.issuer, batch)
    found = of_batch(session, batch, version(session, batch)).values()
    refused = [row for row in found if row.outcome == "refused"]
    assert len(found) == 4
    assert [ground["code"] for row in refused for ground in row.grounds] == ["score_below"]


def test_of_two_rows_of_one_person_one_is_granted(session: Session, here: Office) -> None:
    batch = batches.drafted(session, here, 1)
    batches.bring(session, here, batch, {3: batches.result(2, assessed=date(2026, 11, 19))})
    seen = version(session, batch)
    approval.submit(session, here.registrar, NOW, PERSONAL, batch, seen)
    for examiner in here.examiners:
        approval.confirm(session, examiner, NOW, PERSONAL, batch, seen)
    approval.check(session, here.checker, NOW, PERSONAL, batch, seen, all_ticked())
    found = approval.approve(
        session, here.issuer, NOW, PERSONAL, policy(session), batch, seen, TODAY
    )
    assert (found.granted, found.refused) == (1, 1)


def test_nothing_is_approved_when_no_row_can_be_issued(session: Session, here: Office) -> None:
    batch = batches.drafted(session, here, 0)
    batches.bring(
        session, here, batch, {2: batches.result(2, practice=batches.result(2).theory - 40)}
    )
    approval.submit(session, here.registrar, NOW, PERSONAL, batch, version(session, batch))
    for examiner in here.examiners:
        approval.confirm(session, examiner, NOW, PERSONAL, batch, version(session, batch))
    approval.check(
        session, here.checker, NOW, PERSONAL, batch, version(session, batch), all_ticked()
    )
    with pytest.raises(RefusedError) as caught:
        approve(session, here.issuer, batch)
    assert codes(caught) == {"nothing_to_issue"}


def test_an_empty_batch_is_not_submitted(session: Session, here: Office) -> None:
    batch = batches.drafted(session, here, 0)
    with pytest.raises(RefusedError) as caught:
        approval.submit(session, here.registrar, NOW, PERSONAL, batch, version(session, batch))
    assert codes(caught) == {"batch_empty"}
