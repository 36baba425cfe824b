"""Photographs of a draft: matched by ticket or ID number, attached by the hundred, taken off."""

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from registry.acts import approval, photos
from registry.queries import photos as seen
from registry.queries import results
from registry.records.assessment import Photo, Result
from registry.records.errors import NotFoundError
from registry.rules import photos as rules
from registry.rules.decision import RefusedError
from registry.rules.identity import Identity
from registry.rules.photos import Candidates
from tests.registry import batches
from tests.registry.office import NOW, PERSONAL, Office


def rows_of(session: Session, batch: int) -> list[int]:
    return list(
        session.scalars(select(Result.id).where(Result.batch_id == batch).order_by(Result.id))
    )


def test_a_picture_of_several_rows_is_kept_once(session: Session, here: Office) -> None:
    batch = batches.drafted(session, here)
    rows = rows_of(session, batch)
    assert photos.attach(session, here.registrar, NOW, batch, dict.fromkeys(rows, b"picture")) == 0
    assert session.scalar(select(func.count(Photo.id))) == 1
    assert seen.tally(session, here.registrar, batch) == seen.Tally(len(rows), len(rows))
    assert seen.picture(session, here.registrar, batch, rows[0]) == ("image/jpeg", b"picture")


def test_another_picture_replaces_the_first_and_the_same_changes_nothing(
    session: Session, here: Office
) -> None:
    batch = batches.drafted(session, here)
    first, *_ = rows_of(session, batch)
    photos.attach(session, here.registrar, NOW, batch, {first: b"one"})
    assert photos.attach(session, here.registrar, NOW, batch, {first: b"one"}) == 0
    assert photos.attach(session, here.registrar, NOW, batch, {first: b"two"}) == 1
    assert seen.picture(session, here.registrar, batch, first)[1] == b"two"


def test_it_can_be_taken_off_again(session: Session, here: Office) -> None:
    batch = batches.drafted(session, here)
    first, *_ = rows_of(session, batch)
    photos.attach(session, here.registrar, NOW, batch, {first: b"one"})
    photos.detach(session, here.registrar, NOW, first)
    with pytest.raises(NotFoundError):
        seen.picture(session, here.registrar, batch, first)
    with pytest.raises(NotFoundError):
        photos.detach(session, here.registrar, NOW, first)


def test_only_a_draft_s_pictures_change(session: Session, here: Office) -> None:
    batch = batches.drafted(session, here)
    first, *_ = rows_of(session, batch)
    photos.attach(session, here.registrar, NOW, batch, {first: b"one"})
    version = batches.version(session, batch)
    approval.submit(session, here.registrar, NOW, PERSONAL, batch, version)
    with pytest.raises(RefusedError):
        photos.attach(session, here.registrar, NOW, batch, {first: b"two"})
    with pytest.raises(RefusedError):
        photos.detach(session, here.registrar, NOW, first)


def test_only_the_site_s_registrar_attaches(session: Session, here: Office) -> None:
    batch = batches.drafted(session, here)
    first, *_ = rows_of(session, batch)
    for stranger in (here.checker, here.issuer, here.examiners[0]):
        with pytest.raises(RefusedError):
            photos.attach(session, stranger, NOW, batch, {first: b"one"})


def test_a_row_of_another_batch_is_not_found(session: Session, here: Office) -> None:
    one, other = batches.drafted(session, here, 3), batches.drafted(session, here, 0)
    with pytest.raises(NotFoundError):
        photos.attach(session, here.registrar, NOW, other, {rows_of(session, one)[0]: b"one"})


def test_who_has_none_is_listed_page_by_page(session: Session, here: Office) -> None:
    batch = batches.drafted(session, here)
    rows = rows_of(session, batch)
    photos.attach(session, here.registrar, NOW, batch, {rows[1]: b"one"})
    found = []
    after = (0, 0)
    while page := seen.people(session, here.registrar, batch, pictured=False, limit=2, after=after):
        found += [each.id for each in page]
        after = (page[-1].source_row, page[-1].id)
    assert sorted(found) == [rows[0], *rows[2:]]
    [only] = seen.people(session, here.registrar, batch, pictured=True, limit=9)
    assert only.id == rows[1]


def test_a_file_is_matched_by_ticket_or_number(session: Session, here: Office) -> None:
    batch = batches.drafted(session, here)
    stored = results.of_batch(session, PERSONAL, batch, {o: str(o) for o in range(500)})
    first, second = stored[0], stored[1]
    session.get_one(Result, first.id).ticket = "A1"
    session.flush()
    lookups = PERSONAL.lookups(second.result.identity)
    known = seen.candidates(session, batch, ["A1", "B2"], lookups)
    assert rules.whose("A1", (), known) == (first.id,)
    assert rules.whose(second.result.identity.number, lookups, known) == (second.id,)
    stranger = PERSONAL.lookups(Identity("passport", "X0000000"))
    with pytest.raises(RefusedError) as caught:
        rules.whose("X0000000", stranger, known)
    assert caught.value.reasons[0].code == "photo_stranger"


def test_one_person_s_results_share_the_picture_and_two_people_s_ticket_is_nobody_s() -> None:
    known = Candidates(
        tickets={"1": (7,), "2": (8, 9)},
        numbers={b"a": (7, 6), b"b": (8,), b"c": (9,)},
        people={6: b"a", 7: b"a", 8: b"b", 9: b"c"},
    )
    assert rules.whose("1", (), known) == (7, 6)
    with pytest.raises(RefusedError) as caught:
        rules.whose("2", (), known)
    assert caught.value.reasons[0].code == "photo_ambiguous"


@pytest.mark.parametrize(
    ("name", "stem"),
    [
        ("00012.jpg", "00012"),
        ("１２x.JPEG", "12X"),
        (" 11010519491231002x .png", "11010519491231002X"),
    ],
)
def test_a_file_s_name_is_read_in_normal_form(name: str, stem: str) -> None:
    assert rules.stem(name) == stem


@pytest.mark.parametrize("name", ["12.gif", ".jpg", "12", "12.jpg.exe", "1" * 41 + ".jpg"])
def test_another_name_is_refused(name: str) -> None:
    with pytest.raises(RefusedError):
        rules.stem(name)
