"""The part of the large registry that is real: an office, its keys, and batches really issued."""

import os
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from keys import custody
from registry.acts import approval, imports, organisations
from registry.custody.personal import Personal, PersonalKey
from registry.queries.policy import policy
from registry.records.schema import migrate
from registry.records.session import open_engine, writing
from registry.work import issue
from registry.work.context import Context
from tests.registry import batches, office
from tests.registry.checklist import all_ticked
from tests.registry.office import NOW, PERSONAL, TODAY, Office, citizen
from tests.registry.work import workshop
from tests.registry.work.workshop import Clock

SIGNED = 2_000
"""Certificates of the first batch, signed and checked as in service."""
_BORN = date(1970, 1, 1)
_OWN = Personal((PersonalKey("personal.1", bytes(range(32))),), os.urandom)
"""The key of the test office; names of rows are random anew when a registry is opened again."""


@dataclass
class Bench:
    """One registry: its folder, its database, its office and a worker."""

    folder: Path
    engine: Engine
    here: Office
    worker: Context
    clock: Clock
    brought: int = 0
    """People who have been brought so far; the next batch brings others."""

    def start(self, count: int) -> int:
        """A batch of so many people whose issue has been started; answers its record id."""
        first, self.brought = self.brought, self.brought + count
        with self.worker.writing.begin() as session:
            return _start(session, self.here, first, count)

    def issue(self) -> None:
        """Prepare, sign, check and store until nothing waits."""
        while issue.step(self.worker):
            pass


def found(folder: Path, url: str) -> Bench:
    """An office with keys in an empty database, and its first batch really issued."""
    workshop.keys(folder)
    migrate(open_engine(url))
    engine = open_engine(url)
    with writing(engine).begin() as session:
        here = office.build(session)
        organisations.name_key(session, None, NOW, here.body, workshop.KEY)
    bench = opened(folder, engine, here)
    bench.start(SIGNED)
    bench.issue()
    return bench


def opened(folder: Path, engine: Engine, here: Office) -> Bench:
    """A worker over a folder and a database that are there already."""
    signers = custody.open_folder(folder / "keys", workshop.PASSPHRASE)
    url = engine.url.render_as_string(hide_password=False)
    clock = Clock()
    config = workshop.config(folder, url)
    return Bench(
        folder, engine, here, workshop.context(config, clock, dict(signers), engine=engine), clock
    )


def reopened(folder: Path, engine: Engine) -> Bench:
    """A registry that was founded before; people who were brought then are not brought again."""
    with TemporaryDirectory() as name:
        other = open_engine(f"sqlite:///{name}/office.db")
        migrate(other)
        with writing(other)() as session:
            here = office.build(session)  # the same acts give the same record ids
        other.dispose()
    bench = opened(folder, engine, here)
    with bench.worker.reading() as session:
        bench.brought = int(
            session.scalar(
                text(
                    "SELECT sum(i.kept) FROM imports i JOIN batches b ON b.id = i.batch_id"
                    " WHERE b.number NOT LIKE '25%'"
                )
            )
            or 0
        )
    return bench


def _start(session: Session, here: Office, first: int, count: int) -> int:
    batch = batches.drafted(session, here, 0)
    rows = {
        row + 2: batches.result(row % 9, identity=_identity(first + row)) for row in range(count)
    }
    imports.import_results(session, here.registrar, NOW, _OWN, batch, batches.UPLOAD, rows, {})
    version = batches.version(session, batch)
    approval.submit(session, here.registrar, NOW, PERSONAL, batch, version)
    for examiner in here.examiners:
        approval.confirm(session, examiner, NOW, PERSONAL, batch, version)
    approval.check(session, here.checker, NOW, PERSONAL, batch, version, all_ticked())
    approval.approve(session, here.issuer, NOW, PERSONAL, policy(session), batch, version, TODAY)
    approval.issue(session, here.issuer, NOW, batch, version)
    return batch


def _identity(number: int) -> office.Identity:
    born = _BORN + timedelta(days=number // 1000)
    return citizen(number % 1000, born.strftime("%Y%m%d"))
