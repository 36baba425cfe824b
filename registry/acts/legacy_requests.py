"""A holder asks for a signed version of an older paper; officers check, refuse or send back."""

from collections.abc import Callable, Collection
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from registry.acts import audit, legacy_changes, legacy_history
from registry.acts.permission import must
from registry.acts.pickups import CODE_DAYS, new_code
from registry.custody.personal import Personal
from registry.queries import legacy_signing as queries
from registry.records.certificates import PickupCode
from registry.records.errors import NotFoundError
from registry.records.legacy import LegacyEntry, LegacyRequest
from registry.rules import legacy_requests as rules
from registry.rules import legacy_signing
from registry.rules.decision import RefusedError, reason, require
from registry.rules.legacy_filed import Filed
from registry.rules.legacy_requests import OPEN, RequestState, RequestStep
from registry.rules.permissions import Act, Actor
from registry.rules.policy import Policy
from schemas import dates


def ask(session: Session, now: int, personal: Personal, entry_id: int) -> str:
    """Make a request whose two facts have been compared already; answers the receipt number.

    Asking again while a request is open gives it a new receipt number and ends the old one: who
    lost the receipt proves the same two facts again.

    Raises:
        NotFoundError: no such public entry.
        RefusedError: there can be no signed version of such a paper, or there is one.
    """
    entry = legacy_changes.held(session, entry_id)
    if entry.confirmed_at is None or entry.removed_at is not None:
        raise NotFoundError("legacy entry", entry_id)
    if refusal := legacy_signing.refusal(queries.paper(session, entry)):
        raise refusal
    code = new_code(personal.random)
    open_or_done = session.scalars(
        select(LegacyRequest).where(
            LegacyRequest.entry_id == entry_id,
            LegacyRequest.state.in_((*OPEN, RequestState.APPROVED)),
        )
    ).first()
    if open_or_done is not None:
        open_or_done.receipt_hash, open_or_done.failures = personal.code_hash(code), 0
        what = "receipt_renewed"
    else:
        session.add(_new(now, entry_id, personal.code_hash(code)))
        what = "requested"
    session.flush()
    legacy_history.note(session, now, None, what, [entry_id])
    audit.record(session, None, now, "ask_legacy", f"legacy:{entry_id}", what=what)
    return code


def _new(now: int, entry_id: int, receipt_hash: bytes) -> LegacyRequest:
    return LegacyRequest(
        entry_id=entry_id, receipt_hash=receipt_hash, failures=0, made_at=now,
        state=RequestState.WAITING.value, facts=None, checks=None, basis=None, checked_by=None,
        checked_account=None, checked_at=None, decided_by=None, decided_at=None, why=None,
        result_id=None,
    )  # fmt: skip


def receipt_failed(session: Session, request_id: int) -> None:
    """Count a wrong last four against a receipt number; after five it opens nothing."""
    session.execute(
        update(LegacyRequest)
        .where(LegacyRequest.id == request_id)
        .values(failures=LegacyRequest.failures + 1)
    )


def withdraw(session: Session, now: int, request_id: int) -> None:
    """The holder withdraws; the receipt number has been compared already.

    Raises:
        NotFoundError: no such request.
        RefusedError: it is decided.
    """
    request, entry = held(session, request_id)
    _move(request, RequestStep.WITHDRAW)
    request.decided_at = now
    session.flush()
    _told(session, None, now, entry, "withdrawn")


def check(
    session: Session,
    actor: Actor,
    now: int,
    personal: Personal,
    policy: Policy,
    request_id: int,
    filed: Filed,
    ticked: Collection[str],
    basis: str,
) -> None:
    """An officer has compared record, image and file, and takes down what the file says.

    Args:
        session: a writing session.
        actor: a provincial checker.
        now: UTC seconds.
        personal: keys over ID numbers.
        policy: the policy in force.
        request_id: record id.
        filed: facts of the assessment, from its file.
        ticked: codes of what was compared; every one is needed.
        basis: where in the archive it stands.

    Raises:
        NotFoundError: no such request.
        RefusedError: not permitted, not all compared, no basis, decided before, or the rules
            refuse what was taken down, with every reason.
    """
    request, entry = held(session, request_id)
    must(actor, Act.CHECK_LEGACY, province=entry.province)
    rules.after(RequestState(request.state), RequestStep.CHECK)
    if missing := rules.all_ticked(ticked):
        raise RefusedError(missing)
    if not basis.strip():
        raise RefusedError(reason("legacy_basis_missing", "basis"))
    case = queries.case(session, personal, entry, filed, dates.shanghai_day(now), now)
    require(legacy_signing.decide(case, queries.paper(session, entry), policy))
    queries.need_signer(session, case, policy)
    _move(request, RequestStep.CHECK)
    request.facts, request.checks = filed.as_dict(), sorted(ticked)
    request.basis, request.checked_at = basis.strip(), now
    request.checked_by, request.checked_account = actor.person, actor.account
    session.flush()
    _told(session, actor, now, entry, "checked", basis=basis.strip())


def send_back(session: Session, actor: Actor, now: int, request_id: int, why: str) -> None:
    """The second officer wants it checked again.

    Raises:
        NotFoundError: no such request.
        RefusedError: not permitted, without a reason, or not checked.
    """
    request, entry = held(session, request_id)
    must(actor, Act.APPROVE_LEGACY, province=entry.province)
    _need_why(why)
    _move(request, RequestStep.SEND_BACK)
    request.facts = request.checks = request.basis = None
    request.checked_by = request.checked_account = request.checked_at = None
    session.flush()
    _told(session, actor, now, entry, "sent_back", why=why.strip())


def refuse(session: Session, actor: Actor, now: int, request_id: int, why: str) -> None:
    """Refuse a request; the holder reads the reason with the receipt number.

    Raises:
        NotFoundError: no such request.
        RefusedError: not permitted, without a reason, or decided before.
    """
    request, entry = held(session, request_id)
    must(actor, Act.REFUSE_LEGACY, province=entry.province)
    _need_why(why)
    _move(request, RequestStep.REFUSE)
    request.why, request.decided_by, request.decided_at = why.strip(), actor.person, now
    session.flush()
    _told(session, actor, now, entry, "refused", why=why.strip())


def collect(session: Session, now: int, random: Callable[[int], bytes], request_id: int) -> int:
    """A pick-up of the signed version for a holder who came with the receipt number.

    Answers the record id of a code that nobody ever sees: it only carries the session.

    Raises:
        NotFoundError: no such request, or nothing was approved.
    """
    request, entry = held(session, request_id)
    if request.result_id is None or request.decided_by is None:
        raise NotFoundError("signed version", request_id)
    code = PickupCode(
        code_hash=random(32), result_id=request.result_id, made_by=request.decided_by,
        made_at=now, expires_at=now + CODE_DAYS * 86_400, ended_at=None, failures=0,
    )  # fmt: skip
    session.add(code)
    session.flush()
    _told(session, None, now, entry, "collected")
    return code.id


def held(session: Session, request_id: int) -> tuple[LegacyRequest, LegacyEntry]:
    """The request and its entry, kept from other acts until this transaction ends.

    Raises:
        NotFoundError: there is none.
    """
    found = session.get(LegacyRequest, request_id)
    if found is None:
        raise NotFoundError("legacy request", request_id)
    entry = legacy_changes.held(session, found.entry_id)
    session.refresh(found)
    return found, entry


def _move(request: LegacyRequest, step: RequestStep) -> None:
    request.state = rules.after(RequestState(request.state), step).value


def _need_why(why: str) -> None:
    if not why.strip():
        raise RefusedError(reason("legacy_without_reason", "why"))


def _told(
    session: Session, actor: Actor | None, now: int, entry: LegacyEntry, what: str, **detail: Any
) -> None:
    person = None if actor is None else actor.person
    legacy_history.note(session, now, person, what, [entry.id], **detail)
    # Reasons are typed and may name people; the chain that auditors see holds the event only.
    audit.record(session, actor, now, "legacy_request", f"legacy:{entry.id}", what=what)
