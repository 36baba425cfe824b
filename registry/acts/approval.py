"""The way of a batch: submit, confirm, check, approve, issue, return.

Every step names the version that its actor saw and is bound to the digest of the rows, which is
computed anew each time. Duties are separated between persons, never between accounts.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from registry.acts import audit, batches
from registry.acts import eligibility as eligibility_acts
from registry.acts.eligibility import Approval
from registry.acts.permission import must
from registry.custody.personal import Personal
from registry.queries import approval as hands_of
from registry.queries import catalogue, eligibility, intakes, results
from registry.queries.policy import policy as whole_policy
from registry.queries.results import StoredResult
from registry.records.approval import Decision, Step
from registry.records.assessment import Batch, Confirmation
from registry.records.eligibility import Eligibility, Outcome
from registry.records.log import Task, TaskState
from registry.rules import approval as rules
from registry.rules import checklist
from registry.rules.approval import BatchState
from registry.rules.approval import Step as Move
from registry.rules.decision import RefusedError, reason, require
from registry.rules.permissions import Act, Actor
from registry.rules.policy import Policy
from schemas import dates


def submit(
    session: Session, actor: Actor, now: int, personal: Personal, batch_id: int, version: int
) -> bytes:
    """Hand a draft over to its examiners; answers the digest that they will confirm.

    Raises:
        RefusedError: not permitted, empty, without examiners, or with unsettled differences.
    """
    batch, place = batches.find(session, batch_id, version)
    must(actor, Act.SUBMIT_BATCH, province=place.province, site=place.site)
    rules.after(BatchState(batch.state), Move.SUBMIT)
    if intakes.storing(session, batch.id):
        raise RefusedError(reason("import_running"))
    if open_count := hands_of.open_conflicts(session, batch.id):
        raise RefusedError(reason("conflicts_open", count=open_count))
    count = results.count(session, batch.id)
    if not count:
        raise RefusedError(reason("batch_empty", batch=batch.number))
    if results.some_without_team(session, batch.id):
        raise RefusedError(reason("nobody_on_team"))
    digest = results.digest(session, batch, _rows(session, personal, batch))
    batches.move(session, batch, Move.SUBMIT, now, digest=digest)
    _decide(session, actor, now, batch, Step.SUBMITTED, digest)
    audit.record(
        session, actor, now, "submit_batch", f"batch:{batch.id}", digest=digest.hex(),
        rows=count,
    )  # fmt: skip
    return digest


def confirm(
    session: Session, actor: Actor, now: int, personal: Personal, batch_id: int, version: int
) -> BatchState:
    """An examiner stands by the results; the last one of the teams moves the batch on.

    Raises:
        RefusedError: not on a team, confirmed before, or the rows are not those submitted.
    """
    # Found and locked before looking: of the two last examiners, the second has to see the first.
    batch, place = batches.find(session, batch_id, version)
    hands = hands_of.hands(session, batch)
    must(
        actor, Act.CONFIRM_BATCH, province=place.province, site=place.site,
        persons=hands.examiners,
    )  # fmt: skip
    rules.after(BatchState(batch.state), Move.CONFIRM)
    require(rules.may_take(Move.CONFIRM, actor.person, hands))
    digest = _unchanged(session, personal, batch)
    session.execute(
        insert(Confirmation).values(
            batch_id=batch.id, person_id=actor.person, version=batch.version, digest=digest,
            confirmed_at=now,
        )
    )  # fmt: skip
    done = hands.examiners <= hands.confirmed | {actor.person}
    state = batches.move(session, batch, Move.CONFIRM, now) if done else BatchState(batch.state)
    audit.record(session, actor, now, "confirm_batch", f"batch:{batch.id}", digest=digest.hex())
    return state


def check(
    session: Session,
    actor: Actor,
    now: int,
    personal: Personal,
    batch_id: int,
    version: int,
    ticked: Mapping[str, bool],
) -> None:
    """The provincial check before approval: every point of the checklist in force is ticked.

    Args:
        session: a writing session.
        actor: a provincial checker.
        now: UTC seconds; says which day's checklist applies.
        personal: keys over ID numbers.
        batch_id: record id.
        version: what the page showed.
        ticked: by code; stored with the decision.

    Raises:
        RefusedError: not permitted, not yet confirmed, a hand of the site, rows have changed, or
            a point that is not ticked, each named.
    """
    batch, place = batches.find(session, batch_id, version)
    must(actor, Act.CHECK_BATCH, province=place.province, site=place.site)
    rules.after(BatchState(batch.state), Move.CHECK)
    require(rules.may_take(Move.CHECK, actor.person, hands_of.hands(session, batch)))
    items = checklist.items(whole_policy(session), dates.shanghai_day(now))
    if refusals := checklist.compare(items, ticked):
        raise RefusedError(*refusals)
    digest = _unchanged(session, personal, batch)
    batches.move(session, batch, Move.CHECK, now)
    _decide(session, actor, now, batch, Step.CHECKED, digest, checks=dict(ticked))
    audit.record(
        session, actor, now, "check_batch", f"batch:{batch.id}", digest=digest.hex(),
        ticked=dict(ticked),
    )  # fmt: skip


def approve(
    session: Session,
    actor: Actor,
    now: int,
    personal: Personal,
    policy: Policy,
    batch_id: int,
    version: int,
    awarded: date,
) -> Approval:
    """Approve a checked batch: decide every row by the rules and store what was decided.

    Args:
        session: a writing session.
        actor: a provincial issuer who has not had a hand in the batch.
        now: UTC seconds; facts recorded later are not considered.
        personal: keys over ID numbers.
        policy: the policy in force.
        batch_id: record id.
        version: what the page showed.
        awarded: the day of the award (发证日期).

    Raises:
        RefusedError: not permitted, not two persons, rows have changed, the date is impossible,
            no row can be issued, or somebody else was first.
    """
    batch, place = batches.find(session, batch_id, version)
    must(actor, Act.APPROVE_BATCH, province=place.province, site=place.site)
    rules.after(BatchState(batch.state), Move.APPROVE)
    require(rules.may_take(Move.APPROVE, actor.person, hands_of.hands(session, batch)))
    rows = tuple(_rows(session, personal, batch))
    digest = _unchanged(session, personal, batch, rows)
    today = dates.shanghai_day(now)
    if impossible := rules.award_date(awarded, (row.result for row in rows), today):
        raise RefusedError(impossible)
    batches.move(session, batch, Move.APPROVE, now, awarded=awarded)
    # Of two approvals at once, the second has to see what the first has granted.
    audit.hold(session)
    cases = eligibility.cases(
        session, personal, batch, awarded=awarded, on=today, known_at=now, approver=actor.person,
        rows=rows,
    )  # fmt: skip
    _decide(session, actor, now, batch, Step.APPROVED, digest)
    approval = eligibility_acts.store(session, now, batch, cases, policy)
    if not approval.granted:
        raise RefusedError(reason("nothing_to_issue", batch=batch.number))
    audit.record(
        session, actor, now, "approve_batch", f"batch:{batch.id}", digest=digest.hex(),
        awarded=awarded.isoformat(), policy=policy.version, granted=approval.granted,
        refused=approval.refused,
    )  # fmt: skip
    return approval


def issue(session: Session, actor: Actor, now: int, batch_id: int, version: int) -> int:
    """Start issuing an approved batch; answers the task that shows its progress.

    Raises:
        RefusedError: not permitted, not approved, or started already.
    """
    batch, place = batches.find(session, batch_id, version)
    must(actor, Act.ISSUE_BATCH, province=place.province, site=place.site)
    batches.move(session, batch, Move.ISSUE, now)
    total = session.scalars(
        select(func.count())
        .select_from(Eligibility)
        .where(
            Eligibility.batch_id == batch.id,
            Eligibility.version == batch.version,
            Eligibility.outcome == Outcome.GRANTED,
        )
    ).one()
    task = Task(
        kind="issue", batch_id=batch.id, state=TaskState.WAITING.value, total=total, done=0,
        held=0, note=None, requested_by=actor.person, created_at=now, changed_at=now,
        lease_owner=None, lease_until=None,
    )  # fmt: skip
    session.add(task)
    session.flush()
    audit.record(session, actor, now, "issue_batch", f"batch:{batch.id}", task=task.id, rows=total)
    return task.id


def return_batch(
    session: Session, actor: Actor, now: int, batch_id: int, version: int, why: str
) -> None:
    """Send a batch back to its site; every confirmation and decision over it is void.

    Raises:
        RefusedError: not permitted, without a reason, or from a state that cannot be returned.
    """
    batch, place = batches.find(session, batch_id, version)
    must(
        actor, Act.RETURN_BATCH, province=place.province, site=place.site,
        persons=hands_of.team(session, batch.id),
    )  # fmt: skip
    if not why.strip():
        raise RefusedError(reason("return_without_reason"))
    rules.after(BatchState(batch.state), Move.RETURN)
    digest = batch.digest or b""
    _decide(session, actor, now, batch, Step.RETURNED, digest, why=why.strip())
    batches.move(
        session, batch, Move.RETURN, now, version=batch.version + 1, digest=None, awarded=None
    )
    audit.record(session, actor, now, "return_batch", f"batch:{batch.id}", digest=digest.hex())


def _rows(session: Session, personal: Personal, batch: Batch) -> Iterator[StoredResult]:
    codes = {key: found.code for key, found in catalogue.for_rules(session).items()}
    return results.stream(session, personal, batch.id, codes)


def _unchanged(
    session: Session,
    personal: Personal,
    batch: Batch,
    rows: Iterable[StoredResult] | None = None,
) -> bytes:
    """The digest of the rows, read now where they are not given: the one that was submitted."""
    digest = results.digest(session, batch, rows or _rows(session, personal, batch))
    if refusal := rules.same_digest(batch.digest or b"", digest):
        raise RefusedError(refusal)
    return digest


def _decide(
    session: Session,
    actor: Actor,
    now: int,
    batch: Batch,
    step: Step,
    digest: bytes,
    *,
    why: str | None = None,
    checks: Mapping[str, bool] | None = None,
) -> None:
    session.execute(
        insert(Decision).values(
            batch_id=batch.id, step=step.value, version=batch.version, digest=digest,
            person_id=actor.person, account_id=actor.account, decided_at=now, reason=why,
            checks=dict(checks or {}),
        )
    )  # fmt: skip
