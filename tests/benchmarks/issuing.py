"""Issuing a batch of 10,000 by the real path: prepare, seal, check by our own verifier, store."""

import gc
import random
import time
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import Engine, func, select

from keys import custody
from registry.acts import approval, organisations
from registry.queries.policy import policy
from registry.records.certificates import CertificateRow, CertificateState
from registry.records.schema import migrate
from registry.records.session import open_engine, writing
from registry.work import issue
from registry.work.context import Context
from tests.benchmarks import raw
from tests.benchmarks.harness import Line, line, seconds
from tests.registry import batches, office
from tests.registry.checklist import all_ticked
from tests.registry.office import NOW, PERSONAL, TODAY, citizen
from tests.registry.work import workshop
from tests.world import pair

COUNT = 10_000
_BORN = date(1970, 1, 1)


def lines(count: int = COUNT) -> Line:
    """Certificates per CPU-second beside the sum of what must be signed, verified and inserted."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        worker, engine = _office(folder, count)
        work, some = _crypto()
        taken, limit, turns = 0.0, 0.0, 0
        # Objects of the seed are not the worker's: it starts without them.
        gc.collect()
        gc.freeze()
        going = True
        while going:
            start = time.process_time()
            going = issue.step(worker)
            taken += time.process_time() - start
            limit += seconds(work)
            turns += 1
        with worker.reading() as session:
            issued = session.scalar(
                select(func.count()).where(CertificateRow.state == CertificateState.ISSUED)
            )
        engine.dispose()
        gc.unfreeze()
        if issued != count:
            raise AssertionError(f"{issued} of {count} certificates were issued")
        inserts = raw.Inserts(folder / "hallmark.db", folder)
        fill = seconds(inserts.empty(worker.chunk))
    return line(
        f"issue {count:,} certificates: rows, audit, every form checked", 0.5,
        [(taken, limit / turns / some * count + fill)], count,
    )  # fmt: skip


def _crypto() -> tuple[Callable[[], None], int]:
    """Signatures and verifications of some certificates, and of how many."""
    number = 100
    key = pair("issuer")
    some = random.Random(1)
    # The bytes that are signed: a COSE structure, and twice two hashes.
    messages = [some.randbytes(size) for _ in range(number) for size in (230, 64, 64)]
    sign = raw.signatures(messages, key.seed + key.public.raw)
    verify = raw.verifications([key.sign(each) + each for each in messages], key.public.raw)

    def work() -> None:
        sign()
        verify()

    return work, number


def _office(folder: Path, count: int) -> tuple[Context, Engine]:
    """A worker over a batch of so many granted results whose issue has been started."""
    workshop.keys(folder)
    url = f"sqlite:///{folder / 'hallmark.db'}"
    engine = open_engine(url)
    migrate(engine)
    with writing(engine).begin() as session:
        here = office.build(session)
        organisations.name_key(session, None, NOW, here.body, workshop.KEY)
        batch = batches.drafted(session, here, 0)
        rows = {row: batches.result(row % 9, identity=_identity(row)) for row in range(count)}
        batches.bring(session, here, batch, rows)
        version = batches.version(session, batch)
        approval.submit(session, here.registrar, NOW, PERSONAL, batch, version)
        for examiner in here.examiners:
            approval.confirm(session, examiner, NOW, PERSONAL, batch, version)
        approval.check(session, here.checker, NOW, PERSONAL, batch, version, all_ticked())
        approval.approve(
            session, here.issuer, NOW, PERSONAL, policy(session), batch, version, TODAY
        )
        approval.issue(session, here.issuer, NOW, batch, version)
    signers = custody.open_folder(folder / "keys", workshop.PASSPHRASE)
    config = workshop.config(folder, url)
    return workshop.context(config, workshop.Clock(), dict(signers), engine=engine), engine


def _identity(row: int) -> office.Identity:
    born = _BORN + timedelta(days=row // 1000)
    return citizen(row % 1000, born.strftime("%Y%m%d"))
