"""A new trust list and new keys reach a running worker; closed keys sign no more."""

import random
from dataclasses import replace

import pytest
from sqlalchemy import select

from keys import cose, custody, sealed, succession
from keys.sealed import Cost
from registry.acts import held, organisations
from registry.queries.certificates import issued
from registry.records.certificates import CertificateRow
from registry.records.errors import NotFoundError
from registry.work import loop, open, publish
from registry.work.context import WorkError
from registry.work.renewal import Renewal
from schemas import dates
from schemas.trust import Closed, Key
from tests.registry.office import NOW
from tests.registry.work import workshop
from verifier.evidence import Evidence
from verifier.sources import FolderSource
from verifier.verify import verify

CHEAP = Cost(1, 8 * 2**20)
LISTS = (f"{workshop.BASE}/s/1", f"{workshop.BASE}/i/1/0")


def follow(bench, *changes):
    """The next trust list, signed by two holders and published as the command does it."""
    public = bench.folder / "public" / "trust"
    newest = (public / "latest").read_bytes()
    holders = {}
    for label in ("amber", "coral"):
        name = f"certs.example/root/{label}"
        path = bench.folder / "custodians" / label / sealed.file_name(name)
        holders[name] = sealed.open_file(path, name, workshop.PASSPHRASE)
    root = (bench.folder / "root.note").read_bytes()
    data = succession.next_trust_list(newest, root, changes, holders, bench.clock.now)
    bench.worker.tree.put_all({f"trust/{bench.version + 1}": data, "trust/latest": data})
    bench.version += 1


def new_key(bench, name, role, issuer=None):
    """A key made in the worker's folder, and the change that lists it."""
    made = random.Random(name).randbytes
    public = custody.create(bench.folder / "keys", name, workshop.PASSPHRASE, made, CHEAP)
    start = dates.day_start(dates.shanghai_day(NOW))
    return succession.add_key(
        Key(name=name, issuer=issuer, role=role, public=public.raw, start=start)
    )


def closed(bench, name, why):
    return succession.close_key(name, Closed(why=why, at=bench.clock.now))


class Running:
    """A bench whose worker renews itself, as ``hallmark work`` does."""

    def __init__(self, bench, passphrase):
        self.__dict__.update(vars(bench))
        self.write, self.version = bench.write, 1
        settings = replace(bench.worker.config, passphrase_file=passphrase)
        self.worker = replace(bench.worker, config=settings)
        self.renew = Renewal(self.worker)

    def finish(self):
        """Rounds until nothing is left, each with what has changed outside."""
        loop.run_until_idle(self.worker, workshop.STEPS, renew=self._kept)

    def _kept(self, context):
        self.worker = self.renew(self.worker)
        return self.worker

    def issue(self, first, key):
        """One certificate of a body that signs with ``key``; its record id."""

        def begin(session):
            batch = workshop.start(session, self.office, 1, first)
            organisations.name_key(session, None, NOW, self.office.body, key)
            return batch

        batch = self.write(begin)
        self.finish()
        with self.database.reading() as session:
            wanted = select(CertificateRow.id).where(CertificateRow.batch_id == batch)
            return issued(session, session.scalars(wanted).one())

    def verdict(self, certificate):
        """What an outsider finds with the public files of this moment."""
        trust = open.open_trust(self.folder / "root.note", self.folder / "public")
        evidence = Evidence(FolderSource(self.folder / "public"), trust)
        return verify(certificate.document, trust, self.clock.now, evidence).verdict

    def signers_of_lists(self):
        """Names of the keys that signed the list and a tile that are out now."""
        trust = self.worker.trust
        files = [(self.folder / "public" / name).read_bytes() for name in ("s/1", "i/1/0")]
        return {key.name for each in files for key, _ in trust.status_keys(cose.parse(each).kid)}


@pytest.fixture
def running(bench, tmp_path):
    secret = tmp_path / "passphrase"
    secret.write_bytes(workshop.PASSPHRASE)
    secret.chmod(0o600)
    return Running(bench, secret)


def test_issuer_and_status_key_rotate_under_a_running_worker(running):
    before = running.issue(2, workshop.KEY)
    follow(running, new_key(running, "issuer.jst-example.2", "issuer", "jst-example"),
           new_key(running, "status.2", "status"))  # fmt: skip
    running.clock.now += 60
    after = running.issue(3, "issuer.jst-example.2")
    assert "status.2" in running.signers_of_lists()
    follow(
        running, closed(running, workshop.KEY, "retired"), closed(running, "status.1", "retired")
    )
    running.clock.now += 3600
    running.finish()
    last = running.issue(4, "issuer.jst-example.2")
    names = {
        key.name
        for each in (after, last)
        for key, _ in running.worker.trust.candidates("jst-example", cose.parse(each.cose).kid)
    }
    assert names == {"issuer.jst-example.2"}
    assert [running.verdict(each) for each in (before, after, last)] == ["valid"] * 3
    assert "status.2" in running.signers_of_lists()


def test_what_a_stolen_status_key_signed_is_signed_anew_at_once(running):
    first = running.issue(2, workshop.KEY)
    assert running.verdict(first) == "valid"
    follow(running, new_key(running, "status.2", "status"), closed(running, "status.1", "stolen"))
    assert running.verdict(first) == "undetermined"
    running.clock.now += 1
    running.finish()
    assert running.verdict(first) == "valid"
    assert running.signers_of_lists() == {"status.2"}
    tiles = list((running.folder / "public" / "i" / "1").iterdir())
    kids = {cose.parse(each.read_bytes()).kid for each in tiles}
    assert len(kids) == 1
    running.clock.now += 1
    assert not publish.step(running.worker)


def test_a_certificate_of_a_stolen_issuer_key_is_untrusted(running):
    found = running.issue(2, workshop.KEY)
    follow(running, closed(running, workshop.KEY, "stolen"))
    assert running.verdict(found) == "untrusted_issuer"
    with pytest.raises(NotFoundError):
        running.issue(3, workshop.KEY)
    with running.database.reading() as session:
        waits = session.scalars(select(CertificateRow).where(CertificateRow.state == "held")).one()
    assert waits.reason == "qr: scope.stolen"
    follow(running, new_key(running, "issuer.jst-example.2", "issuer", "jst-example"))
    running.clock.now += 60

    def retry(session):
        organisations.name_key(session, None, NOW, running.office.body, "issuer.jst-example.2")
        held.retry(session, running.office.issuer, running.clock.now, waits.id)

    running.write(retry)
    running.finish()
    with running.database.reading() as session:
        again = issued(session, waits.id)
    assert again.certificate.facts.number == waits.number
    assert running.verdict(again) == "valid"


def test_without_a_status_key_in_force_nothing_is_published(running):
    running.issue(2, workshop.KEY)
    follow(running, closed(running, "status.1", "retired"))
    running.clock.now += 3600
    with pytest.raises(WorkError, match="no status key in force"):
        running.finish()


def test_nothing_is_done_while_the_trust_list_does_not_open(running):
    running.finish()
    public = running.folder / "public" / "trust"
    (public / "2").write_bytes((public / "1").read_bytes()[:-1])
    with pytest.raises(WorkError, match="our own trust list"):
        running.finish()
    (public / "2").unlink()
    running.finish()


def test_an_older_trust_list_than_one_seen_is_refused(running):
    follow(running, new_key(running, "status.2", "status"))
    running.finish()
    assert running.worker.trust.version == 2
    (running.folder / "public" / "trust" / "2").unlink()
    with pytest.raises(WorkError, match="older than 2"):
        running.finish()
    assert running.worker.trust.version == 2


def test_a_key_under_another_passphrase_stops_the_worker_with_its_name(running):
    path = running.folder / "keys"
    custody.create(path, "status.9", b"another passphrase", random.Random(1).randbytes, CHEAP)
    with pytest.raises(custody.SealedFileError, match=r"status\.9"):
        running.finish()


def test_a_key_file_that_another_replaced_under_its_name_is_opened(running):
    running.finish()
    name, folder = "status.1", running.folder / "keys"
    (folder / sealed.file_name(name)).unlink()
    public = custody.create(folder, name, workshop.PASSPHRASE, random.Random(2).randbytes, CHEAP)
    assert running.worker.signers[name].public != public
    running.worker = running.renew(running.worker)
    assert running.worker.signers[name].public == public


def test_without_a_change_nothing_is_opened_again(running):
    running.finish()
    same = running.worker
    running.finish()
    assert running.worker is same
