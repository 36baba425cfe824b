"""Archives of photographs through the worker: every file is attached or named, whatever dies."""

import io
import json
import random
import zipfile
from collections.abc import Mapping
from dataclasses import replace

import pytest
from PIL import Image
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from registry.acts import approval, assessment, photo_intakes
from registry.demo.photos import portrait
from registry.exchange import photo_archive
from registry.queries import photos as seen
from registry.records.accounts import Account
from registry.records.assessment import Result
from registry.records.intake import PhotoIntake
from registry.records.lease import Lease
from registry.rules.decision import RefusedError
from registry.work import photographs
from registry.work.context import Context
from tests.registry import batches
from tests.registry.office import NOW, PERSONAL, citizen
from tests.registry.work.conftest import Bench

NAME = "archive"


def packed(files: Mapping[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def worker(bench: Bench) -> Context:
    return replace(bench.worker, personal=PERSONAL, chunk=500)


def handed(bench: Bench, batch: int, files: Mapping[str, bytes], name: str = NAME) -> int:
    """The archive as a page leaves it; answers the record id."""
    (bench.folder / "uploads").mkdir(exist_ok=True)
    (bench.folder / "uploads" / f"{name}.zip").write_bytes(packed(files))
    return bench.write(
        lambda session: photo_intakes.hand_over(
            session, bench.office.registrar, NOW, batch, name, "照片.zip", bytes(32), len(files)
        )
    )


def drafted(bench: Bench, count: int = 3) -> tuple[int, list[tuple[int, str]]]:
    """A draft; its rows as (record id, ticket)."""

    def make(session: Session) -> tuple[int, list[tuple[int, str]]]:
        batch = batches.drafted(session, bench.office, count)
        rows = session.scalars(
            select(Result).where(Result.batch_id == batch).order_by(Result.source_row)
        ).all()
        for at, row in enumerate(rows):
            row.ticket = f"T{at:04d}"
        return batch, [(row.id, row.ticket) for row in rows]

    return bench.write(make)


def state(bench: Bench, intake: int) -> PhotoIntake:
    with bench.database.reading() as session:
        return session.get_one(PhotoIntake, intake)


def misfits(bench: Bench, intake: int) -> dict[str, str]:
    found = state(bench, intake)
    place = bench.folder / "uploads" / f"{found.name}.problems"
    return {each.name: each.code for each in photo_archive.misfits(place, found.named)}


def run(context: Context) -> None:
    for _ in range(1000):
        if not photographs.step(context):
            return
    raise AssertionError("work without end")


def test_every_file_is_attached_or_named(bench: Bench) -> None:
    batch, rows = drafted(bench)
    blue = io.BytesIO()
    Image.new("RGB", (600, 840), "#3366cc").save(blue, "JPEG")
    intake = handed(bench, batch, {
        f"{rows[0][1]}.jpg": portrait(1), f"x/{rows[1][1].lower()}.JPG": portrait(2),
        f"{rows[2][1]}.jpg": blue.getvalue(), "9999.jpg": portrait(3), "note.txt": b"x",
    })  # fmt: skip
    run(worker(bench))
    found = state(bench, intake)
    assert (found.state, found.done, found.attached) == ("done", 5, 2)
    assert (found.refused, found.strangers, found.replaced) == (2, 1, 0)
    assert misfits(bench, intake) == {
        f"{rows[2][1]}.jpg": "photo_blank", "9999.jpg": "photo_stranger", "note.txt": "photo_name",
    }  # fmt: skip
    with bench.database.reading() as session:
        [left] = seen.people(session, bench.office.registrar, batch, pictured=False, limit=9)
        assert left.id == rows[2][0]
        assert not session.scalars(select(Lease.name).where(Lease.name.like("photos%"))).all()


def test_a_picture_named_by_the_id_number_is_that_person_s(bench: Bench) -> None:
    batch, rows = drafted(bench)
    number = citizen(3).number  # the second of three rows
    intake = handed(bench, batch, {f"{number.lower()}.jpg": portrait(1)})
    run(worker(bench))
    assert state(bench, intake).attached == 1
    with bench.database.reading() as session:
        [only] = seen.people(session, bench.office.registrar, batch, pictured=True, limit=9)
        assert only.id == rows[1][0]
        assert number not in json.dumps([str(v) for v in vars(state(bench, intake)).values()])


def test_ten_thousand_strangers_are_named_and_attach_nothing(bench: Bench) -> None:
    batch, _ = drafted(bench)
    intake = handed(bench, batch, {f"S{at}.jpg": b"" for at in range(10_000)})
    run(worker(bench))
    found = state(bench, intake)
    assert (found.state, found.attached, found.strangers) == ("done", 0, 10_000)
    assert len(misfits(bench, intake)) == 10_000


class Died(BaseException):
    """The worker is gone before its transaction ends."""


def test_a_worker_that_dies_anywhere_loses_nothing_and_does_nothing_twice(bench: Bench) -> None:
    batch, rows = drafted(bench, 8)
    files = {f"{ticket}.jpg": portrait(row) for row, ticket in rows} | {
        f"S{at}.jpg": b"" for at in range(7)
    }
    intake = handed(bench, batch, dict(sorted(files.items(), key=lambda each: each[0][::-1])))
    chance = random.Random(7)
    deaths = 0

    def die(_: Session) -> None:
        nonlocal deaths
        if chance.random() < 0.4:
            deaths += 1
            raise Died

    event.listen(bench.worker.writing, "before_commit", die)
    for at in range(200):
        # Every death is followed by another worker, once the lease is over.
        bench.clock.now += photographs.LEASE + 1
        try:
            if not photographs.step(replace(worker(bench), worker=f"w{at}", chunk=3)):
                break
        except Died:
            continue
    found = state(bench, intake)
    assert deaths > 2
    assert (found.state, found.attached, found.strangers) == ("done", 8, 7)
    assert len(misfits(bench, intake)) == 7
    with bench.database.reading() as session:
        assert seen.tally(session, bench.office.registrar, batch).without == 0


def test_two_workers_do_not_read_one_archive(bench: Bench) -> None:
    batch, rows = drafted(bench)
    handed(bench, batch, {f"{ticket}.jpg": portrait(1) for _, ticket in rows})
    bench.write(lambda session: session.add(Lease(name="photos:1", owner="other", until=NOW + 600)))
    assert not photographs.step(worker(bench))


def test_one_archive_at_a_time_and_called_off_keeps_what_was_taken(bench: Bench) -> None:
    batch, rows = drafted(bench)
    intake = handed(bench, batch, {f"{ticket}.jpg": portrait(1) for _, ticket in rows})
    with pytest.raises(RefusedError) as caught:
        handed(bench, batch, {"1.jpg": b""}, "second")
    assert caught.value.reasons[0].code == "photos_running"
    assert photographs.step(replace(worker(bench), chunk=1))
    call = lambda session: photo_intakes.call_off(  # noqa: E731
        session, bench.office.registrar, NOW, batch, intake
    )
    bench.write(call)
    assert not photographs.step(worker(bench))
    assert (state(bench, intake).state, state(bench, intake).attached) == ("cancelled", 1)
    with pytest.raises(RefusedError):
        bench.write(call)


def refused(bench: Bench, intake: int) -> str:
    run(worker(bench))
    found = state(bench, intake)
    assert found.state == "refused"
    return found.why[0]["code"]


def test_a_batch_that_was_handed_in_meanwhile_takes_no_more(bench: Bench) -> None:
    batch, rows = drafted(bench)
    intake = handed(bench, batch, {f"{rows[0][1]}.jpg": portrait(1)})
    bench.write(
        lambda session: approval.submit(
            session, bench.office.registrar, NOW, PERSONAL, batch, batches.version(session, batch)
        )
    )
    assert refused(bench, intake) == "batch_state"


def test_a_row_that_was_taken_out_meanwhile_is_a_stranger(bench: Bench) -> None:
    batch, rows = drafted(bench)
    intake = handed(bench, batch, {f"{rows[0][1]}.jpg": portrait(1)})
    bench.write(
        lambda session: assessment.remove_result(
            session, bench.office.registrar, NOW, rows[0][0], "缺考"
        )
    )
    run(worker(bench))
    assert state(bench, intake).strangers == 1


def test_an_archive_that_is_gone_or_another_is_refused(bench: Bench) -> None:
    batch, _ = drafted(bench)
    intake = handed(bench, batch, {"1.jpg": b""})
    (bench.folder / "uploads" / f"{NAME}.zip").unlink()
    assert refused(bench, intake) == "photos_gone"
    again = handed(bench, batch, {"1.jpg": b""}, "again")
    (bench.folder / "uploads" / "again.zip").write_bytes(packed({}))
    assert refused(bench, again) == "photos_gone"
    third = handed(bench, batch, {"1.jpg": b""}, "third")
    (bench.folder / "uploads" / "third.zip").write_bytes(b"no archive")
    assert refused(bench, third) == "archive_unreadable"


def test_a_closed_account_s_archive_is_not_read_on(bench: Bench) -> None:
    batch, rows = drafted(bench)
    intake = handed(bench, batch, {f"{rows[0][1]}.jpg": portrait(1)})

    def close(session: Session) -> None:
        session.get_one(Account, bench.office.registrar.account).state = "closed"

    bench.write(close)
    assert refused(bench, intake) == "photos_account"


def test_a_worker_without_the_keys_leaves_archives_alone(bench: Bench) -> None:
    batch, _ = drafted(bench)
    handed(bench, batch, {"1.jpg": b""})
    assert not photographs.step(bench.worker)
