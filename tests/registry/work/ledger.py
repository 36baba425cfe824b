"""What must hold of numbers, rows, forms and public files, however often a worker died."""

import re
from collections import defaultdict

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from registry.records.assessment import Batch
from registry.records.certificates import CertificateRow, CertificateState, Counter, Form
from registry.records.log import LogEntry
from registry.records.status import Status
from registry.work.context import Context
from schemas import qr, value
from verifier.evidence import Evidence
from verifier.report import Verdict
from verifier.sources import FolderSource
from verifier.verify import verify


def gapless(session: Session) -> None:
    """Every serial that any counter handed out has exactly one first version, and no other does."""
    serials: dict[str, list[int]] = defaultdict(list)
    for row in session.execute(
        select(
            CertificateRow.scheme, CertificateRow.period, CertificateRow.organisation,
            CertificateRow.level, CertificateRow.serial,
        ).where(CertificateRow.version == 1)
    ):  # fmt: skip
        serials[f"number/{row[0]}/{row[1]}/{row[2]}/{row[3]}"].append(row[4])
    counters = {
        row.name: row.value
        for row in session.execute(select(Counter.name, Counter.value))
        if re.match("number/", row.name)
    }
    assert set(serials) == set(counters)
    for name, last in counters.items():
        assert sorted(serials[name]) == list(range(1, last + 1)), name


def complete(session: Session, batch: int, count: int) -> None:
    """The batch is issued, every row once, each with its forms, place and log entry."""
    assert session.get_one(Batch, batch).state == "issued"
    rows = session.execute(
        select(CertificateRow.id, CertificateRow.result_id, CertificateRow.state).where(
            CertificateRow.batch_id == batch, CertificateRow.version == 1
        )
    ).all()
    assert len(rows) == len({row.result_id for row in rows}) == count
    assert {row.state for row in rows} == {CertificateState.ISSUED}
    for table in (Form.certificate_id, Status.certificate_id, LogEntry.certificate_id):
        found = session.scalar(select(func.count()).where(table.in_([row.id for row in rows])))
        assert found == count, table


def genuine(worker: Context, at: int) -> int:
    """Every issued certificate is released and verifies with what is public; answers how many."""
    source = FolderSource(worker.config.public)
    evidence = Evidence(source, worker.trust)
    with worker.reading() as session:
        rows = session.execute(
            select(CertificateRow.value, CertificateRow.released_at, Form.cose, Form.document)
            .join(Form, Form.certificate_id == CertificateRow.id)
            .where(CertificateRow.state == CertificateState.ISSUED)
        ).all()
    for row in rows:
        assert row.released_at is not None
        facts = value.load(row.value).facts
        for form in (qr.text(facts.base, row.cose), row.document):
            report = verify(form, worker.trust, at, evidence)
            assert report.verdict is Verdict.VALID, (report.verdict, report.reason)
            assert report.facts is not None and report.facts.number == facts.number
    return len(rows)
