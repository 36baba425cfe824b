"""What happens to an issued certificate: revoke, cancel, withdraw, suspend, reinstate, supersede.

The history is the truth: every change is a row that is never altered, an entry for the log, and one
update of the narrow table that is published.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from registry.acts import audit, log
from registry.acts.permission import must
from registry.records.certificates import CertificateRow, CertificateState
from registry.records.errors import NotFoundError
from registry.records.log import LogEntry
from registry.records.organisations import Body, Site
from registry.records.status import Correction, Status, StatusChange
from registry.rules import status as rules
from registry.rules.decision import RefusedError, reason, require
from registry.rules.permissions import Act, Actor
from registry.rules.policy import Policy
from registry.rules.status import StatusAct
from schemas import log_entry
from schemas.certificate import State

PERMISSIONS = {
    StatusAct.REVOKE: Act.REVOKE,
    StatusAct.CANCEL: Act.CANCEL,
    StatusAct.WITHDRAW: Act.WITHDRAW,
    StatusAct.SUSPEND: Act.SUSPEND,
    StatusAct.REINSTATE: Act.REINSTATE,
}
"""What an officer has to be permitted for each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruling:
    """What was decided on paper about a certificate."""

    ground: str
    """Code of the ground."""
    decided_on: date
    document: str | None = None
    """Number of the decision document."""
    appeal_until: date | None = None


def change(
    session: Session,
    actor: Actor,
    now: int,
    policy: Policy,
    random: Callable[[int], bytes],
    certificate_id: int,
    act: StatusAct,
    ruling: Ruling,
) -> State:
    """Change the state of one issued certificate; answers the new state.

    Args:
        session: a writing session.
        actor: a provincial issuer.
        now: UTC seconds.
        policy: for the grounds.
        random: source of the log entry's nonce.
        certificate_id: record id of the version.
        act: anything but ``SUPERSEDE``, which only the issue of a new version does.
        ruling: the decision.

    Raises:
        NotFoundError: no such certificate.
        RefusedError: not permitted, not issued, an unknown ground, or a state that the act does
            not follow from, be it only since somebody else was first.
    """
    certificate, before = _issued(session, certificate_id)
    site = session.get_one(Site, certificate.site_id)
    must(actor, PERMISSIONS[act], province=site.province, site=site.number)
    require(rules.decide(before, act, ruling.ground, policy))
    after = rules.after(before, act)
    body = session.get_one(Body, site.body_id)
    row = _row(policy, act, certificate.id, before, after, ruling.ground)
    row |= {
        "authority_id": body.id, "decision": ruling.document, "decided_on": ruling.decided_on,
        "appeal_body": body.appeal_body_zh, "appeal_until": ruling.appeal_until,
        "replacement_id": None, "person_id": actor.person, "recorded_at": now,
    }  # fmt: skip
    _apply(session, now, random, certificate, before, after, row, act)
    audit.record(
        session, actor, now, act.value, f"certificate:{certificate.id}", ground=ruling.ground,
        before=int(before), after=int(after),
    )  # fmt: skip
    return after


def supersede(
    session: Session, now: int, policy: Policy, random: Callable[[int], bytes], new_id: int
) -> None:
    """Mark the version that a newly issued one corrects as superseded, on the recorded ground.

    Called in the transaction that issues the new version.

    Raises:
        NotFoundError: the new version corrects nothing.
        RefusedError: the old version is no longer one that can be superseded.
    """
    correction = session.get(Correction, new_id)
    if correction is None:
        raise NotFoundError("correction", new_id)
    certificate, before = _issued(session, correction.corrected_id)
    require(rules.decide(before, StatusAct.SUPERSEDE, correction.ground, policy))
    row = _row(
        policy, StatusAct.SUPERSEDE, certificate.id, before, State.SUPERSEDED, correction.ground
    )
    row |= {
        "authority_id": correction.authority_id, "decision": correction.decision,
        "decided_on": correction.decided_on, "appeal_body": None, "appeal_until": None,
        "replacement_id": new_id, "person_id": correction.person_id, "recorded_at": now,
    }  # fmt: skip
    _apply(session, now, random, certificate, before, State.SUPERSEDED, row, StatusAct.SUPERSEDE)
    audit.record(session, None, now, "supersede", f"certificate:{certificate.id}", by=new_id)


def _issued(session: Session, certificate_id: int) -> tuple[CertificateRow, State]:
    certificate = session.get(CertificateRow, certificate_id)
    if certificate is None:
        raise NotFoundError("certificate", certificate_id)
    state = session.scalar(select(Status.state).where(Status.certificate_id == certificate_id))
    if certificate.state != CertificateState.ISSUED or state is None:
        raise RefusedError(reason("certificate_not_issued", number=certificate.number))
    return certificate, State(state)


def _row(
    policy: Policy, act: StatusAct, certificate_id: int, before: State, after: State, ground: str
) -> dict[str, Any]:
    words = next(each for each in rules.grounds(act, policy) if each.code == ground)
    return {
        "certificate_id": certificate_id, "before": int(before), "after": int(after),
        "ground": ground, "ground_zh": words.zh, "ground_en": words.en,
    }  # fmt: skip


def _apply(
    session: Session,
    now: int,
    random: Callable[[int], bytes],
    certificate: CertificateRow,
    before: State,
    after: State,
    row: dict[str, Any],
    act: StatusAct,
) -> None:
    # Publishing remembers the last change that it has seen, so none may commit below it.
    audit.hold(session)
    moved = session.execute(
        update(Status)
        .where(Status.certificate_id == certificate.id, Status.state == int(before))
        .values(state=int(after))
        .execution_options(synchronize_session=False)
        .returning(Status.state)
    ).all()
    if not moved:
        state = session.scalars(
            select(Status.state).where(Status.certificate_id == certificate.id)
        ).one()
        raise RefusedError(reason("status_state", state=State(state).name.lower(), act=act.value))
    change_id = session.scalars(insert(StatusChange).values(**row).returning(StatusChange.id)).one()
    _queue(session, now, random, certificate, change_id, row)


def _queue(
    session: Session,
    now: int,
    random: Callable[[int], bytes],
    certificate: CertificateRow,
    change_id: int,
    row: dict[str, Any],
) -> None:
    """Queue the log entry, chained to the last one of this certificate."""
    sequence = session.scalars(
        select(func.count())
        .select_from(StatusChange)
        .where(StatusChange.certificate_id == certificate.id)
    ).one()
    predecessor = session.scalars(
        select(LogEntry.commitment)
        .where(LogEntry.certificate_id == certificate.id)
        .order_by(LogEntry.id.desc())
        .limit(1)
    ).one()
    body = session.get_one(Body, row["authority_id"])
    nonce = random(log_entry.NONCE_SIZE)
    entry = log_entry.status(
        log_entry.StatusChange(
            nonce=nonce, uuid=UUID(certificate.uuid), state=State(row["after"]),
            sequence=sequence, at=now, authority=body.issuer or "",
            ground=str(row["ground"]), predecessor=predecessor,
        )
    )  # fmt: skip
    log.queue(session, now, entry, nonce, certificate.id, change_id)
