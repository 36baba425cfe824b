"""Papers and serials at the same moment: no number is ever both; nothing is registered twice."""

from concurrent.futures import ThreadPoolExecutor
from threading import Event

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from registry.acts import legacy_signing, serials
from registry.acts.legacy_imports import LegacyReport
from registry.queries import legacy_stored
from registry.queries.policy import policy
from registry.records.assessment import Batch
from registry.records.certificates import CertificateRow
from registry.records.legacy import LegacyEntry
from registry.rules import numbering
from registry.rules.decision import RefusedError
from registry.rules.legacy import LegacyKind
from tests.registry import batches, papers
from tests.registry.acts.test_races import together
from tests.registry.conftest import Database
from tests.registry.office import NOW, PERSONAL, TODAY, Office

FIELDS = {
    "letter": "S", "body": "0000", "province": "32", "site": "000001", "year": "26", "level": "4"
}  # fmt: skip
FIRST = "S000032000001264000001"


def take(session: Session, count: int = 1) -> list[str]:
    scheme = numbering.national("level-22", TODAY, policy(session))
    return [each.text for each in serials.take(session, NOW, scheme, FIELDS, count)]


def test_what_is_registered_is_skipped(session: Session, here: Office) -> None:
    papers.bring(session, here.checker, {2: papers.row(1, kind=LegacyKind.LEVEL, number=FIRST)})
    assert take(session, 3) == [f"S00003200000126400000{serial}" for serial in (2, 3, 4)]


def test_a_paper_waits_for_serials_that_are_being_taken(database: Database, here: Office) -> None:
    taken, done = Event(), Event()

    def give() -> None:
        with database.writing.begin() as session:
            (certificate,) = batches.issued(session, here)
            (number,) = take(session)
            session.get_one(CertificateRow, certificate).number = number
            session.flush()
            taken.set()
            while not done.is_set() and not _somebody_waits(session):
                continue

    def register() -> LegacyReport:
        taken.wait()
        try:
            with database.writing.begin() as session:
                row = papers.row(1, kind=LegacyKind.LEVEL, number=FIRST)
                return papers.bring(session, here.checker, {2: row})
        finally:
            done.set()

    with ThreadPoolExecutor(2) as pool:
        giving, registering = pool.submit(give), pool.submit(register)
        giving.result()
        report = registering.result()
    assert [each.code for each in report.problems[2]] == ["legacy_number_issued"]
    with database.reading() as session:
        assert legacy_stored.issued(session, [FIRST]) == {FIRST}
        assert legacy_stored.carried(session, [FIRST]) == frozenset()


def _somebody_waits(session: Session) -> bool:
    """Whether the other transaction stands at the lock; SQLite lets it begin only afterwards."""
    if session.get_bind().dialect.name == "sqlite":
        return True
    waiting = text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
    return bool(session.execute(waiting).scalar_one())


def test_two_officers_bring_the_same_list_at_once(database: Database, here: Office) -> None:
    rows = {2: papers.row(1), 3: papers.row(2)}
    answers = together(
        database,
        lambda session: papers.bring(session, here.checker, rows),
        lambda session: papers.bring(session, here.issuer, rows),
    )
    kept = sorted(len(each.kept) for each in answers if isinstance(each, LegacyReport))
    same = sorted(len(each.unchanged) for each in answers if isinstance(each, LegacyReport))
    assert (kept, same) == ([0, 2], [0, 2])
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(LegacyEntry)) == 2


def test_two_officers_approve_one_request_at_once(database: Database, here: Office) -> None:
    with database.writing.begin() as session:
        request, _ = papers.checked(session, here)
    answers = together(
        database,
        *(
            lambda session, actor=actor: legacy_signing.approve(
                session, actor, NOW, PERSONAL, policy(session), request
            )
            for actor in (here.issuer, here.second_issuer)
        ),
    )
    told = [each for each in answers if isinstance(each, RefusedError)]
    assert [why.code for each in told for why in each.reasons] == ["legacy_request_state"]
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Batch)) == 1
