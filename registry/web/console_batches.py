"""Work list, batches, one batch whole."""

from collections.abc import Callable
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Query, Request
from sqlalchemy.orm import Session
from starlette.responses import Response

from registry.acts import assessment as acts
from registry.exchange import template
from registry.exchange.columns import ASSESSMENT
from registry.exchange.results import LABELS
from registry.queries import (
    approval,
    assessment,
    catalogue,
    certificates,
    intakes,
    legacy_requests,
    log,
    recovery,
)
from registry.queries.intakes import IntakeRow
from registry.rules.approval import STEPS, BatchState, Step
from registry.rules.permissions import Act, Actor
from registry.web.console import Here, Officer, RecordId, Text, attempt, holds, need, whole
from registry.web.notices import go
from registry.web.office import Office
from registry.web.problems import Problem
from registry.web.visitors import Visitor, actor_of, offer_form

routes = APIRouter(prefix="/console", include_in_schema=False)

PAGE = 50
CANDIDATES = 200
STATES = tuple(state.value for state in BatchState)
ACTS = {
    Step.SUBMIT: Act.SUBMIT_BATCH,
    Step.CONFIRM: Act.CONFIRM_BATCH,
    Step.CHECK: Act.CHECK_BATCH,
    Step.APPROVE: Act.APPROVE_BATCH,
    Step.ISSUE: Act.ISSUE_BATCH,
    Step.RETURN: Act.RETURN_BATCH,
}
"""Steps that a person takes on a page, and the permission each needs."""
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@routes.get("")
def work_list(request: Request, here: Here, known: Officer) -> Response:
    """What waits for this person."""
    actor = actor_of(known)
    with here.reading() as session:
        waiting = assessment.work_list(session, actor)
        held = certificates.held(session, actor) if holds(known, Act.ISSUE_BATCH) else ()
        papers = (
            legacy_requests.waiting(session, actor) if holds(known, Act.SEARCH_LEGACY) else None
        )
        is_restored = recovery.due(session) is not None
    return here.pages.render(
        request, "console/work_list.html", waiting=waiting, held=held, legacy=papers,
        is_restored=is_restored,
        may_open=holds(known, Act.IMPORT_BATCH), form_token=offer_form(here, known),
    )  # fmt: skip


@routes.get("/batches")
def batch_list(
    request: Request, here: Here, known: Officer,
    state: Annotated[str, Query()] = "",
    before: Annotated[int | None, Query(ge=0, le=2**63 - 1)] = None,
) -> Response:  # fmt: skip
    """Batches that this person may see, newest first."""
    wanted = state if state in STATES else None
    with here.reading() as session:
        rows = assessment.batches(session, actor_of(known), wanted, PAGE + 1, before)
    return here.pages.render(
        request, "console/batches.html", rows=rows[:PAGE], state=wanted or "", states=STATES,
        older=rows[PAGE - 1].id if len(rows) > PAGE else None, before=before,
        may_open=holds(known, Act.IMPORT_BATCH), form_token=offer_form(here, known),
    )  # fmt: skip


@routes.post("/batches")
def open_batch(request: Request, here: Here, known: Officer, token: Text = "") -> Response:
    """A new empty batch of the registrar's own site."""
    actor = need(known, Act.IMPORT_BATCH)
    opened: list[int] = []
    faults = attempt(
        here, known, token,
        lambda session, who: opened.append(
            acts.open_batch(session, who, here.clock(), actor.site or "")
        ),
    )  # fmt: skip
    if faults:
        raise Problem(403, reasons=tuple(fault.reason for fault in faults if fault.reason))
    return go(f"/console/batches/{opened[0]}", "batch_opened")


@routes.get("/batches/template.xlsx")
def workbook_template(here: Here, known: Officer) -> Response:
    """The empty workbook, its lists filled from the catalogue."""
    need(known, Act.IMPORT_BATCH)
    with here.reading() as session:
        rows = catalogue.occupations(session)
        levels = catalogue.levels(session)
        data = template.build(
            ASSESSMENT,
            {
                "occupation": [row.name_zh for row in rows if row.is_issuable],
                "level": [level.name_zh for level in levels],
            },
        )
    name = quote("成绩表.xlsx")
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{name}"}
    return Response(data, media_type=XLSX, headers=headers)


@routes.get("/batches/{batch_id}")
def batch_page(
    batch_id: RecordId, request: Request, here: Here, known: Officer,
    offset: Annotated[int, Query(ge=0, le=1_000_000)] = 0,
) -> Response:  # fmt: skip
    """One batch: where it stands, its rows, who did what, and what can be done now."""
    actor = actor_of(known)
    with here.reading() as session:
        page = assessment.batch(session, actor, batch_id)
        rows = assessment.candidates(session, actor, batch_id, CANDIDATES, offset)
        levels = {level.code: level for level in catalogue.levels(session)}
        task = log.task_of_batch(session, actor, batch_id)
        issued = certificates.of_batch(session, actor, batch_id) if task is not None else ()
        conflicts = approval.open_conflicts(session, batch_id)
        intake = intakes.open_of_batch(session, batch_id)
    return here.pages.render(
        request, "console/batch.html", shown=page, rows=rows, levels=levels, task=task,
        issued=issued, intake=_own(actor, intake), offset=offset, size=CANDIDATES, states=STATES,
        steps=[step.value for step in offered(known, page.batch.state)],
        open_conflicts=conflicts, may_import=_may_import(known, page.batch.state),
        may_settle=holds(known, Act.CHECK_BATCH) and page.batch.state == BatchState.DRAFT,
        columns=LABELS, form_token=offer_form(here, known),
    )  # fmt: skip


@routes.post("/batches/{batch_id}/remove")
def remove_row(
    batch_id: RecordId, here: Here, known: Officer,
    token: Text = "", result: Text = "", why: Text = "",
) -> Response:  # fmt: skip
    """Take a row out of a draft."""
    _or_refuse(
        here, known, token,
        lambda session, actor: acts.remove_result(
            session, actor, here.clock(), whole(result), why.strip()
        ),
    )  # fmt: skip
    return go(f"/console/batches/{batch_id}", "removed")


@routes.post("/batches/{batch_id}/conflicts")
def settle_conflict(
    batch_id: RecordId, here: Here, known: Officer,
    token: Text = "", conflict: Text = "", take: Text = "",
) -> Response:  # fmt: skip
    """A checker takes what the later workbook says, or keeps what stands."""
    if take not in ("taken", "kept"):
        raise Problem(422)
    _or_refuse(
        here, known, token,
        lambda session, actor: acts.settle_conflict(
            session, actor, here.clock(), whole(conflict), take=take == "taken"
        ),
    )  # fmt: skip
    return go(f"/console/batches/{batch_id}", "settled")


def offered(known: Visitor, state: str) -> list[Step]:
    """Steps that lead on from a state and that a role of this person can take."""
    return [
        step
        for step, act in ACTS.items()
        if (BatchState(state), step) in STEPS and holds(known, act)
    ]


def _own(actor: Actor, intake: IntakeRow | None) -> IntakeRow | None:
    """The workbook under way, for whoever has uploaded it."""
    return intake if intake is not None and intake.account == actor.account else None


def _may_import(known: Visitor, state: str) -> bool:
    return holds(known, Act.IMPORT_BATCH) and state == BatchState.DRAFT


def _or_refuse(
    here: Office, known: Visitor, token: str, act: Callable[[Session, Actor], object]
) -> None:
    faults = attempt(here, known, token, act)
    if faults:
        raise Problem(409, reasons=tuple(fault.reason for fault in faults if fault.reason))
