import shutil

import pytest
from sqlalchemy import delete, select

from registry.acts import status
from registry.acts.status import Ruling
from registry.queries.policy import policy
from registry.records.certificates import CertificateRow
from registry.records.lease import Lease
from registry.records.log import Publication, Published
from registry.records.status import Status
from registry.rules.status import StatusAct
from registry.work import identities, lease, publish
from registry.work.context import WorkError
from schemas import did
from schemas.token_status import LIST_SIZE
from tests.registry.office import NOW, PERSONAL, TODAY
from tests.registry.work import workshop
from verifier.evidence import Evidence
from verifier.sources import FolderSource

HOUR = 3600


def _issue(bench, count=2, first=2):
    bench.write(lambda session: workshop.start(session, bench.office, count, first))
    workshop.finish(bench.worker)


def _list(bench):
    evidence = Evidence(FolderSource(bench.worker.config.public), bench.worker.trust)
    return evidence.status_list(f"{workshop.BASE}/s/1").value


def test_every_place_of_a_list_has_a_tile_from_the_first_day(bench):
    _issue(bench)
    tiles = list((bench.folder / "public" / "i" / "1").iterdir())
    assert len(tiles) == LIST_SIZE // 1024
    evidence = Evidence(FolderSource(bench.worker.config.public), bench.worker.trust)
    for number in range(0, 128, 31):
        assert evidence.issued_tile(f"{workshop.BASE}/i/1/{number}").value is not None


def test_an_unchanged_list_is_signed_anew_every_hour_and_tiles_at_half_their_age(bench):
    _issue(bench)
    first = _list(bench)
    bench.clock.now += HOUR - 1
    assert not publish.step(bench.worker)
    bench.clock.now += 1
    assert publish.step(bench.worker)
    second = _list(bench)
    assert second.sequence == first.sequence + 1 and second.issued == bench.clock.now
    assert second.states == first.states
    tile = bench.folder / "public" / "i" / "1" / "0"
    before = tile.read_bytes()
    bench.clock.now += 12 * HOUR
    assert publish.step(bench.worker)
    assert tile.read_bytes() != before


def test_a_restored_database_never_publishes_backwards(bench):
    _issue(bench)
    bench.clock.now += HOUR
    publish.step(bench.worker)
    reached = _list(bench).sequence

    def forget(session):
        session.execute(delete(Publication))
        session.execute(delete(Published))

    bench.write(forget)  # yesterday's backup knows nothing of today's files
    assert publish.step(bench.worker)
    assert _list(bench).sequence == reached + 1


def _revoke(session, office):
    (certificate, *_) = session.scalars(select(CertificateRow.id).order_by(CertificateRow.id))
    found = policy(session)
    code = next(
        row["code"] for row in found.rows("status_grounds") if row["act"] == StatusAct.REVOKE
    )
    ruling = Ruling(ground=code, decided_on=TODAY)
    act = StatusAct.REVOKE
    status.change(
        session, office.issuer, NOW, found, PERSONAL.random, certificate, act, ruling
    )  # fmt: skip


@pytest.mark.parametrize("lost", ["a revocation", "an issued certificate"])
def test_a_database_older_than_the_public_files_publishes_nothing(bench, lost):
    _issue(bench)
    bench.write(lambda session: _revoke(session, bench.office))
    assert publish.step(bench.worker)
    before = {path: path.read_bytes() for path in bench.folder.glob("public/[sbi]/**/*[0-9]")
              if path.is_file()}  # fmt: skip

    def forget(session):
        revoked = session.scalars(select(Status).where(Status.state == 1)).one()
        revoked.state = 0
        if lost == "an issued certificate":
            session.delete(revoked)

    bench.write(forget)  # as yesterday's backup has it
    bench.clock.now += 13 * HOUR
    with pytest.raises(WorkError, match="too old"):
        publish.step(bench.worker)
    assert {path: path.read_bytes() for path in before} == before


def test_a_public_folder_that_was_emptied_is_filled_again(bench):
    _issue(bench)
    reached = _list(bench).sequence
    for folder in ("s", "b", "i"):
        shutil.rmtree(bench.folder / "public" / folder)
    assert publish.step(bench.worker) and not publish.step(bench.worker)
    assert _list(bench).sequence == reached + 1
    assert len(list((bench.folder / "public" / "i" / "1").iterdir())) == LIST_SIZE // 1024


def test_a_damaged_public_file_is_written_anew(bench):
    _issue(bench)
    reached = _list(bench).sequence
    for path in ("s/1", "i/1/3"):
        (bench.folder / "public" / path).write_bytes(b"\xd2\x84half")
    bench.clock.now += 13 * HOUR
    assert publish.step(bench.worker)
    assert _list(bench).sequence == reached + 1


def test_while_another_publishes_nobody_else_does(bench):
    bench.write(lambda session: workshop.start(session, bench.office, 1))
    other = bench.another()
    assert lease.take(other, "publish", bench.clock.now, publish.LEASE)
    steps = [step for step in workshop.STEPS if step is not publish.step]
    while any(step(bench.worker) for step in steps):
        pass
    assert not publish.step(bench.worker)
    assert not (bench.folder / "public" / "s").exists()
    bench.clock.now += publish.LEASE
    assert publish.step(bench.worker)
    with bench.database.reading() as session:
        assert session.get_one(Lease, "publish").until == 0  # given back at once


def test_did_documents_name_the_keys_of_the_trust_list(bench):
    assert identities.step(bench.worker)
    assert not identities.step(bench.worker)
    tree = bench.folder / "public"
    document = (tree / "issuers" / "jst-example" / "did.json").read_text()
    public = bench.signers[workshop.KEY].public.raw
    assert did.multibase(public) in document
    assert did.centre(workshop.BASE) in (tree / ".well-known" / "did.json").read_text()
