"""Existing certificates in the console: find one, see all of it, propose and decide changes."""

from collections.abc import Iterator
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Query, Request
from starlette.responses import Response, StreamingResponse

from registry.acts import legacy_changes as acts
from registry.acts import legacy_proposals as proposals
from registry.exchange import delimited
from registry.exchange import legacy as workbook
from registry.exchange.legacy import EXPORTED, LABELS
from registry.queries import catalogue, legacy, legacy_stored
from registry.queries import legacy_requests as requests
from registry.queries.legacy import FILTERS, EntryPage, EntryRow
from registry.queries.policy import policy
from registry.rules import legacy as rules
from registry.rules.assessment import Occupations
from registry.rules.decision import RefusedError
from registry.rules.legacy import KIND_NAMES, RECORDED_NAMES, LegacyKind, LegacyRow, Recorded
from registry.rules.permissions import Act
from registry.web.console import Here, Officer, RecordId, Text, attempt, faults_of, holds, need
from registry.web.notices import go
from registry.web.office import Office
from registry.web.pages import Fault
from registry.web.problems import Problem
from registry.web.visitors import Visitor, actor_of, offer_form
from schemas.dates import shanghai_day

routes = APIRouter(prefix="/console/legacy", include_in_schema=False)

PAGE = 50
_STATES = {"waiting": "等确认", "public": "已公开", "removed": "已移出"}
FIELDS = (
    "name", "identity_kind", "identity", "occupation", "mapped", "level", "issuer", "issued",
    "expires", "recorded", "reference",
)  # fmt: skip
"""Fields of the form of a correction."""


@routes.get("")
def entry_list(
    request: Request, here: Here, known: Officer,
    state: Annotated[str, Query(max_length=20)] = "",
    before: Annotated[int | None, Query(ge=0, le=2**63 - 1)] = None,
) -> Response:  # fmt: skip
    """Entries of the own province, newest first, with what waits for somebody."""
    return _list(request, here, known, state=state, before=before)


@routes.post("")
def search(request: Request, here: Here, known: Officer, q: Text = "") -> Response:
    """What was found. Asked by POST, so that no name stands in an address or a log."""
    return _list(request, here, known, text=q)


@routes.get("/export.csv")
def export(here: Here, known: Officer) -> Response:
    """Every entry of the own province as a table, without any ID number."""
    actor = need(known, Act.SEARCH_LEGACY)

    def lines() -> Iterator[bytes]:
        yield delimited.write([EXPORTED])
        with here.reading() as session:
            for row in legacy.all_entries(session, actor):
                # The mark that tells spreadsheets the encoding stands at the beginning only.
                yield delimited.write([_line(row)], "utf-8")

    name = quote(f"存量证书-{actor.province}-{shanghai_day(here.clock())}.csv")
    return StreamingResponse(
        lines(), media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f"attachment; filename*=UTF-8''{name}",
                 "Cache-Control": "no-store"},
    )  # fmt: skip


@routes.get("/{entry_id}")
def entry(entry_id: RecordId, request: Request, here: Here, known: Officer) -> Response:
    """One entry with its scans, its history and what can be done about it."""
    return _entry_page(request, here, known, entry_id)


@routes.get("/{entry_id}/correct")
def correction_form(entry_id: RecordId, request: Request, here: Here, known: Officer) -> Response:
    """The values as they stand, to be changed."""
    page = _find(here, known, entry_id, Act.CORRECT_LEGACY)
    return _correction_page(request, here, known, page, _typed(page.entry))


@routes.post("/{entry_id}/correct")
def correct(
    entry_id: RecordId, request: Request, here: Here, known: Officer, token: Text = "",
    why: Text = "", name: Text = "", identity_kind: Text = "", identity: Text = "",
    occupation: Text = "", mapped: Text = "", level: Text = "", issuer: Text = "",
    issued: Text = "", expires: Text = "", recorded: Text = "", reference: Text = "",
) -> Response:  # fmt: skip
    """Propose other values; another officer decides."""
    page = _find(here, known, entry_id, Act.CORRECT_LEGACY)
    given = (name, identity_kind, identity, occupation, mapped, level, issuer, issued, expires,
             recorded, reference)  # fmt: skip
    typed = dict(zip(FIELDS, given, strict=True))
    try:
        new = _corrected(here, page.entry, typed)
        faults = attempt(
            here, known, token,
            lambda session, actor: proposals.propose_correction(
                session, actor, here.clock(), here.personal_keys(), entry_id, new, why
            ),
        )  # fmt: skip
    except RefusedError as error:
        faults = faults_of(error.reasons)
    if faults:
        return _correction_page(request, here, known, page, typed, faults, why)
    return go(f"/console/legacy/{entry_id}", "legacy_proposed")


@routes.post("/{entry_id}/remove")
def remove(
    entry_id: RecordId, request: Request, here: Here, known: Officer, token: Text = "",
    why: Text = "",
) -> Response:  # fmt: skip
    """Propose to take the entry out, or to bring it back."""
    page = _find(here, known, entry_id, Act.CORRECT_LEGACY)
    propose = (
        proposals.propose_restoration
        if page.entry.state == "removed"
        else proposals.propose_removal
    )
    faults = attempt(
        here, known, token,
        lambda session, actor: propose(
            session, actor, here.clock(), here.personal_keys(), entry_id, why
        ),
    )  # fmt: skip
    if faults:
        return _entry_page(request, here, known, entry_id, faults, why)
    return go(f"/console/legacy/{entry_id}", "legacy_proposed")


@routes.post("/changes/{change_id}")
def decide(
    change_id: RecordId, request: Request, here: Here, known: Officer, token: Text = "",
    entry_id: Text = "", take: Text = "",
) -> Response:  # fmt: skip
    """Another officer takes or drops a proposal."""
    need(known, Act.CONFIRM_LEGACY)
    if take not in ("take", "drop") or not (entry_id.isascii() and entry_id.isdigit()):
        raise Problem(422)
    faults = attempt(
        here, known, token,
        lambda session, actor: acts.decide_change(
            session, actor, here.clock(), here.personal_keys(), change_id, take=take == "take"
        ),
    )  # fmt: skip
    if faults:
        return _entry_page(request, here, known, int(entry_id[:15]), faults)
    return go(f"/console/legacy/{entry_id}", f"legacy_{take}")


def _list(
    request: Request, here: Office, known: Visitor, *, text: str = "", state: str = "",
    before: int | None = None,
) -> Response:  # fmt: skip
    actor = need(known, Act.SEARCH_LEGACY)
    wanted = state if state in FILTERS else ""
    with here.reading() as session:
        rows = legacy.entries(session, actor, text, wanted, PAGE + 1, before)
        imports = legacy.imports(session, actor, "waiting")
        changes = legacy.changes(session, actor)
        waiting = requests.waiting(session, actor)
    return here.pages.render(
        request, "console/legacy.html", rows=rows[:PAGE], q=text.strip(), state=wanted,
        before=before, imports=imports, changes=changes, waiting=waiting,
        older=rows[PAGE - 1].id if len(rows) > PAGE and not text.strip() else None,
        is_cut=len(rows) > PAGE and bool(text.strip()), me=actor.person,
        may_import=holds(known, Act.IMPORT_LEGACY),
    )  # fmt: skip


def _find(here: Office, known: Visitor, entry_id: int, act: Act) -> EntryPage:
    actor = need(known, act)
    with here.reading() as session:
        return legacy.entry(session, actor, entry_id)


def _entry_page(
    request: Request, here: Office, known: Visitor, entry_id: int,
    faults: list[Fault] | None = None, why: str = "",
) -> Response:  # fmt: skip
    page = _find(here, known, entry_id, Act.SEARCH_LEGACY)
    return here.pages.render(
        request, "console/legacy_entry.html", status=409 if faults else 200, shown=page,
        entry=page.entry, faults=faults or [], why=why, labels=LABELS,
        me=actor_of(known).person, form_token=offer_form(here, known),
    )  # fmt: skip


def _typed(row: EntryRow) -> dict[str, str]:
    """An entry as its form shows it; the ID number is not shown and stays where none is typed."""
    return {
        "name": row.name, "identity_kind": row.id_kind, "identity": "",
        "occupation": row.occupation, "mapped": row.mapped or "", "level": row.level or "",
        "issuer": row.issuer, "issued": row.issued.isoformat(),
        "expires": row.expires.isoformat() if row.expires else "", "recorded": row.recorded,
        "reference": row.reference or "",
    }  # fmt: skip


def _corrected(here: Office, row: EntryRow, typed: dict[str, str]) -> LegacyRow:
    today = shanghai_day(here.clock())
    with here.reading() as session:
        known, found = catalogue.for_rules(session), policy(session)
        codes = {key: each.code for key, each in known.items()}
        (stored,) = (
            each.row
            for each in legacy_stored.of_entry(session, here.personal_keys(), row.id, codes)
        )
    cells = {**typed, "kind": row.kind, "number": row.number}
    if not typed["identity"].strip():
        cells |= {"identity_kind": stored.identity.kind, "identity": stored.identity.number}
    read = rules.read(cells, Occupations(list(known.values())), today, found)
    if not isinstance(read, LegacyRow):
        raise RefusedError(*read)
    return read


def _correction_page(
    request: Request, here: Office, known: Visitor, page: EntryPage, typed: dict[str, str],
    faults: list[Fault] | None = None, why: str = "",
) -> Response:  # fmt: skip
    today = shanghai_day(here.clock())
    chinese = here.pages.words(request).language == "zh"
    with here.reading() as session:
        kinds = list(policy(session).rows("identity_kinds", today))
    return here.pages.render(
        request, "console/legacy_correct.html", status=409 if faults else 200, shown=page,
        entry=page.entry, typed=typed, faults=faults or [], why=why,
        kinds=[(each["kind"], each["zh" if chinese else "en"]) for each in kinds],
        states=[state.value for state in RECORDED_NAMES], form_token=offer_form(here, known),
    )  # fmt: skip


def _line(row: EntryRow) -> list[str]:
    texts = (
        KIND_NAMES[LegacyKind(row.kind)][0], row.number, row.name, row.id_kind, row.last4,
        row.occupation, row.mapped or "", row.level or "", row.issuer, row.issued.isoformat(),
        row.expires.isoformat() if row.expires else "", RECORDED_NAMES[Recorded(row.recorded)][0],
        row.reference or "", row.source, row.document, _STATES[row.state], row.certificate or "",
    )  # fmt: skip
    return [workbook.inert(text) for text in texts]
