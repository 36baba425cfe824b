"""Two connections at once: one wins, the other is told, nothing is done twice."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from threading import Barrier
from typing import TypeVar

from sqlalchemy import event, func, select
from sqlalchemy.orm import Session

from registry.acts import approval, counters, status
from registry.acts.imports import ImportReport
from registry.acts.status import Ruling
from registry.queries import log
from registry.queries import status as history
from registry.queries.policy import policy
from registry.records.approval import Decision
from registry.records.assessment import Confirmation
from registry.records.eligibility import Eligibility
from registry.records.status import StatusChange
from registry.rules.decision import RefusedError
from registry.rules.permissions import Actor
from registry.rules.status import StatusAct
from schemas.certificate import State
from tests.registry import batches
from tests.registry.conftest import Database
from tests.registry.office import NOW, PERSONAL, TODAY, Office

Answer = TypeVar("Answer")


def together(database: Database, *acts: Callable[[Session], Answer]) -> list[Answer | RefusedError]:
    """Run the acts at the same moment, each in a transaction of its own."""
    barrier = Barrier(len(acts))

    def run(act: Callable[[Session], Answer]) -> Answer | RefusedError:
        barrier.wait()
        try:
            with database.writing.begin() as session:
                return act(session)
        except RefusedError as refused:
            return refused

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


def test_two_officers_approve_at_once(database: Database, here: Office) -> None:
    with database.writing.begin() as session:
        batch = batches.checked(session, here)
        version = batches.version(session, batch)

    def approve(actor: Actor) -> Callable[[Session], approval.Approval]:
        return lambda session: approval.approve(
            session, actor, NOW, PERSONAL, policy(session), batch, version, TODAY
        )

    answers = together(database, approve(here.issuer), approve(here.second_issuer))
    won = [each for each in answers if isinstance(each, approval.Approval)]
    told = [each for each in answers if isinstance(each, RefusedError)]
    assert won == [approval.Approval(granted=3, refused=0)]
    assert [reason.code for each in told for reason in each.reasons] == ["batch_state"]
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Eligibility)) == 3
        steps = session.scalars(select(Decision.step).where(Decision.step == "approved")).all()
        assert len(steps) == 1


def test_the_last_examiners_confirm_at_once(database: Database, here: Office) -> None:
    with database.writing.begin() as session:
        batch = batches.submitted(session, here)
        version = batches.version(session, batch)
    answers = together(
        database,
        *(
            lambda session, actor=actor: approval.confirm(
                session, actor, NOW, PERSONAL, batch, version
            )
            for actor in here.examiners
        ),
    )
    assert sorted(str(each) for each in answers) == ["confirmed", "submitted", "submitted"]
    with database.reading() as session:
        assert batches.state(session, batch) == "confirmed"
        assert session.scalar(select(func.count()).select_from(Confirmation)) == 3


def test_one_file_uploaded_twice_at_once(database: Database, here: Office) -> None:
    with database.writing.begin() as session:
        batch = batches.drafted(session, here, 0)
    rows = {row: batches.result(row) for row in range(2, 12)}
    answers = together(database, *([lambda session: batches.bring(session, here, batch, rows)] * 2))
    counts = sorted(
        (len(each.kept), len(each.unchanged)) for each in answers if isinstance(each, ImportReport)
    )
    assert counts == [(0, 10), (10, 0)]


def test_two_officers_revoke_at_once(database: Database, here: Office) -> None:
    with database.writing.begin() as session:
        (certificate,) = batches.issued(session, here)

    def change(act: StatusAct, ground: str) -> Callable[[Session], State]:
        return lambda session: status.change(
            session, here.issuer, NOW, policy(session), PERSONAL.random, certificate, act,
            Ruling(ground=ground, decided_on=TODAY),
        )  # fmt: skip

    answers = together(
        database, change(StatusAct.REVOKE, "fraud"), change(StatusAct.REVOKE, "ineligible")
    )
    assert sum(each is State.REVOKED for each in answers) == 1
    with database.reading() as session:
        assert history.projected(session) == history.folded(session) == {certificate: State.REVOKED}
        assert session.scalar(select(func.count()).select_from(StatusChange)) == 1


def test_a_change_is_numbered_in_the_order_of_commits(database: Database, here: Office) -> None:
    # Publishing goes on from the highest change it has seen: a lower one must not come later.
    with database.writing.begin() as session:
        (certificate,) = batches.issued(session, here)
    statements: list[str] = []
    event.listen(
        database.engine, "before_cursor_execute", lambda *given: statements.append(given[2])
    )
    with database.writing.begin() as session:
        status.change(
            session, here.issuer, NOW, policy(session), PERSONAL.random, certificate,
            StatusAct.REVOKE, Ruling(ground="fraud", decided_on=TODAY),
        )  # fmt: skip
    held = next(at for at, each in enumerate(statements) if "FROM audit_head" in each)
    numbered = next(at for at, each in enumerate(statements) if "INTO status_changes" in each)
    assert held < numbered
    if database.engine.dialect.name == "postgresql":
        assert "FOR UPDATE" in statements[held]


def test_numbers_taken_at_once_are_all_different(database: Database) -> None:
    answers = together(
        database, *([lambda session: list(counters.take(session, "example", 50))] * 6)
    )
    taken = [number for each in answers if isinstance(each, list) for number in each]
    assert sorted(taken) == list(range(1, 301))


def test_audit_lines_written_at_once_stay_one_chain(database: Database, here: Office) -> None:
    with database.writing.begin() as session:
        drafts = [batches.drafted(session, here, 0) for _ in range(2)]
    together(
        database,
        *(
            lambda session, batch=batch: batches.bring(
                session, here, batch, {2: batches.result(batch)}
            )
            for batch in drafts
        ),
    )
    with database.reading() as session:
        lines = log.audit_lines(session, limit=1_000)
        assert all(line.previous == before.hash for before, line in pairwise(lines))
        assert log.audit_head(session) == (len(lines), lines[-1].hash)
