"""Bringing a list of existing certificates in: a trial run, the import, and another's decision."""

import hashlib
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, File, Request, UploadFile
from sqlalchemy.orm import Session
from starlette.responses import RedirectResponse, Response

from registry.acts import legacy_imports as acts
from registry.acts.legacy_imports import LegacyReport, LegacyUpload
from registry.exchange import legacy as workbook
from registry.exchange import template
from registry.exchange.errors import WorkbookError
from registry.exchange.legacy import CHOICES, COLUMNS, LABELS, SHEET, LegacyIntake
from registry.queries import catalogue, legacy, legacy_images
from registry.queries.policy import policy
from registry.rules.assessment import Occupations
from registry.rules.decision import RefusedError, reason
from registry.rules.legacy import Source
from registry.rules.permissions import Act, Actor
from registry.web import uploads
from registry.web.console import Here, Officer, RecordId, Text, attempt, faults_of, holds, need
from registry.web.console_batches import XLSX
from registry.web.console_import import MAX_WORKBOOK
from registry.web.console_intake import grouped
from registry.web.notices import go
from registry.web.office import Office
from registry.web.pages import Fault
from registry.web.uploads import Kept
from registry.web.visitors import Visitor, actor_of, offer_form, posted
from registry.web.words import mark
from schemas.dates import shanghai_day

routes = APIRouter(prefix="/console/legacy", include_in_schema=False)

NO_BATCH = 0
"""Stands for the batch of a kept workbook that belongs to none."""
_ABOUT = ("source_kind", "source", "reference")


@routes.get("/template.xlsx")
def empty_workbook(here: Here, known: Officer) -> Response:
    """The empty workbook."""
    need(known, Act.IMPORT_LEGACY)
    data = template.build(COLUMNS, CHOICES, sheet=SHEET, title="存量证书登记表")
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote('存量证书.xlsx')}"}
    return Response(data, media_type=XLSX, headers=headers)


@routes.get("/import")
def import_form(request: Request, here: Here, known: Officer) -> Response:
    """The form for a workbook and where it comes from."""
    return _form(request, here, known, {})


@routes.post("/import")
def try_list(
    request: Request, here: Here, known: Officer, source_kind: Text = "", source: Text = "",
    reference: Text = "", file: Annotated[UploadFile | None, File()] = None,
) -> Response:  # fmt: skip
    """Keep the workbook and show what it would do. Nothing is imported yet, so no token."""
    actor = need(known, Act.IMPORT_LEGACY)
    about = dict(zip(_ABOUT, (source_kind, source.strip(), reference.strip()), strict=True))
    data = file.file.read(MAX_WORKBOOK + 1) if file is not None else b""
    if source_kind not in list(Source):
        return _form(request, here, known, about, [Fault("source_kind", mark("请选择来源。"))])
    if file is None or not data:
        return _form(request, here, known, about, [Fault("file", mark("请先选择文件。"))])
    kept = Kept(actor.account, NO_BATCH, uploads.file_name(file), here.clock(), about)
    try:
        _trial(here, actor, kept, data)
    except RefusedError as error:
        return _form(request, here, known, about, faults_of(error.reasons))
    name = uploads.keep(here.config.folder, kept, data)
    return RedirectResponse(f"/console/legacy/import/{name}", 303)


@routes.get("/import/{name}")
def trial_page(name: str, request: Request, here: Here, known: Officer) -> Response:
    """What the kept workbook would do, row by row."""
    return _trial_page(request, here, known, name)


@routes.get("/import/{name}/marked")
def marked(name: str, here: Here, known: Officer) -> Response:
    """The same workbook with a red column that says what is wrong, row by row."""
    actor = need(known, Act.IMPORT_LEGACY)
    kept, data = uploads.find(here.config.folder, name, actor.account, NO_BATCH)
    report = _trial(here, actor, kept, data)
    with here.reading() as session:
        found = policy(session)
    back = workbook.mark(data, report.problems, shanghai_day(here.clock()), found)
    is_csv = not back.startswith(b"PK")
    stem = kept.file_name.rpartition(".")[0] or "存量证书"
    name_back = quote(f"{stem}-问题.{'csv' if is_csv else 'xlsx'}", safe="")
    return Response(
        back, media_type="text/csv" if is_csv else XLSX,
        headers={"Content-Disposition": f"attachment; filename*=UTF-8''{name_back}"},
    )  # fmt: skip


@routes.post("/import/{name}")
def bring_in(name: str, request: Request, here: Here, known: Officer, token: Text = "") -> Response:
    """Import the kept workbook; it stays unseen until another officer confirms."""
    actor = need(known, Act.IMPORT_LEGACY)
    kept, data = uploads.find(here.config.folder, name, actor.account, NO_BATCH)
    try:
        intake = _read(here, data)
        with posted(here, known, token) as session:
            report = _import(session, here, actor, kept, data, intake)
    except RefusedError as error:
        return _trial_page(request, here, known, name, faults_of(error.reasons))
    uploads.forget(here.config.folder, name)
    end = "" if report.id is None else f"/imports/{report.id}"
    return go(f"/console/legacy{end}", "legacy_imported")


@routes.get("/imports/{import_id}")
def import_page(import_id: RecordId, request: Request, here: Here, known: Officer) -> Response:
    """One upload: what it brought, and what another officer can do about it."""
    return _import_page(request, here, known, import_id)


@routes.post("/imports/{import_id}/confirm")
def confirm(
    import_id: RecordId, request: Request, here: Here, known: Officer, token: Text = ""
) -> Response:
    """Another officer confirms: its entries are public from now on."""
    faults = attempt(
        here, known, token,
        lambda session, actor: acts.confirm_import(session, actor, here.clock(), import_id),
    )  # fmt: skip
    if faults:
        return _import_page(request, here, known, import_id, faults)
    return go(f"/console/legacy/imports/{import_id}", "legacy_confirmed")


@routes.post("/imports/{import_id}/discard")
def discard(
    import_id: RecordId, request: Request, here: Here, known: Officer, token: Text = "",
    why: Text = "",
) -> Response:  # fmt: skip
    """Take an unconfirmed upload out again."""
    faults = attempt(
        here, known, token,
        lambda session, actor: acts.discard_import(session, actor, here.clock(), import_id, why),
    )  # fmt: skip
    if faults:
        return _import_page(request, here, known, import_id, faults, why)
    return go(f"/console/legacy/imports/{import_id}", "legacy_discarded")


def _read(here: Office, data: bytes) -> LegacyIntake:
    with here.reading() as session:
        known = catalogue.for_rules(session)
        found = policy(session)
    try:
        return workbook.read(
            data, Occupations(list(known.values())), shanghai_day(here.clock()), found
        )
    except WorkbookError as error:
        raise RefusedError(reason(error.code, "file", **error.parameters)) from None


def _trial(here: Office, actor: Actor, kept: Kept, data: bytes) -> LegacyReport:
    intake = _read(here, data)
    # The real act in a transaction that is rolled back: the trial cannot promise anything else.
    with here.writing() as session:
        report = _import(session, here, actor, kept, data, intake)
        session.rollback()
    return report


def _import(
    session: Session, here: Office, actor: Actor, kept: Kept, data: bytes, intake: LegacyIntake
) -> LegacyReport:
    upload = LegacyUpload(
        file_name=kept.file_name, file_hash=hashlib.sha256(data).digest(),
        source_kind=Source(kept.about["source_kind"]), source=kept.about["source"],
        reference=kept.about["reference"],
    )  # fmt: skip
    return acts.import_legacy(
        session, actor, here.clock(), here.personal_keys(), upload, intake.rows, intake.problems
    )


def _form(
    request: Request, here: Office, known: Visitor, about: dict[str, str],
    faults: list[Fault] | None = None,
) -> Response:  # fmt: skip
    need(known, Act.IMPORT_LEGACY)
    return here.pages.render(
        request, "console/legacy_import.html", status=422 if faults else 200,
        about={**dict.fromkeys(_ABOUT, ""), **about},
        sources=[source.value for source in Source], faults=faults or [],
    )  # fmt: skip


def _trial_page(
    request: Request, here: Office, known: Visitor, name: str, faults: list[Fault] | None = None
) -> Response:
    actor = need(known, Act.IMPORT_LEGACY)
    kept, data = uploads.find(here.config.folder, name, actor.account, NO_BATCH)
    try:
        report = _trial(here, actor, kept, data)
    except RefusedError as error:
        return _form(request, here, known, kept.about, faults_of(error.reasons))
    return here.pages.render(
        request, "console/legacy_trial.html", status=409 if faults else 200, kept=kept,
        report=report, name=name, faults=faults or [], problems=grouped(report.problems),
        columns=LABELS, form_token=offer_form(here, known),
    )  # fmt: skip


def _import_page(
    request: Request, here: Office, known: Visitor, import_id: int,
    faults: list[Fault] | None = None, why: str = "",
) -> Response:  # fmt: skip
    actor = need(known, Act.SEARCH_LEGACY)
    with here.reading() as session:
        record = legacy.one_import(session, actor, import_id)
        rows = legacy.entries(session, actor, limit=100, import_id=import_id)
        bare, first = legacy_images.without(session, actor, import_id)
    return here.pages.render(
        request, "console/legacy_one_import.html", status=409 if faults else 200, shown=record,
        rows=rows, bare=bare, first_bare=first, faults=faults or [], why=why,
        is_own=record.imported_by == actor_of(known).person,
        may_decide=holds(known, Act.CONFIRM_LEGACY), form_token=offer_form(here, known),
    )  # fmt: skip
