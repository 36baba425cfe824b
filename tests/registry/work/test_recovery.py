"""Yesterday's backup restored: what is refused, what recovering does, and what holds afterwards."""

import shutil
from collections import defaultdict

import pytest
from sqlalchemy import delete, func, select, update

from registry.acts import certificates, recovery, status
from registry.acts.certificates import Corrected
from registry.acts.status import Ruling
from registry.queries import recovery as queries
from registry.queries.policy import policy
from registry.records.assessment import Batch
from registry.records.certificates import CertificateRow, Counter, Form
from registry.records.log import AuditLine, LogEntry, Publication, Published
from registry.records.recovery import RecoveredPlace, Recovery, VoidSerials
from registry.records.status import StatusChange, StatusList
from registry.rules.decision import RefusedError
from registry.rules.numbering import SerialScope
from registry.rules.status import StatusAct
from registry.work import issue, prepare, publish, recovering, sequences, standing
from registry.work.context import WorkError
from registry.work.recovering import Asked
from schemas import qr, value
from tests.registry.office import PERSONAL, TODAY
from tests.registry.work import restored, workshop
from verifier.evidence import Evidence
from verifier.report import Verdict
from verifier.sources import FolderSource
from verifier.verify import verify

HOUR = 3600


@pytest.fixture
def backend(template):
    return template.backend


def issued(bench, count, first):
    """Issue so many and answer their QR texts by number, as holders keep them."""
    bench.write(lambda session: workshop.start(session, bench.office, count, first))
    workshop.finish(bench.worker)
    return held(bench.worker)


def held(worker):
    with worker.reading() as session:
        rows = session.execute(
            select(CertificateRow.number, CertificateRow.value, Form.cose)
            .join(Form, Form.certificate_id == CertificateRow.id)
        ).all()  # fmt: skip
    return {row.number: qr.text(value.load(row.value).facts.base, row.cose) for row in rows}


def change(worker, office, number, act):
    """An officer's decision about a certificate."""
    with worker.writing.begin() as session:
        found = policy(session)
        rows = found.rows("status_grounds")
        ground = next((row["code"] for row in rows if row["act"] == act), "")
        certificate = session.scalars(
            select(CertificateRow.id).where(CertificateRow.number == number)
        ).one()
        status.change(
            session, office.issuer, worker.clock(), found, PERSONAL.random, certificate, act,
            Ruling(ground=ground, decided_on=TODAY, document="例决〔2026〕1号"),
        )  # fmt: skip


def verdicts(worker, texts):
    """What a verifier without memory says of each certificate from the public files alone."""
    evidence = Evidence(FolderSource(worker.config.public), worker.trust)
    reports = {
        number: verify(text, worker.trust, worker.clock(), evidence)
        for number, text in texts.items()
    }
    return {number: report.verdict for number, report in reports.items()}


def sequence(worker):
    evidence = Evidence(FolderSource(worker.config.public), worker.trust)
    return evidence.status_list(f"{workshop.BASE}/s/1").value.sequence


@pytest.fixture
def story(bench):
    """Two before the backup; afterwards one of them revoked, two more issued, one of those too."""
    restored.name_key(bench.folder)
    before = sorted(issued(bench, 2, 2))
    data = restored.take(bench.worker)
    bench.clock.now += HOUR
    change(bench.worker, bench.office, before[0], StatusAct.REVOKE)
    texts = issued(bench, 2, 10)
    after = sorted(set(texts) - set(before))
    change(bench.worker, bench.office, after[0], StatusAct.REVOKE)
    workshop.finish(bench.worker)
    expected = {
        before[0]: Verdict.REVOKED, before[1]: Verdict.VALID,
        after[0]: Verdict.REVOKED, after[1]: Verdict.VALID,
    }  # fmt: skip
    assert verdicts(bench.worker, texts) == expected
    bench.clock.now += HOUR
    return data, texts, expected


def files(folder):
    return {path: path.read_bytes() for path in (folder / "public").rglob("*") if path.is_file()}


def numbers(worker):
    """Serials with a row or a void row, by scope, and what each counter says."""
    with worker.reading() as session:
        have = defaultdict(list)
        for row in session.execute(
            select(
                CertificateRow.scheme, CertificateRow.period, CertificateRow.organisation,
                CertificateRow.level, CertificateRow.serial,
            ).where(CertificateRow.version == 1)
        ):  # fmt: skip
            have[f"number/{row[0]}/{row[1]}/{row[2]}/{row[3]}"].append(row[4])
        for row in session.scalars(select(VoidSerials)):
            name = f"number/{row.scheme}/{row.period}/{row.organisation}/{row.level}"
            have[name] += range(row.first, row.last + 1)
        counters = session.execute(
            select(Counter.name, Counter.value).where(Counter.name.startswith("number/"))
        ).all()
    return have, dict(tuple(row) for row in counters)


def gapless(worker):
    have, counters = numbers(worker)
    assert set(have) == set(counters)
    for name, last in counters.items():
        assert sorted(have[name]) == list(range(1, last + 1)), name


def test_nothing_is_numbered_issued_or_published_before_the_recovery(bench, backend, story):
    data, texts, expected = story
    with restored.again(bench, backend, data, public=bench.folder / "public") as again:
        before = files(again.folder)
        again.write(lambda session: _draft(session, bench))
        for step in (issue.step, publish.step):
            with pytest.raises(WorkError, match="hallmark recover"):
                step(again.worker)
        with pytest.raises(RefusedError) as refused:
            _correct(again, bench, min(texts))
        assert refused.value.reasons[0].code == "recovery_due"
        assert files(again.folder) == before
        found = standing.compare(again.worker)
        assert {each.code for each in found} == {"recovery_due", "database_behind"}
        assert all(each.blocks for each in found)
        assert verdicts(again.worker, texts) == expected


def _draft(session, bench):
    return workshop.start(session, bench.office, 1, 20)


def _correct(place, bench, number):
    with place.worker.writing.begin() as session:
        found = policy(session)
        ground = next(
            row["code"] for row in found.rows("status_grounds")
            if row["act"] == StatusAct.SUPERSEDE
        )  # fmt: skip
        certificate = session.scalars(
            select(CertificateRow.id).where(CertificateRow.number == number)
        ).one()
        certificates.correct(
            session, bench.office.issuer, bench.clock(), found, PERSONAL, certificate,
            Corrected(), Ruling(ground=ground, decided_on=TODAY),
        )  # fmt: skip


@pytest.mark.parametrize("with_key", [True, False], ids=["with the key", "without"])
def test_a_recovered_registry_takes_nothing_back_and_goes_on(bench, backend, story, with_key):
    data, texts, expected = story
    spent, chunk = 2, 4
    with restored.again(bench, backend, data, public=bench.folder / "public") as again:
        seen = sequence(again.worker)
        asked = again.said() if with_key else Asked(margin=spent + chunk)
        report = recovering.recover(again.worker, asked)
        assert [len(report.places), len(report.changes)] == [2, 1]
        assert verdicts(again.worker, texts) == expected  # nothing was published yet
        workshop.finish(again.worker)
        assert verdicts(again.worker, texts) == expected
        assert sequence(again.worker) > seen
        gapless(again.worker)
        voided = sum(row.last - row.first + 1 for row in again.check(_voids))
        assert voided == (spent if with_key else spent + chunk)

        again.write(lambda session: workshop.start(session, bench.office, 3, 20))
        workshop.finish(again.worker)
        more = held(again.worker)
        new = set(more) - set(texts)
        assert len(new) == 3 and len(more) == 5  # no number of a holder was given to another
        assert set(verdicts(again.worker, {each: more[each] for each in new}).values()) == {
            Verdict.VALID
        }
        assert verdicts(again.worker, texts) == expected
        gapless(again.worker)
        again.check(_chained)
        assert recovering.recover(again.worker, Asked()) is None
        assert standing.compare(again.worker) == []


def _voids(session):
    return session.scalars(select(VoidSerials)).all()


def _chained(session):
    """The audit chain is whole, every change has its entry, and the recovery stands in it."""
    previous = bytes(32)
    acts = []
    for line in session.scalars(select(AuditLine).order_by(AuditLine.position)):
        assert line.previous == previous
        previous = line.hash
        acts.append(line.act)
    assert acts.count("recover") == 1
    changes = session.scalar(select(func.count()).select_from(StatusChange))
    entries = session.scalar(select(func.count()).where(LogEntry.status_change_id.is_not(None)))
    assert changes == entries > 0


@pytest.mark.prove
def test_the_note_of_a_lost_revocation_is_kept_and_told(bench, backend, story):
    data, texts, _ = story
    revoked = min(texts)
    with restored.again(bench, backend, data, public=bench.folder / "public") as again:
        report = recovering.recover(again.worker, again.said())
        (name, taken, note) = report.changes[0]
        assert name == f"{revoked} v1" and taken.after == 1
        assert note.decided == TODAY and note.ground.zh
        row = again.check(lambda session: session.scalars(select(StatusChange)).one())
        assert (row.ground, row.decided_on) == (note.ground.code, TODAY)
        lost = [each for each in report.places if each[1].state == 1]
        assert len(lost) == 1 and lost[0][2].ground.zh
        kept = again.check(lambda session: session.scalars(select(RecoveredPlace)).all())
        assert len(kept) == 2
        assert sum(each.note is not None for each in kept) == 1


@pytest.mark.prove
def test_a_correction_after_the_backup_keeps_its_note_and_its_new_version(bench, backend):
    restored.name_key(bench.folder)
    texts = issued(bench, 1, 2)
    (number,) = texts
    data = restored.take(bench.worker)
    bench.clock.now += HOUR
    _correct(bench, bench, number)
    workshop.finish(bench.worker)
    with restored.again(bench, backend, data, public=bench.folder / "public") as again:
        report = recovering.recover(again.worker, again.said())
        assert report.changes[0][2].replacement.version == 2 and len(report.places) == 1
        assert [each.count for each in report.skipped] == []  # a new version has no new number
        shutil.rmtree(again.folder / "public" / "n")
        again.write(sequences.renew_notes)
        workshop.finish(again.worker)
        evidence = Evidence(FolderSource(again.worker.config.public), again.worker.trust)
        told = verify(texts[number], again.worker.trust, bench.clock(), evidence)
        assert told.verdict is Verdict.SUPERSEDED
        assert told.note["replacement"]["version"] == 2


def test_the_watermark_is_asked_for_where_it_lies(bench, backend, story):
    data, _, _ = story
    with restored.again(bench, backend, data, public=bench.folder / "public") as again:
        with pytest.raises(WorkError, match="--key"):
            recovering.recover(again.worker, Asked())
        with pytest.raises(WorkError, match="at least 6"):
            recovering.recover(again.worker, Asked(margin=5))
        assert again.check(_voids) == []
        (again.folder / "public" / "recovery" / "watermark").unlink()
        report = recovering.recover(again.worker, Asked())
        assert report.margin == 6  # the two places since, and one transaction of four


@pytest.mark.prove
def test_a_scope_that_began_after_the_backup_keeps_its_distance(bench, backend, story):
    data, texts, _ = story

    def forget(session):
        """As if nothing had been numbered before the backup."""
        for row in session.scalars(select(Counter).where(Counter.name.startswith("number/"))):
            row.name = row.name.replace("number/", "number/other-")

    with restored.again(bench, backend, data, public=bench.folder / "public") as again:
        again.write(forget)
        recovering.recover(again.worker, Asked(margin=6))
        again.write(lambda session: workshop.start(session, bench.office, 1, 20))
        workshop.finish(again.worker)
        assert not set(held(again.worker)) - set(texts) & set(texts)
        newest = max(held(again.worker))
        assert int(newest[-5:]) > 6
        later = SerialScope("example", "99", "", "")
        again.write(lambda session: recovery.begin_scope(session, bench.clock(), later))
        assert later.key not in numbers(again.worker)[1]


@pytest.mark.prove
def test_the_last_number_may_be_told_by_hand(bench, backend, story):
    data, texts, _ = story
    (bench.folder / "public" / "recovery" / "watermark").unlink()
    with restored.again(bench, backend, data, public=bench.folder / "public") as again:
        with pytest.raises(WorkError, match="no numbering scheme"):
            recovering.recover(again.worker, Asked(last=("12",)))
        with pytest.raises(WorkError, match="further than"):
            recovering.recover(again.worker, Asked(last=(min(texts),)))
        report = recovering.recover(again.worker, Asked(last=(max(texts),)))
        assert [each.count for each in report.skipped] == [2]
        gapless(again.worker)


@pytest.mark.prove
@pytest.mark.parametrize("revoked", [True, False])
def test_what_waited_in_the_backup_and_was_issued_since_is_issued_again(bench, backend, revoked):
    restored.name_key(bench.folder)
    bench.write(lambda session: workshop.start(session, bench.office, 3, 2))
    with bench.database.writing.begin() as session:
        assert prepare.chunk(session, bench.worker, 1, bench.clock()) == 3
    first = select(func.min(CertificateRow.id)).scalar_subquery()
    for state in ("held", "prepared"):  # one was held, and tried again after the backup
        held_row = update(CertificateRow).where(CertificateRow.id == first).values(state=state)
        bench.write(lambda session, change=held_row: session.execute(change))
        if state == "held":
            data = restored.take(bench.worker)
    workshop.finish(bench.worker)
    texts = held(bench.worker)
    expected = dict.fromkeys(texts, Verdict.VALID)
    if revoked:
        change(bench.worker, bench.office, min(texts), StatusAct.REVOKE)
        expected[min(texts)] = Verdict.REVOKED
        workshop.finish(bench.worker)
    with restored.again(bench, backend, data, public=bench.folder / "public") as again:
        report = recovering.recover(again.worker, again.said())
        assert (report.resealed, len(report.changes), report.places) == (3, int(revoked), [])
        workshop.finish(again.worker)
        assert held(again.worker) == texts
        assert verdicts(again.worker, texts) == expected
        gapless(again.worker)


@pytest.mark.prove
def test_a_batch_that_was_half_issued_waits_for_an_officer(bench, backend):
    bench.write(lambda session: workshop.start(session, bench.office, 8, 2))
    with bench.database.writing.begin() as session:
        assert prepare.chunk(session, bench.worker, 1, bench.clock()) == 4
    data = restored.take(bench.worker)
    workshop.finish(bench.worker)
    texts = held(bench.worker)
    with restored.again(bench, backend, data, public=bench.folder / "public") as again:
        report = recovering.recover(again.worker, Asked())
        assert report.resealed == 4 and len(report.places) == 4
        batch = again.check(lambda session: session.get_one(Batch, 1))
        assert report.paused == [batch.number] and batch.state == "approved"
        workshop.finish(again.worker)
        assert len(held(again.worker)) == 4  # nobody got a second certificate
        assert set(verdicts(again.worker, texts).values()) == {Verdict.VALID}


@pytest.mark.prove
def test_a_suspension_is_taken_over_and_a_newer_decision_is_not_undone(bench, backend):
    texts = issued(bench, 3, 2)
    first, second, third = sorted(texts)
    change(bench.worker, bench.office, third, StatusAct.SUSPEND)
    workshop.finish(bench.worker)
    data = restored.take(bench.worker)
    bench.clock.now += HOUR
    change(bench.worker, bench.office, first, StatusAct.SUSPEND)
    change(bench.worker, bench.office, second, StatusAct.SUSPEND)
    change(bench.worker, bench.office, third, StatusAct.REINSTATE)
    workshop.finish(bench.worker)
    bench.clock.now += HOUR
    with restored.again(bench, backend, data, public=bench.folder / "public") as again:
        # Decided after the list was signed: suspended and lifted again, as an officer knows best.
        for act in (StatusAct.SUSPEND, StatusAct.REINSTATE):
            change(again.worker, bench.office, second, act)
        report = recovering.recover(again.worker, Asked())
        assert [each[0] for each in report.changes] == [f"{first} v1"]
        workshop.finish(again.worker)
        assert verdicts(again.worker, texts) == {
            first: Verdict.SUSPENDED, second: Verdict.VALID, third: Verdict.SUSPENDED
        }  # fmt: skip


@pytest.mark.prove
@pytest.mark.parametrize("with_key", [True, False], ids=["with the key", "without"])
def test_a_list_that_was_opened_after_the_backup_is_kept(bench, backend, with_key):
    if with_key:
        restored.name_key(bench.folder)
    before = issued(bench, 1, 2)
    data = restored.take(bench.worker)

    def fill(session):
        for row in session.scalars(select(StatusList)):
            row.taken = row.size

    bench.write(fill)
    texts = issued(bench, 2, 10)
    assert (bench.folder / "public" / "s" / "2").exists()
    with restored.again(bench, backend, data, public=bench.folder / "public") as again:
        assert "s/2" in {each.subject for each in standing.compare(again.worker)}
        asked = again.said() if with_key else Asked()
        assert len(recovering.recover(again.worker, asked).places) == 2
        again.write(lambda session: workshop.start(session, bench.office, 2, 20))
        workshop.finish(again.worker)
        more = held(again.worker)
        assert set(verdicts(again.worker, texts | more).values()) == {Verdict.VALID}
        rows = again.check(lambda session: session.scalars(select(CertificateRow)).all())
        new = {row.status_list for row in rows if row.number not in before}
        assert new == ({2} if with_key else {3})


def test_without_the_public_files_nothing_is_guessed(bench, backend, story):
    data, texts, _ = story
    with restored.again(bench, backend, data, public=None) as again:
        with pytest.raises(WorkError, match="newest copy"):
            recovering.recover(again.worker, Asked())
        report = recovering.recover(again.worker, Asked(margin=50))
        assert report.unread == ["s/1"] and report.sequence > sequence(bench.worker)
        workshop.finish(again.worker)
        gapless(again.worker)
        again.write(lambda session: workshop.start(session, bench.office, 1, 20))
        workshop.finish(again.worker)
        assert sequence(again.worker) > sequence(bench.worker)  # no verifier has seen more
        assert not set(held(again.worker)) & (set(texts) - set(sorted(texts)[:2]))
        taken = again.check(lambda session: session.get_one(StatusList, 1).taken)
        assert taken == 2 + 50 + 1


@pytest.mark.prove
def test_public_files_that_are_older_than_the_backup_do_not_count(bench, backend):
    issued(bench, 1, 2)
    old = bench.folder.parent / "old"
    shutil.copytree(bench.folder / "public", old)
    bench.clock.now += 3 * HOUR
    texts = issued(bench, 1, 10)
    data = restored.take(bench.worker)
    with restored.again(bench, backend, data, public=old) as again:
        with pytest.raises(WorkError, match="older than the backup"):
            recovering.recover(again.worker, Asked())
        recovering.recover(again.worker, Asked(margin=0))
        workshop.finish(again.worker)
        assert sequence(again.worker) > sequence(bench.worker)
        assert set(verdicts(again.worker, texts).values()) == {Verdict.VALID}


@pytest.mark.prove
def test_two_histories_are_never_mixed(bench, backend, story):
    data, _, _ = story
    with restored.again(bench, backend, data, public=bench.folder / "public") as again:

        def work_on(session):
            """As a registry that was restored by other means and went on by itself."""
            session.execute(update(Recovery).values(finished_at=bench.clock()))

        again.write(work_on)
        shutil.rmtree(again.folder / "public" / "s")
        shutil.rmtree(again.folder / "public" / "i")
        again.write(lambda session: workshop.start(session, bench.office, 2, 20))
        workshop.finish(again.worker)
        for name in ("s", "i"):
            shutil.copytree(
                bench.folder / "public" / name, again.folder / "public" / name,
                dirs_exist_ok=True,
            )  # fmt: skip
        with pytest.raises(WorkError, match="worked on separately"):
            recovering.recover(again.worker, again.said())


def test_a_database_copied_back_by_other_means_is_found_out(bench, backend, story):
    data, texts, expected = story
    with restored.again(bench, backend, data, public=bench.folder / "public") as again:
        again.write(lambda session: session.execute(delete(Recovery)))
        with pytest.raises(WorkError, match="hallmark recover"):
            standing.step(again.worker)
        due = again.check(queries.due)
        assert due.cause == "behind" and "too old" in due.why
        with pytest.raises(WorkError, match="hallmark recover"):
            workshop.finish(again.worker)
        recovering.recover(again.worker, again.said())
        workshop.finish(again.worker)
        assert verdicts(again.worker, texts) == expected


def test_public_files_of_yesterday_are_written_anew(bench):
    texts = issued(bench, 1, 2)
    old = bench.folder.parent / "old"
    shutil.copytree(bench.folder / "public", old)
    change(bench.worker, bench.office, min(texts), StatusAct.REVOKE)
    workshop.finish(bench.worker)
    reached = sequence(bench.worker)
    shutil.rmtree(bench.folder / "public")
    shutil.copytree(old, bench.folder / "public")
    assert set(verdicts(bench.worker, texts).values()) == {Verdict.VALID}
    worker = bench.another()
    assert [each.code for each in standing.compare(worker)] == ["public_older"]
    assert not standing.step(worker)
    assert publish.step(worker) and not publish.step(worker)
    assert sequence(worker) == reached + 1
    assert set(verdicts(worker, texts).values()) == {Verdict.REVOKED}
    assert standing.compare(worker) == []


def test_a_worker_that_died_after_its_files_were_out_is_no_old_database(bench):
    texts = issued(bench, 1, 2)
    change(bench.worker, bench.office, min(texts), StatusAct.REVOKE)
    before = bench.database.engine

    def forget(session):
        newest = session.scalars(select(func.max(Publication.sequence))).one()
        session.execute(delete(Publication).where(Publication.sequence == newest))
        session.execute(update(Published).values(sequence=newest - 1))

    workshop.finish(bench.worker)
    bench.write(forget)
    assert before is bench.database.engine
    assert standing.compare(bench.another()) == []
    bench.clock.now += HOUR
    assert publish.step(bench.worker)
