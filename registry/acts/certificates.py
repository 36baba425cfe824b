"""A new version of a certificate, and codes with which holders pick theirs up."""

import base64
from collections.abc import Callable
from dataclasses import dataclass, replace
from uuid import UUID

from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from registry.acts import audit, log, places
from registry.acts.permission import must
from registry.acts.status import Ruling
from registry.custody.personal import Personal
from registry.records.assessment import Batch, Result
from registry.records.certificates import (
    CertificateRow,
    CertificateState,
    PickupCode,
)
from registry.records.errors import NotFoundError
from registry.records.log import Task, TaskState
from registry.records.organisations import Body, Site
from registry.records.status import Correction, Status
from registry.rules import status as rules
from registry.rules.approval import BatchState
from registry.rules.decision import RefusedError, reason, require
from registry.rules.identity import Identity
from registry.rules.permissions import Act, Actor
from registry.rules.policy import Policy
from registry.rules.status import StatusAct
from schemas import facts as facts_rules
from schemas import log_entry, value
from schemas.certificate import State

ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
"""Characters of a pick-up code: none that is taken for another on paper."""

CODE_LENGTH = 10
"""31 to the power of 10: with the last four and the throttle, not to be guessed."""

CODE_DAYS = 180
"""How long a code opens its result."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Corrected:
    """What the new version says instead; None keeps what the old one says."""

    name: str | None = None
    identity: Identity | None = None


@dataclass(frozen=True, slots=True)
class Slip:
    """One hand-out slip. The code is shown here and never again."""

    result: int
    name: str
    last4: str
    code: str


def correct(
    session: Session,
    actor: Actor,
    now: int,
    policy: Policy,
    personal: Personal,
    certificate_id: int,
    corrected: Corrected,
    ruling: Ruling,
) -> int:
    """Prepare a new version of an issued certificate; the issue of it supersedes the old one.

    Number, kind, dates and names in words stay; version, uuid, public id, status place and instant
    of signing are new. Answers the record id of the new version.

    Args:
        session: a writing session.
        actor: a provincial issuer.
        now: UTC seconds; becomes the instant of signing.
        policy: for the grounds.
        personal: keys over ID numbers, and the source of randomness.
        certificate_id: record id of the version in force.
        corrected: what changes; nothing for a reissue of what was lost.
        ruling: the decision.

    Raises:
        NotFoundError: no such certificate.
        RefusedError: not permitted, not in force, an unknown ground, or a newer version is there.
        FormatError: the corrected facts cannot be signed.
    """
    old = session.get(CertificateRow, certificate_id)
    if old is None:
        raise NotFoundError("certificate", certificate_id)
    site = session.get_one(Site, old.site_id)
    must(actor, Act.CORRECT, province=site.province, site=site.number)
    _in_force(session, policy, old, ruling)
    _same_person(session, personal, old, corrected)
    body = session.scalars(select(Body).where(Body.issuer == old.issuer)).one()
    new = _next_version(session, now, personal, old, corrected, body)
    session.add(new)
    session.flush()
    session.add(
        Correction(
            certificate_id=new.id, corrected_id=old.id, ground=ruling.ground,
            authority_id=site.body_id, decision=ruling.document, decided_on=ruling.decided_on,
            person_id=actor.person, recorded_at=now,
        )
    )  # fmt: skip
    session.flush()
    audit.record(
        session, actor, now, "correct", f"certificate:{old.id}", by=new.id, ground=ruling.ground
    )
    return new.id


def _same_person(
    session: Session, personal: Personal, old: CertificateRow, corrected: Corrected
) -> None:
    """Refuse a name and an ID number that are both not those of the person who was assessed.

    One officer corrects alone; without this rule one officer could give any certificate away, in
    one step or in two.
    """
    assessed = session.get_one(Result, old.result_id)
    name = old.holder_name if corrected.name is None else corrected.name
    lookups = (
        (old.holder_lookup,) if corrected.identity is None else personal.lookups(corrected.identity)
    )
    if name != assessed.name and assessed.id_lookup not in lookups:
        raise RefusedError(reason("correction_of_person"))


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

    The row keeps its number, value and instant of signing; the same self-check decides again. The
    batch of a first version counts as being issued until then.

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
        .values(state=CertificateState.PREPARED.value, reason=None)
        .execution_options(synchronize_session=False)
        .returning(CertificateRow.id)
    ).all()
    if not waiting:
        raise RefusedError(reason("certificate_not_held", number=row.number))
    if row.supersedes_id is None:
        _reopen(session, now, row.batch_id)
    audit.record(session, actor, now, "retry", f"certificate:{certificate_id}", held_for=why)


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


def make_codes(
    session: Session, actor: Actor, now: int, personal: Personal, batch_id: int
) -> tuple[Slip, ...]:
    """Make a new pick-up code for every certificate of a batch that is out; older codes end.

    Raises:
        NotFoundError: no certificate of the batch is out.
        RefusedError: not permitted.
    """
    rows = session.execute(
        select(
            CertificateRow.result_id, CertificateRow.holder_name, CertificateRow.last4,
            CertificateRow.province, Site.number,
        )
        .join(Site, Site.id == CertificateRow.site_id)
        .where(
            CertificateRow.batch_id == batch_id,
            CertificateRow.state == CertificateState.ISSUED,
            CertificateRow.released_at.is_not(None),
        )
        .order_by(CertificateRow.number, CertificateRow.version)
    ).all()  # fmt: skip
    if not rows:
        raise NotFoundError("issued batch", batch_id)
    must(actor, Act.SEARCH_CERTIFICATES, province=rows[0].province, site=rows[0].number)
    newest = {row.result_id: row for row in rows}
    session.execute(
        update(PickupCode)
        .where(PickupCode.result_id.in_(newest), PickupCode.ended_at.is_(None))
        .values(ended_at=now)
    )
    slips = tuple(
        Slip(row.result_id, row.holder_name, row.last4, new_code(personal.random))
        for row in newest.values()
    )
    session.execute(
        insert(PickupCode),
        [
            {
                "code_hash": personal.code_hash(slip.code), "result_id": slip.result,
                "made_by": actor.person, "made_at": now,
                "expires_at": now + CODE_DAYS * 86_400, "ended_at": None, "failures": 0,
            }
            for slip in slips
        ],
    )  # fmt: skip
    audit.record(session, actor, now, "make_codes", f"batch:{batch_id}", codes=len(slips))
    return slips


def pickup_failed(session: Session, code_id: int) -> None:
    """Count a wrong last four against a code; after five the code opens nothing."""
    session.execute(
        update(PickupCode).where(PickupCode.id == code_id).values(failures=PickupCode.failures + 1)
    )


def normal_code(text: str) -> str:
    """A code as it was typed, without spaces and hyphens, in upper case."""
    return "".join(character for character in text.upper() if character.isalnum())


def _in_force(session: Session, policy: Policy, old: CertificateRow, ruling: Ruling) -> None:
    state = session.scalar(select(Status.state).where(Status.certificate_id == old.id))
    if old.state != CertificateState.ISSUED or state is None:
        raise RefusedError(reason("certificate_not_issued", number=old.number))
    pending = session.scalar(
        select(CertificateRow.id).where(CertificateRow.supersedes_id == old.id)
    )
    if pending is not None:
        raise RefusedError(reason("correction_pending", number=old.number))
    require(rules.decide(State(state), StatusAct.SUPERSEDE, ruling.ground, policy))


def _next_version(
    session: Session,
    now: int,
    personal: Personal,
    old: CertificateRow,
    corrected: Corrected,
    body: Body,
) -> CertificateRow:
    certificate = value.load(old.value)
    newest = session.scalars(
        select(func.max(CertificateRow.version)).where(CertificateRow.number == old.number)
    ).one()
    ((list_number, index),) = places.take(session, now, personal.random, 1)
    identity = UUID(bytes=personal.random(16), version=4)
    name = corrected.name or certificate.facts.name
    last4 = corrected.identity.last4 if corrected.identity else certificate.facts.last4
    facts = facts_rules.check(
        replace(
            certificate.facts, uuid=identity, version=newest + 1, name=name, last4=last4,
            signed_at=now, status_list=list_number, status_index=index,
        )
    )  # fmt: skip
    lookup, id_kind = (old.holder_lookup, old.holder_lookup_key), old.id_kind
    if corrected.identity is not None:
        lookup = personal.lookup(corrected.identity), personal.current
        id_kind = corrected.identity.kind
    return CertificateRow(
        batch_id=old.batch_id, result_id=old.result_id, eligibility_id=old.eligibility_id,
        number=old.number, version=newest + 1, scheme=old.scheme, period=old.period,
        organisation=old.organisation, level=old.level, serial=old.serial,
        state=CertificateState.PREPARED.value, reason=None, uuid=str(identity),
        public_id=public_id(personal.random), status_list=list_number, status_index=index,
        kind=old.kind, issuer=old.issuer, key_name=body.key_name or old.key_name, signed_at=now,
        policy=old.policy, value=value.dump(replace(certificate, facts=facts)),
        supersedes_id=old.id, site_id=old.site_id, occupation_id=old.occupation_id,
        province=old.province, holder_name=name, holder_lookup=lookup[0],
        holder_lookup_key=lookup[1], last4=last4, id_kind=id_kind, assessed=old.assessed,
        awarded=old.awarded, valid_until=old.valid_until, prepared_at=now, issued_at=None,
        released_at=None,
    )  # fmt: skip


def public_id(random: Callable[[int], bytes]) -> str:
    """Random name of a certificate's page, 22 characters; unlike the uuid it is in no form."""
    return base64.urlsafe_b64encode(random(16)).rstrip(b"=").decode()


def new_code(random: Callable[[int], bytes]) -> str:
    """A code for a slip or a receipt, :data:`CODE_LENGTH` characters of :data:`ALPHABET`."""
    characters: list[str] = []
    while len(characters) < CODE_LENGTH:
        # Bytes past the last whole multiple are thrown away, so that no character is likelier.
        characters += [
            ALPHABET[byte % len(ALPHABET)]
            for byte in random(CODE_LENGTH)
            if byte < 256 - 256 % len(ALPHABET)
        ]
    return "".join(characters[:CODE_LENGTH])
