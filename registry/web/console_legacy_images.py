"""Scans of existing certificates: one by one, or a ZIP whose files are named by number."""

from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, File, Request, UploadFile
from starlette.responses import Response

from registry.acts import legacy_images as acts
from registry.acts.legacy_images import Scan
from registry.exchange import scans
from registry.exchange.archive import Archive, ArchiveError, Entry
from registry.exchange.scans import ScanLimits
from registry.queries import legacy, legacy_images
from registry.queries.policy import policy
from registry.rules.decision import Reason, RefusedError, reason
from registry.rules.permissions import Act, Actor
from registry.web import uploads
from registry.web.console import Here, Officer, RecordId, Text, attempt, faults_of, need
from registry.web.notices import go
from registry.web.office import Office
from registry.web.pages import Fault
from registry.web.problems import Problem
from registry.web.visitors import offer_form, posted
from registry.web.words import mark
from schemas.dates import shanghai_day

routes = APIRouter(prefix="/console/legacy", include_in_schema=False)

MAX_SCAN = 11 * 2**20
"""Most bytes of a request with one scan; the policy says what a scan itself may have."""
MAX_ARCHIVE = 201 * 2**20
"""Most bytes of a request with a ZIP; the policy says what the ZIP itself may have."""
_TOGETHER = 20
"""Scans that are kept in one transaction."""


@dataclass(frozen=True, slots=True)
class Sorted:
    """What became of the files of a ZIP."""

    attached: int
    known: int
    """Scans that their entries had already."""
    refused: tuple[tuple[str, Reason], ...]
    """Name of the file, and why it was not taken."""


@routes.get("/{entry_id}/images/{image_id}")
def image(entry_id: RecordId, image_id: RecordId, here: Here, known: Officer) -> Response:
    """One scan, opened for an officer of the province."""
    actor = need(known, Act.SEARCH_LEGACY)
    with here.reading() as session:
        found = legacy_images.opened(session, actor, here.personal_keys(), entry_id, image_id)
    kind = "attachment" if found.media_type == scans.PDF else "inline"
    headers = {"Cache-Control": "no-store", "Content-Disposition": kind}
    return Response(found.content, media_type=found.media_type, headers=headers)


@routes.post("/{entry_id}/images")
def attach(
    entry_id: RecordId, request: Request, here: Here, known: Officer, token: Text = "",
    image: Annotated[UploadFile | None, File()] = None,
) -> Response:  # fmt: skip
    """Keep one scan with its entry."""
    need(known, Act.IMPORT_LEGACY)
    data = image.file.read(MAX_SCAN) if image is not None else b""
    if image is None or not data:
        raise Problem(422, mark("请先选择文件。"))
    try:
        scan = Scan(uploads.file_name(image), scans.check(data, _limits(here)), data)
        faults = attempt(
            here, known, token,
            lambda session, actor: acts.attach(
                session, actor, here.clock(), here.personal_keys(), entry_id, scan
            ),
        )  # fmt: skip
    except RefusedError as error:
        faults = faults_of(error.reasons)
    if faults:
        raise Problem(422, reasons=tuple(each.reason for each in faults if each.reason))
    return go(f"/console/legacy/{entry_id}", "legacy_image")


@routes.post("/{entry_id}/images/{image_id}/off")
def take_off(
    entry_id: RecordId, image_id: RecordId, here: Here, known: Officer, token: Text = "",
    why: Text = "",
) -> Response:  # fmt: skip
    """Take a wrong scan off; it comes back when the same file is given again."""
    faults = attempt(
        here, known, token,
        lambda session, actor: acts.take_off(session, actor, here.clock(), image_id, why),
    )  # fmt: skip
    if faults:
        raise Problem(409, reasons=tuple(each.reason for each in faults if each.reason))
    return go(f"/console/legacy/{entry_id}", "legacy_image_off")


@routes.post("/imports/{import_id}/images")
def attach_archive(
    import_id: RecordId, request: Request, here: Here, known: Officer, token: Text = "",
    file: Annotated[UploadFile | None, File()] = None,
) -> Response:  # fmt: skip
    """Match the files of a ZIP with the numbers of one upload; the rest is named, not taken."""
    actor = need(known, Act.IMPORT_LEGACY)
    if file is None or not file.filename:
        raise Problem(422, mark("请先选择文件。"))
    with here.reading() as session:
        record = legacy.one_import(session, actor, import_id)
        numbers = legacy_images.numbers_of_import(session, actor, import_id)
    with posted(here, known, token):
        pass  # the form is spent; scans follow in transactions of their own
    name, _ = uploads.keep_stream(here.config.folder, file.file)
    path = here.config.folder / "uploads" / f"{name}.zip"
    faults: list[Fault] = []
    result = None
    try:
        result = _attach_all(here, actor, path, numbers)
    except ArchiveError as error:
        faults = [Fault("", "", reason(error.code, **error.parameters))]
    finally:
        path.unlink(missing_ok=True)
    with here.reading() as session:
        bare, first = legacy_images.without(session, actor, import_id)
    return here.pages.render(
        request, "console/legacy_archive.html", status=422 if faults else 200, shown=record,
        result=result, bare=bare, first_bare=first, faults=faults,
        form_token=offer_form(here, known),
    )  # fmt: skip


def _attach_all(here: Office, actor: Actor, path: Path, numbers: dict[int, str]) -> Sorted:
    with here.reading() as session:
        found = policy(session)
    today = shanghai_day(here.clock())
    limits = scans.limits(found, today)
    wanted: defaultdict[str, list[int]] = defaultdict(list)
    for entry, number in numbers.items():
        wanted[scans.key_of(number)].append(entry)
    refused: list[tuple[str, Reason]] = []
    matched: list[tuple[Entry, int]] = []
    with Archive(path, scans.archive_limits(found, today)) as archive:
        refused += [(skipped.name, reason(skipped.code)) for skipped in archive.skipped]
        for file in archive.entries:
            entries = wanted.get(scans.name_key(file.name) or "", [])
            if len(entries) == 1:
                matched.append((file, entries[0]))
            else:
                code = "legacy_image_ambiguous" if entries else "legacy_image_stranger"
                refused.append((file.name, reason(code)))
        kept: list[bool] = []
        for start in range(0, len(matched), _TOGETHER):
            some = matched[start : start + _TOGETHER]
            kept += _attach_some(here, actor, archive, some, limits, refused)
    return Sorted(kept.count(True), kept.count(False), tuple(refused))


def _attach_some(
    here: Office, actor: Actor, archive: Archive, some: list[tuple[Entry, int]],
    limits: ScanLimits, refused: list[tuple[str, Reason]],
) -> list[bool]:  # fmt: skip
    """Keep a few scans in one transaction; answers of each that was taken whether it was new."""
    kept: list[bool] = []
    with here.writing.begin() as session:
        for file, entry in some:
            try:
                data = archive.read(file)
                scan = Scan(file.name, scans.check(data, limits), data)
                kept.append(
                    acts.attach(session, actor, here.clock(), here.personal_keys(), entry, scan)
                )
            except ArchiveError as error:
                refused.append((file.name, reason(error.code, **error.parameters)))
            except RefusedError as error:
                refused += [(file.name, each) for each in error.reasons]
    return kept


def _limits(here: Office) -> ScanLimits:
    with here.reading() as session:
        return scans.limits(policy(session), shanghai_day(here.clock()))
