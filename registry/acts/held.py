"""Rows that the self-check refused: tried again, or voided with the reason."""

from collections.abc import Callable
from dataclasses import replace
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from registry.acts import audit, log
from registry.acts.permission import must
from registry.records.assessment import Batch
from registry.records.certificates import CertificateRow, CertificateState
from registry.records.errors import NotFoundError
from registry.records.log import Task, TaskState
from registry.records.organisations import Body, Site
from registry.rules.approval import BatchState
from registry.rules.decision import RefusedError, reason
from registry.rules.permissions import Act, Actor
from schemas import log_entry, value


def void(
    session: Session,
    actor: Actor,
    now: int,
    random: Callable[[int], bytes],
    certificate_id: int,
    why: str,
) -> None:
    """Void a held row: its serial is spent, with the reason, and nothing is ever issued under it.

    The log gets an entry that commits to the serial's identity and the reason.

    Args:
        session: a writing session.
        actor: a provincial issuer.
        now: UTC seconds.
        random: source of the log entry's nonce.
        certificate_id: record id of the held row.
        why: reason in words.

    Raises:
        NotFoundError: no such certificate.
        RefusedError: not permitted, without a reason, or the row is not held.
    """
    row = session.get(CertificateRow, certificate_id)
    if row is None:
        raise NotFoundError("certificate", certificate_id)
    site = session.get_one(Site, row.site_id)
    must(actor, Act.ISSUE_BATCH, province=site.province, site=site.number)
    if not why.strip():
        raise RefusedError(reason("return_without_reason"))
    voided = session.execute(
        update(CertificateRow)
        .where(CertificateRow.id == certificate_id, CertificateRow.state == CertificateState.HELD)
        # What it would have replaced may be corrected anew; the correction itself stays recorded.
        .values(state=CertificateState.VOID.value, reason=why.strip(), supersedes_id=None)
        .execution_options(synchronize_session=False)
        .returning(CertificateRow.id)
    ).all()
    if not voided:
        raise RefusedError(reason("certificate_not_held", number=row.number))
    nonce = random(log_entry.NONCE_SIZE)
    entry = log_entry.voided(
        log_entry.Voiding(nonce=nonce, uuid=UUID(row.uuid), at=now, ground=why.strip())
    )
    log.queue(session, now, entry, nonce, certificate_id)
    # The reason stands in the row and under the log entry: what is typed may name a person.
    audit.record(session, actor, now, "void", f"certificate:{certificate_id}")


def retry(session: Session, actor: Actor, now: int, certificate_id: int) -> None:
    """Let the worker try a held row again, once what stood in its way is gone.

    The row keeps its number and value, and the same self-check decides again; only where another
    key signs for its body by now, that one signs, at this instant. The batch of a first version
    counts as being issued until then.

    Raises:
        NotFoundError: no such certificate.
        RefusedError: not permitted, or the row is not held.
    """
    row = session.get(CertificateRow, certificate_id)
    if row is None:
        raise NotFoundError("certificate", certificate_id)
    site = session.get_one(Site, row.site_id)
    must(actor, Act.ISSUE_BATCH, province=site.province, site=site.number)
    why = row.reason
    waiting = session.execute(
        update(CertificateRow)
        .where(CertificateRow.id == certificate_id, CertificateRow.state == CertificateState.HELD)
        .values(
            state=CertificateState.PREPARED.value, reason=None, **_key_of_today(session, row, now)
        )
        .execution_options(synchronize_session=False)
        .returning(CertificateRow.id)
    ).all()
    if not waiting:
        raise RefusedError(reason("certificate_not_held", number=row.number))
    if row.supersedes_id is None:
        _reopen(session, now, row.batch_id)
    audit.record(session, actor, now, "retry", f"certificate:{certificate_id}", held_for=why)


def _key_of_today(session: Session, row: CertificateRow, now: int) -> dict[str, object]:
    """What changes in a row that waits for a key that was closed; no form of it was ever out."""
    key = session.scalar(select(Body.key_name).where(Body.issuer == row.issuer))
    if key is None or key == row.key_name:
        return {}
    certificate = value.load(row.value)
    facts = replace(certificate.facts, signed_at=now)
    return {
        "key_name": key, "signed_at": now, "value": value.dump(replace(certificate, facts=facts))
    }  # fmt: skip


def _reopen(session: Session, now: int, batch_id: int) -> None:
    """Count one row less as held; a batch that was finished is being issued again."""
    session.execute(
        update(Batch)
        .where(Batch.id == batch_id, Batch.state == BatchState.ISSUED)
        .values(state=BatchState.ISSUING.value, changed_at=now)
    )
    session.execute(
        update(Task)
        .where(Task.batch_id == batch_id, Task.held > 0)
        .values(state=TaskState.RUNNING.value, held=Task.held - 1, changed_at=now)
    )
