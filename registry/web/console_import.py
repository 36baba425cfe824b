"""Importing a workbook: a trial run that changes nothing, then the same again for good."""

import hashlib
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, File, Request, UploadFile
from sqlalchemy.orm import Session
from starlette.responses import RedirectResponse, Response

from registry.acts import imports as acts
from registry.acts.imports import ImportReport, Upload
from registry.exchange import results
from registry.exchange.errors import WorkbookError
from registry.exchange.results import Intake
from registry.queries import assessment, catalogue
from registry.queries.policy import policy
from registry.rules.assessment import Occupations
from registry.rules.decision import RefusedError, reason
from registry.rules.permissions import Act, Actor
from registry.web import console_intake, uploads
from registry.web.console import Here, Officer, RecordId, Text, faults_of, need
from registry.web.console_batches import XLSX
from registry.web.console_intake import grouped
from registry.web.notices import go
from registry.web.office import Office
from registry.web.pages import Fault
from registry.web.uploads import Kept
from registry.web.visitors import Visitor, offer_form, posted
from registry.web.words import mark
from schemas.dates import shanghai_day

routes = APIRouter(prefix="/console/batches/{batch_id}/import", include_in_schema=False)

MAX_WORKBOOK = 20 * 2**20
"""Most bytes of an uploaded workbook."""
AT_ONCE, ROWS_AT_ONCE = 2**19, 2_000
"""Bytes and rows of a workbook that a page answers at once; a larger one is the worker's."""


@dataclass(frozen=True, slots=True)
class Trial:
    """What an import would do."""

    report: ImportReport
    ready: int
    """Rows that would be kept."""


@routes.get("")
def import_form(batch_id: RecordId, request: Request, here: Here, known: Officer) -> Response:
    """The form for a workbook."""
    return _form(request, here, known, batch_id)


@routes.post("")
def try_workbook(
    batch_id: RecordId, request: Request, here: Here, known: Officer,
    file: Annotated[UploadFile | None, File()] = None,
) -> Response:  # fmt: skip
    """Keep the workbook and show what it would do. Nothing is imported yet, so no token."""
    actor = need(known, Act.IMPORT_BATCH)
    data = file.file.read(MAX_WORKBOOK + 1) if file is not None else b""
    if file is None or not data:
        return _form(request, here, known, batch_id, [Fault("file", mark("请先选择成绩表。"))])
    kept = Kept(actor.account, batch_id, uploads.file_name(file), here.clock())
    try:
        is_large = not _tried_at_once(here, actor, batch_id, kept, data)
        name = uploads.keep(here.config.folder, kept, data)
        if is_large:
            console_intake.hand_over(here, actor, batch_id, name, _upload(kept, data))
    except RefusedError as error:
        return _form(request, here, known, batch_id, faults_of(error.reasons))
    return RedirectResponse(f"/console/batches/{batch_id}/import/{name}", 303)


def _tried_at_once(here: Office, actor: Actor, batch_id: int, kept: Kept, data: bytes) -> bool:
    """Whether the workbook is small enough for a page to try it."""
    if len(data) > AT_ONCE:
        return False
    try:
        _trial(here, actor, batch_id, kept, data)
    except RefusedError as error:
        if any(each.code == "too_many_rows" for each in error.reasons):
            return False  # for a page; the policy's own bound is the worker's to find
        raise
    return True


@routes.get("/{name}")
def trial_page(
    batch_id: RecordId, name: str, request: Request, here: Here, known: Officer
) -> Response:
    """What the kept workbook would do, row by row; of a large one, how far the worker is."""
    if (intake := console_intake.of_name(here, known, batch_id, name)) is not None:
        return console_intake.page(request, here, known, intake)
    return _trial_page(request, here, known, batch_id, name)


@routes.get("/{name}/marked")
def marked_workbook(batch_id: RecordId, name: str, here: Here, known: Officer) -> Response:
    """The same workbook with a red column that says what is wrong, row by row."""
    actor = need(known, Act.IMPORT_BATCH)
    if (intake := console_intake.of_name(here, known, batch_id, name)) is not None:
        marked, file_name = console_intake.marked(here, intake), intake.file_name
    else:
        kept, data = uploads.find(here.config.folder, name, actor.account, batch_id)
        trial = _trial(here, actor, batch_id, kept, data)
        with here.reading() as session:
            found = policy(session)
        marked = results.mark(data, trial.report.problems, shanghai_day(here.clock()), found)
        file_name = kept.file_name
    is_csv = not marked.startswith(b"PK")
    stem = file_name.rpartition(".")[0] or "成绩表"
    name_back = quote(f"{stem}-问题.{'csv' if is_csv else 'xlsx'}", safe="")
    return Response(
        marked, media_type="text/csv" if is_csv else XLSX,
        headers={"Content-Disposition": f"attachment; filename*=UTF-8''{name_back}"},
    )  # fmt: skip


@routes.post("/{name}")
def import_workbook(
    batch_id: RecordId, name: str, request: Request, here: Here, known: Officer, token: Text = ""
) -> Response:
    """Import the kept workbook for good: good rows are kept, the others stay named."""
    actor = need(known, Act.IMPORT_BATCH)
    if (large := console_intake.of_name(here, known, batch_id, name)) is not None:
        return console_intake.start(request, here, known, token, large)
    kept, data = uploads.find(here.config.folder, name, actor.account, batch_id)
    try:
        intake = _read(here, data)
        with posted(here, known, token) as session:
            _import(session, here, actor, batch_id, kept, data, intake)
    except RefusedError as error:
        return _trial_page(request, here, known, batch_id, name, faults_of(error.reasons))
    uploads.forget(here.config.folder, name)
    return go(f"/console/batches/{batch_id}", "imported")


def _read(here: Office, data: bytes) -> Intake:
    with here.reading() as session:
        known = catalogue.for_rules(session)
        found = policy(session)
    today = shanghai_day(here.clock())
    try:
        return results.read(
            data, Occupations(list(known.values())), today, found, most=ROWS_AT_ONCE
        )
    except WorkbookError as error:
        raise RefusedError(reason(error.code, "file", **error.parameters)) from None


def _trial(here: Office, actor: Actor, batch_id: int, kept: Kept, data: bytes) -> Trial:
    intake = _read(here, data)
    # The real act in a transaction that is rolled back: the trial cannot promise anything else.
    with here.writing() as session:
        report = _import(session, here, actor, batch_id, kept, data, intake)
        session.rollback()
    return Trial(report, len(report.kept))


def _import(
    session: Session, here: Office, actor: Actor, batch_id: int, kept: Kept, data: bytes,
    intake: Intake,
) -> ImportReport:  # fmt: skip
    return acts.import_results(
        session, actor, here.clock(), here.personal_keys(), batch_id, _upload(kept, data),
        intake.rows, intake.problems,
    )  # fmt: skip


def _upload(kept: Kept, data: bytes) -> Upload:
    return Upload(kept.file_name, hashlib.sha256(data).digest())


def _trial_page(
    request: Request, here: Office, known: Visitor, batch_id: int, name: str,
    faults: list[Fault] | None = None,
) -> Response:  # fmt: skip
    actor = need(known, Act.IMPORT_BATCH)
    kept, data = uploads.find(here.config.folder, name, actor.account, batch_id)
    with here.reading() as session:
        batch = assessment.batch(session, actor, batch_id).batch
    try:
        trial = _trial(here, actor, batch_id, kept, data)
    except RefusedError as error:
        return _form(request, here, known, batch_id, faults_of(error.reasons))
    return here.pages.render(
        request, "console/trial.html", status=409 if faults else 200, batch=batch, kept=kept,
        report=trial.report, ready=trial.ready, name=name, faults=faults or [],
        problems=grouped(trial.report.problems),
        wrong=len(trial.report.problems), form_token=offer_form(here, known),
        columns=results.LABELS,
    )  # fmt: skip


def _form(
    request: Request, here: Office, known: Visitor, batch_id: int,
    faults: list[Fault] | None = None,
) -> Response:  # fmt: skip
    actor = need(known, Act.IMPORT_BATCH)
    with here.reading() as session:
        batch = assessment.batch(session, actor, batch_id).batch
    return here.pages.render(
        request, "console/import.html", status=422 if faults else 200, batch=batch,
        faults=faults or [],
    )  # fmt: skip
