"""What an office does all day, timed the same way on a small and on a large registry."""

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import text

from registry.acts import status, status_many
from registry.acts.status import Ruling
from registry.acts.status_many import Decision
from registry.queries import assessment, certificates, log
from registry.queries.certificates import IssuedCertificate
from registry.queries.policy import policy
from registry.rules.lookup import Question
from registry.rules.status import StatusAct
from registry.work import publish
from tests.benchmarks.large.sample import Bench
from tests.registry.office import NOW, PERSONAL, TODAY

ISSUED_MORE = 2_000
REVOKED = 10_000
ASKED = 100
"""Certificates that are looked up in every turn, the same ones: so they are warm."""


@dataclass(frozen=True, slots=True)
class Operation:
    """One row of the table: work that is made ready, then timed."""

    name: str
    ready: Callable[[Bench], Callable[[], None]]
    """Makes ready what is not timed; answers what is."""
    turns: int
    each: int = 1
    """How many the work does, so that the table tells the time of one."""
    target: float = 1.1

    @property
    def repeats(self) -> bool:
        """Whether it only reads, so that doing it once more changes nothing."""
        return self.each > 1


@dataclass(frozen=True, slots=True)
class Known:
    """A generated certificate, as somebody who asks knows it."""

    id: int
    number: str
    name: str
    last4: str
    public_id: str
    batch: int


def known(bench: Bench, count: int = ASKED) -> list[Known]:
    """Generated certificates from everywhere in the table, the same ones each time."""
    with bench.worker.reading() as session:
        highest = session.scalar(text("SELECT max(id) FROM certificates WHERE period = '25'"))
        lowest = session.scalar(text("SELECT min(id) FROM certificates WHERE period = '25'"))
        ids = random.Random(26).sample(range(lowest, highest + 1), count)
        rows = session.execute(
            text(
                "SELECT id, number, holder_name, last4, public_id, batch_id FROM certificates"
                " WHERE id = ANY(:ids) ORDER BY id"
            ),
            {"ids": ids},
        )
        return [Known(*row) for row in rows]


def operations() -> Iterator[Operation]:
    """The rows of the table, in order."""
    yield Operation("look-up by number and name", _by_name, 5, ASKED)
    yield Operation("look-up by number and last four", _by_last4, 5, ASKED)
    yield Operation("certificate by its page's address", _by_page, 5, ASKED)
    yield Operation("console search by number", lambda bench: _search(bench, "number"), 5, ASKED)
    yield Operation("console search by name", lambda bench: _search(bench, "name"), 5, ASKED)
    yield Operation("console: list of batches, one batch, its rows", _batch, 5, 10)
    yield Operation("round of a worker that finds nothing to publish", _idle, 5, 10)
    yield Operation("revoke one and publish", _revoke_one, 5)
    yield Operation(f"issue {ISSUED_MORE:,} more", _issue, 2)
    yield Operation("publish what was just issued", _publish, 1)
    yield Operation(f"revoke {REVOKED:,} with history and publish", _revoke_many, 1)


def _by_name(bench: Bench) -> Callable[[], None]:
    return _looked_up(bench, lambda each: Question(each.number, each.name, None))


def _by_last4(bench: Bench) -> Callable[[], None]:
    return _looked_up(bench, lambda each: Question(each.number, None, each.last4))


def _looked_up(bench: Bench, question: Callable[[Known], Question]) -> Callable[[], None]:
    asked = known(bench)

    def work() -> None:
        for each in asked:
            with bench.worker.reading() as session:
                _is(certificates.look_up(session, question(each)), each)

    return work


def _by_page(bench: Bench) -> Callable[[], None]:
    asked = known(bench)

    def work() -> None:
        for each in asked:
            with bench.worker.reading() as session:
                _is(certificates.by_public_id(session, each.public_id), each)

    return work


def _is(found: IssuedCertificate | None, wanted: Known) -> None:
    if found is None or found.id != wanted.id:
        raise AssertionError(f"certificate {wanted.id} was not found")


def _search(bench: Bench, what: str) -> Callable[[], None]:
    """By an officer of the province that has the most sites."""
    asked = [getattr(each, what) for each in known(bench)]

    def work() -> None:
        for each in asked:
            with bench.worker.reading() as session:
                certificates.search(session, bench.here.issuer, each)

    work()
    return work


def _batch(bench: Bench) -> Callable[[], None]:
    with bench.worker.reading() as session:
        ids = session.scalars(
            text("SELECT id FROM batches WHERE province = '32' AND id > 100 ORDER BY id LIMIT 4")
        ).all()

    def work() -> None:
        for number in range(10):
            with bench.worker.reading() as session:
                actor, batch = bench.here.issuer, ids[number % len(ids)]
                assessment.work_list(session, actor)
                assessment.batch(session, actor, batch)
                assessment.candidates(session, actor, batch)
                certificates.of_batch(session, actor, batch)
                log.task_of_batch(session, actor, batch)

    work()
    return work


def _idle(bench: Bench) -> Callable[[], None]:
    def work() -> None:
        for _ in range(10):
            if publish.step(bench.worker):
                raise AssertionError("there was something to publish")

    work()
    return work


def _revoke(bench: Bench, ids: Sequence[tuple[int, str]]) -> None:
    """Each by an officer of its own province, all in one transaction."""
    with bench.worker.reading() as session:
        found = policy(session)
    (code, *_) = (
        row["code"] for row in found.rows("status_grounds") if row["act"] == StatusAct.REVOKE
    )
    ruling = Ruling(ground=str(code), decided_on=TODAY)
    with bench.worker.writing.begin() as session:
        for each, province in ids:
            officer = replace(bench.here.issuer, province=province)
            status.change(
                session, officer, NOW, found, PERSONAL.random, each, StatusAct.REVOKE, ruling
            )


def _valid(bench: Bench, count: int) -> Sequence[tuple[int, str]]:
    """The first certificates that are valid: of the same batches and lists at every size."""
    with bench.worker.reading() as session:
        rows = session.execute(
            text(
                "SELECT c.id, c.province FROM certificates c"
                " JOIN status s ON s.certificate_id = c.id"
                " WHERE s.state = 0 AND c.released_at IS NOT NULL ORDER BY c.id LIMIT :count"
            ),
            {"count": count},
        )
        return [(row[0], row[1]) for row in rows]


def _revoke_one(bench: Bench) -> Callable[[], None]:
    ids = _valid(bench, 1)

    def work() -> None:
        _revoke(bench, ids)
        if not publish.step(bench.worker):
            raise AssertionError("a revocation was not published")

    return work


def _issue(bench: Bench) -> Callable[[], None]:
    bench.start(ISSUED_MORE)
    return bench.issue


def _publish(bench: Bench) -> Callable[[], None]:
    bench.clock.now += 20  # past the pause between rounds

    def work() -> None:
        if not publish.step(bench.worker):
            raise AssertionError("what was issued was not published")

    return work


def _revoke_many(bench: Bench) -> Callable[[], None]:
    """By one decision of the province whose batches they are; of the same lists at every size."""
    if (missing := REVOKED - len(_real(bench))) > 0:
        bench.start(missing)
        bench.issue()
        bench.clock.now += 20
        publish.step(bench.worker)
    ids = _real(bench)
    with bench.worker.reading() as session:
        found = policy(session)
    (code, *_) = (
        row["code"] for row in found.rows("status_grounds") if row["act"] == StatusAct.REVOKE
    )
    decision = Decision(
        actor=bench.here.issuer, now=NOW, policy=found, act=StatusAct.REVOKE,
        ruling=Ruling(ground=str(code), decided_on=TODAY),
    )  # fmt: skip

    def work() -> None:
        with bench.worker.writing.begin() as session:
            status_many.change_all(session, decision, PERSONAL.random, ids)
        publish.step(bench.worker)

    return work


def _real(bench: Bench) -> list[int]:
    """Valid certificates that were really issued here, all of the sample's province."""
    with bench.worker.reading() as session:
        return list(
            session.scalars(
                text(
                    "SELECT c.id FROM certificates c JOIN status s ON s.certificate_id = c.id"
                    " WHERE s.state = 0 AND c.released_at IS NOT NULL AND c.period <> '25'"
                    " ORDER BY c.id LIMIT :count"
                ),
                {"count": REVOKED},
            )
        )
