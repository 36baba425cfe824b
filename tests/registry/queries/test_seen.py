"""What actors see, what the public finds, and what the rules are told."""

from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.acts import accreditation, approval, catalogue, catalogue_data, credit, examiners
from registry.acts import certificates as acts
from registry.acts import organisations as organisation_acts
from registry.acts.certificates import Corrected
from registry.acts.credit import Pause
from registry.acts.status import Ruling
from registry.queries import assessment, certificates, eligibility, log, organisations
from registry.queries import catalogue as catalogues
from registry.queries.policy import policy
from registry.records.assessment import Batch
from registry.records.certificates import CertificateRow
from registry.records.credit import CreditStep
from registry.records.errors import NotFoundError
from registry.rules import eligibility as rules
from registry.rules.decision import Granted, RefusedError
from registry.rules.eligibility import Case
from registry.rules.examiners import RelationKind
from registry.rules.lookup import question
from registry.rules.permissions import Actor
from schemas.certificate import State
from tests.registry import batches
from tests.registry.checklist import all_ticked
from tests.registry.office import ASSESSED, NOW, PERSONAL, SITE, TODAY, Office, citizen
from tests.registry.refusals import codes

WORKS = [
    ("drafted", {"registrar"}), ("submitted", {"examiner"}), ("confirmed", {"checker"}),
    ("checked", {"issuer"}), ("approved", {"issuer"}),
]  # fmt: skip


def people(here: Office) -> dict[str, Actor]:
    return {
        "registrar": here.registrar, "examiner": here.examiners[0], "checker": here.checker,
        "issuer": here.issuer, "stranger": here.stranger,
    }  # fmt: skip


@pytest.mark.parametrize(("stage", "waits"), WORKS, ids=[stage for stage, _ in WORKS])
def test_a_batch_waits_for_the_right_people(
    session: Session, here: Office, stage: str, waits: set[str]
) -> None:
    batch = getattr(batches, stage)(session, here)
    found = {
        name: [row.id for row in assessment.work_list(session, actor)]
        for name, actor in people(here).items()
    }
    assert {name for name, rows in found.items() if rows == [batch]} == waits
    assert all(rows in ([], [batch]) for rows in found.values())


def test_an_examiner_who_has_confirmed_waits_no_more(session: Session, here: Office) -> None:
    batch = batches.submitted(session, here)
    approval.confirm(
        session, here.examiners[0], NOW, PERSONAL, batch, batches.version(session, batch)
    )
    assert assessment.work_list(session, here.examiners[0]) == ()
    assert [row.id for row in assessment.work_list(session, here.examiners[1])] == [batch]


def test_a_stranger_sees_nothing(session: Session, here: Office) -> None:
    (certificate,) = batches.issued(session, here)
    record = session.get_one(CertificateRow, certificate)
    with pytest.raises(NotFoundError):
        assessment.batch(session, here.stranger, record.batch_id)
    with pytest.raises(NotFoundError):
        assessment.candidates(session, here.stranger, record.batch_id)
    with pytest.raises(NotFoundError):
        certificates.for_officer(session, here.stranger, certificate)
    with pytest.raises(NotFoundError):
        log.task_of_batch(session, here.stranger, record.batch_id)
    assert certificates.search(session, here.stranger, record.number) == ()
    assert assessment.batches(session, here.stranger) == ()


def test_officers_see_their_province_and_site(session: Session, here: Office) -> None:
    (certificate,) = batches.issued(session, here)
    record = session.get_one(CertificateRow, certificate)
    for actor in (here.registrar, here.checker, here.issuer, here.administrator):
        for text in (record.number, record.number[:10], record.holder_name, record.last4):
            (row,) = certificates.search(session, actor, text)
            assert (row.id, row.status) == (certificate, State.VALID)
    assert certificates.search(session, here.issuer, "%") == ()
    assert certificates.search(session, here.issuer, "  ") == ()


def test_candidates_show_four_characters_of_the_number(session: Session, here: Office) -> None:
    batch = batches.approved(session, here)
    rows = assessment.candidates(session, here.checker, batch)
    assert [row.last4 for row in rows] == [citizen(serial).last4 for serial in (2, 3, 4)]
    assert {row.outcome for row in rows} == {"granted"}
    assert all(citizen(serial).number not in repr(rows) for serial in (2, 3, 4))


def test_a_batch_page_tells_its_way(session: Session, here: Office) -> None:
    page = assessment.batch(session, here.checker, batches.approved(session, here))
    assert [row.step for row in page.decisions] == ["submitted", "checked", "approved"]
    assert [row.checks for row in page.decisions] == [{}, all_ticked(), {}]
    assert all(member.confirmed_at == NOW for member in page.team)
    assert (page.batch.site, page.batch.rows, page.batch.awarded) == (SITE, 3, TODAY)


def test_two_facts_find_a_certificate_and_every_miss_is_alike(
    session: Session, here: Office
) -> None:
    (certificate,) = batches.issued(session, here)
    row = session.get_one(CertificateRow, certificate)
    asked = [
        (row.number, row.holder_name, ""), (row.number, "", row.last4),
        (row.number.lower(), row.holder_name, row.last4),
    ]  # fmt: skip
    for number, name, last4 in asked:
        found = certificates.look_up(session, question(number, name, last4))
        assert found is not None
        assert found.public_id == row.public_id
    other = row.number[:-1] + "9"
    for number, name, last4 in [
        (row.number, "李示例", ""), (row.number, "", "0001"), (other, row.holder_name, ""),
        (row.number, row.holder_name, "0001"),
    ]:  # fmt: skip
        assert certificates.look_up(session, question(number, name, last4)) is None


def test_nothing_is_shown_before_it_is_released(session: Session, here: Office) -> None:
    (certificate,) = batches.issued(session, here)
    row = session.get_one(CertificateRow, certificate)
    assert certificates.by_public_id(session, row.public_id).id == certificate
    row.released_at = None
    session.flush()
    with pytest.raises(NotFoundError):
        certificates.by_public_id(session, row.public_id)
    assert certificates.look_up(session, question(row.number, row.holder_name)) is None
    assert certificates.of_result(session, row.result_id) == ()


def cases(session: Session, here: Office) -> dict[int, Case]:
    batch = session.scalars(select(Batch).order_by(Batch.id.desc())).first()
    assert batch is not None
    return eligibility.cases(
        session, PERSONAL, batch, awarded=TODAY, on=TODAY, known_at=NOW,
        approver=here.issuer.person,
    )  # fmt: skip


def refusals(session: Session, here: Office) -> set[str]:
    found = set()
    for case in cases(session, here).values():
        decision = rules.decide(case, policy(session))
        if not isinstance(decision, Granted):
            found |= {reason.code for reason in decision.reasons}
    return found


def test_the_rules_are_told_what_is_recorded(session: Session, here: Office) -> None:
    batches.checked(session, here)
    assert refusals(session, here) == set()


@pytest.mark.parametrize(
    ("code", "change"),
    [
        ("site_suspended", "site"),
        ("examiner_suspended", "examiner"),
        ("examiner_related", "relation"),
        ("site_removed", "removal"),
    ],
)
def test_what_is_recorded_later_refuses(
    session: Session, here: Office, code: str, change: str
) -> None:
    batches.checked(session, here)
    pause = Pause(
        step=CreditStep.SUSPENDED, from_on=date(2026, 11, 1), until_on=date(2026, 12, 1),
        decision="示例决定", occupation=here.steel, level="4",
    )  # fmt: skip
    removal = replace(pause, step=CreditStep.REMOVED, until_on=None, occupation=None, level=None)
    match change:
        case "site":
            credit.stop_site(session, here.checker, NOW, here.site, pause)
        case "examiner":
            credit.stop_examiner(session, here.checker, NOW, here.examiner_ids[0], pause)
        case "removal":
            credit.stop_site(session, here.checker, NOW, here.site, removal)
        case _:
            examiners.declare_relation(
                session, here.registrar, NOW, PERSONAL, here.examiner_ids[0], citizen(2),
                RelationKind.KIN,
            )  # fmt: skip
    assert code in refusals(session, here)


def test_a_suspension_ended_early_counts_from_when_that_was_known(
    session: Session, here: Office
) -> None:
    batches.checked(session, here)
    pause = Pause(
        step=CreditStep.SUSPENDED, from_on=date(2026, 11, 1), until_on=None, decision="示例决定"
    )
    row = credit.stop_site(session, None, NOW - 500, here.site, pause)
    credit.end_early(session, here.checker, NOW - 100, row, date(2026, 11, 10), "示例撤回")
    assert refusals(session, here) == set()
    codes_of = {each.id: each.code for each in catalogues.occupations(session)}
    for known_at, paused in ((NOW - 501, False), (NOW - 300, True), (NOW, False)):
        site = organisations.site_for_rules(session, here.site, codes_of, known_at)
        assert any(each.covers("6-29-01-04", "4", ASSESSED) for each in site.suspensions) is paused
    with pytest.raises(NotFoundError):
        credit.end_early(session, here.checker, NOW, row, date(2026, 11, 5), "再撤回")


def test_who_holds_a_certificate_gets_no_second_one(session: Session, here: Office) -> None:
    batches.issued(session, here, 1)
    batch = batches.drafted(session, here, 0)
    again = batches.result(2, assessed=date(2026, 11, 21))
    batches.bring(session, here, batch, {2: again})
    assert "already_holds" in refusals(session, here)


@pytest.mark.parametrize("level", ["4", "5"])
def test_what_another_batch_grants_counts_before_it_is_issued(
    session: Session, here: Office, level: str
) -> None:
    batches.approved(session, here, 1)
    batch = batches.drafted(session, here, 0)
    again = batches.result(2, assessed=date(2026, 11, 21), level=level)
    batches.bring(session, here, batch, {2: again})
    assert ("granted_already" in refusals(session, here)) is (level == "4")


def test_catalogue_rows_say_whether_they_can_be_issued(session: Session, here: Office) -> None:
    rows = {row.key: row for row in catalogues.occupations(session)}
    assert len(rows) == 111
    assert rows["6-29-01-04"].is_issuable
    assert not rows["6-29-01-02"].is_issuable  # its code is remembered, not read
    assert not rows["SPOP-01"].is_issuable
    assert rows["SPOP-01"].is_special
    assert sum(row.is_issuable for row in rows.values()) == 20
    assert rows["6-29-01-04"].memberships[0].from_on == date(2017, 9, 12)
    assert rows["6-29-01-01"].levels == ("5", "4", "3", "2")
    assert [level.code for level in catalogues.levels(session)] == ["5", "4", "3", "2", "1"]


def test_an_officer_enters_a_source(session: Session, here: Office) -> None:
    catalogue.enter_source(
        session, here.administrator, NOW, "W-290", "6-29-09-01", "示例文件，第1页"
    )
    row = catalogues.occupation(session, "6-29-09-01")
    assert (row.key, row.is_issuable, row.code_2022) == ("W-290", True, None)
    assert catalogues.for_rules(session)[row.id].confirmed


@pytest.mark.parametrize(
    ("key", "code", "source", "refused"),
    [
        ("W-290", "6-29-1-1", "示例", "occupation_code_malformed"),
        ("W-290", "6-29-01-04", "示例", "occupation_code_taken"),
        ("W-290", "6-29-09-01", " ", "source_missing"),
    ],
)
def test_a_source_that_cannot_be_right(
    session: Session, here: Office, key: str, code: str, source: str, refused: str
) -> None:
    with pytest.raises(RefusedError) as caught:
        catalogue.enter_source(session, here.administrator, NOW, key, code, source)
    assert codes(caught) == {refused}


def test_loading_the_catalogue_twice_changes_nothing(session: Session, here: Office) -> None:
    before = catalogues.occupations(session)
    data = catalogue_data.published()
    assert catalogue.load(session, NOW, data) == 111
    assert catalogues.occupations(session) == before
    with pytest.raises(ValueError, match="other catalogue data"):
        catalogue.load(session, NOW, replace(data, content=b"other"))


def test_an_office_adds_policy_rows_of_its_own(session: Session, here: Office) -> None:
    before = policy(session)
    row = {
        "province": "32", "layout": "PX{province:2}{year:2}{serial:6}", "from": "2026-01-01",
        "source": "示例文件", "confidence": "high",
    }  # fmt: skip
    version = organisation_acts.add_policy_row(
        session, here.administrator, NOW, "training_numbers", row
    )
    after = policy(session)
    assert after.version == version != before.version
    (found,) = after.rows("training_numbers", TODAY, province="32")
    assert found["from"] == date(2026, 1, 1)
    assert list(after.rows("training_numbers", date(2025, 1, 1), province="32")) == []


def test_bodies_keep_their_names_by_date(session: Session, here: Office) -> None:
    issuer = organisations.issuer(session, "jst-example")
    assert issuer.name(TODAY).zh == "示例评价机构"
    with pytest.raises(NotFoundError):
        issuer.name(date(2015, 12, 31))
    assert organisations.centre(session).issuer == "centre"
    with pytest.raises(NotFoundError):
        organisations.issuer(session, "nobody")


def test_the_directory_of_sites(session: Session, here: Office) -> None:
    assert [row.number for row in organisations.sites(session, "32")] == [SITE]
    site = organisations.site(session, SITE)
    held = organisations.accreditations(session, site.id)
    assert {row.occupation for row in held} == {"6-29-01-03", "6-29-01-04"}
    with pytest.raises(RefusedError) as caught:
        accreditation.accredit(
            session, here.stranger, NOW, site.id, here.steel, "4", TODAY, None, "示例"
        )
    assert codes(caught) == {"outside_reach"}


def test_a_former_version_is_found_by_what_it_says(session: Session, here: Office) -> None:
    (certificate,) = batches.issued(session, here)
    old = session.get_one(CertificateRow, certificate)
    new = acts.correct(
        session, here.issuer, NOW, policy(session), PERSONAL, certificate,
        Corrected(name="更正示例"), Ruling(ground="entry_corrected", decided_on=TODAY),
    )  # fmt: skip
    row = session.get_one(CertificateRow, new)
    batches.release(session, row)
    by_old = certificates.look_up(session, question(old.number, old.holder_name))
    by_new = certificates.look_up(session, question(old.number, "更正示例"))
    by_both = certificates.look_up(session, question(old.number, last4=old.last4))
    assert by_old is not None and by_new is not None and by_both is not None
    assert by_old.public_id == old.public_id
    assert by_new.public_id == by_both.public_id == row.public_id
    mixed = question(old.number, old.holder_name, "0000")
    assert certificates.look_up(session, mixed) is None
