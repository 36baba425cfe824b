"""Holders' requests for signed versions: check against the file, approve by another, or refuse."""

from typing import Annotated

from fastapi import APIRouter, Form, Query, Request
from starlette.responses import Response

from registry.acts import legacy_requests as acts
from registry.acts import legacy_signing as signing
from registry.queries import catalogue, legacy
from registry.queries import legacy_requests as queries
from registry.queries.legacy_requests import RequestRow
from registry.queries.policy import policy
from registry.rules import legacy_filed
from registry.rules.assessment import Occupations
from registry.rules.decision import RefusedError
from registry.rules.legacy_requests import STEPS, TICKS, RequestState, RequestStep
from registry.rules.permissions import Act
from registry.web.console import Here, Officer, RecordId, Text, attempt, faults_of, holds, need
from registry.web.notices import go
from registry.web.office import Office
from registry.web.pages import Fault
from registry.web.visitors import Visitor, actor_of, offer_form
from registry.web.words import mark

routes = APIRouter(prefix="/console/legacy/requests", include_in_schema=False)

PAGE = 50
CHECKS = {
    "record": mark("登记内容与来源记录一致"),
    "image": mark("扫描图是这张证的原件，内容与登记一致"),
    "person": mark("持证人姓名、证件号与档案一致"),
    "no_revocation": mark("没有撤销、注销、吊销的记录"),
    "assessment": mark("考核日期、站点、成绩都从考核档案中查到"),
}
"""What the checking officer ticks; the codes are ``registry.rules.legacy_requests.TICKS``."""
FIELDS = (
    "site", "occupation", "level", "work_type", "assessed", "theory", "practice", "review"
)  # fmt: skip
ACTS = {
    RequestStep.CHECK: Act.CHECK_LEGACY, RequestStep.APPROVE: Act.APPROVE_LEGACY,
    RequestStep.SEND_BACK: Act.APPROVE_LEGACY, RequestStep.REFUSE: Act.REFUSE_LEGACY,
}  # fmt: skip


@routes.get("")
def request_list(
    request: Request, here: Here, known: Officer,
    done: Annotated[bool, Query()] = False,
    before: Annotated[int | None, Query(ge=0, le=2**63 - 1)] = None,
) -> Response:  # fmt: skip
    """Open requests, oldest first; or decided ones, newest first."""
    actor = need(known, Act.SEARCH_LEGACY)
    with here.reading() as session:
        rows = queries.requests(session, actor, PAGE + 1, before, is_open=not done)
    return here.pages.render(
        request, "console/legacy_requests.html", rows=rows[:PAGE], done=done, before=before,
        older=rows[PAGE - 1].id if done and len(rows) > PAGE else None,
    )  # fmt: skip


@routes.get("/{request_id}")
def request_page(request_id: RecordId, request: Request, here: Here, known: Officer) -> Response:
    """One request: the entry, its scans, and the step that follows."""
    return _page(request, here, known, request_id)


@routes.post("/{request_id}/check")
def check(
    request_id: RecordId, request: Request, here: Here, known: Officer, token: Text = "",
    site: Text = "", occupation: Text = "", level: Text = "", work_type: Text = "",
    assessed: Text = "", theory: Text = "", practice: Text = "", review: Text = "",
    basis: Text = "", checks: Annotated[tuple[str, ...], Form()] = (),
) -> Response:  # fmt: skip
    """Take down what the file says, every comparison ticked."""
    need(known, Act.CHECK_LEGACY)
    given = (site, occupation, level, work_type, assessed, theory, practice, review)
    typed = dict(zip(FIELDS, given, strict=True)) | {"basis": basis}
    ticked = frozenset(checks) & set(TICKS)
    try:
        with here.reading() as session:
            occupations = Occupations(list(catalogue.for_rules(session).values()))
        filed = legacy_filed.read(typed, occupations)
        faults = attempt(
            here, known, token,
            lambda session, actor: acts.check(
                session, actor, here.clock(), here.personal_keys(), policy(session), request_id,
                filed, ticked, basis,
            ),
        )  # fmt: skip
    except RefusedError as error:
        faults = faults_of(error.reasons)
    if faults:
        return _page(request, here, known, request_id, faults, typed, ticked)
    return go(f"/console/legacy/requests/{request_id}", "legacy_checked")


@routes.post("/{request_id}/approve")
def approve(
    request_id: RecordId, request: Request, here: Here, known: Officer, token: Text = ""
) -> Response:
    """Another officer approves; the issue starts."""
    faults = attempt(
        here, known, token,
        lambda session, actor: signing.approve(
            session, actor, here.clock(), here.personal_keys(), policy(session), request_id
        ),
    )  # fmt: skip
    if faults:
        return _page(request, here, known, request_id, faults)
    return go(f"/console/legacy/requests/{request_id}", "legacy_approved")


@routes.post("/{request_id}/send_back")
def send_back(
    request_id: RecordId, request: Request, here: Here, known: Officer, token: Text = "",
    why: Text = "",
) -> Response:  # fmt: skip
    """The second officer wants it checked again."""
    faults = attempt(
        here, known, token,
        lambda session, actor: acts.send_back(session, actor, here.clock(), request_id, why),
    )  # fmt: skip
    if faults:
        return _page(request, here, known, request_id, faults, {"why": why})
    return go(f"/console/legacy/requests/{request_id}", "legacy_sent_back")


@routes.post("/{request_id}/refuse")
def refuse(
    request_id: RecordId, request: Request, here: Here, known: Officer, token: Text = "",
    why: Text = "",
) -> Response:  # fmt: skip
    """Refuse; the holder reads the reason with the receipt number."""
    faults = attempt(
        here, known, token,
        lambda session, actor: acts.refuse(session, actor, here.clock(), request_id, why),
    )  # fmt: skip
    if faults:
        return _page(request, here, known, request_id, faults, {"why": why})
    return go(f"/console/legacy/requests/{request_id}", "legacy_refused")


def _page(
    request: Request, here: Office, known: Visitor, request_id: int,
    faults: list[Fault] | None = None, typed: dict[str, str] | None = None,
    ticked: frozenset[str] = frozenset(),
) -> Response:  # fmt: skip
    actor = need(known, Act.SEARCH_LEGACY)
    with here.reading() as session:
        found = queries.request(session, actor, request_id)
        page = legacy.entry(session, actor, found.entry)
        levels = {level.code: level for level in catalogue.levels(session)}
        occupations = catalogue.occupations(session)
    facts = found.facts or {}
    return here.pages.render(
        request, "console/legacy_request.html", status=409 if faults else 200, found=found,
        shown=page, entry=page.entry, facts=facts, levels=levels, checks=CHECKS, ticked=ticked,
        typed={**dict.fromkeys((*FIELDS, "basis", "why"), ""), **_offered(page), **(typed or {})},
        occupations=[(row.code, row.name_zh) for row in occupations if row.is_issuable],
        occupation=next((row.name_zh for row in occupations if row.code == facts.get("occupation")),
                        ""),
        steps=_steps(known, found), me=actor_of(known).person, faults=faults or [],
        form_token=offer_form(here, known),
    )  # fmt: skip


def _offered(page: legacy.EntryPage) -> dict[str, str]:
    """What the form begins with: the mapping that the list brought."""
    return {"occupation": page.entry.mapped or "", "assessed": ""}


def _steps(known: Visitor, found: RequestRow) -> list[str]:
    """Steps that lead on and that a role of this person can take."""
    return [
        step.value
        for step, act in ACTS.items()
        if (RequestState(found.state), step) in STEPS and holds(known, act)
    ]
