import gc
from collections.abc import Mapping
from dataclasses import replace

import pytest
from sqlalchemy import select, update

from registry.acts import certificates, status
from registry.acts.certificates import Corrected
from registry.acts.status import Ruling
from registry.publish.tree import FolderTree
from registry.queries.policy import policy
from registry.records.certificates import CertificateRow, CertificateState, Form
from registry.records.log import Task
from registry.records.status import Status, StatusChange
from registry.rules.status import StatusAct
from registry.work import check, issue, publish, storing
from registry.work.context import WorkError
from schemas import dates, qr
from schemas.certificate import State
from tests.registry.office import PERSONAL
from tests.registry.work import ledger, workshop
from verifier.evidence import Evidence
from verifier.report import Verdict
from verifier.sources import FolderSource
from verifier.verify import verify


def test_a_batch_becomes_certificates_that_a_stranger_can_verify(bench):
    batch = bench.write(lambda session: workshop.start(session, bench.office, 9))
    workshop.finish(bench.worker)
    with bench.database.reading() as session:
        ledger.gapless(session)
        ledger.complete(session, batch, 9)
        task = session.scalars(select(Task).where(Task.batch_id == batch)).one()
        assert (task.state, task.done, task.held, task.total) == ("done", 9, 0, 9)
    assert ledger.genuine(bench.worker, bench.clock.now) == 9


def test_work_that_is_done_is_not_done_again(bench):
    bench.write(lambda session: workshop.start(session, bench.office, 5))
    workshop.finish(bench.worker)
    before = {path: path.stat().st_mtime_ns for path in bench.folder.rglob("public/**/*")}
    assert workshop.finish(bench.worker) == 0
    assert {path: path.stat().st_mtime_ns for path in bench.folder.rglob("public/**/*")} == before


def test_two_workers_issue_each_row_once(bench):
    batch = bench.write(lambda session: workshop.start(session, bench.office, 8))
    first, second = bench.worker, bench.another(chunk=4)
    assert issue.step(first)
    stale = issue._prepared(first)
    assert stale
    ready = check.ready(first, stale)
    while issue.step(second):
        pass
    with bench.database.writing.begin() as session:
        assert storing.store(session, first, ready, bench.clock.now) == 0
    workshop.finish(first)
    with bench.database.reading() as session:
        ledger.complete(session, batch, 8)


def test_each_worker_claims_rows_of_its_own_until_the_claim_runs_out(bench):
    bench.write(lambda session: workshop.start(session, bench.office, 8))
    first, second = bench.worker, bench.another(chunk=4)
    assert issue.step(first) and issue.step(first)  # two chunks lie prepared
    now = bench.clock()
    mine, other = issue._claim(first, now), issue._claim(second, now)
    assert mine is not None and other is not None
    assert not {row.id for row in mine[1]} & {row.id for row in other[1]}
    third = bench.another(chunk=4)
    blocks = set()
    while (claimed := issue._claim(third, now)) is not None and claimed[0] not in blocks:
        blocks.add(claimed[0])
    assert not blocks & {mine[0], other[0]}
    taken_over = issue._claim(third, now + issue.CLAIM)
    assert taken_over is not None and taken_over[0] == mine[0]


def test_nothing_is_released_before_it_is_published(bench):
    bench.write(lambda session: workshop.start(session, bench.office, 3))
    while issue.step(bench.worker):
        pass
    released = select(CertificateRow.id).where(CertificateRow.released_at.is_not(None))
    with bench.database.reading() as session:
        assert session.scalars(released).all() == []
    assert publish.step(bench.worker)
    with bench.database.reading() as session:
        assert len(session.scalars(released).all()) == 3


class FullDisk(FolderTree):
    """Takes everything but lists, like a disk that fills up half way."""

    def put_all(self, files: Mapping[str, bytes]) -> bool:
        if any(path.startswith("s/") for path in files):
            raise OSError("no space left")
        return super().put_all(files)


def test_nothing_is_released_when_the_files_do_not_get_out(bench):
    bench.write(lambda session: workshop.start(session, bench.office, 3))
    while issue.step(bench.worker):
        pass
    full = replace(bench.worker, tree=FullDisk(bench.worker.config.public))
    with pytest.raises(OSError, match="no space"):
        publish.step(full)
    released = select(CertificateRow.id).where(CertificateRow.released_at.is_not(None))
    with bench.database.reading() as session:
        assert session.scalars(released).all() == []
    assert publish.step(bench.worker)
    with bench.database.reading() as session:
        assert len(session.scalars(released).all()) == 3


def test_a_row_that_the_verifier_refuses_is_held_and_the_others_go_on(bench):
    batch = bench.write(lambda session: workshop.start(session, bench.office, 5))
    assert issue.step(bench.worker)  # prepares four

    def bend(session):
        row = session.scalars(select(CertificateRow).limit(1)).one()
        # An issuer that the trust list does not know, as a slip in the records would make it.
        session.execute(
            update(CertificateRow)
            .where(CertificateRow.id == row.id)
            .values(value=row.value.replace('"issuer":"jst-example"', '"issuer":"jst-other"'))
        )
        return row.id

    bent = bench.write(bend)
    workshop.finish(bench.worker)
    with bench.database.reading() as session:
        row = session.get_one(CertificateRow, bent)
        assert row.state == CertificateState.HELD and "key.unknown" in row.reason
        states = session.scalars(
            select(CertificateRow.state).where(CertificateRow.batch_id == batch)
        ).all()
        assert sorted(states) == ["held"] + ["issued"] * 4
        ledger.gapless(session)
        task = session.scalars(select(Task).where(Task.batch_id == batch)).one()
        assert (task.state, task.done, task.held) == ("done", 4, 1)


def test_a_row_held_between_others_is_not_issued_with_them(bench):
    bench.write(lambda session: workshop.start(session, bench.office, 4))
    assert issue.step(bench.worker)
    ready = check.ready(bench.worker, issue._prepared(bench.worker))
    ready[1].objection = "qr: signature.bad"
    now = bench.worker.clock()
    assert bench.write(lambda session: storing.store(session, bench.worker, ready, now)) == 3
    with bench.database.reading() as session:
        states = session.scalars(select(CertificateRow.state).order_by(CertificateRow.id)).all()
        assert states == ["issued", "held", "issued", "issued"]
        ledger.gapless(session)


def test_pythons_collector_is_as_it_was_after_a_step(bench):
    bench.write(lambda session: workshop.start(session, bench.office, 2))
    during = []
    clock = bench.worker.clock

    def seen():
        during.append(gc.isenabled())
        return clock()

    assert gc.isenabled() and issue.step(replace(bench.worker, clock=seen))
    assert during and not any(during) and gc.isenabled()
    with pytest.raises(WorkError):
        issue.step(replace(bench.worker, signers={}))
    assert gc.isenabled()


def test_forms_that_say_anything_else_than_the_value_are_objected_to(bench):
    bench.write(lambda session: workshop.start(session, bench.office, 1))
    assert issue.step(bench.worker)
    (row,) = issue._prepared(bench.worker)
    (ready,) = check.ready(bench.worker, [row])
    assert ready.objection is None
    other = replace(row.certificate.facts, level="3")
    for name, form in check.FORMS:
        report = verify(form(ready), bench.worker.trust, row.certificate.facts.signed_at)
        assert check.objection(name, row.certificate.facts, report) is None
        assert "another certificate" in (check.objection(name, other, report) or "")


def test_without_the_key_nothing_is_issued_and_the_operator_is_told(bench):
    bench.write(lambda session: workshop.start(session, bench.office, 2))
    keyless = replace(bench.worker, signers={})
    assert issue.step(keyless)
    with pytest.raises(WorkError, match="no key named issuer"):
        issue.step(keyless)
    with bench.database.reading() as session:
        states = session.scalars(select(CertificateRow.state)).all()
        note = session.scalars(select(Task.note)).one()
    assert states == ["prepared", "prepared"]
    assert note is not None and "no key named" in note  # and whoever waits is told


def _first(session):
    return session.scalars(
        select(CertificateRow.id).where(CertificateRow.state == "issued").limit(1)
    ).one()


def _verdict(bench, certificate):
    with bench.database.reading() as session:
        row = session.get_one(CertificateRow, certificate)
        cose = session.get_one(Form, certificate).cose
    evidence = Evidence(FolderSource(bench.worker.config.public), bench.worker.trust)
    return verify(qr.text(workshop.BASE, cose), bench.worker.trust, bench.clock.now, evidence), row


@pytest.mark.parametrize(
    ("act", "ground", "reason"),
    [
        (StatusAct.REVOKE, "fraud", "revoked"),
        (StatusAct.CANCEL, "holder_request", "cancelled"),
        (StatusAct.WITHDRAW, "lending_certificate", "withdrawn"),
    ],
)
def test_what_an_officer_ends_is_seen_by_the_next_scan(bench, act, ground, reason):
    bench.write(lambda session: workshop.start(session, bench.office, 2))
    workshop.finish(bench.worker)
    with bench.database.reading() as session:
        one = _first(session)
    assert _verdict(bench, one)[0].verdict is Verdict.VALID
    bench.clock.now += 10
    today = dates.shanghai_day(bench.clock.now)
    bench.write(
        lambda session: status.change(
            session, bench.office.issuer, bench.clock.now, policy(session),
            bench.worker.random, one, act, Ruling(ground=ground, decided_on=today),
        )
    )  # fmt: skip
    workshop.finish(bench.worker)
    report, _ = _verdict(bench, one)
    assert (report.verdict, report.reason) == (Verdict.REVOKED, reason)
    assert report.note is not None and report.note["ground"]["code"] == ground


def test_suspended_and_back(bench):
    bench.write(lambda session: workshop.start(session, bench.office, 1))
    workshop.finish(bench.worker)
    with bench.database.reading() as session:
        one = _first(session)
    today = dates.shanghai_day(bench.clock.now)
    for act, ground, verdict in (
        (StatusAct.SUSPEND, "under_investigation", Verdict.SUSPENDED),
        (StatusAct.REINSTATE, "cleared", Verdict.VALID),
    ):
        bench.clock.now += 5
        bench.write(
            lambda session, act=act, ground=ground: status.change(
                session, bench.office.issuer, bench.clock.now, policy(session),
                bench.worker.random, one, act, Ruling(ground=ground, decided_on=today),
            )
        )  # fmt: skip
        workshop.finish(bench.worker)
        assert _verdict(bench, one)[0].verdict is verdict


def _correct(bench, one, name):
    today = dates.shanghai_day(bench.clock.now)
    return bench.write(
        lambda session: certificates.correct(
            session, bench.office.issuer, bench.clock.now, policy(session), PERSONAL, one,
            Corrected(name=name), Ruling(ground="entry_corrected", decided_on=today),
        )
    )  # fmt: skip


def test_a_correction_is_a_new_version_and_the_old_code_points_on(bench):
    bench.write(lambda session: workshop.start(session, bench.office, 2))
    workshop.finish(bench.worker)
    with bench.database.reading() as session:
        one = _first(session)
    bench.clock.now += 30
    new = _correct(bench, one, "更正示例")
    workshop.finish(bench.worker)
    old_report, old = _verdict(bench, one)
    new_report, row = _verdict(bench, new)
    assert old_report.verdict is Verdict.SUPERSEDED and new_report.verdict is Verdict.VALID
    assert (row.number, row.version) == (old.number, 2)
    replacement = old_report.note["replacement"]
    assert (replacement["number"], replacement["version"]) == (row.number, 2)
    assert replacement["page"].endswith(f"/c/{row.public_id}")
    assert new_report.facts.name == "更正示例"


def test_a_correction_of_what_was_revoked_meanwhile_is_held(bench):
    bench.write(lambda session: workshop.start(session, bench.office, 1))
    workshop.finish(bench.worker)
    with bench.database.reading() as session:
        one = _first(session)
    new = _correct(bench, one, "更正示例")
    today = dates.shanghai_day(bench.clock.now)
    bench.write(
        lambda session: status.change(
            session, bench.office.issuer, bench.clock.now, policy(session), bench.worker.random,
            one, StatusAct.REVOKE, Ruling(ground="fraud", decided_on=today),
        )
    )  # fmt: skip
    workshop.finish(bench.worker)
    with bench.database.reading() as session:
        row = session.get_one(CertificateRow, new)
        assert row.state == CertificateState.HELD and "revoked" in row.reason
        state = session.scalars(select(Status.state).where(Status.certificate_id == one)).one()
        assert state == State.REVOKED
        assert len(session.scalars(select(StatusChange.id)).all()) == 1
