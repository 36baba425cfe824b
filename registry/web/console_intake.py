"""A large workbook: how far the worker is, what it found, start and stop."""

from collections.abc import Mapping
from itertools import islice
from pathlib import Path

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, Response

from registry.acts import intakes as acts
from registry.acts.imports import Upload
from registry.exchange import results, spool
from registry.queries import assessment, intakes
from registry.queries.intakes import IntakeRow
from registry.rules.decision import Reason, RefusedError
from registry.rules.permissions import Act, Actor
from registry.web import uploads
from registry.web.console import Here, Officer, RecordId, Text, attempt, faults_of, need
from registry.web.notices import go
from registry.web.office import Office
from registry.web.pages import Fault
from registry.web.problems import Problem
from registry.web.visitors import Visitor, actor_of, offer_form
from registry.web.words import mark

routes = APIRouter(prefix="/console/batches/{batch_id}/import/{name}", include_in_schema=False)

SHOWN = 2_000
"""Rows with problems that the page tells of; the marked workbook has all of them."""


@routes.get("/progress.json")
def progress(batch_id: RecordId, name: str, here: Here, known: Officer) -> Response:
    """How far the worker is, for the page's script."""
    found = of_name(here, known, batch_id, name)
    if found is None:
        raise Problem(404)
    body = {
        "state": "running" if found.is_working else "done", "done": found.done,
        "total": found.total,
    }  # fmt: skip
    return JSONResponse(body, headers={"Cache-Control": "no-store"})


@routes.post("/call-off")
def call_off(
    batch_id: RecordId, name: str, here: Here, known: Officer, token: Text = ""
) -> Response:
    """Stop a workbook. What is stored already stays, and the same file again goes on from there."""
    need(known, Act.IMPORT_BATCH)
    faults = attempt(
        here, known, token,
        lambda session, actor: acts.call_off(session, actor, here.clock(), batch_id, name),
    )  # fmt: skip
    if faults:
        raise Problem(409, reasons=tuple(each.reason for each in faults if each.reason))
    uploads.forget(here.config.folder, name)
    return go(f"/console/batches/{batch_id}", "import_called_off")


def hand_over(here: Office, actor: Actor, batch_id: int, name: str, upload: Upload) -> None:
    """Have the worker try a kept workbook.

    Raises:
        RefusedError: not permitted, no draft, or another one is under way; the file is removed.
    """
    try:
        with here.writing.begin() as session:
            acts.hand_over(session, actor, here.clock(), batch_id, name, upload)
    except RefusedError:
        uploads.forget(here.config.folder, name)
        raise


def of_name(here: Office, known: Visitor, batch_id: int, name: str) -> IntakeRow | None:
    """The large workbook that this person's account has uploaded under a name, if it is one."""
    actor = need(known, Act.IMPORT_BATCH)
    with here.reading() as session:
        found = intakes.of_name(session, actor, batch_id, name)
    return found if found is not None and found.account == actor.account else None


def start(
    request: Request, here: Office, known: Visitor, token: str, intake: IntakeRow
) -> Response:
    """Have a tried workbook imported for good."""
    faults = attempt(
        here, known, token,
        lambda session, actor: acts.start(
            session, actor, here.clock(), intake.batch, intake.name
        ),
    )  # fmt: skip
    if faults:
        return page(request, here, known, intake, faults)
    return go(f"/console/batches/{intake.batch}/import/{intake.name}", "import_started")


def marked(here: Office, intake: IntakeRow) -> bytes:
    """The workbook with its red column.

    Raises:
        Problem: 404 where it is not there, or not there any more.
    """
    try:
        return _file(here, intake, "marked").read_bytes()
    except FileNotFoundError:
        raise Problem(404, mark("标了问题的表已经过期，请重新上传成绩表。")) from None


def page(
    request: Request, here: Office, known: Visitor, intake: IntakeRow,
    faults: list[Fault] | None = None,
) -> Response:  # fmt: skip
    """Progress, the result of the trial run, or how the import ended."""
    with here.reading() as session:
        batch = assessment.batch(session, actor_of(known), intake.batch).batch
    named = {} if intake.is_working else _problems(here, intake)
    return here.pages.render(
        request, "console/intake.html", status=409 if faults else 200, batch=batch, intake=intake,
        faults=faults or [], why=faults_of(tuple(map(spool.reason_of, intake.why))),
        problems=grouped(named), shown=len(named), columns=results.LABELS,
        has_marked=_file(here, intake, "marked").exists(),
        form_token=offer_form(here, known),
    )  # fmt: skip


def grouped(problems: Mapping[int, tuple[Reason, ...]]) -> list[tuple[list[int], Reason]]:
    """The same problem of many rows is told once, in the order of its first row."""
    rows: dict[tuple[str | None, str], tuple[list[int], Reason]] = {}
    for row in sorted(problems):
        for each in problems[row]:
            rows.setdefault((each.column, each.sentence("zh")), ([], each))[0].append(row)
    return list(rows.values())


def _problems(here: Office, intake: IntakeRow) -> dict[int, tuple[Reason, ...]]:
    try:
        found = spool.problems(_file(here, intake, "problems"), intake.named)
        return dict(islice(found, SHOWN))
    except FileNotFoundError:
        return {}  # tidied away after a day


def _file(here: Office, intake: IntakeRow, ending: str) -> Path:
    return here.config.folder / "uploads" / f"{intake.name}.{ending}"
