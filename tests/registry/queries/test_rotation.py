"""A new key over ID numbers: the same person is found again under the old one."""

from datetime import timedelta

from sqlalchemy.orm import Session

from registry.acts import examiners, imports
from registry.custody.personal import Personal, PersonalKey
from registry.queries import eligibility
from registry.records.assessment import Batch
from registry.rules.examiners import RelationKind
from tests.registry import batches
from tests.registry.office import ASSESSED, NOW, PERSONAL, TODAY, Office, citizen

ROTATED = Personal((PersonalKey("personal.2", bytes(32)), *PERSONAL.keys), PERSONAL.random)


def case(session: Session, here: Office) -> eligibility.Case:
    """The same citizen again, entered under the new key."""
    batch = batches.drafted(session, here, 0)
    row = batches.result(2, assessed=ASSESSED + timedelta(days=1))
    imports.import_results(
        session, here.registrar, NOW, ROTATED, batch, batches.UPLOAD, {2: row}, {}
    )
    (found,) = eligibility.cases(
        session, ROTATED, session.get_one(Batch, batch), awarded=TODAY, on=TODAY, known_at=NOW
    ).values()
    assert found.identity == citizen(2)
    return found


def test_what_was_issued_under_the_old_key_is_held(session: Session, here: Office) -> None:
    batches.issued(session, here)
    assert [each.level for each in case(session, here).holdings] == ["4"]


def test_what_was_granted_under_the_old_key_is_held(session: Session, here: Office) -> None:
    batches.approved(session, here, 1)
    assert [each.level for each in case(session, here).holdings] == ["4"]


def test_a_relation_declared_under_the_old_key_counts(session: Session, here: Office) -> None:
    examiners.declare_relation(
        session, None, NOW, PERSONAL, here.examiner_ids[0], citizen(2), RelationKind.KIN
    )
    found = case(session, here)
    assert [each.candidate for each in found.relations] == [found.candidate]
