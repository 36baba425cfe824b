"""Changes of state: the history is the truth, the published table follows, the log is chained."""

from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.acts import approval, certificates, held, pickups, status
from registry.acts.certificates import Corrected
from registry.acts.status import Ruling
from registry.queries import certificates as seen
from registry.queries import status as history
from registry.queries.log import audit_lines
from registry.queries.policy import policy
from registry.records.assessment import Batch
from registry.records.certificates import CertificateRow
from registry.records.errors import NotFoundError
from registry.records.log import AuditLine, LogEntry, Task
from registry.rules.decision import RefusedError
from registry.rules.identity import Identity
from registry.rules.permissions import Actor
from registry.rules.status import StatusAct
from schemas import log_entry, value
from schemas.certificate import State
from tests.registry import batches
from tests.registry.office import NOW, PERSONAL, TODAY, Office, citizen
from tests.registry.refusals import codes


def ground(session: Session, act: StatusAct) -> str:
    from_policy = policy(session).rows("status_grounds")
    return next(str(row["code"]) for row in from_policy if row["act"] == act.value)


def change(session: Session, actor: Actor, certificate: int, act: StatusAct) -> State:
    ruling = Ruling(ground=ground(session, act), decided_on=TODAY, document="示例决定1号")
    return status.change(
        session, actor, NOW, policy(session), PERSONAL.random, certificate, act, ruling
    )


@pytest.mark.parametrize(
    ("acts", "state"),
    [
        ([StatusAct.REVOKE], State.REVOKED), ([StatusAct.CANCEL], State.CANCELLED),
        ([StatusAct.WITHDRAW], State.WITHDRAWN), ([StatusAct.SUSPEND], State.SUSPENDED),
        ([StatusAct.SUSPEND, StatusAct.REINSTATE], State.VALID),
        ([StatusAct.SUSPEND, StatusAct.REVOKE], State.REVOKED),
    ],
)  # fmt: skip
def test_the_published_table_follows_the_history(
    session: Session, here: Office, acts: list[StatusAct], state: State
) -> None:
    changed, untouched = batches.issued(session, here, 2)
    for act in acts:
        after = change(session, here.issuer, changed, act)
    assert after == state
    projected = history.projected(session)
    assert projected == {changed: state, untouched: State.VALID}
    assert history.folded(session) == {changed: state}
    rows = history.history(session, changed)
    assert [row.after for row in rows][-1] == state
    assert [row.ground for row in rows] == [ground(session, act) for act in acts]
    assert rows[0].authority is not None
    assert rows[0].authority.zh == "示例评价机构"


@pytest.mark.parametrize("act", [StatusAct.REVOKE, StatusAct.SUSPEND, StatusAct.REINSTATE])
def test_terminal_states_lead_nowhere(session: Session, here: Office, act: StatusAct) -> None:
    (certificate,) = batches.issued(session, here)
    change(session, here.issuer, certificate, StatusAct.REVOKE)
    with pytest.raises(RefusedError) as caught:
        change(session, here.issuer, certificate, act)
    assert codes(caught) == {"status_state"}
    assert history.projected(session) == {certificate: State.REVOKED}


def test_every_change_is_chained_in_the_log(session: Session, here: Office) -> None:
    (certificate,) = batches.issued(session, here)
    change(session, here.issuer, certificate, StatusAct.SUSPEND)
    change(session, here.issuer, certificate, StatusAct.REINSTATE)
    entries = session.scalars(
        select(LogEntry).where(LogEntry.certificate_id == certificate).order_by(LogEntry.id)
    ).all()
    assert [entry.kind for entry in entries] == [1, 3, 3]
    uuid = UUID(session.get_one(CertificateRow, certificate).uuid)
    for sequence, state in ((1, State.SUSPENDED), (2, State.VALID)):
        entry, before = entries[sequence], entries[sequence - 1]
        assert entry.nonce is not None
        act = StatusAct.SUSPEND if sequence == 1 else StatusAct.REINSTATE
        expected = log_entry.status(
            log_entry.StatusChange(
                nonce=entry.nonce, uuid=uuid, state=state, sequence=sequence, at=NOW,
                authority="jst-example", ground=ground(session, act),
                predecessor=before.commitment,
            )
        )  # fmt: skip
        assert entry.commitment == expected.commitment


def test_a_ground_of_another_act_is_refused(session: Session, here: Office) -> None:
    (certificate,) = batches.issued(session, here)
    ruling = Ruling(ground=ground(session, StatusAct.CANCEL), decided_on=TODAY)
    with pytest.raises(RefusedError) as caught:
        status.change(
            session, here.issuer, NOW, policy(session), PERSONAL.random, certificate,
            StatusAct.REVOKE, ruling,
        )  # fmt: skip
    assert codes(caught) == {"status_ground_unknown"}


def test_only_a_provincial_issuer_changes_states(session: Session, here: Office) -> None:
    (certificate,) = batches.issued(session, here)
    for actor in (here.registrar, here.checker, here.administrator):
        with pytest.raises(RefusedError) as caught:
            change(session, actor, certificate, StatusAct.REVOKE)
        assert codes(caught) == {"role_lacks_act"}


def test_what_is_not_issued_has_no_state(session: Session, here: Office) -> None:
    with pytest.raises(NotFoundError):
        change(session, here.issuer, 999, StatusAct.REVOKE)


def corrected(
    session: Session, here: Office, certificate: int, what: Corrected, code: str = "name_changed"
) -> int:
    return certificates.correct(
        session, here.issuer, NOW + 60, policy(session), PERSONAL, certificate, what,
        Ruling(ground=code, decided_on=TODAY),
    )  # fmt: skip


def test_a_correction_of_the_document_names_its_kind_and_the_next_one_keeps_it(
    session: Session, here: Office
) -> None:
    (first,) = batches.issued(session, here)
    passport = Identity("passport", "E00000001")
    second = corrected(session, here, first, Corrected(identity=passport))
    batches.release(session, session.get_one(CertificateRow, second))
    third = corrected(session, here, second, Corrected())
    batches.release(session, session.get_one(CertificateRow, third))
    kinds = [seen.issued(session, each).id_kind for each in (first, second, third)]
    assert kinds == ["resident_id", "passport", "passport"]


def test_a_correction_never_gives_a_certificate_to_another_person(
    session: Session, here: Office
) -> None:
    (certificate,) = batches.issued(session, here)
    somebody_else = Corrected(name="李示例", identity=citizen(77))
    with pytest.raises(RefusedError, match="another person"):
        corrected(session, here, certificate, somebody_else)
    # Nor in two steps: both are compared with who was assessed, not with the version before.
    new = corrected(session, here, certificate, Corrected(name="李示例"))
    batches.release(session, session.get_one(CertificateRow, new))
    status.supersede(session, NOW + 60, policy(session), PERSONAL.random, new)
    with pytest.raises(RefusedError, match="another person"):
        corrected(session, here, new, Corrected(identity=citizen(77)))


def test_a_correction_is_a_new_version_with_new_identity(session: Session, here: Office) -> None:
    (certificate,) = batches.issued(session, here)
    old = session.get_one(CertificateRow, certificate)
    new = session.get_one(
        CertificateRow,
        corrected(session, here, certificate, Corrected(identity=citizen(77))),
    )
    was, now = (value.load(row.value).facts for row in (old, new))
    assert (new.number, new.version, new.state) == (old.number, 2, "prepared")
    assert (now.name, now.last4, now.signed_at) == (was.name, citizen(77).last4, NOW + 60)
    assert (now.awarded, now.assessed, now.issuer) == (was.awarded, was.assessed, was.issuer)
    different = ("uuid", "status_index", "last4", "version", "signed_at")
    for name in was.__slots__:
        assert (getattr(was, name) != getattr(now, name)) == (name in different), name
    assert new.public_id != old.public_id
    assert new.holder_lookup == PERSONAL.lookup(citizen(77))
    assert history.projected(session) == {certificate: State.VALID}


def test_issuing_the_new_version_supersedes_the_old_one(session: Session, here: Office) -> None:
    (certificate,) = batches.issued(session, here)
    new = corrected(session, here, certificate, Corrected(name="李示例"))
    batches.release(session, session.get_one(CertificateRow, new))
    status.supersede(session, NOW + 90, policy(session), PERSONAL.random, new)
    assert history.projected(session) == {certificate: State.SUPERSEDED, new: State.VALID}
    (row,) = history.history(session, certificate)
    found = seen.issued(session, new)
    facts = found.certificate.facts
    assert row.replacement == (facts.number, 2, found.public_id)
    assert seen.issued(session, certificate).newer == found.public_id


def test_two_corrections_of_one_version_are_one_too_many(session: Session, here: Office) -> None:
    (certificate,) = batches.issued(session, here)
    corrected(session, here, certificate, Corrected(), "lost_or_damaged")
    with pytest.raises(RefusedError) as caught:
        corrected(session, here, certificate, Corrected(), "lost_or_damaged")
    assert codes(caught) == {"correction_pending"}


def test_what_is_revoked_is_not_corrected(session: Session, here: Office) -> None:
    (certificate,) = batches.issued(session, here)
    change(session, here.issuer, certificate, StatusAct.REVOKE)
    with pytest.raises(RefusedError) as caught:
        corrected(session, here, certificate, Corrected(name="李示例"))
    assert codes(caught) == {"status_state"}


def test_a_slip_opens_one_result_until_a_newer_one_is_made(session: Session, here: Office) -> None:
    (certificate,) = batches.issued(session, here)
    batch = session.get_one(CertificateRow, certificate).batch_id
    (first,) = pickups.make_codes(session, here.registrar, NOW, PERSONAL, batch)
    found = seen.pickup(session, PERSONAL.code_hashes(first.code), NOW + 1)
    assert found is not None
    assert (found.result, found.last4) == (first.result, first.last4)
    (second,) = pickups.make_codes(session, here.registrar, NOW, PERSONAL, batch)
    assert seen.pickup(session, PERSONAL.code_hashes(first.code), NOW + 1) is None
    late = NOW + pickups.CODE_DAYS * 86_400
    assert seen.pickup(session, PERSONAL.code_hashes(second.code), late) is None
    assert [each.id for each in seen.of_result(session, found.result)] == [certificate]


def test_a_slip_wants_the_last_four_of_the_newest_version(session: Session, here: Office) -> None:
    (certificate,) = batches.issued(session, here)
    new = corrected(session, here, certificate, Corrected(identity=citizen(77)))
    row = session.get_one(CertificateRow, new)
    batches.release(session, row)
    status.supersede(session, NOW, policy(session), PERSONAL.random, new)
    (slip,) = pickups.make_codes(session, here.registrar, NOW, PERSONAL, row.batch_id)
    found = seen.pickup(session, PERSONAL.code_hashes(slip.code), NOW)
    assert found is not None and found.last4 == slip.last4 == citizen(77).last4


def test_a_slip_closes_after_wrong_answers(session: Session, here: Office) -> None:
    (certificate,) = batches.issued(session, here)
    batch = session.get_one(CertificateRow, certificate).batch_id
    (slip,) = pickups.make_codes(session, here.registrar, NOW, PERSONAL, batch)
    digest = PERSONAL.code_hashes(slip.code)
    for _ in range(seen.PICKUP_FAILURES):
        found = seen.pickup(session, digest, NOW)
        assert found is not None
        pickups.pickup_failed(session, found.id)
    assert seen.pickup(session, digest, NOW) is None


def test_a_code_is_read_as_people_type_it() -> None:
    assert pickups.normal_code(" abcde-2345f ") == "ABCDE2345F"


def test_a_held_row_is_tried_again_once_and_its_batch_is_issuing_until_then(
    session: Session, here: Office
) -> None:
    [certificate] = batches.issued(session, here, 1)
    row = session.get_one(CertificateRow, certificate)
    batch = session.get_one(Batch, row.batch_id)
    with pytest.raises(RefusedError) as caught:
        held.retry(session, here.issuer, NOW, certificate)
    assert codes(caught) == {"certificate_not_held"}
    approval.issue(session, here.issuer, NOW, batch.id, batch.version)
    task = session.scalars(select(Task).where(Task.batch_id == batch.id)).one()
    row.state, row.reason = "held", "signature"
    batch.state, task.state, task.held = "issued", "done", 1
    session.flush()
    with pytest.raises(RefusedError) as caught:
        held.retry(session, here.checker, NOW, certificate)
    assert codes(caught) == {"role_lacks_act"}
    held.retry(session, here.issuer, NOW + 5, certificate)
    for each in (row, batch, task):
        session.refresh(each)
    assert (row.state, row.reason) == ("prepared", None)
    assert (batch.state, task.state, task.held) == ("issuing", "running", 0)
    line = session.scalars(select(AuditLine).order_by(AuditLine.position.desc())).first()
    assert line is not None and line.act == "retry"
    with pytest.raises(RefusedError) as caught:
        held.retry(session, here.issuer, NOW, certificate)
    assert codes(caught) == {"certificate_not_held"}


def test_a_held_row_is_voided_with_a_reason_once(session: Session, here: Office) -> None:
    (certificate,) = batches.issued(session, here)
    new = corrected(session, here, certificate, Corrected())
    with pytest.raises(RefusedError) as caught:
        held.void(session, here.issuer, NOW, PERSONAL.random, new, "示例原因")
    assert codes(caught) == {"certificate_not_held"}
    row = session.get_one(CertificateRow, new)
    row.state = "held"
    session.flush()
    held.void(session, here.issuer, NOW, lambda size: b"\x07" * size, new, " 示例原因 ")
    session.refresh(row)
    assert (row.state, row.reason) == ("void", "示例原因")
    assert "示例原因" not in audit_lines(session, f"certificate:{new}")[-1].detail
    with pytest.raises(RefusedError) as caught:
        held.void(session, here.issuer, NOW, PERSONAL.random, new, "示例原因")
    assert codes(caught) == {"certificate_not_held"}
    entries = session.scalars(select(LogEntry).where(LogEntry.certificate_id == new)).all()
    assert len(entries) == 1
    entry = entries[0]
    voiding = log_entry.Voiding(nonce=b"\x07" * 16, uuid=UUID(row.uuid), at=NOW, ground="示例原因")
    assert (entry.kind, entry.commitment) == (2, log_entry.voided(voiding).commitment)
    assert (entry.nonce, entry.index, entry.queued_at) == (b"\x07" * 16, None, NOW)


def test_after_a_void_version_the_certificate_can_be_corrected_again(
    session: Session, here: Office
) -> None:
    (certificate,) = batches.issued(session, here)
    spoilt = session.get_one(CertificateRow, corrected(session, here, certificate, Corrected()))
    spoilt.state = "held"
    session.flush()
    held.void(session, here.issuer, NOW, PERSONAL.random, spoilt.id, "示例原因")
    again = session.get_one(CertificateRow, corrected(session, here, certificate, Corrected()))
    assert (spoilt.version, again.version, again.supersedes_id) == (2, 3, certificate)
