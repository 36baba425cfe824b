"""A worker over a test office: real keys from a real ceremony, a real tree, a clock of its own."""

import random
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from keys import ceremony, plan
from keys.sealed import Cost
from registry.acts import approval, organisations
from registry.config import Config
from registry.publish.tree import FolderTree
from registry.queries.policy import policy
from registry.records.session import open_engine, reading, writing
from registry.work import identities, issue, loop, open, publish
from registry.work.context import Context
from schemas import dates
from schemas.certificate import Kind
from schemas.trust import Freshness
from tests.registry import batches
from tests.registry.checklist import all_ticked
from tests.registry.office import LONG_AGO, NOW, PERSONAL, TODAY, Identity, Office, citizen

BASE = "https://certs.example"
KEY = "issuer.jst-example.1"
PASSPHRASE = b"a test's passphrase"
STEPS = (issue.step, publish.step, identities.step)


@dataclass
class Clock:
    """Seconds that a test moves."""

    now: int = NOW + 60

    def __call__(self) -> int:
        return self.now


def keys(folder: Path) -> None:
    """Hold the ceremony for the test office; put trust list 1 into the tree."""
    made = plan.Plan(
        base=BASE, holders=("amber", "beryl", "coral"), threshold=2,
        bodies=(
            plan.Body(
                id="jst-example", zh="示例评价机构", en="Example Body", since=LONG_AGO,
                roles=("issuer",), provinces=("32",), phone="000-0000",
                kinds=(Kind.QUALIFICATION, Kind.LEVEL, Kind.TRAINING),
            ),
        ),
        start=dates.day_start(LONG_AGO), freshness=Freshness(trust=30 * 86_400, status=86_400),
    )  # fmt: skip
    held = ceremony.run(
        made, folder, PASSPHRASE, NOW, random.Random(11).randbytes, cost=Cost(1, 8 * 2**20)
    )
    (folder / "public" / "trust").mkdir(parents=True)
    for name in ("1", "latest"):
        (folder / "public" / "trust" / name).write_bytes(held.trust_list)


def config(folder: Path, url: str) -> Config:
    """Settings over a database."""
    return replace(Config.for_folder(folder), base=BASE, database_url=url)


def context(
    settings: Config,
    clock: Clock,
    signers: dict,
    *,
    engine: Engine | None = None,
    chunk: int = 1000,
) -> Context:
    """A worker's context with keys that are open already."""
    engine = engine or open_engine(settings.database_url)
    return Context(
        config=settings, reading=reading(engine), writing=writing(engine), signers=signers,
        tree=FolderTree(settings.public),
        trust=open.open_trust(settings.root_note, settings.public), clock=clock,
        random=random.SystemRandom().randbytes, worker=f"test:{random.random()}", chunk=chunk,
    )  # fmt: skip


def start(session: Session, office: Office, count: int, first: int = 2) -> int:
    """A batch of so many good rows whose issue has been started; answers its record id.

    Rows are numbered from ``first`` on; other rows are other people.
    """
    organisations.name_key(session, None, NOW, office.body, KEY)
    batch = batches.drafted(session, office, 0)
    rows = {
        row: batches.result(row % 1000, identity=_person(row))
        for row in range(first, first + count)
    }
    batches.bring(session, office, batch, rows)
    version = batches.version(session, batch)
    approval.submit(session, office.registrar, NOW, PERSONAL, batch, version)
    for examiner in office.examiners:
        approval.confirm(session, examiner, NOW, PERSONAL, batch, version)
    approval.check(session, office.checker, NOW, PERSONAL, batch, version, all_ticked())
    approval.approve(session, office.issuer, NOW, PERSONAL, policy(session), batch, version, TODAY)
    approval.issue(session, office.issuer, NOW, batch, version)
    return batch


def _person(row: int) -> Identity:
    """Somebody else for every row, however many there are."""
    days, serial = divmod(row, 1000)
    return citizen(serial, (date(1990, 1, 1) + timedelta(days)).strftime("%Y%m%d"))


def finish(worker: Context) -> int:
    """Run every step until nothing is left."""
    return loop.run_until_idle(worker, STEPS)
