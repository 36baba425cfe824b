"""Storing a sealed chunk: forms, status places, log entries and one audit line, in one transaction.

The compare-and-swap from *prepared* to *issued* lets exactly one worker write a row's forms.
"""

from collections import Counter as Tally
from collections.abc import Sequence
from hashlib import sha256

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from registry.acts import audit, status
from registry.operations import acted, tally
from registry.queries.policy import policy
from registry.records import bulk
from registry.records.base import table
from registry.records.certificates import CertificateRow, CertificateState, Form
from registry.records.log import OPEN_TASK, LogEntry, Task, TaskState
from registry.records.status import Status
from registry.work.check import Ready
from registry.work.context import Context
from schemas import log_entry
from schemas.certificate import State


def store(session: Session, context: Context, ready: Sequence[Ready], now: int) -> int:
    """Write forms, status places and log entries of a sealed chunk; answers how many it issued."""
    _refuse_unlawful_corrections(session, ready)
    passed = {each.row.id: each for each in ready if each.objection is None}
    won = _swap(session, list(passed), CertificateState.ISSUED, now)
    issued = [passed[each] for each in passed if each in won]
    if issued:
        _insert(session, issued, now)
        _supersede(session, context, issued, now)
    for each in ready:
        if each.objection is not None:
            _hold(session, each.row.id, each.objection)
    acted.count(session, tally.CERTIFICATES, "issued", by=len(issued))
    acted.count(session, tally.CERTIFICATES, "held", by=len(ready) - len(passed))
    _progress(session, ready, won, now)
    if issued:
        digests = b"".join(each.forms.cose_hash for each in issued)
        audit.record(
            session, None, now, "issue", f"batch:{issued[0].row.batch}",
            certificates=len(issued), first=issued[0].row.id, last=issued[-1].row.id,
            forms=sha256(digests).hexdigest(),
        )  # fmt: skip
    return len(issued)


def _swap(session: Session, ids: list[int], state: CertificateState, now: int) -> frozenset[int]:
    if not ids:
        return frozenset()
    first, last = min(ids), max(ids)
    # Rows were prepared in one piece, so nearly always they are all of a range.
    is_range = last - first + 1 == len(set(ids))
    one_of = CertificateRow.id.between(first, last) if is_range else CertificateRow.id.in_(ids)
    return frozenset(
        session.scalars(
            update(table(CertificateRow))
            .where(one_of, CertificateRow.state == CertificateState.PREPARED)
            .values(state=state.value, issued_at=now)
            .returning(CertificateRow.id)
        )
    )


def _insert(session: Session, issued: list[Ready], now: int) -> None:
    forms, places, entries = [], [], []
    for each in issued:
        sealed, facts = each.forms, each.row.certificate.facts
        forms.append({
            "certificate_id": each.row.id, "cose": sealed.cose, "document": sealed.document,
            "cose_hash": sealed.cose_hash, "jcs_hash": sealed.jcs_hash,
        })  # fmt: skip
        places.append({
            "list": facts.status_list, "index": facts.status_index, "state": 0,
            "cose8": sealed.cose_hash[:8], "jcs8": sealed.jcs_hash[:8],
            "certificate_id": each.row.id,
        })  # fmt: skip
        entry = log_entry.issued(sealed.cose_hash, sealed.jcs_hash)
        entries.append({
            "version": log_entry.VERSION, "kind": int(entry.kind), "commitment": entry.commitment,
            "index": None, "nonce": None, "certificate_id": each.row.id,
            "status_change_id": None, "queued_at": now,
        })  # fmt: skip
    bulk.insert(session, Form, forms)
    bulk.insert(session, Status, places)
    bulk.insert(session, LogEntry, entries)


def _refuse_unlawful_corrections(session: Session, ready: Sequence[Ready]) -> None:
    """Object to new versions of what was revoked, suspended or corrected meanwhile."""
    replacing = {old: each for each in ready if (old := each.row.supersedes) is not None}
    if not replacing:
        return
    states = session.execute(
        select(Status.certificate_id, Status.state).where(Status.certificate_id.in_(replacing))
    )
    for old, state in states:
        if old is None or State(state) is State.VALID:
            continue
        new = replacing[old]
        if new.objection is None:
            new.objection = f"corrects a version that is {State(state).name.lower()}"


def _supersede(session: Session, context: Context, issued: list[Ready], now: int) -> None:
    for each in issued:
        if each.row.supersedes is not None:
            status.supersede(session, now, policy(session), context.random, each.row.id)


def _hold(session: Session, certificate: int, why: str) -> None:
    session.execute(
        update(CertificateRow)
        .where(CertificateRow.id == certificate, CertificateRow.state == CertificateState.PREPARED)
        .values(state=CertificateState.HELD, reason=why)
    )


def _progress(session: Session, ready: Sequence[Ready], won: frozenset[int], now: int) -> None:
    done = Tally(each.row.batch for each in ready if each.row.id in won)
    held = Tally(each.row.batch for each in ready if each.objection is not None)
    for batch in sorted(set(done) | set(held)):
        session.execute(
            update(table(Task))
            .where(Task.batch_id == batch, Task.state.in_(OPEN_TASK))
            .values(
                state=TaskState.RUNNING,
                note=None,
                done=Task.done + done[batch],
                held=Task.held + held[batch],
                changed_at=now,
            )
        )
