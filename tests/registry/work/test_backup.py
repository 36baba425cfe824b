"""Backups: taken from one snapshot while others write, restored whole or not at all."""

import shutil
from dataclasses import replace

import cbor2
import pytest
from sqlalchemy import func, inspect, select, text

from keys.errors import SealedStreamError
from keys.signer import KeyPair
from registry.backup import parts, reading
from registry.backup.errors import BackupError
from registry.backup.parts import Head, Part
from registry.backup.writing import Archive
from registry.config import Config
from registry.queries import recovery, rows
from registry.records import revision
from registry.records.accounts import WebSession
from registry.records.assessment import Conflict, Result
from registry.records.catalogue import Level
from registry.records.certificates import CertificateRow, Form
from registry.records.log import AuditHead, AuditLine, LogEntry
from registry.records.session import open_engine, writing
from registry.records.session import reading as reading_maker
from registry.records.status import Status
from registry.work import dumping, restoring
from registry.work.dumping import Wanted
from registry.work.restoring import Place
from tests.registry.work import restored, workshop


@pytest.fixture
def backend(template):
    return template.backend


@pytest.fixture
def office(bench):
    """A registry with certificates, an upload that waits, and somebody signed in."""
    bench.write(lambda session: workshop.start(session, bench.office, 3, 2))
    workshop.finish(bench.worker)
    (bench.folder / "uploads").mkdir()
    (bench.folder / "uploads" / "1.data").write_bytes(bytes(200_000))
    (bench.folder / "hallmark.toml").write_text(f'base = "{workshop.BASE}"\n')
    (bench.folder / "passphrase").write_text("secret of this machine\n")

    def sign_in(session):
        session.add(WebSession(**{
            column.name: _some(column) for column in WebSession.__table__.columns
        }))  # fmt: skip

    bench.write(sign_in)
    bench.write(_differ)
    return bench


def _differ(session):
    """A later workbook that leaves out a ticket: the offered value is JSON's null."""
    row = session.scalars(select(Result).limit(1)).one()
    session.add(Conflict(
        import_id=row.import_id, result_id=row.id, source_row=2, column="ticket", stored="T1",
        offered="", value=None, settled=None, settled_by=None, settled_at=None,
    ))  # fmt: skip


def _some(column):
    kind = rows.plain_type(column.type).python_type
    return {bytes: bytes(32), int: 1, str: "x"}[kind] if not column.nullable else None


def everything(maker):
    """Every row that a backup holds, by table."""
    with maker() as session:
        return {
            table.name: [row for part in rows.stream(session, table) for row in part]
            for table in rows.tables()
        }


def test_every_row_comes_back_on_either_database(office, backend):
    data = restored.take(office.worker)
    before = everything(office.worker.reading)
    assert sum(map(len, before.values())) > 100
    elsewhere = office.folder.parent / "elsewhere"
    with restored.again(office, backend, data, public=None) as again:
        restoring.restore(restored.messages(data), Place(elsewhere, None), office.clock())
        engine = open_engine(Config.for_folder(elsewhere).database_url)
        assert engine.dialect.name == "sqlite"
        for maker in (again.worker.reading, reading_maker(engine)):
            after = everything(maker)
            due = after.pop("recoveries")
            assert len(due) == 1
            assert after == {name: found for name, found in before.items() if name in after}
            with maker() as session:
                assert session.scalars(select(WebSession)).all() == []  # nobody is signed in again
                assert recovery.due(session).backup_at == office.clock()
        engine.dispose()
        # Generated keys go on, and what must not change is guarded again.
        with again.worker.writing.begin() as session:
            session.execute(text("UPDATE recoveries SET finished_at = begun_at"))
        again.write(lambda session: workshop.start(session, office.office, 1, 30))
        workshop.finish(again.worker)
        guarded = text("UPDATE audit_lines SET act = 'x'")
        with pytest.raises(Exception, match="append-only"):
            again.write(lambda session: session.execute(guarded))


def test_files_come_back_and_no_secret_leaves(office, backend):
    data = restored.take(office.worker)
    _, manifest = reading.read(restored.messages(data), reading.Nowhere())
    assert set(manifest.files) == {
        "hallmark.toml", "root.note", "transcript.md", "uploads/1.data", "trust/1",
        "public/trust/1", "public/trust/latest",
    }  # fmt: skip
    place = Place(office.folder.parent / "again", None)
    restoring.restore(restored.messages(data), place, office.clock())
    for path in manifest.files:
        if path != "hallmark.toml":
            assert (place.folder / path).read_bytes() == (office.folder / path).read_bytes()
    assert (place.folder / "uploads" / "1.data").stat().st_mode & 0o777 == 0o600
    assert not (place.folder / "keys").exists()


def test_signing_keys_are_in_it_only_when_asked_for_and_stay_sealed(office):
    data = restored.take(office.worker, keys=True)
    head, manifest = reading.read(restored.messages(data), reading.Nowhere())
    names = {path for path in manifest.files if path.startswith("keys/")}
    assert head.keys and len(names) == len(list((office.folder / "keys").glob("*.key"))) > 2
    place = Place(office.folder.parent / "again", None)
    restoring.restore(restored.messages(data), place, office.clock())
    for name in names:
        assert (place.folder / name).read_bytes().startswith(b"hallmark-sealed-key/1\n")


def test_a_backup_is_one_moment_however_long_it_takes(office, backend):
    """While it is taken, a whole batch is issued and published."""
    worked = []

    def told(name, _count):
        if name == "bodies":
            office.write(lambda session: workshop.start(session, office.office, 4, 40))
            worked.append(workshop.finish(office.worker))

    wanted = Wanted(config=office.worker.config, now=office.clock(), keys=False, told=told)
    sink = Kept()
    dumping.take(office.worker.reading, wanted, sink)
    assert worked and worked[0] > 2
    with backend.empty() as url:
        place = Place(office.folder.parent / "again", url)
        restoring.restore(iter(sink.messages), place, office.clock())
        engine = open_engine(Config.for_folder(place.folder).database_url)
        with reading_maker(engine)() as session:
            for table in (CertificateRow, Form, Status):
                assert session.scalar(select(func.count()).select_from(table)) == 3, table
            assert session.scalar(select(func.count()).select_from(LogEntry)) == 3
            newest = session.scalars(
                select(AuditLine).order_by(AuditLine.position.desc()).limit(1)
            ).one()
            head = session.get_one(AuditHead, 1)
            assert (head.position, head.hash) == (newest.position, newest.hash)
        engine.dispose()


class Kept:
    """Messages in the clear, as a test wants to see them."""

    def __init__(self):
        self.messages = []

    def write(self, message):
        self.messages.append(message)

    def finish(self, message):
        self.messages.append(message)


def refused(bench, backend, messages, match):
    """Restoring refuses, and leaves nothing of it behind."""
    with backend.empty() as url:
        place = Place(bench.folder.parent / "again", url)
        with pytest.raises((BackupError, SealedStreamError), match=match):
            restoring.restore(messages, place, bench.clock())
        assert not place.folder.exists()
        assert {each.name for each in bench.folder.parent.iterdir()} == {bench.folder.name}
        if url is not None:
            engine = open_engine(url)
            with engine.connect() as connection:
                assert inspect(connection).get_table_names() == []
            engine.dispose()


def test_a_spoilt_backup_restores_nothing(bench, backend):
    data = restored.take(bench.worker)
    other = KeyPair.from_seed(bytes(32))
    refused(bench, backend, restored.messages(data[:-1]), "cut short")
    refused(bench, backend, restored.messages(data[: len(data) // 2]), "cut short")
    spoilt = bytearray(data)
    spoilt[len(data) * 3 // 4] ^= 1
    refused(bench, backend, restored.messages(bytes(spoilt)), "was changed")
    refused(bench, backend, restored.messages(data, other), "sealed for the key")


def _messages(worker):
    kept = Kept()
    wanted = Wanted(config=worker.config, now=1, keys=False, told=lambda _name, _count: None)
    dumping.take(worker.reading, wanted, kept)
    return kept.messages


def _first(messages, part):
    return next(at for at, each in enumerate(messages) if cbor2.loads(each)[0] == part)


def test_parts_that_do_not_agree_restore_nothing(bench, backend):
    """The seal proves who may read, not who wrote: what is inside is looked at too."""
    whole = _messages(bench.worker)
    at = _first(whole, Part.ROWS)
    refused(bench, backend, iter(whole[:at] + whole[at + 1 :]), "does not agree about")
    refused(bench, backend, iter(whole[:-1]), "has no end")
    refused(bench, backend, iter(whole[1:]), "not in their order")
    refused(bench, backend, iter([*whole[:-1], b"\xf6", whole[-1]]), "does not know")
    twice = _first(whole, Part.TABLE)
    refused(bench, backend, iter([*whole[:-1], whole[twice], whole[-1]]), "twice")


@pytest.mark.parametrize(
    "path", ["../evil", "/etc/evil", "keys/../../evil", "public/s/1", "keys/a/b.key", "work.sh"]
)
def test_a_file_that_belongs_in_no_backup_is_never_written(bench, backend, path):
    whole = _messages(bench.worker)
    evil = [cbor2.dumps([Part.FILE, path]), cbor2.dumps([Part.DATA, b"evil"])]
    refused(bench, backend, iter(whole[:-1] + evil), "belongs in none")


def test_a_table_of_another_name_is_never_filled(bench, backend):
    whole = _messages(bench.worker)
    for name, why in (("sqlite_master", "no program of ours"), ('x" --', "cannot be one")):
        evil = cbor2.dumps([Part.TABLE, name, [["id", "integer"]]])
        refused(bench, backend, iter([*whole[:-1], evil]), why)


def test_another_version_says_which(bench, backend):
    head = Head(revision="9999", base="https://x", created=1, dialect="sqlite", keys=False)
    kept = Kept()
    Archive(kept, head).finish({})
    refused(bench, backend, iter(kept.messages), "newer program")
    newer = cbor2.dumps([Part.HEAD, head.value() | {"format": parts.FORMAT + 1}])
    refused(bench, backend, iter([newer]), "format 2")


def test_a_backup_of_an_older_program_is_migrated(bench, backend):
    kept = Kept()
    archive = Archive(
        kept, Head(revision="0002", base="https://x", created=1, dialect="sqlite", keys=False)
    )
    columns = [("code", "text"), ("name_zh", "text"), ("name_en", "text"), ("rank", "integer")]
    archive.table("levels", columns, [[("9", "九级", "Level 9", 9)]])
    archive.table("audit_head", [("id", "integer"), ("position", "integer"), ("hash", "bytes")],
                  [[(1, 0, bytes(32))]])  # fmt: skip
    archive.finish({})
    with backend.empty() as url:
        place = Place(bench.folder.parent / "again", url)
        restoring.restore(iter(kept.messages), place, bench.clock())
        engine = open_engine(Config.for_folder(place.folder).database_url)
        with reading_maker(engine)() as session:
            revision.check(session)
            assert session.scalars(select(Level.name_zh)).all() == ["九级"]
        engine.dispose()


def test_only_an_empty_place_is_restored_into(bench, backend):
    data = restored.take(bench.worker)
    folder = bench.folder.parent / "again"
    folder.mkdir()
    (folder / "mine").touch()
    with pytest.raises(BackupError, match="not empty"):
        restoring.restore(restored.messages(data), Place(folder, None), 1)
    assert [each.name for each in folder.iterdir()] == ["mine"]
    shutil.rmtree(folder)
    taken = str(bench.database.engine.url)
    with pytest.raises(BackupError, match="database is not empty"):
        restoring.restore(restored.messages(data), Place(folder, taken), 1)
    assert not folder.exists()
    with bench.database.reading() as session:
        revision.check(session)  # and is as it was


def test_a_program_over_other_tables_takes_no_backup(bench):
    with writing(bench.database.engine).begin() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '0001'"))
    with pytest.raises(Exception, match="hallmark migrate"):
        restored.take(bench.worker)


def test_memory_is_that_of_one_message():
    """Rows are sealed as they come: few wait at any time, and no message is large."""
    kept, waiting = Kept(), []

    def many():
        for _ in range(400):
            waiting.append(len(kept.messages))
            yield [(bytes(1000), "x" * 1000)] * 20

    head = Head(revision="0001", base="https://x", created=1, dialect="sqlite", keys=False)
    Archive(kept, head).table("t", [("a", "bytes"), ("b", "text")], many())
    assert max(map(len, kept.messages)) < 1.2 * parts.MESSAGE
    rows_to_a_message = parts.MESSAGE // 2000
    written = [at * 20 // rows_to_a_message for at in range(400)]
    assert all(seen >= least for seen, least in zip(waiting, written, strict=True))


def test_a_config_is_written_for_the_new_place(bench, backend):
    (bench.folder / "hallmark.toml").write_text(
        f'base = "{workshop.BASE}"\ndatabase_url = "postgresql+psycopg://elsewhere/db"\n'
        'sample = true\ncontact_phone = "000-0000"\n'
    )
    data = restored.take(bench.worker)
    with backend.empty() as url:
        place = Place(bench.folder.parent / "again", url)
        restoring.restore(restored.messages(data), place, 1)
        found = Config.for_folder(place.folder)
        assert (found.base, found.sample, found.contact_phone) == (workshop.BASE, True, "000-0000")
        assert found.database_url == (url or f"sqlite:///{place.folder / 'hallmark.db'}")
        assert replace(found, sample=False) != found
