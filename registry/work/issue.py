"""Issuing: prepared rows become certificates, checked by our own public verifier before they count.

Prepared rows are the queue. Sealing happens outside any transaction and gives the same bytes every
time, so a worker that dies, or two that race, change nothing: the compare-and-swap from *prepared*
to *issued* lets exactly one write the forms.
"""

from collections import Counter as Tally
from collections.abc import Sequence
from dataclasses import dataclass, replace
from hashlib import sha256

from sqlalchemy import exists, insert, select, update
from sqlalchemy.orm import Session

from keys.errors import SigningError
from registry.acts import audit, status
from registry.queries.policy import policy
from registry.records.assessment import Batch, Result
from registry.records.base import table
from registry.records.certificates import CertificateRow, CertificateState, Form
from registry.records.eligibility import Eligibility, Outcome
from registry.records.log import LogEntry, Task, TaskState
from registry.records.status import Status
from registry.rules.approval import BatchState
from registry.work import prepare
from registry.work.context import Context, WorkError
from registry.work.seal import Sealed, seal
from schemas import log_entry, qr, value
from schemas.certificate import Certificate, State
from schemas.errors import FormatError
from verifier.report import Outcome as Checked
from verifier.verify import verify

PROVEN = ("readable", "trust", "key", "signature", "scope")
"""Checks that must pass before a certificate may leave; the rest needs what is published later."""

_OPEN = (TaskState.WAITING, TaskState.RUNNING)


@dataclass(frozen=True, slots=True)
class Waiting:
    """A prepared row, as read."""

    id: int
    batch: int
    key_name: str
    certificate: Certificate


@dataclass(frozen=True, slots=True)
class Ready:
    """A sealed row with the verifier's objection, if it had one."""

    row: Waiting
    sealed: Sealed | None
    objection: str | None


def step(context: Context) -> bool:
    """Prepare one chunk of a batch that is being issued, or seal and issue one prepared chunk."""
    now = context.clock()
    rows = _prepared(context)
    if rows:
        try:
            ready = [_ready(context, row) for row in rows]
        except WorkError as error:
            for batch in sorted({row.batch for row in rows}):
                _tell(context, batch, str(error), now)
            raise
        with context.writing.begin() as session:
            store(session, context, ready, now)
        return True
    trouble: WorkError | None = None
    for batch_id in _issuing(context):
        try:
            with context.writing.begin() as session:
                if not prepare.chunk(session, context, batch_id, now):
                    _finish(session, batch_id, now)
            return True
        except WorkError as error:
            trouble = error
            _tell(context, batch_id, str(error), now)
    if trouble is not None:
        raise trouble
    return False


def _tell(context: Context, batch_id: int, why: str, now: int) -> None:
    """Write on the task why its batch does not go on, for the person who waits."""
    with context.writing.begin() as session:
        session.execute(
            update(Task)
            .where(Task.batch_id == batch_id, Task.state.in_(_OPEN))
            .values(note=why, changed_at=now)
        )


def _prepared(context: Context) -> list[Waiting]:
    with context.reading() as session:
        rows = session.execute(
            select(
                CertificateRow.id, CertificateRow.batch_id, CertificateRow.key_name,
                CertificateRow.value,
            )
            .where(CertificateRow.state == CertificateState.PREPARED)
            .order_by(CertificateRow.id)
            .limit(context.chunk)
        ).all()  # fmt: skip
    return [Waiting(row[0], row[1], row[2], value.load(row[3])) for row in rows]


def _issuing(context: Context) -> Sequence[int]:
    with context.reading() as session:
        return session.scalars(
            select(Batch.id).where(Batch.state == BatchState.ISSUING).order_by(Batch.id)
        ).all()


def _ready(context: Context, row: Waiting) -> Ready:
    signer = context.signers.get(row.key_name)
    if signer is None:
        raise WorkError(f"no key named {row.key_name} is at hand; put its sealed file into keys/")
    try:
        sealed = seal(row.certificate, signer)
    except FormatError as error:
        return Ready(row, None, f"cannot be written: {error}")
    except SigningError as error:
        raise WorkError(f"key {row.key_name} does not sign: {error}") from None
    return Ready(row, sealed, objection(context, row.certificate, sealed))


def objection(context: Context, certificate: Certificate, sealed: Sealed) -> str | None:
    """Why our own public verifier would not accept these forms; None when it does.

    Raises:
        WorkError: it cannot say, because our own trust list is missing or stale.
    """
    facts = certificate.facts
    forms: tuple[tuple[str, bytes | str], ...] = (
        ("qr", qr.text(facts.base, sealed.cose)),
        ("json", sealed.document),
    )
    for name, form in forms:
        report = verify(form, context.trust, facts.signed_at, None)
        for check in report.steps:
            if check.check in PROVEN and check.outcome is not Checked.PASSED:
                if check.check == "trust":
                    raise WorkError(f"our own trust list is not usable: {check.code}")
                return f"{name}: {check.code}"
        if report.facts != facts:
            return f"{name}: reads as another certificate"
    return None


def store(session: Session, context: Context, ready: Sequence[Ready], now: int) -> int:
    """Write forms, status places and log entries of a sealed chunk; answers how many it issued."""
    ready = _with_lawful_corrections(session, ready)
    passed = {each.row.id: each for each in ready if each.objection is None}
    won = _swap(session, list(passed), CertificateState.ISSUED, now)
    issued = [passed[each] for each in passed if each in won]
    if issued:
        _insert(session, issued, now)
        _supersede(session, context, [each.row.id for each in issued], now)
    for each in ready:
        if each.objection is not None:
            _hold(session, each.row.id, each.objection)
    _progress(session, ready, won, now)
    if issued:
        digests = b"".join(each.sealed.cose_hash for each in issued if each.sealed)
        audit.record(
            session, None, now, "issue", f"batch:{issued[0].row.batch}",
            certificates=len(issued), first=issued[0].row.id, last=issued[-1].row.id,
            forms=sha256(digests).hexdigest(),
        )  # fmt: skip
    return len(issued)


def _swap(session: Session, ids: list[int], state: CertificateState, now: int) -> frozenset[int]:
    if not ids:
        return frozenset()
    return frozenset(
        session.scalars(
            update(CertificateRow)
            .where(CertificateRow.id.in_(ids), CertificateRow.state == CertificateState.PREPARED)
            .values(state=state, issued_at=now)
            .returning(CertificateRow.id)
        )
    )


def _insert(session: Session, issued: list[Ready], now: int) -> None:
    forms, places, entries = [], [], []
    for each in issued:
        sealed, facts = each.sealed, each.row.certificate.facts
        if sealed is None:
            raise WorkError(f"certificate {each.row.id} has no forms")
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
    session.execute(insert(table(Form)), forms)
    session.execute(insert(table(Status)), places)
    session.execute(insert(table(LogEntry)), entries)


def _with_lawful_corrections(session: Session, ready: Sequence[Ready]) -> list[Ready]:
    """Object to new versions of what was revoked, suspended or corrected meanwhile."""
    dead = {
        row[0]: State(row[1])
        for row in session.execute(
            select(CertificateRow.id, Status.state)
            .join(Status, Status.certificate_id == CertificateRow.supersedes_id)
            .where(CertificateRow.id.in_([each.row.id for each in ready]))
        )
        if State(row[1]) is not State.VALID
    }
    return [
        replace(each, objection=f"corrects a version that is {dead[each.row.id].name.lower()}")
        if each.row.id in dead and each.objection is None
        else each
        for each in ready
    ]


def _supersede(session: Session, context: Context, ids: list[int], now: int) -> None:
    new = session.scalars(
        select(CertificateRow.id)
        .where(CertificateRow.id.in_(ids), CertificateRow.supersedes_id.is_not(None))
        .order_by(CertificateRow.id)
    ).all()
    for each in new:
        status.supersede(session, now, policy(session), context.random, each)


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
            update(Task)
            .where(Task.batch_id == batch, Task.state.in_(_OPEN))
            .values(
                state=TaskState.RUNNING,
                done=Task.done + done[batch],
                held=Task.held + held[batch],
                changed_at=now,
            )
        )


def _finish(session: Session, batch_id: int, now: int) -> None:
    """Close a batch in which nothing waits any more."""
    granted_without_row = (
        select(Result.id)
        .join(Eligibility, Eligibility.result_id == Result.id)
        .outerjoin(CertificateRow, CertificateRow.result_id == Result.id)
        .where(
            Result.batch_id == batch_id, Result.removed_at.is_(None),
            Eligibility.version == Batch.version, Eligibility.outcome == Outcome.GRANTED,
            CertificateRow.id.is_(None),
        )
        .correlate(Batch)
    )  # fmt: skip
    prepared = select(CertificateRow.id).where(
        CertificateRow.batch_id == batch_id, CertificateRow.state == CertificateState.PREPARED
    )
    closed = session.execute(
        update(Batch)
        .where(
            Batch.id == batch_id, Batch.state == BatchState.ISSUING,
            ~exists(granted_without_row), ~exists(prepared),
        )
        .values(state=BatchState.ISSUED, changed_at=now)
        .returning(Batch.id)
    ).scalar_one_or_none()  # fmt: skip
    if closed is None:
        return
    session.execute(
        update(Task)
        .where(Task.batch_id == batch_id, Task.state.in_(_OPEN))
        .values(state=TaskState.DONE, changed_at=now)
    )
    audit.record(session, None, now, "finish_batch", f"batch:{batch_id}")
