"""Lists of existing certificates: unseen before a second officer, and nothing wins silently."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from registry.acts import legacy_changes, legacy_imports, legacy_proposals
from registry.queries import legacy_public
from registry.records.certificates import CertificateRow
from registry.records.errors import NotFoundError
from registry.records.legacy import LegacyChange, LegacyEntry, LegacyHistory
from registry.records.log import AuditLine
from registry.rules.decision import RefusedError
from registry.rules.legacy import LegacyKind, Recorded
from registry.rules.lookup import question
from tests.registry import batches, papers
from tests.registry.office import NOW, PERSONAL, Office, citizen
from tests.registry.refusals import codes


def count(session: Session, table: Any = LegacyEntry) -> int:
    return session.scalars(select(func.count()).select_from(table)).one()


def seen(session: Session, serial: int) -> bool:
    row = papers.row(serial)
    return legacy_public.look_up(session, question(row.number, row.name)) is not None


def test_nothing_is_public_before_another_officer_confirms(session: Session, here: Office) -> None:
    made = papers.bring(session, here.checker, {2: papers.row(1), 3: papers.row(2)}).id
    assert made is not None and not seen(session, 1)
    for actor in (here.checker, here.checker_twin):
        with pytest.raises(RefusedError) as caught:
            legacy_imports.confirm_import(session, actor, NOW, made)
        assert codes(caught) == {"legacy_own_import"}
    assert not seen(session, 1)
    assert legacy_imports.confirm_import(session, here.issuer, NOW, made) == 2
    assert seen(session, 1) and seen(session, 2)
    with pytest.raises(RefusedError) as caught:
        legacy_imports.confirm_import(session, here.second_issuer, NOW, made)
    assert codes(caught) == {"legacy_import_state"}


def test_the_same_list_again_changes_nothing(session: Session, here: Office) -> None:
    papers.public(session, here, 1, 2)
    lines, history = count(session, AuditLine), count(session, LegacyHistory)
    report = papers.bring(session, here.checker, {2: papers.row(1), 3: papers.row(2)})
    assert (report.id, report.kept, report.unchanged, report.problems) == (None, (), (2, 3), {})
    assert (count(session), count(session, AuditLine)) == (2, lines)
    assert count(session, LegacyHistory) == history


@pytest.mark.parametrize(
    ("column", "value", "stored", "new"),
    [
        ("name", "李示例改", "李示例二", "李示例改"),
        ("issuer", "示例省住建厅", "示例省建设厅", "示例省住建厅"),
        ("issued", date(2019, 7, 1), "2019-06-20", "2019-07-01"),
        ("recorded", Recorded.CANCELLED, "在册", "已注销"),
        ("identity", citizen(900), f"****{citizen(501).last4}", f"****{citizen(900).last4}"),
        ("level", None, "中级", "--"),
    ],
)  # fmt: skip
def test_a_difference_is_named_and_waits_for_another_officer(
    session: Session, here: Office, column: str, value: Any, stored: str, new: str
) -> None:
    (entry,) = papers.public(session, here, 1)
    changed = papers.row(1, **{column: value})
    report = papers.bring(session, here.checker, {2: changed})
    ((reasons,), proposed) = (report.problems.values(), report.proposed)
    assert [(each.code, each.column) for each in reasons] == [("conflict", column)]
    told = dict(reasons[0].parameters)
    assert (told["stored"], told["new"], proposed) == (stored, new, 1)
    assert papers.bring(session, here.checker, {2: changed}).proposed == 0
    change = papers.newest_change(session)
    with pytest.raises(RefusedError) as caught:
        legacy_changes.decide_change(session, here.checker, NOW, PERSONAL, change, take=True)
    assert codes(caught) == {"legacy_own_change"}
    legacy_changes.decide_change(session, here.issuer, NOW, PERSONAL, change, take=True)
    assert papers.bring(session, here.checker, {2: changed}).unchanged == (2,)
    row = session.get_one(LegacyEntry, entry)
    assert row.id_lookup == PERSONAL.lookup(changed.identity)
    assert session.scalars(
        select(LegacyHistory.what).where(LegacyHistory.entry_id == entry).order_by(LegacyHistory.id)
    ).all() == ["imported", "confirmed", "proposed", "corrected"]


def test_somebody_elses_paper_under_a_known_number_is_no_correction(
    session: Session, here: Office
) -> None:
    papers.public(session, here, 1)
    other = papers.row(1, name="赵示例", identity=citizen(900))
    report = papers.bring(session, here.checker, {2: other})
    assert [each.code for each in report.problems[2]] == ["legacy_other_holder"]
    assert report.proposed == 0 and count(session, LegacyChange) == 0


def test_a_number_of_ours_is_refused_by_its_row(session: Session, here: Office) -> None:
    (certificate,) = batches.issued(session, here)
    taken = session.get_one(CertificateRow, certificate).number
    rows = {2: papers.row(1, number=f" {taken.lower()}"), 3: papers.row(2)}
    report = papers.bring(session, here.checker, rows)
    assert report.kept == (3,)
    assert [each.code for each in report.problems[2]] == ["legacy_number_issued"]


def test_one_list_names_a_paper_once(session: Session, here: Office) -> None:
    rows = {2: papers.row(1), 3: papers.row(1), 4: papers.row(1, kind=LegacyKind.OTHER)}
    report = papers.bring(session, here.checker, rows)
    assert report.kept == (2, 4)
    assert [each.code for each in report.problems[3]] == ["legacy_twice"]


def test_a_discarded_list_leaves_its_numbers_free(session: Session, here: Office) -> None:
    made = papers.bring(session, here.checker, {2: papers.row(1)}).id
    assert made is not None
    with pytest.raises(RefusedError) as caught:
        legacy_imports.discard_import(session, here.checker, NOW, made, "")
    assert codes(caught) == {"legacy_without_reason"}
    legacy_imports.discard_import(session, here.checker, NOW, made, "来源弄错了")
    with pytest.raises(RefusedError):
        legacy_imports.confirm_import(session, here.issuer, NOW, made)
    assert not seen(session, 1)
    assert papers.bring(session, here.issuer, {2: papers.row(1)}).kept == (2,)


def test_id_numbers_are_sealed_and_the_chain_names_nobody(session: Session, here: Office) -> None:
    (entry,) = papers.public(session, here, 1)
    row, paper = session.get_one(LegacyEntry, entry), papers.row(1)
    assert paper.identity.number.encode() not in row.id_sealed
    assert paper.identity.number not in "".join(str(value) for value in vars(row).values())
    lines = "".join(session.scalars(select(AuditLine.detail)))
    assert paper.identity.number not in lines and paper.name not in lines


def test_removed_and_brought_back(session: Session, here: Office) -> None:
    (entry,) = papers.public(session, here, 1)
    change = legacy_proposals.propose_removal(
        session, here.checker, NOW, PERSONAL, entry, "登记错人"
    )
    assert seen(session, 1)
    with pytest.raises(RefusedError) as caught:
        legacy_proposals.propose_removal(session, here.issuer, NOW, PERSONAL, entry, "再提")
    assert codes(caught) == {"legacy_change_open"}
    legacy_changes.decide_change(session, here.issuer, NOW, PERSONAL, change, take=True)
    assert not seen(session, 1)
    back = legacy_proposals.propose_restoration(
        session, here.issuer, NOW, PERSONAL, entry, "核对无误"
    )
    legacy_changes.decide_change(session, here.checker, NOW, PERSONAL, back, take=True)
    assert seen(session, 1)
    with pytest.raises(RefusedError) as caught:
        legacy_changes.decide_change(session, here.second_issuer, NOW, PERSONAL, back, take=True)
    assert codes(caught) == {"legacy_change_decided"}


def test_a_dropped_proposal_changes_nothing(session: Session, here: Office) -> None:
    (entry,) = papers.public(session, here, 1)
    legacy_proposals.propose_correction(
        session, here.checker, NOW, PERSONAL, entry, papers.row(1, level="四级"), "改等级"
    )
    change = papers.newest_change(session)
    legacy_changes.decide_change(session, here.checker, NOW, PERSONAL, change, take=False)
    assert session.get_one(LegacyEntry, entry).level == "中级"
    with pytest.raises(RefusedError) as caught:
        legacy_proposals.propose_correction(
            session, here.checker, NOW, PERSONAL, entry, papers.row(1), "没改"
        )
    assert codes(caught) == {"legacy_change_nothing"}


@pytest.mark.parametrize("who", ["registrar", "administrator"])
def test_others_bring_nothing_in(session: Session, here: Office, who: str) -> None:
    with pytest.raises(RefusedError) as caught:
        papers.bring(session, getattr(here, who), {2: papers.row(1)})
    assert codes(caught) == {"role_lacks_act"}


def test_another_province_neither_sees_nor_decides(session: Session, here: Office) -> None:
    made = papers.bring(session, here.checker, {2: papers.row(1)}).id
    assert made is not None
    with pytest.raises(RefusedError) as caught:
        legacy_imports.confirm_import(session, here.stranger, NOW, made)
    assert codes(caught) == {"outside_reach"}
    with pytest.raises(NotFoundError):
        legacy_imports.confirm_import(session, here.issuer, NOW, made + 99)


def test_a_list_says_where_it_comes_from(session: Session, here: Office) -> None:
    for missing in ("source", "reference"):
        with pytest.raises(RefusedError) as caught:
            papers.bring(session, here.checker, {2: papers.row(1)}, **{missing: "  "})
        assert codes(caught) == {"legacy_source_missing"}
