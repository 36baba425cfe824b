"""One decision over many certificates: the same history, log entries and states, by the thousand.

For a site that gave certificates away, or a batch that should never have been approved. All of
them change or none does, in one transaction with one audit line.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from registry.acts import audit
from registry.acts.permission import must
from registry.acts.status import PERMISSIONS, Ruling
from registry.records.base import table
from registry.records.certificates import CertificateRow, CertificateState
from registry.records.errors import NotFoundError
from registry.records.log import LogEntry
from registry.records.organisations import Body, Site
from registry.records.status import Status, StatusChange
from registry.rules import status as rules
from registry.rules.decision import RefusedError, reason, require
from registry.rules.permissions import Actor
from registry.rules.policy import Policy
from registry.rules.status import StatusAct
from schemas import log_entry
from schemas.certificate import State

CHUNK = 500
"""Certificates of one statement: SQLite allows only so many parameters."""


class _Issued(NamedTuple):
    """What deciding and recording need of one certificate."""

    id: int
    number: str
    uuid: str
    row: str
    state: int | None
    province: str
    site: str
    body: int
    issuer: str | None
    appeal_body: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What is decided over all of them, by whom, when, under which policy."""

    actor: Actor
    now: int
    """UTC seconds."""
    policy: Policy
    act: StatusAct
    """Anything but ``SUPERSEDE``."""
    ruling: Ruling


def change_all(
    session: Session,
    decision: Decision,
    random: Callable[[int], bytes],
    certificate_ids: Sequence[int],
) -> int:
    """Change the state of many issued certificates; answers how many.

    Args:
        session: a writing session.
        decision: what is decided.
        random: source of the log entries' nonces.
        certificate_ids: record ids of the versions, each once.

    Raises:
        NotFoundError: one of them is not there.
        RefusedError: one may not be changed so, for the reasons of :func:`status.change`; its
            number is named where the certificate itself is why. Nothing was changed.
    """
    wanted = sorted(set(certificate_ids))
    # Publishing remembers the last change that it has seen, so none may commit below it.
    audit.hold(session)
    changes: list[int] = []
    for chunk in _chunks(wanted):
        changes += _change(session, decision, random, chunk)
    if changes:
        digest = sha256(",".join(map(str, wanted)).encode()).hexdigest()
        audit.record(
            session, decision.actor, decision.now, f"{decision.act.value}_many",
            f"certificate:{wanted[0]}", certificates=len(wanted), ids=digest,
            first_change=min(changes), last_change=max(changes), ground=decision.ruling.ground,
        )  # fmt: skip
    return len(changes)


def _change(
    session: Session, decision: Decision, random: Callable[[int], bytes], ids: Sequence[int]
) -> Sequence[int]:
    """One chunk; answers the record ids of its changes."""
    found = _read(session, ids)
    _allowed(decision, found)
    for before in {_before(each) for each in found}:
        _swap(session, decision, before, [each for each in found if each.state == before])
    session.execute(insert(table(StatusChange)), [_row(decision, each) for each in found])
    histories = _histories(session, ids)
    _queue(session, decision, random, found, histories)
    return [histories[each.id].newest for each in found]


class _History(NamedTuple):
    """Changes of one certificate so far."""

    newest: int
    """Record id of the last one."""
    length: int


def _histories(session: Session, ids: Sequence[int]) -> dict[int, _History]:
    rows = session.execute(
        select(StatusChange.certificate_id, func.max(StatusChange.id), func.count())
        .where(StatusChange.certificate_id.in_(ids))
        .group_by(StatusChange.certificate_id)
    )
    return {row[0]: _History(row[1], row[2]) for row in rows}


def _read(session: Session, ids: Sequence[int]) -> list[_Issued]:
    rows = session.execute(
        select(
            CertificateRow.id, CertificateRow.number, CertificateRow.uuid, CertificateRow.state,
            Status.state, Site.province, Site.number, Body.id, Body.issuer, Body.appeal_body_zh,
        )
        .join(Site, Site.id == CertificateRow.site_id)
        .join(Body, Body.id == Site.body_id)
        .outerjoin(Status, Status.certificate_id == CertificateRow.id)
        .where(CertificateRow.id.in_(ids))
        .order_by(CertificateRow.id)
    ).all()  # fmt: skip
    found = [_Issued._make(row) for row in rows]
    if missing := sorted(set(ids) - {each.id for each in found}):
        raise NotFoundError("certificate", missing[0])
    return found


def _allowed(decision: Decision, found: Sequence[_Issued]) -> None:
    for province, site in {(each.province, each.site) for each in found}:
        must(decision.actor, PERMISSIONS[decision.act], province=province, site=site)
    for before in {_before(each) for each in found}:
        ground, policy = decision.ruling.ground, decision.policy
        require(rules.decide(before, decision.act, ground, policy))


def _before(each: _Issued) -> State:
    if each.row != CertificateState.ISSUED or each.state is None:
        raise RefusedError(reason("certificate_not_issued", number=each.number))
    return State(each.state)


def _swap(
    session: Session, decision: Decision, before: State, found: Sequence[_Issued]
) -> None:  # fmt: skip
    moved = session.scalars(
        update(Status)
        .where(
            Status.certificate_id.in_([each.id for each in found]), Status.state == int(before)
        )
        .values(state=int(rules.after(before, decision.act)))
        .execution_options(synchronize_session=False)
        .returning(Status.certificate_id)
    ).all()  # fmt: skip
    if len(moved) != len(found):
        name = before.name.lower()
        raise RefusedError(reason("status_state", state=name, act=decision.act.value))


def _row(decision: Decision, each: _Issued) -> dict[str, Any]:
    ruling, before = decision.ruling, _before(each)
    words = next(
        one for one in rules.grounds(decision.act, decision.policy) if one.code == ruling.ground
    )
    return {
        "certificate_id": each.id, "before": int(before),
        "after": int(rules.after(before, decision.act)), "ground": ruling.ground,
        "ground_zh": words.zh, "ground_en": words.en, "authority_id": each.body,
        "decision": ruling.document, "decided_on": ruling.decided_on,
        "appeal_body": each.appeal_body, "appeal_until": ruling.appeal_until,
        "replacement_id": None, "person_id": decision.actor.person, "recorded_at": decision.now,
    }  # fmt: skip


def _queue(
    session: Session,
    decision: Decision,
    random: Callable[[int], bytes],
    found: Sequence[_Issued],
    histories: dict[int, _History],
) -> None:
    """Queue the log entries, each chained to the last one of its certificate."""
    ids = [each.id for each in found]
    last = {
        row.certificate_id: row.commitment
        for row in session.execute(
            select(LogEntry.certificate_id, LogEntry.commitment)
            .where(LogEntry.certificate_id.in_(ids))
            .order_by(LogEntry.id)
        )
    }
    entries = []
    for each in found:
        newest, length = histories[each.id]
        nonce = random(log_entry.NONCE_SIZE)
        entry = log_entry.status(
            log_entry.StatusChange(
                nonce=nonce, uuid=UUID(each.uuid),
                state=rules.after(_before(each), decision.act), sequence=length,
                at=decision.now, authority=each.issuer or "", ground=decision.ruling.ground,
                predecessor=last[each.id],
            )
        )  # fmt: skip
        entries.append({
            "version": log_entry.VERSION, "kind": int(entry.kind), "commitment": entry.commitment,
            "index": None, "nonce": nonce, "certificate_id": each.id, "status_change_id": newest,
            "queued_at": decision.now,
        })  # fmt: skip
    session.execute(insert(table(LogEntry)), entries)


def _chunks(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(ids), CHUNK):
        yield ids[start : start + CHUNK]
