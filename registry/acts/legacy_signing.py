"""The second officer approves a signed version: a batch of one on the way that all batches take."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from registry.acts import approval, assessment, audit, batches, legacy_history, legacy_requests
from registry.acts.permission import must
from registry.custody.personal import Personal
from registry.queries import catalogue, legacy_stored, results
from registry.queries import legacy_signing as queries
from registry.records.approval import Decision, Step
from registry.records.assessment import Batch, Import, Result
from registry.records.eligibility import Eligibility, Outcome
from registry.records.legacy import LegacyChange, LegacyEntry, LegacyImport, LegacyRequest
from registry.rules import eligibility, legacy_filed, legacy_signing
from registry.rules import legacy_requests as rules
from registry.rules.approval import Step as Move
from registry.rules.cases import Case
from registry.rules.decision import Granted, RefusedError, reason, require
from registry.rules.legacy_filed import Filed
from registry.rules.legacy_requests import LegacyHands, RequestState, RequestStep
from registry.rules.permissions import Act, Actor
from registry.rules.policy import Policy
from schemas import dates


def approve(
    session: Session,
    actor: Actor,
    now: int,
    personal: Personal,
    policy: Policy,
    request_id: int,
) -> int:
    """Approve what another officer has checked and start its issue; answers the batch's record id.

    The facts are decided once more, as known now. The signed version keeps number and day of award.

    Args:
        session: a writing session.
        actor: a provincial issuer who neither checked nor brought the entry in.
        now: UTC seconds.
        personal: keys over ID numbers.
        policy: the policy in force.
        request_id: record id.

    Raises:
        NotFoundError: no such request.
        RefusedError: not permitted, not two persons, a change is open, the rules refuse, or the
            same assessment is recorded in a batch.
    """
    request, entry = legacy_requests.held(session, request_id)
    must(actor, Act.APPROVE_LEGACY, province=entry.province)
    importer = session.get_one(LegacyImport, entry.import_id).imported_by
    rules.after(RequestState(request.state), RequestStep.APPROVE)
    hands = LegacyHands(importer=importer, checker=request.checked_by)
    require(rules.may_approve(actor.person, hands, policy.version))
    _nothing_open(session, entry)
    # Of two approvals at once, the second has to see what the first has granted.
    audit.hold(session)
    filed = legacy_filed.load(request.facts or {})
    case = queries.case(session, personal, entry, filed, dates.shanghai_day(now), now)
    granted = require(legacy_signing.decide(case, queries.paper(session, entry), policy))
    queries.need_signer(session, case, policy)
    batch, result = _batch_of_one(session, actor, now, personal, entry, request, filed, importer)
    _grant(session, now, batch, result, case, granted, policy)
    request.state = RequestState.APPROVED.value
    request.decided_by, request.decided_at, request.result_id = actor.person, now, result.id
    session.flush()
    legacy_history.note(session, now, actor.person, "approved", [entry.id], batch=batch.number)
    audit.record(
        session, actor, now, "approve_legacy", f"legacy:{entry.id}", batch=batch.id,
        result=result.id, policy=policy.version,
    )  # fmt: skip
    approval.issue(session, actor, now, batch.id, batch.version)
    return batch.id


def _nothing_open(session: Session, entry: LegacyEntry) -> None:
    if entry.removed_at is not None or entry.confirmed_at is None:
        raise RefusedError(reason("legacy_entry_state"))
    waiting = session.scalar(
        select(LegacyChange.id).where(
            LegacyChange.entry_id == entry.id, LegacyChange.decided.is_(None)
        )
    )
    if waiting is not None:
        raise RefusedError(reason("legacy_change_open"))


def _batch_of_one(
    session: Session,
    actor: Actor,
    now: int,
    personal: Personal,
    entry: LegacyEntry,
    request: LegacyRequest,
    filed: Filed,
    importer: int,
) -> tuple[Batch, Result]:
    site = queries.site(session, entry, filed.site)
    checker = request.checked_by or 0
    batch = assessment.new_batch(session, checker, now, site)
    upload = Import(
        batch_id=batch.id, file_name=f"存量证书 {entry.number}",
        file_hash=session.get_one(LegacyImport, entry.import_id).file_hash,
        imported_by=importer, imported_at=now, kept=1, unchanged=0, refused=0, conflicting=0,
        problems=[],
    )  # fmt: skip
    session.add(upload)
    session.flush()
    result = _result(session, now, personal, entry, filed, batch, upload)
    codes = {key: found.code for key, found in catalogue.for_rules(session).items()}
    digest = results.digest(session, batch, results.of_batch(session, personal, batch.id, codes))
    for move, values in _moves(entry, digest):
        batches.move(session, batch, move, now, **values)
    for step, person, account in (
        (Step.CHECKED, checker, request.checked_account),
        (Step.APPROVED, actor.person, actor.account),
    ):
        session.execute(
            insert(Decision).values(
                batch_id=batch.id, step=step.value, version=batch.version, digest=digest,
                person_id=person, account_id=account, decided_at=now, reason=request.basis,
                checks=dict.fromkeys(request.checks or (), True),
            )
        )  # fmt: skip
    return batch, result


def _moves(entry: LegacyEntry, digest: bytes) -> tuple[tuple[Move, Mapping[str, Any]], ...]:
    # No examiner of today can confirm: two officers stand by the file instead.
    return (
        (Move.SUBMIT, {"digest": digest}), (Move.CONFIRM, {}), (Move.CHECK, {}),
        (Move.APPROVE, {"awarded": entry.issued}),
    )  # fmt: skip


def _result(
    session: Session,
    now: int,
    personal: Personal,
    entry: LegacyEntry,
    filed: Filed,
    batch: Batch,
    upload: Import,
) -> Result:
    known = {found.code: key for key, found in catalogue.for_rules(session).items()}
    uid = personal.random(16).hex()
    number = personal.open(entry.id_sealed, legacy_stored.TABLE, entry.uid, entry.id_key)
    result = Result(
        uid=uid, batch_id=batch.id, import_id=upload.id, source_row=entry.source_row,
        name=entry.name, id_kind=entry.id_kind,
        id_sealed=personal.seal(number, results.TABLE, uid), id_key=personal.current,
        id_lookup=entry.id_lookup, id_lookup_key=entry.id_lookup_key, last4=entry.last4,
        occupation_id=known[filed.occupation], level=filed.level, work_type=filed.work_type,
        assessed=filed.assessed, theory=filed.theory, practice=filed.practice,
        review=filed.review, ticket=None, photo_id=None, recorded_at=now, removed_at=None,
    )  # fmt: skip
    again = session.scalar(
        select(Batch.number)
        .join(Result, Result.batch_id == Batch.id)
        .where(
            Result.id_lookup == entry.id_lookup, Result.occupation_id == result.occupation_id,
            Result.level == filed.level, Result.assessed == filed.assessed,
            Result.removed_at.is_(None),
        )
    )  # fmt: skip
    if again is not None:
        raise RefusedError(reason("recorded_elsewhere", batch=again))
    session.add(result)
    session.flush()
    return result


def _grant(
    session: Session,
    now: int,
    batch: Batch,
    result: Result,
    case: Case,
    granted: Granted,
    policy: Policy,
) -> None:
    session.execute(
        insert(Eligibility).values(
            result_id=result.id, batch_id=batch.id, version=batch.version,
            outcome=Outcome.GRANTED.value, kind=int(eligibility.kind(case, policy).kind),
            grounds=[each.as_dict() for each in granted.grounds], policy=policy.version,
            decided_at=now,
        )
    )  # fmt: skip
