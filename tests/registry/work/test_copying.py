"""A trial in an SQLite file goes on in PostgreSQL: whole, compared, and in one place only."""

import os
import signal
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import func, inspect, select, text, update
from sqlalchemy.exc import DBAPIError, IntegrityError

from registry.cli.copying import copy as command
from registry.queries import rows
from registry.records import append_only
from registry.records.assessment import Conflict, Result
from registry.records.certificates import CertificateRow, Form
from registry.records.log import AuditLine
from registry.records.organisations import Body
from registry.records.session import open_engine, reading, writing
from registry.work import copying, issue, loop
from registry.work.context import WorkError
from schemas.token_status import TokenStatusList
from tests.registry import backends
from tests.registry.work import ledger, workshop
from tests.registry.work.conftest import Bench
from tests.registry.work.test_publish import _list, _revoke
from verifier.evidence import Evidence
from verifier.sources import FolderSource
from verifier.verify import verify

pytestmark = [
    pytest.mark.skipif(backends.POSTGRES is None, reason="no PostgreSQL server is named"),
    pytest.mark.parametrize("template", ["sqlite"], indirect=True),
]


@pytest.fixture
def target(tmp_path: Path) -> Iterator[str]:
    with backends.opened("postgresql", tmp_path) as backend:
        assert isinstance(backend, backends.Postgresql)
        with backend.empty() as url:
            yield url


@pytest.fixture
def trial(bench: Bench) -> Bench:
    """Three certificates, one of them revoked; a conflict that says "nothing"."""
    bench.write(lambda session: workshop.start(session, bench.office, 3))
    loop.run_until_idle(bench.worker, [issue.step])
    bench.write(lambda session: _revoke(session, bench.office))
    bench.write(_with_a_conflict)
    bench.database.engine.dispose()
    return bench


def _with_a_conflict(session):
    result = session.scalars(select(Result).order_by(Result.id)).first()
    session.add(
        Conflict(
            import_id=result.import_id, result_id=result.id, source_row=2, column="review",
            stored="80", offered="", value=None, settled=None, settled_by=None, settled_at=None,
        )
    )  # fmt: skip


def _source(bench: Bench) -> str:
    return bench.database.engine.url.render_as_string()


def _quiet(*_: object) -> None:
    pass


def _tables(url: str) -> list[str]:
    engine = open_engine(url)
    with engine.connect() as connection:
        found = inspect(connection).get_table_names()
    engine.dispose()
    return found


def test_the_registry_goes_on_in_postgresql(trial, target, capsys):
    workshop.finish(trial.worker)
    trial.database.engine.dispose()
    before: TokenStatusList = _list(trial)
    (trial.folder / "hallmark.toml").write_text(
        f'base = "{workshop.BASE}"\ndatabase_url = "{_source(trial)}"\n'
    )
    assert command(["--dir", str(trial.folder), "--to", target]) == 0
    told = capsys.readouterr()
    assert "counted and compared" in told.out and "certificates compared" in told.err
    assert (trial.folder / "hallmark.toml").read_text().count("database_url") == 1

    settings = workshop.config(trial.folder, target)
    engine = open_engine(target)
    worker = workshop.context(settings, trial.clock, trial.signers, engine=engine, chunk=4)
    with worker.reading() as session:
        ledger.gapless(session)
        assert session.scalars(select(Conflict.value)).one() is None
    trial.clock.now += 3600
    with worker.writing.begin() as session:
        batch = workshop.start(session, trial.office, 1, first=20)
    workshop.finish(worker)
    with worker.reading() as session:
        ledger.gapless(session)
        ledger.complete(session, batch, 1)
        head = session.scalar(select(func.max(AuditLine.position)))
        assert session.scalar(select(func.count()).select_from(AuditLine)) == head
    for table in append_only.APPEND_ONLY:
        with pytest.raises(DBAPIError, match="append-only"), writing(engine)() as session:
            session.execute(text(f"TRUNCATE {table} CASCADE"))
    assert _list(trial).sequence > before.sequence
    assert sum(map(bool, _list(trial).states)) == 1  # the revocation
    assert _verdicts(worker, trial.clock.now) == {"valid": 3, "revoked": 1}
    engine.dispose()


def _verdicts(worker, at):
    """Verdicts of every issued certificate by what is public."""
    evidence = Evidence(FolderSource(worker.config.public), worker.trust)
    with worker.reading() as session:
        forms = session.scalars(select(Form.document)).all()
    return Counter(verify(each, worker.trust, at, evidence).verdict.value for each in forms)


def test_every_table_is_carried_or_named_as_passing(trial, target):
    copied = copying.copy(_source(trial), target, _quiet)
    assert set(copied.tables) == {each.name for each in rows.tables()}
    assert copied.tables["certificates"].rows == 3
    assert set(_tables(target)) == set(copied.tables) | rows.TRANSIENT | {"alembic_version"}


def test_afterwards_the_old_file_takes_no_act(trial, target):
    copying.copy(_source(trial), target, _quiet)
    with pytest.raises(IntegrityError, match="goes on there"):
        trial.write(lambda session: workshop.start(session, trial.office, 1, 30))
    with pytest.raises(WorkError, match="copied already"):
        trial.database.engine.dispose()
        copying.copy(_source(trial), target, _quiet)


def test_a_registry_in_use_is_not_copied(trial, target):
    with trial.database.reading() as session:
        session.scalars(select(CertificateRow.id)).all()
        with pytest.raises(WorkError, match="stop hallmark serve and hallmark work"):
            copying.copy(_source(trial), target, _quiet)
    assert _tables(target) == []
    trial.database.engine.dispose()
    assert copying.copy(_source(trial), target, _quiet).rows


def test_a_target_that_holds_anything_is_refused(trial, target):
    engine = open_engine(target)
    with writing(engine).begin() as session:
        session.execute(text("CREATE TABLE somebody_elses (id int)"))
    engine.dispose()
    with pytest.raises(WorkError, match="not empty"):
        copying.copy(_source(trial), target, _quiet)
    assert _tables(target) == ["somebody_elses"]


def test_a_row_that_the_server_refuses_is_named_and_nothing_is_copied(trial, target):
    trial.write(
        lambda session: session.execute(update(Body).where(Body.id == 1).values(phone="x" * 900))
    )
    trial.database.engine.dispose()
    with pytest.raises(WorkError, match=r"bodies, row 1, column phone") as refused:
        copying.copy(_source(trial), target, _quiet)
    assert "xxx" not in str(refused.value)
    assert _tables(target) == []


_BENDING = """
CREATE FUNCTION bend() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN NEW.name_en := NEW.name_en || '.'; RETURN NEW; END $$;
CREATE FUNCTION bend_levels() RETURNS event_trigger LANGUAGE plpgsql AS
    $$ BEGIN
        IF to_regclass('levels') IS NOT NULL
           AND NOT EXISTS (SELECT FROM pg_trigger WHERE tgname = 'bent') THEN
            CREATE TRIGGER bent BEFORE INSERT ON levels FOR EACH ROW EXECUTE FUNCTION bend();
        END IF;
    END $$;
CREATE EVENT TRIGGER bending ON ddl_command_end WHEN TAG IN ('CREATE TABLE')
    EXECUTE FUNCTION bend_levels();
"""


def test_what_arrives_otherwise_than_it_was_sent_is_seen(trial, target):
    engine = open_engine(target)
    with writing(engine).begin() as session:
        session.connection().exec_driver_sql(_BENDING)  # a server that alters what it is given
    engine.dispose()
    with pytest.raises(WorkError, match="levels: 5 rows were sent, 5 arrived"):
        copying.copy(_source(trial), target, _quiet)
    assert _tables(target) == []


@pytest.mark.parametrize("after", ["certificates copied", "forms compared"])
def test_killed_in_the_middle_it_leaves_nothing_and_begins_again(trial, target, after):
    def die(what: str, _: int) -> None:
        if what == after:
            os.kill(os.getpid(), signal.SIGKILL)

    child = os.fork()
    if child == 0:
        try:
            copying.copy(_source(trial), target, die)
        finally:
            os._exit(0)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status)
    assert _tables(target) == []
    assert copying.copy(_source(trial), target, _quiet).tables["certificates"].rows == 3
    engine = open_engine(target)
    with reading(engine)() as session:
        assert session.scalar(select(func.count()).select_from(CertificateRow)) == 3
    engine.dispose()
