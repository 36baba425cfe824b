"""From a holder's request to a batch of one: two officers, the original number, no second award."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.acts import legacy_proposals, legacy_requests, legacy_signing
from registry.queries.policy import policy
from registry.records.assessment import Batch, Result
from registry.records.eligibility import Eligibility
from registry.records.legacy import LegacyEntry, LegacyRequest
from registry.rules.decision import RefusedError
from registry.rules.legacy import LegacyKind, Recorded
from registry.rules.permissions import Actor
from tests.registry import papers
from tests.registry.office import NOW, OTHER_SITE, PERSONAL, Office
from tests.registry.refusals import codes


def approve(session: Session, actor: Actor, request: int) -> int:
    return legacy_signing.approve(session, actor, NOW, PERSONAL, policy(session), request)


def test_an_approval_starts_a_batch_of_one(session: Session, here: Office) -> None:
    request, entry = papers.checked(session, here)
    batch = session.get_one(Batch, approve(session, here.issuer, request))
    assert (batch.state, batch.awarded) == ("issuing", papers.ISSUED)
    (result,) = session.scalars(select(Result).where(Result.batch_id == batch.id))
    paper = session.get_one(LegacyEntry, entry)
    assert (result.name, result.last4, result.assessed) == (
        paper.name, paper.last4, papers.ASSESSED
    )  # fmt: skip
    (granted,) = session.scalars(select(Eligibility).where(Eligibility.batch_id == batch.id))
    grounds = {each["code"]: each["parameters"] for each in granted.grounds}
    assert granted.outcome == "granted" and granted.kind == 1
    assert grounds["original_number"]["number"] == papers.number(1)
    assert session.get_one(LegacyRequest, request).result_id == result.id


def test_the_checker_does_not_approve_by_another_account(session: Session, here: Office) -> None:
    request, _ = papers.checked(session, here)
    with pytest.raises(RefusedError) as caught:
        approve(session, here.checker_twin, request)
    assert {"checker_approves", "legacy_importer_approves"} == codes(caught)


def test_who_brought_the_entry_in_does_not_approve(session: Session, here: Office) -> None:
    made = papers.bring(session, here.issuer, {2: papers.row(1)}).id
    assert made is not None
    papers.legacy_imports.confirm_import(session, here.checker, NOW, made)
    (entry,) = session.scalars(select(LegacyEntry.id))
    papers.legacy_images.attach(session, here.checker, NOW, PERSONAL, entry, papers.SCAN)
    legacy_requests.ask(session, NOW, PERSONAL, entry)
    request = papers.newest_request(session)
    papers.check(session, here.checker, request)
    with pytest.raises(RefusedError) as caught:
        approve(session, here.issuer, request)
    assert codes(caught) == {"legacy_importer_approves"}
    approve(session, here.second_issuer, request)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"level": "3"}, "legacy_number_disagrees"), ({"theory": Decimal("59.5")}, "score_below"),
        ({"assessed": date(2019, 6, 21)}, "award_before_assessment"),
        ({"assessed": date(2015, 6, 1)}, "site_not_accredited"),
        ({"site": OTHER_SITE}, "legacy_site_unknown"), ({"work_type": "999"},
         "work_type_not_in_occupation"), ({"site": "99999999"}, "legacy_site_unknown"),
    ],
)  # fmt: skip
def test_the_rules_refuse_what_the_file_does_not_bear(
    session: Session, here: Office, changes: dict[str, Any], code: str
) -> None:
    request, _ = papers.asked(session, here)
    with pytest.raises(RefusedError) as caught:
        papers.check(session, here.checker, request, **changes)
    assert code in codes(caught)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"number": "20320130014000001"}, "legacy_number_foreign"),
        ({"issued": date(2020, 6, 20)}, "legacy_number_disagrees"),
        ({"kind": LegacyKind.LEVEL}, "legacy_kind_differs"),
    ],
)  # fmt: skip
def test_only_a_number_of_the_kinds_own_scheme_is_signed(
    session: Session, here: Office, changes: dict[str, Any], code: str
) -> None:
    (entry,) = papers.public(session, here, 1, **changes)
    papers.legacy_images.attach(session, here.checker, NOW, PERSONAL, entry, papers.SCAN)
    legacy_requests.ask(session, NOW, PERSONAL, entry)
    with pytest.raises(RefusedError) as caught:
        papers.check(session, here.checker, papers.newest_request(session))
    assert code in codes(caught)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"kind": LegacyKind.POST}, "legacy_no_kind"),
        ({"kind": LegacyKind.SPECIAL}, "legacy_no_kind"),
        ({"recorded": Recorded.REVOKED}, "legacy_recorded_ended"),
        ({"recorded": Recorded.EXPIRED}, "legacy_recorded_ended"),
    ],
)
def test_a_holder_is_told_at_once_that_there_can_be_none(
    session: Session, here: Office, changes: dict[str, Any], code: str
) -> None:
    (entry,) = papers.public(session, here, 1, **changes)
    with pytest.raises(RefusedError) as caught:
        legacy_requests.ask(session, NOW, PERSONAL, entry)
    assert codes(caught) == {code}


def test_without_a_scan_nothing_is_checked(session: Session, here: Office) -> None:
    (entry,) = papers.public(session, here, 1)
    legacy_requests.ask(session, NOW, PERSONAL, entry)
    with pytest.raises(RefusedError) as caught:
        papers.check(session, here.checker, papers.newest_request(session))
    assert codes(caught) == {"legacy_no_image"}


def test_every_comparison_and_the_basis_are_needed(session: Session, here: Office) -> None:
    request, _ = papers.asked(session, here)
    found = policy(session)
    for ticks, basis, code in (
        (papers.TICKS[1:], "示例卷", "legacy_not_all_ticked"),
        (papers.TICKS, "  ", "legacy_basis_missing"),
    ):
        with pytest.raises(RefusedError) as caught:
            legacy_requests.check(
                session, here.checker, NOW, PERSONAL, found, request, papers.filed(), ticks, basis
            )
        assert codes(caught) == {code}


def test_a_signed_version_is_approved_once(session: Session, here: Office) -> None:
    request, entry = papers.checked(session, here)
    approve(session, here.issuer, request)
    with pytest.raises(RefusedError) as caught:
        approve(session, here.second_issuer, request)
    assert codes(caught) == {"legacy_request_state"}
    for propose in (legacy_proposals.propose_removal,):
        with pytest.raises(RefusedError) as caught:
            propose(session, here.checker, NOW, PERSONAL, entry, "不对")
        assert codes(caught) == {"legacy_has_certificate"}


def test_the_same_assessment_in_a_batch_is_not_signed_again(session: Session, here: Office) -> None:
    request, _ = papers.checked(session, here)
    approve(session, here.issuer, request)
    # Another paper of the same person, occupation, level and day: a second award of one.
    other = papers.row(7, identity=papers.row(1).identity, name=papers.row(1).name)
    made = papers.bring(session, here.checker, {2: other}).id
    assert made is not None
    papers.legacy_imports.confirm_import(session, here.issuer, NOW, made)
    entry = session.scalars(select(LegacyEntry.id).order_by(LegacyEntry.id.desc())).first()
    assert entry is not None
    papers.legacy_images.attach(session, here.checker, NOW, PERSONAL, entry, papers.SCAN)
    legacy_requests.ask(session, NOW, PERSONAL, entry)
    with pytest.raises(RefusedError) as caught:
        papers.check(session, here.checker, papers.newest_request(session))
    assert "granted_already" in codes(caught)


def test_an_open_change_stops_the_approval(session: Session, here: Office) -> None:
    request, entry = papers.asked(session, here)
    changed = papers.row(1, issuer="示例省住房城乡建设厅")
    legacy_proposals.propose_correction(
        session, here.checker, NOW, PERSONAL, entry, changed, "单位更名"
    )
    papers.check(session, here.checker, request)
    with pytest.raises(RefusedError) as caught:
        approve(session, here.issuer, request)
    assert codes(caught) == {"legacy_change_open"}


def test_sending_back_and_refusing(session: Session, here: Office) -> None:
    request, _ = papers.checked(session, here)
    legacy_requests.send_back(session, here.issuer, NOW, request, "分数看不清")
    assert session.get_one(LegacyRequest, request).facts is None
    papers.check(session, here.checker, request)
    with pytest.raises(RefusedError) as caught:
        legacy_requests.refuse(session, here.issuer, NOW, request, " ")
    assert codes(caught) == {"legacy_without_reason"}
    legacy_requests.refuse(session, here.issuer, NOW, request, "档案与原件不符")
    with pytest.raises(RefusedError) as caught:
        legacy_requests.withdraw(session, NOW, request)
    assert codes(caught) == {"legacy_request_state"}


def test_withdrawn_and_asked_again(session: Session, here: Office) -> None:
    request, entry = papers.asked(session, here)
    legacy_requests.withdraw(session, NOW, request)
    legacy_requests.ask(session, NOW, PERSONAL, entry)
    assert papers.newest_request(session) != request


def test_asking_again_renews_the_receipt(session: Session, here: Office) -> None:
    request, entry = papers.asked(session, here)
    before = session.get_one(LegacyRequest, request).receipt_hash
    code = legacy_requests.ask(session, NOW, PERSONAL, entry)
    assert papers.newest_request(session) == request
    assert session.get_one(LegacyRequest, request).receipt_hash == PERSONAL.code_hash(code)
    assert before != PERSONAL.code_hash(code)


@pytest.mark.parametrize("who", ["registrar", "issuer", "stranger", "administrator"])
def test_only_a_checker_of_the_province_checks(session: Session, here: Office, who: str) -> None:
    request, _ = papers.asked(session, here)
    with pytest.raises(RefusedError) as caught:
        papers.check(session, getattr(here, who), request)
    assert codes(caught) <= {"role_lacks_act", "outside_reach"}
