"""No query of a hot path reads a whole table that grows with the registry, on either database."""

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import Engine, event, select, text, update
from sqlalchemy.orm import Session

from registry.acts import status, throttles
from registry.acts.status import Ruling
from registry.queries import accounts, assessment, certificates, log
from registry.queries import throttles as doors
from registry.queries.policy import policy
from registry.records.assessment import Batch
from registry.records.certificates import CertificateRow
from registry.rules.lookup import Question
from registry.rules.status import StatusAct
from registry.work import issue, publish
from tests.benchmarks.large import rows
from tests.registry import batches
from tests.registry.office import NOW, PERSONAL, TODAY, citizen
from tests.registry.work import workshop
from tests.registry.work.conftest import Bench, bench, founded

__all__ = ["bench", "founded"]

GROWING = frozenset({
    "audit_lines", "batches", "certificates", "confirmations", "conflicts", "corrections",
    "decisions", "eligibilities", "form_tokens", "forms", "imports", "log_entries", "photos",
    "pickup_codes", "publications", "result_examiners", "results", "status", "status_changes",
    "throttles", "web_sessions",
})  # fmt: skip
"""Tables with a row per certificate, person, upload, act or visitor."""
GENERATED = 12_000
"""Certificates that PostgreSQL plans over; SQLite plans without counting."""
_PARTIAL = "prepared|unreleased|set|open"
"""Words in the names of indexes that hold only the few rows that are looked for."""
_SCAN = re.compile(rf"\bSCAN (\w+)(?! USING (?:COVERING )?INDEX \S*(?:{_PARTIAL}))")


@dataclass(frozen=True, slots=True)
class Statement:
    """What was sent to the database."""

    text: str
    parameters: Any


@contextmanager
def heard(engine: Engine) -> Iterator[list[Statement]]:
    """Every statement that is sent meanwhile."""
    sent: list[Statement] = []

    def hear(_connection: Any, _cursor: Any, words: str, parameters: Any, *rest: Any) -> None:
        is_many = rest[-1]
        # What inserts rows looks nothing up; SQLite's plan of it tells of keys that it might check.
        if words.split(None, 1)[0] in ("SELECT", "UPDATE", "DELETE", "WITH"):
            sent.append(Statement(words, parameters[0] if is_many else parameters))

    event.listen(engine, "before_cursor_execute", hear)
    yield sent
    event.remove(engine, "before_cursor_execute", hear)


def scans(session: Session, sent: Statement) -> set[str]:
    """Growing tables that the database would read from one end to the other."""
    connection = session.connection()
    if re.search(r"WHERE [01] = 1 ORDER", sent.text):
        return set()  # nothing, or everything in the order of its key as far as one page goes
    if connection.dialect.name == "sqlite":
        plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sent.text}", sent.parameters)
        found = {match for row in plan for match in _SCAN.findall(row[3])}
        return {name for name in found if _table(name, sent.text) in GROWING}
    plan = connection.exec_driver_sql(f"EXPLAIN (FORMAT JSON) {sent.text}", sent.parameters)
    (whole,) = plan.scalar_one()
    return {name for name in _read_whole(whole["Plan"], limited=False) if name in GROWING}


def _table(name: str, statement: str) -> str:
    """The table behind a name of SQLite's plan, which may be an alias."""
    found = re.search(rf"(\w+) AS {name}\b", statement)
    return found[1] if found else name


def _read_whole(node: dict[str, Any], *, limited: bool) -> Iterator[str]:
    limited = limited or node["Node Type"] == "Limit"
    is_seq = node["Node Type"] == "Seq Scan"
    is_index = node["Node Type"] in ("Index Scan", "Index Only Scan") and not limited
    partial = re.search(_PARTIAL, node.get("Index Name", ""))
    # In a table of few rows the key's order may cost less than sorting what an index finds.
    is_many = node.get("Relation Name") in rows.FILLED
    if is_seq or (is_many and is_index and "Index Cond" not in node and not partial):
        yield node["Relation Name"]
    for inner in node.get("Plans", ()):
        yield from _read_whole(inner, limited=limited)


@pytest.fixture
def grown(bench: Bench) -> Bench:
    """A registry with some thousand certificates where the planner counts them."""
    bench.write(lambda session: workshop.start(session, bench.office, 5))
    while issue.step(bench.worker):
        pass
    bench.write(lambda session: session.execute(update(CertificateRow).values(released_at=NOW)))
    if bench.database.engine.dialect.name == "postgresql":
        url = bench.database.engine.url.render_as_string(hide_password=False)
        bench.database.engine.dispose()
        rows.fill(url, GENERATED)
    return bench


def _some(session: Session) -> CertificateRow:
    return session.scalars(select(CertificateRow).order_by(CertificateRow.id).limit(1)).one()


def _reads(bench: Bench) -> list[Callable[[Session], object]]:
    with bench.database.reading() as session:
        one, office = _some(session), bench.office
        batch = session.scalars(select(Batch.id).order_by(Batch.id).limit(1)).one()
    officers = (office.registrar, office.examiners[0], office.checker, office.issuer,
                office.administrator)  # fmt: skip
    return [
        lambda s: certificates.look_up(s, Question(one.number, one.holder_name, None)),
        lambda s: certificates.look_up(s, Question(one.number, None, one.last4)),
        lambda s: certificates.by_public_id(s, one.public_id),
        lambda s: certificates.of_result(s, one.result_id),
        lambda s: certificates.photo(s, one.id),
        lambda s: certificates.pickup(s, [bytes(32)], NOW),
        lambda s: certificates.held(s, office.issuer),
        lambda s: certificates.for_officer(s, office.issuer, one.id),
        lambda s: certificates.of_batch(s, office.issuer, batch),
        lambda s: certificates.of_identity(s, office.issuer, PERSONAL, citizen(2)),
        *(
            lambda s, actor=actor, words=words: certificates.search(s, actor, words)
            for actor in officers
            for words in (one.number, one.number[:18], one.holder_name, one.last4)
        ),
        *(lambda s, actor=actor: assessment.work_list(s, actor) for actor in officers),
        *(lambda s, actor=actor: assessment.batches(s, actor) for actor in officers[2:]),
        lambda s: assessment.batch(s, office.issuer, batch),
        lambda s: assessment.candidates(s, office.issuer, batch),
        lambda s: log.task_of_batch(s, office.issuer, batch),
        lambda s: log.audit_lines(s, f"batch:{batch}"),
        lambda s: accounts.signed_in(s, bytes(32), NOW),
        lambda s: accounts.credentials(s, "issuer"),
        lambda s: doors.closed_until(s, doors.LOOK_UP, bytes(32), NOW),
    ]


def _revoke(session: Session, bench: Bench, certificate: int) -> None:
    found = policy(session)
    code = next(
        row["code"] for row in found.rows("status_grounds") if row["act"] == StatusAct.REVOKE
    )
    ruling = Ruling(ground=str(code), decided_on=TODAY)
    status.change(
        session, bench.office.issuer, NOW, found, PERSONAL.random, certificate, StatusAct.REVOKE,
        ruling,
    )  # fmt: skip


def _faults(bench: Bench, sent: list[Statement], *, without_seq: bool) -> list[str]:
    faults = []
    with bench.database.writing() as session:
        if without_seq and session.get_bind().dialect.name == "postgresql":
            # Small tables are read whole for good reason; here only whether there is another way.
            session.execute(text("SET LOCAL enable_seqscan = off"))
        for each in {(each.text, json.dumps(each.parameters, default=str)): each
                     for each in sent}.values():  # fmt: skip
            if found := scans(session, each):
                faults.append(f"{sorted(found)}: {each.text}")
        session.rollback()
    return faults


def test_reading_a_hot_path_reads_no_whole_table(grown: Bench) -> None:
    reads = _reads(grown)
    with heard(grown.database.engine) as sent:
        for read in reads:
            with grown.database.reading() as session:
                read(session)
    assert len(sent) > 60
    assert _faults(grown, sent, without_seq=True) == []


def test_the_planner_takes_the_index_where_rows_are_many(grown: Bench) -> None:
    if grown.database.engine.dialect.name != "postgresql":
        return  # SQLite plans without counting, and the test before has asked it
    reads = _reads(grown)[:9]
    with heard(grown.database.engine) as sent:
        for read in reads:
            with grown.database.reading() as session:
                read(session)
    many = set(rows.FILLED)
    faults = _faults(grown, sent, without_seq=False)
    assert [
        each for each in faults if any(f"'{name}'" in each.split(":")[0] for name in many)
    ] == []


def test_working_reads_no_whole_table(grown: Bench) -> None:
    grown.write(lambda session: workshop.start(session, grown.office, 3, first=40))
    with grown.database.reading() as session:
        one = _some(session).id
    with heard(grown.database.engine) as sent:
        while issue.step(grown.worker):
            pass
        publish.step(grown.worker)
        grown.write(lambda session: _revoke(session, grown, one))
        publish.step(grown.worker)
        publish.step(grown.worker)
        grown.write(lambda session: throttles.failed(session, NOW, doors.LOOK_UP, bytes(32)))
        grown.write(lambda session: batches.drafted(session, grown.office, 2))
    assert len(sent) > 60
    assert _faults(grown, sent, without_seq=True) == []


def test_a_whole_table_is_noticed(grown: Bench) -> None:
    with heard(grown.database.engine) as sent, grown.database.reading() as session:
        session.execute(select(CertificateRow.id).where(CertificateRow.reason == "no index"))
    assert len(_faults(grown, sent, without_seq=True)) == 1
