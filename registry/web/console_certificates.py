"""Certificates in the console: find one, see all that happened to it, decide about it."""

from dataclasses import dataclass
from datetime import date, timedelta

from fastapi import APIRouter, Request
from sqlalchemy.orm import Session
from starlette.responses import Response

from registry.acts import certificates as certificate_acts
from registry.acts import held
from registry.acts import status as acts
from registry.acts.certificates import Corrected
from registry.acts.status import Ruling
from registry.queries import certificates, status
from registry.queries.certificates import CertificateListRow
from registry.queries.policy import policy
from registry.rules import identity, names
from registry.rules import status as rules
from registry.rules.permissions import Act, Actor
from registry.rules.status import TRANSITIONS, StatusAct, StatusGround
from registry.web import papers
from registry.web.console import Here, Officer, RecordId, Text, attempt, holds, need
from registry.web.notices import go
from registry.web.office import Office
from registry.web.pages import Fault
from registry.web.problems import Problem
from registry.web.visitors import Visitor, actor_of, offer_form
from registry.web.words import mark
from schemas.dates import shanghai_day
from schemas.errors import FormatError

routes = APIRouter(prefix="/console/certificates", include_in_schema=False)

ACTS = {
    "revoke": (StatusAct.REVOKE, Act.REVOKE),
    "cancel": (StatusAct.CANCEL, Act.CANCEL),
    "withdraw": (StatusAct.WITHDRAW, Act.WITHDRAW),
    "suspend": (StatusAct.SUSPEND, Act.SUSPEND),
    "reinstate": (StatusAct.REINSTATE, Act.REINSTATE),
    "correct": (StatusAct.SUPERSEDE, Act.CORRECT),
}
"""Word of the address -> act upon the status, and the permission it needs."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What the form of a decision says, as typed."""

    ground: str = ""
    decided_on: str = ""
    document: str = ""
    appeal_until: str = ""
    name: str = ""
    id_kind: str = ""
    id_number: str = ""


@routes.get("")
def search_form(request: Request, here: Here, known: Officer) -> Response:
    """The search form."""
    need(known, Act.SEARCH_CERTIFICATES)
    return here.pages.render(request, "console/certificates.html", q="", rows=None)


@routes.post("")
def search(request: Request, here: Here, known: Officer, q: Text = "") -> Response:
    """What was found. Asked by POST, so that no name stands in an address or a log."""
    actor = need(known, Act.SEARCH_CERTIFICATES)
    with here.reading() as session:
        rows = certificates.search(session, actor, q)
    return here.pages.render(request, "console/certificates.html", q=q.strip(), rows=rows)


@routes.get("/{certificate_id}")
def certificate(certificate_id: RecordId, request: Request, here: Here, known: Officer) -> Response:
    """One certificate with its history and what can be decided about it."""
    row = _find(here, known, certificate_id)
    with here.reading() as session:
        issued = certificates.issued(session, row.id) if row.state == "issued" else None
        history = status.history(session, row.id)
    return here.pages.render(
        request, "console/certificate.html", row=row, history=history,
        facts=issued.certificate.facts if issued else None,
        names=issued.certificate.names if issued else None,
        released_at=issued.released_at if issued else None,
        cose_hash=issued.cose_hash.hex() if issued else None,
        offered=_offered(known, row),
        may_settle=row.state == "held" and holds(known, Act.ISSUE_BATCH),
    )  # fmt: skip


@routes.get("/{certificate_id}/papers/{kind}")
def paper(certificate_id: RecordId, kind: str, here: Here, known: Officer) -> Response:
    """A print of the certificate for the file."""
    row = _find(here, known, certificate_id)
    with here.reading() as session:
        issued = certificates.issued(session, row.id)
        photo = certificates.photo(session, row.id)
        found = policy(session)
    made = papers.make(kind, issued, photo, here.config, found)
    return Response(made.data, media_type=made.media_type, headers={"Cache-Control": "no-store"})


@routes.get("/{certificate_id}/retry")
def retry_form(certificate_id: RecordId, request: Request, here: Here, known: Officer) -> Response:
    """What trying a held number again means."""
    return _held_page(request, here, known, certificate_id, "console/retry.html")


@routes.post("/{certificate_id}/retry")
def retry(
    certificate_id: RecordId, request: Request, here: Here, known: Officer, token: Text = ""
) -> Response:
    """Hand a held row back to the worker."""
    need(known, Act.ISSUE_BATCH)
    _find(here, known, certificate_id)
    faults = attempt(
        here, known, token,
        lambda session, actor: held.retry(
            session, actor, here.clock(), certificate_id
        ),
    )  # fmt: skip
    if faults:
        return _held_page(request, here, known, certificate_id, "console/retry.html", faults)
    return go(f"/console/certificates/{certificate_id}", "retried")


@routes.get("/{certificate_id}/void")
def void_form(certificate_id: RecordId, request: Request, here: Here, known: Officer) -> Response:
    """What voiding a held number means."""
    return _held_page(request, here, known, certificate_id, "console/void.html")


@routes.post("/{certificate_id}/void")
def void(
    certificate_id: RecordId, request: Request, here: Here, known: Officer,
    token: Text = "", why: Text = "",
) -> Response:  # fmt: skip
    """Void a held row; its number is spent."""
    need(known, Act.ISSUE_BATCH)
    _find(here, known, certificate_id)
    faults = attempt(
        here, known, token,
        lambda session, actor: held.void(
            session, actor, here.clock(), here.personal_keys().random, certificate_id, why
        ),
    )  # fmt: skip
    if faults:
        return _held_page(
            request, here, known, certificate_id, "console/void.html", faults, why=why
        )
    return go(f"/console/certificates/{certificate_id}", "voided")


@routes.get("/{certificate_id}/{word}")
def decision_form(
    certificate_id: RecordId, word: str, request: Request, here: Here, known: Officer
) -> Response:
    """What the decision does, and what it must say."""
    today = shanghai_day(here.clock())
    with here.reading() as session:
        until = today + timedelta(days=policy(session).limit("appeal_days", today))
    asked = Asked(decided_on=today.isoformat(), appeal_until=until.isoformat())
    return _decision_page(request, here, known, certificate_id, word, asked)


@routes.post("/{certificate_id}/{word}")
def decide(
    certificate_id: RecordId, word: str, request: Request, here: Here, known: Officer,
    token: Text = "", ground: Text = "", decided_on: Text = "", document: Text = "",
    appeal_until: Text = "", name: Text = "", id_kind: Text = "", id_number: Text = "",
) -> Response:  # fmt: skip
    """Decide. The state that is public changes within a minute."""
    asked = Asked(
        ground, decided_on.strip(), document.strip(), appeal_until.strip(), name.strip(),
        id_kind.strip(), id_number.strip(),
    )  # fmt: skip
    act, permission = _act(word)
    need(known, permission)
    _find(here, known, certificate_id)
    try:
        ruling = _ruling(here, asked)
        faults = attempt(
            here, known, token,
            lambda session, actor: _do(session, here, actor, certificate_id, act, ruling, asked),
        )  # fmt: skip
    except _WrongFieldError as error:
        faults = [error.fault]
    except FormatError:
        faults = [Fault("name", mark("更正后的内容不能印在证书上，请检查姓名里的字。"))]
    if faults:
        return _decision_page(request, here, known, certificate_id, word, asked, faults)
    notice = "corrected" if act is StatusAct.SUPERSEDE else "status_changed"
    return go(f"/console/certificates/{certificate_id}", notice)


class _WrongFieldError(Exception):
    def __init__(self, field: str, text: str) -> None:
        super().__init__(field)
        self.fault = Fault(field, text)


def _do(
    session: Session, here: Office, actor: Actor, certificate_id: int, act: StatusAct,
    ruling: Ruling, asked: Asked,
) -> object:  # fmt: skip
    now, personal = here.clock(), here.personal_keys()
    found = policy(session)
    if act is not StatusAct.SUPERSEDE:
        return acts.change(session, actor, now, found, personal.random, certificate_id, act, ruling)
    person = None
    if asked.id_number:
        person = identity.read(asked.id_kind, asked.id_number, shanghai_day(now), found)
    corrected = Corrected(name=names.normalise(asked.name) if asked.name else None, identity=person)
    return certificate_acts.correct(
        session, actor, now, found, personal, certificate_id, corrected, ruling
    )


def _ruling(here: Office, asked: Asked) -> Ruling:
    today = shanghai_day(here.clock())
    decided_on = _day("decided_on", asked.decided_on)
    if decided_on is None or decided_on > today:
        raise _WrongFieldError("decided_on", mark("请填写决定日期，不能晚于今天。"))
    appeal_until = _day("appeal_until", asked.appeal_until)
    if appeal_until is not None and appeal_until < decided_on:
        raise _WrongFieldError("appeal_until", mark("申请复核的截止日不能早于决定日期。"))
    return Ruling(
        ground=asked.ground, decided_on=decided_on, document=asked.document or None,
        appeal_until=appeal_until,
    )  # fmt: skip


def _day(field: str, text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise _WrongFieldError(field, mark("日期请写成 2026-11-22。")) from None


def _act(word: str) -> tuple[StatusAct, Act]:
    if word not in ACTS:
        raise Problem(404)
    return ACTS[word]


def _find(here: Office, known: Visitor, certificate_id: int) -> CertificateListRow:
    need(known, Act.SEARCH_CERTIFICATES)
    with here.reading() as session:
        return certificates.for_officer(session, actor_of(known), certificate_id)


def _offered(known: Visitor, row: CertificateListRow) -> list[str]:
    """Words of the decisions that lead on from here and that this person's role can take."""
    if row.state != "issued" or row.status is None:
        return []
    return [
        word
        for word, (act, permission) in ACTS.items()
        if (row.status, act) in TRANSITIONS and holds(known, permission)
    ]


def _decision_page(
    request: Request, here: Office, known: Visitor, certificate_id: int, word: str, asked: Asked,
    faults: list[Fault] | None = None,
) -> Response:  # fmt: skip
    act, permission = _act(word)
    need(known, permission)
    row = _find(here, known, certificate_id)
    with here.reading() as session:
        found = policy(session)
    today = shanghai_day(here.clock())
    is_chinese = here.pages.words(request).language == "zh"
    grounds: tuple[StatusGround, ...] = rules.grounds(act, found)
    return here.pages.render(
        request, "console/decision.html", status=409 if faults else 200, row=row, word=word,
        grounds=[(each.code, each.zh if is_chinese else each.en) for each in grounds],
        asked=asked, faults=faults or [],
        kinds=[
            (row["kind"], row["zh" if is_chinese else "en"])
            for row in found.rows("identity_kinds", today)
        ],
        form_token=offer_form(here, known),
        is_late=row.status is not None and (row.status, act) not in TRANSITIONS,
    )  # fmt: skip


def _held_page(
    request: Request, here: Office, known: Visitor, certificate_id: int, template: str,
    faults: list[Fault] | None = None, why: str = "",
) -> Response:  # fmt: skip
    need(known, Act.ISSUE_BATCH)
    row = _find(here, known, certificate_id)
    return here.pages.render(
        request, template, status=409 if faults else 200, row=row, why=why,
        faults=faults or [], form_token=offer_form(here, known),
    )  # fmt: skip
