"""Places in status lists, and moving a batch by compare-and-swap."""

from itertools import pairwise

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from registry.acts import batches as moving
from registry.acts import places
from registry.records.assessment import Batch
from registry.records.status import StatusList
from registry.rules.approval import Step
from registry.rules.decision import RefusedError
from tests.registry import batches
from tests.registry.office import NOW, PERSONAL, Office
from tests.registry.refusals import codes


def test_places_are_scattered_and_never_the_same(session: Session) -> None:
    taken = [each for _ in range(4) for each in places.take(session, NOW, PERSONAL.random, 50)]
    assert len(set(taken)) == 200
    assert {number for number, _ in taken} == {1}
    indexes = [index for _, index in taken]
    assert sum(abs(a - b) == 1 for a, b in pairwise(indexes)) < 5


def test_a_full_list_is_followed_by_the_next(session: Session) -> None:
    places.take(session, NOW, PERSONAL.random, 1)
    first = session.get_one(StatusList, 1)
    session.execute(
        update(StatusList).values(taken=first.size - 2).execution_options(synchronize_session=False)
    )
    taken = places.take(session, NOW, PERSONAL.random, 5)
    assert [number for number, _ in taken] == [1, 1, 2, 2, 2]
    lists = session.scalars(
        select(StatusList).execution_options(populate_existing=True).order_by(StatusList.number)
    ).all()
    assert [each.taken for each in lists] == [first.size, 3]
    assert lists[0].permutation_key != lists[1].permutation_key


@pytest.mark.parametrize(
    ("meanwhile", "code"),
    [({"state": "confirmed"}, "batch_state"), ({"version": 9}, "batch_edited")],
)
def test_a_batch_that_moved_meanwhile_is_not_moved_again(
    session: Session, here: Office, meanwhile: dict[str, object], code: str
) -> None:
    batch = session.get_one(Batch, batches.submitted(session, here))
    session.execute(update(Batch).values(**meanwhile).execution_options(synchronize_session=False))
    with pytest.raises(RefusedError) as caught:
        moving.move(session, batch, Step.CONFIRM, NOW)
    assert codes(caught) == {code}
