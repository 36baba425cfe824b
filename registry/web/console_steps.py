"""Steps of a batch, each with a page that says what follows: from submit to issue."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Form, Query, Request
from sqlalchemy.orm import Session
from starlette.responses import JSONResponse, Response

from registry.acts import approval as acts
from registry.acts import pickups
from registry.queries import assessment, catalogue, certificates, eligibility, log
from registry.queries.assessment import BatchPage, CandidateRow
from registry.queries.policy import policy
from registry.records.eligibility import Outcome
from registry.rules import checklist
from registry.rules.approval import Step
from registry.rules.decision import RefusedError
from registry.rules.permissions import Act, Actor
from registry.web.console import Here, Officer, RecordId, Text, attempt, faults_of, need, whole
from registry.web.console_batches import ACTS
from registry.web.notices import go
from registry.web.office import Office
from registry.web.pages import Fault
from registry.web.problems import Problem
from registry.web.visitors import Visitor, actor_of, offer_form, posted
from registry.web.words import mark
from schemas.dates import shanghai_day

routes = APIRouter(prefix="/console/batches/{batch_id}", include_in_schema=False)

PREVIEWED = 200
"""Rows of each outcome that the page before an approval shows."""

_NOTICES = {
    Step.SUBMIT: "submitted", Step.CONFIRM: "confirmed", Step.CHECK: "checked",
    Step.APPROVE: "approved", Step.ISSUE: "issuing", Step.RETURN: "returned",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Preview:
    """What an approval would decide, found by trying it in a transaction that is rolled back."""

    rows: tuple[CandidateRow, ...]
    granted: int
    refused: int


@routes.get("/progress")
def progress_page(batch_id: RecordId, request: Request, here: Here, known: Officer) -> Response:
    """How far the issue has come; the page asks again by itself, with or without script."""
    actor = actor_of(known)
    with here.reading() as session:
        page = assessment.batch(session, actor, batch_id)
        task = log.task_of_batch(session, actor, batch_id)
        issued = certificates.of_batch(session, actor, batch_id)
    return here.pages.render(
        request, "console/progress.html", batch=page.batch, task=task, issued=issued
    )


@routes.get("/progress.json")
def progress(batch_id: RecordId, here: Here, known: Officer) -> Response:
    """The same as JSON, for the page's script."""
    with here.reading() as session:
        task = log.task_of_batch(session, actor_of(known), batch_id)
    if task is None:
        raise Problem(404)
    body = {"state": task.state, "done": task.done, "total": task.total, "held": task.held}
    return JSONResponse(body, headers={"Cache-Control": "no-store"})


@routes.get("/slips")
def slips_form(batch_id: RecordId, request: Request, here: Here, known: Officer) -> Response:
    """Says what new codes do to old slips."""
    actor = need(known, Act.SEARCH_CERTIFICATES)
    with here.reading() as session:
        batch = assessment.batch(session, actor, batch_id).batch
    return here.pages.render(
        request, "console/slips_form.html", batch=batch, form_token=offer_form(here, known)
    )


@routes.post("/slips")
def slips(
    batch_id: RecordId, request: Request, here: Here, known: Officer, token: Text = ""
) -> Response:
    """New pick-up codes as a sheet to print and cut; they are shown here and never again."""
    need(known, Act.SEARCH_CERTIFICATES)
    with posted(here, known, token) as session:
        batch = assessment.batch(session, actor_of(known), batch_id).batch
        made = pickups.make_codes(
            session, actor_of(known), here.clock(), here.personal_keys(), batch_id
        )
    return here.pages.render(
        request, "console/slips.html", batch=batch, slips=made, days=pickups.CODE_DAYS
    )


@routes.get("/{step}")
def step_page(
    batch_id: RecordId, step: str, request: Request, here: Here, known: Officer,
    awarded: Annotated[str, Query(max_length=10)] = "",
) -> Response:  # fmt: skip
    """What the step will do, and its button."""
    return _page(request, here, known, batch_id, _step(step), awarded=awarded)


@routes.post("/{step}")
def take_step(
    batch_id: RecordId, step: str, request: Request, here: Here, known: Officer,
    token: Text = "", version: Text = "", awarded: Text = "", why: Text = "",
    checks: Annotated[tuple[str, ...], Form()] = (),
) -> Response:  # fmt: skip
    """Take the step, bound to the version that the page showed."""
    wanted = _step(step)
    need(known, ACTS[wanted])
    given = _Given(batch_id, whole(version), awarded, why, frozenset(checks))
    faults = _faults(wanted, given)
    if not faults:
        faults = attempt(
            here, known, token, lambda session, actor: _act(session, here, actor, wanted, given)
        )
    if faults:
        return _page(
            request, here, known, batch_id, wanted, awarded=awarded, why=why, faults=faults,
            ticked=given.checks,
        )  # fmt: skip
    end = "/progress" if wanted is Step.ISSUE else ""
    return go(f"/console/batches/{batch_id}{end}", _NOTICES[wanted])


@dataclass(frozen=True, slots=True)
class _Given:
    batch: int
    version: int
    awarded: str
    why: str
    checks: frozenset[str]


def _step(name: str) -> Step:
    try:
        step = Step(name)
    except ValueError:
        raise Problem(404) from None
    if step not in ACTS:
        raise Problem(404)
    return step


def _faults(step: Step, given: _Given) -> list[Fault]:
    if step is Step.APPROVE and _day(given.awarded) is None:
        return [Fault("awarded", mark("请填写发证日期，写成 2026-11-22。"))]
    return []


def _act(session: Session, here: Office, actor: Actor, step: Step, given: _Given) -> None:
    now, batch, version = here.clock(), given.batch, given.version
    if step is Step.ISSUE:
        acts.issue(session, actor, now, batch, version)
    elif step is Step.RETURN:
        acts.return_batch(session, actor, now, batch, version, given.why)
    elif step is Step.SUBMIT:
        acts.submit(session, actor, now, here.personal_keys(), batch, version)
    elif step is Step.CONFIRM:
        acts.confirm(session, actor, now, here.personal_keys(), batch, version)
    elif step is Step.CHECK:
        ticked = dict.fromkeys(given.checks, True)
        acts.check(session, actor, now, here.personal_keys(), batch, version, ticked)
    elif step is Step.APPROVE:
        day = _day(given.awarded) or shanghai_day(now)
        personal, found = here.personal_keys(), policy(session)
        acts.approve(session, actor, now, personal, found, batch, version, day)


def _page(
    request: Request, here: Office, known: Visitor, batch_id: int, step: Step, *,
    awarded: str = "", why: str = "", faults: list[Fault] | None = None,
    ticked: frozenset[str] = frozenset(),
) -> Response:  # fmt: skip
    actor = need(known, ACTS[step])
    with here.reading() as session:
        page = assessment.batch(session, actor, batch_id)
        levels = {level.code: level for level in catalogue.levels(session)}
        checks = checklist.items(policy(session), shanghai_day(here.clock()))
    found = list(faults or [])
    awarded = awarded or shanghai_day(here.clock()).isoformat()
    preview = None
    if step is Step.APPROVE and not found:
        preview, found = _preview(here, actor, page, awarded)
    return here.pages.render(
        request, "console/step.html", status=409 if faults else 200, shown=page, step=step.value,
        faults=found, awarded=awarded, why=why, checks=checks, ticked=ticked, preview=preview,
        levels=levels, form_token=offer_form(here, known),
    )  # fmt: skip


def _preview(
    here: Office, actor: Actor, page: BatchPage, awarded: str
) -> tuple[Preview | None, list[Fault]]:
    day = _day(awarded)
    if day is None:
        return None, [Fault("awarded", mark("请填写发证日期，写成 2026-11-22。"))]
    batch, refused = page.batch, list[Fault]()
    with here.writing() as session:
        try:
            acts.approve(
                session, actor, here.clock(), here.personal_keys(), policy(session),
                batch.id, batch.version, day,
            )  # fmt: skip
        except RefusedError as error:
            refused = faults_of(error.reasons)
        # Also where nothing can be issued the rows say why, one by one; the refused ones first,
        # so that a long list shows what has to be looked at.
        counted = eligibility.counted(session, batch.id, batch.version)
        rows = tuple(
            row
            for outcome in (Outcome.REFUSED, Outcome.GRANTED)
            if counted.get(outcome)
            for row in assessment.candidates(session, actor, batch.id, PREVIEWED, outcome=outcome)
        )
        session.rollback()
    if not counted:
        return None, refused
    granted = counted.get(Outcome.GRANTED, 0)
    return Preview(rows, granted, counted.get(Outcome.REFUSED, 0)), refused


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        return None
