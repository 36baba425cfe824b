"""Existing certificates and the worker: the original number is kept, and no other gets it."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.acts import legacy_requests, legacy_signing, organisations
from registry.queries import certificates, legacy_public
from registry.queries.policy import policy
from registry.records.certificates import CertificateRow
from registry.records.log import AuditLine
from registry.rules.legacy import LegacyKind
from registry.rules.lookup import question
from tests.registry import papers
from tests.registry.office import NOW, PERSONAL, SITE
from tests.registry.work import workshop
from tests.registry.work.conftest import Bench
from verifier.verify import verify


def sign(session: Session, bench: Bench, serial: int) -> int:
    """A paper's request, approved; answers the record id of the request."""
    organisations.name_key(session, None, NOW, bench.office.body, workshop.KEY)
    request, _ = papers.checked(session, bench.office, serial)
    legacy_signing.approve(session, bench.office.issuer, NOW, PERSONAL, policy(session), request)
    return request


def test_a_signed_version_keeps_number_and_day(bench: Bench) -> None:
    bench.write(lambda session: sign(session, bench, 7))
    workshop.finish(bench.worker)
    row = papers.row(7)
    with bench.database.reading() as session:
        found = certificates.look_up(session, question(row.number, row.name))
        paper = legacy_public.look_up(session, question(row.number, row.name))
    assert found is not None and paper is not None and paper.signed == found.public_id
    facts = found.certificate.facts
    assert (facts.number, facts.version, facts.awarded, facts.assessed) == (
        papers.number(7), 1, papers.ISSUED, papers.ASSESSED
    )  # fmt: skip
    assert (facts.name, facts.last4, facts.site) == (row.name, row.identity.last4, SITE)
    report = verify(found.document, bench.worker.trust, facts.signed_at, None)
    proven = {step.check: step.outcome.value for step in report.steps}
    assert report.facts == facts and proven["signature"] == proven["scope"] == "passed"


def test_its_holder_collects_it(bench: Bench) -> None:
    request = bench.write(lambda session: sign(session, bench, 7))
    workshop.finish(bench.worker)
    with bench.database.writing.begin() as session:
        pickup = legacy_requests.collect(session, NOW + 60, PERSONAL.random, request)
        assert pickup > 0


def test_no_number_of_a_paper_is_given_out(bench: Bench) -> None:
    taken = [f"S000032000001264{serial:06d}" for serial in (2, 3, 5)]
    with bench.database.writing.begin() as session:
        rows = {
            2 + at: papers.row(10 + at, kind=LegacyKind.LEVEL, number=number)
            for at, number in enumerate(taken)
        }
        # Not confirmed yet: a number is spoken for as soon as somebody has brought it in.
        papers.bring(session, bench.office.checker, rows)
        workshop.start(session, bench.office, 5)
    workshop.finish(bench.worker)
    with bench.database.reading() as session:
        numbers = session.scalars(select(CertificateRow.number)).all()
        serials = sorted(session.scalars(select(CertificateRow.serial)))
        lines = session.scalars(
            select(AuditLine.detail).where(AuditLine.act == "skip_serials")
        ).all()
    assert not set(numbers) & set(taken) and len(set(numbers)) == 5
    assert serials == [1, 4, 6, 7, 8]
    assert [serial for line in lines for serial in (2, 3, 5) if str(serial) in line] == [2, 3, 5]


def test_the_counter_goes_past_a_number_that_was_kept(bench: Bench) -> None:
    bench.write(lambda session: sign(session, bench, 1))
    workshop.finish(bench.worker)
    with bench.database.reading() as session:
        (row,) = session.scalars(select(CertificateRow))
    assert (row.scheme, row.period, row.level, row.serial) == ("qualification-16", "19", "4", 1)
    assert row.organisation == SITE
