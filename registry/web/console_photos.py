"""Photographs of a batch: an archive in, progress, what was wrong with it, who is without one."""

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, File, Form, Query, Request, UploadFile
from starlette.responses import JSONResponse, Response

from registry.acts import photo_intakes as intakes
from registry.acts import photos as acts
from registry.exchange import photo_archive
from registry.exchange.archive import Archive, ArchiveError, ArchiveLimits, Skipped
from registry.exchange.delimited import inert
from registry.exchange.photo_archive import Misfit
from registry.queries import assessment, photos
from registry.queries.photos import IntakeRow
from registry.queries.policy import policy
from registry.rules import photos as rules
from registry.rules.approval import BatchState
from registry.rules.decision import Reason, RefusedError, reason
from registry.rules.permissions import Act, Actor
from registry.web import uploads
from registry.web.console import (
    Here,
    Officer,
    RecordId,
    Text,
    attempt,
    faults_of,
    holds,
    need,
    whole,
)
from registry.web.notices import go
from registry.web.office import Office
from registry.web.pages import Fault
from registry.web.problems import Problem
from registry.web.visitors import Visitor, actor_of, offer_form, posted
from registry.web.words import mark
from schemas.dates import shanghai_day

routes = APIRouter(prefix="/console/batches/{batch_id}/photos", include_in_schema=False)

MAX_ARCHIVE = 2 << 30
"""Most bytes of an archive that a page takes; the policy may allow less."""
PAGE = 60
SHOWN = 200
"""Problems on the page; the list to download has all of them."""
After = Annotated[str, Query(pattern=r"^\d{1,9}-\d{1,18}$")]


@dataclass(frozen=True, slots=True)
class Told:
    """What was wrong with an archive, as far as its file is still there."""

    problems: tuple[tuple[str, Reason], ...]
    count: int


@routes.get("")
def photos_page(
    batch_id: RecordId, request: Request, here: Here, known: Officer,
    show: Annotated[str, Query()] = "without", after: After = "0-0",
) -> Response:  # fmt: skip
    """Where the batch stands, the last archive, and the people without (or with) a photograph."""
    return _page(request, here, known, batch_id, show=show, after=after)


@routes.post("")
def hand_over(
    batch_id: RecordId, request: Request, here: Here, known: Officer,
    file: Annotated[UploadFile | None, File()] = None, token: Annotated[str, Form()] = "",
) -> Response:  # fmt: skip
    """Take an archive; the worker matches, checks and cuts the pictures."""
    actor = need(known, Act.IMPORT_BATCH)
    if file is None or not file.filename:
        return _page(request, here, known, batch_id, [Fault("file", mark("请先选择照片包。"))])
    name, digest = uploads.keep_stream(here.config.folder, file.file)
    place = _place(here, name)
    try:
        with Archive(place, limits(here)) as archive:
            total = len(archive.entries)
        if not total:
            raise RefusedError(reason("archive_empty", "file"))
        with posted(here, known, token) as session:
            intakes.hand_over(
                session,
                actor,
                here.clock(),
                batch_id,
                name,
                uploads.file_name(file),
                digest,
                total,
            )
    except ArchiveError as error:
        place.unlink(missing_ok=True)
        why = reason(error.code, "file", **error.parameters)
        return _page(request, here, known, batch_id, faults_of((why,)))
    except RefusedError as error:
        place.unlink(missing_ok=True)
        return _page(request, here, known, batch_id, faults_of(error.reasons))
    except BaseException:
        place.unlink(missing_ok=True)
        raise
    return go(f"/console/batches/{batch_id}/photos", "photos_handed_over")


@routes.get("/progress.json")
def progress(batch_id: RecordId, here: Here, known: Officer) -> Response:
    """How far the newest archive is, for the page's script."""
    with here.reading() as session:
        found = photos.intakes(session, actor_of(known), batch_id)
    if not found:
        raise Problem(404)
    return JSONResponse({
        "state": found[0].state, "done": found[0].done, "total": found[0].total,
    })  # fmt: skip


@routes.post("/call-off")
def call_off(
    batch_id: RecordId, here: Here, known: Officer, token: Text = "", intake: Text = ""
) -> Response:
    """Stop reading an archive."""
    faults = attempt(
        here, known, token,
        lambda session, actor: intakes.call_off(
            session, actor, here.clock(), batch_id, whole(intake)
        ),
    )  # fmt: skip
    if faults:
        raise Problem(409, reasons=tuple(each.reason for each in faults if each.reason))
    return go(f"/console/batches/{batch_id}/photos", "photos_called_off")


@routes.post("/detach")
def detach(
    batch_id: RecordId, here: Here, known: Officer, token: Text = "", result: Text = ""
) -> Response:
    """Take one photograph off again."""
    faults = attempt(
        here, known, token,
        lambda session, actor: acts.detach(session, actor, here.clock(), whole(result)),
    )  # fmt: skip
    if faults:
        raise Problem(409, reasons=tuple(each.reason for each in faults if each.reason))
    return go(f"/console/batches/{batch_id}/photos?show=with", "photo_detached")


@routes.get("/without.csv")
def without(batch_id: RecordId, here: Here, known: Officer) -> Response:
    """Everyone without a photograph, for a spreadsheet."""
    actor = need(known, Act.IMPORT_BATCH)
    rows: list[tuple[object, ...]] = []
    after = (0, 0)
    with here.reading() as session:
        while True:
            some = photos.people(session, actor, batch_id, pictured=False, limit=1000, after=after)
            if not some:
                break
            rows += [(each.source_row, each.name, each.last4, each.ticket or "") for each in some]
            after = (some[-1].source_row, some[-1].id)
    return _csv(("行", "姓名", "证件号码末四位", "准考证号"), rows, "没有照片的人.csv")


@routes.get("/problems.csv")
def problems(
    batch_id: RecordId, here: Here, known: Officer, intake: Annotated[int, Query(ge=0)] = 0
) -> Response:
    """Every file of an archive that was not taken, and why."""
    actor = need(known, Act.IMPORT_BATCH)
    with here.reading() as session:
        found = next((r for r in photos.intakes(session, actor, batch_id) if r.id == intake), None)
    if found is None or found.account != actor.account:
        raise Problem(404)
    rows = [(name, why.sentence("zh")) for name, why in _told(here, found, None).problems]
    return _csv(("文件", "问题"), rows, "照片问题.csv")


@routes.get("/{result_id}.jpg")
def picture(batch_id: RecordId, result_id: RecordId, here: Here, known: Officer) -> Response:
    """One photograph as it will be printed."""
    with here.reading() as session:
        media_type, data = photos.picture(session, actor_of(known), batch_id, result_id)
    return Response(data, media_type=media_type, headers={"Cache-Control": "private, max-age=300"})


def limits(here: Office) -> ArchiveLimits:
    """What the policy of today allows an archive."""
    with here.reading() as session:
        row = rules.figures(policy(session), shanghai_day(here.clock()))
    return photo_archive.limits(row)


def _place(here: Office, name: str) -> Path:
    return here.config.folder / "uploads" / f"{name}.zip"


def _page(
    request: Request, here: Office, known: Visitor, batch_id: int,
    faults: list[Fault] | None = None, *, show: str = "without", after: str = "0-0",
) -> Response:  # fmt: skip
    actor = actor_of(known)
    row, _, identity = after.partition("-")
    pictured = show == "with"
    with here.reading() as session:
        batch = assessment.batch(session, actor, batch_id).batch
        tally = photos.tally(session, actor, batch_id)
        handed = photos.intakes(session, actor, batch_id)
        people = photos.people(
            session, actor, batch_id, pictured=pictured, limit=PAGE + 1,
            after=(int(row), int(identity)),
        )  # fmt: skip
    last = handed[0] if handed else None
    is_mine = last is not None and last.account == actor.account
    more = f"{people[PAGE - 1].source_row}-{people[PAGE - 1].id}" if len(people) > PAGE else None
    return here.pages.render(
        request, "console/photos.html", status=422 if faults else 200, batch=batch, tally=tally,
        last=last, told=_told(here, last, SHOWN) if last and is_mine else None,
        people=people[:PAGE], pictured=pictured, more=more, is_first=after == "0-0",
        may_change=_may_change(known, actor, batch.site, batch.state), faults=faults or [],
        form_token=offer_form(here, known),
    )  # fmt: skip


def _may_change(known: Visitor, actor: Actor, site: str, state: str) -> bool:
    is_own = actor.site is None or actor.site == site
    return holds(known, Act.IMPORT_BATCH) and is_own and state == BatchState.DRAFT


def _told(here: Office, found: IntakeRow, most: int | None) -> Told:
    place = _place(here, found.name)
    read = photo_archive.misfits(place.with_suffix(".problems"), found.named)
    named = [(each.name, _reason(each)) for each in _first(read, most)]
    skipped: tuple[Skipped, ...] = ()
    try:
        with Archive(place, limits(here)) as archive:
            skipped = archive.skipped
    except (ArchiveError, OSError):
        pass  # a day later only the figures are left
    named += [(each.name, reason(each.code)) for each in skipped]
    count = found.refused + found.strangers + len(skipped)
    return Told(tuple(named if most is None else named[:most]), count)


def _first(found: Iterator[Misfit], most: int | None) -> Iterator[Misfit]:
    for at, each in enumerate(found):
        if most is not None and at >= most:
            return
        yield each


def _reason(each: Misfit) -> Reason:
    return reason(each.code, **each.parameters)


def _csv(heading: tuple[str, ...], rows: Sequence[tuple[object, ...]], name: str) -> Response:
    text = io.StringIO()
    written = csv.writer(text)
    written.writerow(heading)
    for row in rows:
        # A spreadsheet must not take what somebody typed for a formula.
        written.writerow([inert(cell) if isinstance(cell, str) else cell for cell in row])
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(name, safe='')}"}
    return Response(text.getvalue().encode("utf-8-sig"), media_type="text/csv", headers=headers)
