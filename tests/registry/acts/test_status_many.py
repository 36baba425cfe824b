"""One decision over many certificates does what as many single decisions do, or nothing."""

import pytest
from sqlalchemy import event, select

from registry.acts import status, status_many
from registry.acts.status import Ruling
from registry.acts.status_many import Decision
from registry.queries.policy import policy
from registry.records.errors import NotFoundError
from registry.records.log import AuditLine, LogEntry
from registry.records.status import Status, StatusChange
from registry.rules.decision import RefusedError
from registry.rules.status import StatusAct
from tests.registry import batches
from tests.registry.office import NOW, PERSONAL, TODAY

_SAME = (
    StatusChange.before, StatusChange.after, StatusChange.ground, StatusChange.ground_zh,
    StatusChange.ground_en, StatusChange.authority_id, StatusChange.decision,
    StatusChange.decided_on, StatusChange.appeal_body, StatusChange.appeal_until,
    StatusChange.replacement_id, StatusChange.person_id, StatusChange.recorded_at,
)  # fmt: skip


def _decision(session, actor, act=StatusAct.REVOKE):
    found = policy(session)
    code = next(row["code"] for row in found.rows("status_grounds") if row["act"] == act)
    ruling = Ruling(ground=str(code), decided_on=TODAY, document="示例决定1号")
    return Decision(actor=actor, now=NOW, policy=found, act=act, ruling=ruling)


def _one(session, decision, certificate):
    status.change(
        session, decision.actor, NOW, decision.policy, PERSONAL.random, certificate, decision.act,
        decision.ruling,
    )  # fmt: skip


def _many(session, decision, certificates):
    return status_many.change_all(session, decision, PERSONAL.random, certificates)


def test_it_records_what_single_changes_record(session, here):
    single, *many = batches.issued(session, here, 4)
    decision = _decision(session, here.issuer)
    _one(session, decision, single)
    assert _many(session, decision, many) == 3
    rows = session.execute(select(*_SAME)).all()
    assert len(rows) == 4 and len(set(rows)) == 1
    assert set(session.scalars(select(Status.state))) == {1}
    entries = session.scalars(select(LogEntry).where(LogEntry.status_change_id.is_not(None))).all()
    changes = dict(session.execute(select(StatusChange.id, StatusChange.certificate_id)).all())
    assert {each.status_change_id: each.certificate_id for each in entries} == changes
    assert len({(each.version, each.kind) for each in entries}) == 1
    (line,) = session.scalars(select(AuditLine).where(AuditLine.act == "revoke_many"))
    assert '"certificates":3' in line.detail


def test_a_second_decision_follows_the_first(session, here):
    certificates = batches.issued(session, here, 3)
    assert _many(session, _decision(session, here.issuer, StatusAct.SUSPEND), certificates) == 3
    assert _many(session, _decision(session, here.issuer, StatusAct.REVOKE), certificates) == 3
    befores = session.scalars(select(StatusChange.before).order_by(StatusChange.id)).all()
    assert befores == [0, 0, 0, 2, 2, 2]


@pytest.mark.parametrize("spoilt", ["revoked already", "of another province", "nowhere"])
def test_one_that_cannot_be_changed_leaves_all_as_they_were(database, here, spoilt):
    with database.writing.begin() as session:
        certificates = batches.issued(session, here, 3)
        if spoilt == "revoked already":
            _one(session, _decision(session, here.issuer), certificates[1])
    actor = here.stranger if spoilt == "of another province" else here.issuer
    if spoilt == "nowhere":
        certificates.append(999_999)
    with (
        pytest.raises((RefusedError, NotFoundError)),
        database.writing.begin() as session,
    ):
        _many(session, _decision(session, actor), certificates)
    with database.reading() as session:
        states = sorted(session.scalars(select(Status.state)))
        assert states == ([0, 0, 1] if spoilt == "revoked already" else [0, 0, 0])


def test_statements_do_not_grow_with_the_number(database, here):
    with database.writing.begin() as session:
        certificates = batches.issued(session, here, 12)
    counts = []
    for some in (certificates[:2], certificates[2:]):
        sent = []
        hear = lambda *_, sent=sent: sent.append(1)  # noqa: E731
        event.listen(database.engine, "before_cursor_execute", hear)
        with database.writing.begin() as session:
            _many(session, _decision(session, here.issuer), some)
        event.remove(database.engine, "before_cursor_execute", hear)
        counts.append(len(sent))
    assert counts[0] == counts[1]
