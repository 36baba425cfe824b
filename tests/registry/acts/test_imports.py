"""Importing: the same file twice changes nothing, a difference is named and settled by a person."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from registry.acts import approval, assessment, imports
from registry.queries import assessment as seen
from registry.queries import catalogue, results
from registry.records.assessment import Conflict, Import, Result
from registry.records.errors import NotFoundError
from registry.records.log import AuditLine
from registry.rules.decision import RefusedError, reason
from tests.registry import batches
from tests.registry.batches import bring, result, version
from tests.registry.office import CARDS, NOW, OTHER_SITE, PERSONAL, SITE, Office
from tests.registry.refusals import codes


def stored(session: Session, batch: int) -> list[Any]:
    known = {key: row.code for key, row in catalogue.for_rules(session).items()}
    return [row.result for row in results.of_batch(session, PERSONAL, batch, known)]


def test_rows_come_back_as_they_went_in(session: Session, here: Office) -> None:
    batch = batches.drafted(session, here, 0)
    rows = {
        2: result(2),
        3: result(3, level="2", review=Decimal("61.5"), review_examiners=CARDS, ticket="1" * 19),
        4: result(4, work_type=None, practice_examiners=CARDS[::-1]),
    }
    report = bring(session, here, batch, rows)
    assert report.kept == (2, 3, 4)
    assert stored(session, batch) == list(rows.values())


def test_id_numbers_are_sealed(session: Session, here: Office) -> None:
    batch = batches.drafted(session, here, 1)
    row = session.scalars(select(Result).where(Result.batch_id == batch)).one()
    number = result(2).identity.number
    assert number.encode() not in row.id_sealed
    assert row.last4 == number[-4:]
    assert number not in "".join(str(value) for value in vars(row).values())


def test_the_same_file_again_changes_nothing(session: Session, here: Office) -> None:
    batch = batches.drafted(session, here)
    before = version(session, batch)
    report = bring(session, here, batch, {row: result(row) for row in range(2, 5)})
    assert (report.kept, report.unchanged, report.problems) == ((), (2, 3, 4), {})
    assert version(session, batch) == before
    assert session.scalar(select(func.count()).select_from(Result)) == 3


def test_a_changed_score_is_named_and_does_not_win(session: Session, here: Office) -> None:
    batch = batches.drafted(session, here)
    report = bring(session, here, batch, {3: result(3, theory=Decimal("99"))})
    ((row, reasons),) = report.problems.items()
    assert (row, [each.code for each in reasons]) == (3, ["conflict"])
    assert dict(reasons[0].parameters) | {"stored": "82", "new": "99"} == dict(
        reasons[0].parameters
    )
    assert stored(session, batch)[1].theory == Decimal("82")
    with pytest.raises(RefusedError) as caught:
        approval.submit(session, here.registrar, NOW, PERSONAL, batch, version(session, batch))
    assert codes(caught) == {"conflicts_open"}


def test_the_same_difference_twice_is_one_conflict(session: Session, here: Office) -> None:
    batch = batches.drafted(session, here)
    for _ in range(2):
        bring(session, here, batch, {3: result(3, theory=Decimal("99"))})
    assert session.scalar(select(func.count()).select_from(Conflict)) == 1


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("theory", Decimal("99.5")), ("name", "张示例改"), ("work_type", None),
        ("practice_examiners", CARDS[:1]), ("ticket", "2" * 19),
    ],
)  # fmt: skip
def test_a_checker_settles_a_difference(
    session: Session, here: Office, column: str, value: Any
) -> None:
    batch = batches.drafted(session, here)
    changed = replace(result(3), **{column: value})
    bring(session, here, batch, {3: changed})
    ((conflict,), before) = (
        seen.batch(session, here.checker, batch).conflicts,
        version(session, batch),
    )
    assessment.settle_conflict(session, here.checker, NOW, conflict.id, take=True)
    session.flush()
    assert stored(session, batch)[1] == changed
    assert version(session, batch) == before + 1
    with pytest.raises(RefusedError) as caught:
        assessment.settle_conflict(session, here.checker, NOW, conflict.id, take=False)
    assert codes(caught) == {"conflict_settled"}


def test_a_difference_can_be_left_as_it_stands(session: Session, here: Office) -> None:
    batch = batches.drafted(session, here)
    bring(session, here, batch, {3: result(3, theory=Decimal("99"))})
    (conflict,) = seen.batch(session, here.checker, batch).conflicts
    assessment.settle_conflict(session, here.checker, NOW, conflict.id, take=False)
    assert stored(session, batch)[1].theory == Decimal("82")
    approval.submit(session, here.registrar, NOW, PERSONAL, batch, version(session, batch))


def test_a_registrar_does_not_settle(session: Session, here: Office) -> None:
    batch = batches.drafted(session, here)
    bring(session, here, batch, {3: result(3, theory=Decimal("99"))})
    (conflict,) = seen.batch(session, here.checker, batch).conflicts
    with pytest.raises(RefusedError) as caught:
        assessment.settle_conflict(session, here.registrar, NOW, conflict.id, take=True)
    assert codes(caught) == {"role_lacks_act"}


def test_what_stands_in_another_batch_is_not_recorded_twice(session: Session, here: Office) -> None:
    first = batches.drafted(session, here)
    second = assessment.open_batch(session, here.registrar, NOW, SITE)
    report = bring(session, here, second, {2: result(2), 8: result(8)})
    assert report.kept == (8,)
    (found,) = report.problems[2]
    number = seen.batch(session, here.registrar, first).batch.number
    assert (found.code, dict(found.parameters)) == ("recorded_elsewhere", {"batch": number})


def test_an_unknown_examiner_is_a_problem_of_the_row(session: Session, here: Office) -> None:
    batch = batches.drafted(session, here, 0)
    report = bring(
        session, here, batch, {2: result(2, practice_examiners=(*CARDS, "G32209999")), 3: result(3)}
    )
    assert report.kept == (3,)
    assert [each.code for each in report.problems[2]] == ["examiner_unknown"]


def test_a_person_twice_in_one_file_is_kept_once(session: Session, here: Office) -> None:
    batch = batches.drafted(session, here, 0)
    report = bring(session, here, batch, {2: result(2), 3: result(2)})
    assert report.kept == (2,)
    assert [each.code for each in report.problems[3]] == ["candidate_twice"]


def test_unreadable_rows_are_reported_without_personal_data(session: Session, here: Office) -> None:
    batch = batches.drafted(session, here, 0)
    problems = {5: (reason("identity_check", "identity"),)}
    imports.import_results(
        session, here.registrar, NOW, PERSONAL, batch, batches.UPLOAD, {2: result(2)}, problems
    )
    (upload,) = seen.batch(session, here.registrar, batch).imports
    assert (upload.kept, upload.refused) == (1, 1)
    assert session.scalars(select(Import.problems)).one() == [
        {"row": 5, "code": "identity_check", "column": "identity", "who": "site_registrar"},
    ]


def test_a_submitted_batch_takes_no_rows(session: Session, here: Office) -> None:
    batch = batches.submitted(session, here)
    with pytest.raises(RefusedError) as caught:
        bring(session, here, batch, {8: result(8)})
    assert codes(caught) == {"batch_state"}


def test_a_registrar_stays_at_the_own_site(session: Session, here: Office) -> None:
    with pytest.raises(RefusedError) as caught:
        assessment.open_batch(session, here.registrar, NOW, OTHER_SITE)
    assert codes(caught) == {"outside_reach"}
    with pytest.raises(NotFoundError):
        assessment.open_batch(session, here.registrar, NOW, "99999999")


def test_a_row_taken_out_counts_no_more_and_may_come_again(session: Session, here: Office) -> None:
    batch = batches.drafted(session, here)
    row = session.scalars(select(Result.id).where(Result.batch_id == batch)).first()
    assert row is not None
    assessment.remove_result(session, here.registrar, NOW, row, "录入错误")
    session.flush()
    assert len(stored(session, batch)) == 2
    assert bring(session, here, batch, {2: result(2)}).kept == (2,)
    with pytest.raises(NotFoundError):
        assessment.remove_result(session, here.registrar, NOW, row, "再来一次")


def test_why_a_row_was_taken_out_stands_in_the_row_and_not_in_the_audit(
    session: Session, here: Office
) -> None:
    batch = batches.drafted(session, here)
    row = session.scalars(select(Result).where(Result.batch_id == batch)).first()
    assert row is not None
    with pytest.raises(RefusedError) as caught:
        assessment.remove_result(session, here.registrar, NOW, row.id, "  ")
    assert codes(caught) == {"removal_without_reason"}
    assert row.removed_at is None
    assessment.remove_result(session, here.registrar, NOW, row.id, " 张示例录了两次 ")
    session.flush()
    assert (row.removed_at, row.removed_why) == (NOW, "张示例录了两次")
    lines = session.scalars(select(AuditLine.detail)).all()
    assert lines and not any("张示例" in line for line in lines)


def test_batches_are_numbered_without_gaps(session: Session, here: Office) -> None:
    found = [assessment.open_batch(session, here.registrar, NOW, SITE) for _ in range(3)]
    numbers = [seen.batch(session, here.registrar, each).batch.number for each in found]
    assert numbers == [f"2632000001{serial:04d}" for serial in (1, 2, 3)]
