"""Existing certificates for the public: their page, a holder's request, and its receipt."""

import hmac
import secrets
from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from limits import RateLimitItemPerMinute
from sqlalchemy.orm import Session
from starlette.responses import Response

from registry.acts import legacy_requests as acts
from registry.acts import pickups as pickup_acts
from registry.acts import throttles as throttle_acts
from registry.acts.pickups import normal_code
from registry.queries import legacy_public, throttles
from registry.queries.legacy_public import PublicPaper, Receipt
from registry.queries.policy import policy
from registry.queries.throttles import PICKUP, Door
from registry.rules import identity, legacy_signing, lookup, masks
from registry.rules.decision import RefusedError
from registry.rules.legacy_signing import Paper
from registry.rules.lookup import Question
from registry.web.callers import address_of
from registry.web.lookup import LOOK_UP_NUMBER
from registry.web.notices import go
from registry.web.office import Office, office
from registry.web.pages import Fault
from registry.web.pickup import SECONDS
from registry.web.problems import Problem
from registry.web.visitors import hashed, remember, same_origin
from registry.web.words import mark
from schemas.dates import shanghai_day

routes = APIRouter(include_in_schema=False)

Here = Annotated[Office, Depends(office)]
Text = Annotated[str, Form(max_length=200)]
RATE = RateLimitItemPerMinute(10)
"""Requests and receipts asked for from one address."""
_NOT_YOURS = mark("姓名和末四位要和登记的都一样。请核对同音字和末位的 X。")
_WRONG = mark("回执号和末四位对不上，或者错了太多次。回执号丢了，到证书页上再申请一次。")


@routes.get("/registered/{public_id}")
def paper_page(public_id: str, request: Request, here: Here) -> Response:
    """What the register says of one paper, its holder masked; the link cannot be guessed."""
    return _paper_page(request, here, _paper(here, public_id))


@routes.post("/registered/{public_id}/request")
def ask(
    public_id: str, request: Request, here: Here, name: Text = "", last4: Text = ""
) -> Response:
    """Ask for a signed version with both facts; the receipt number is shown once, here."""
    same_origin(request)
    paper = _paper(here, public_id)
    doors = [
        (PICKUP, hashed(address_of(request))),
        (LOOK_UP_NUMBER, hashed(lookup.number_key(paper.number))),
    ]
    _knock(request, here, doors)
    typed = Question(paper.number, name.strip() or "?", identity.normalise(last4) or "?")
    if not lookup.answers(typed, name=paper.name, last4=paper.last4):
        _failed(here, doors)
        faults = [Fault("name", _NOT_YOURS)]
        return _paper_page(request, here, paper, faults, name=name, last4=last4)
    try:
        with here.writing.begin() as session:
            code = acts.ask(session, here.clock(), here.personal_keys(), paper.id)
    except RefusedError as error:
        faults = [Fault("", "", each) for each in error.reasons]
        return _paper_page(request, here, paper, faults, name=name, last4=last4)
    return here.pages.render(
        request, "public/receipt_new.html", code=f"{code[:5]}-{code[5:]}", paper=paper
    )


@routes.get("/receipt")
def receipt_form(request: Request, here: Here) -> Response:
    """The form for a receipt number."""
    return _receipt_form(request, here)


@routes.post("/receipt")
def receipt(request: Request, here: Here, code: Text = "", last4: Text = "") -> Response:
    """Where the request stands; every miss is one answer."""
    found = _receipt(request, here, code, last4)
    if found is None:
        return _receipt_form(request, here, [Fault("code", _WRONG)], code, last4)
    return _receipt_page(request, here, found, code, last4)


@routes.post("/receipt/withdraw")
def withdraw(request: Request, here: Here, code: Text = "", last4: Text = "") -> Response:
    """The holder withdraws the request."""
    found = _receipt(request, here, code, last4)
    if found is None:
        return _receipt_form(request, here, [Fault("code", _WRONG)], code, last4)
    faults = _attempt(here, lambda session: acts.withdraw(session, here.clock(), found.id))
    again = _receipt(request, here, code, last4) or found
    return _receipt_page(request, here, again, code, last4, faults)


@routes.post("/receipt/collect")
def collect(request: Request, here: Here, code: Text = "", last4: Text = "") -> Response:
    """Open the downloads of the signed version for a short while."""
    found = _receipt(request, here, code, last4)
    if found is None or found.signed is None:
        return _receipt_form(request, here, [Fault("code", _WRONG)], code, last4)
    token, now = secrets.token_urlsafe(32), here.clock()
    with here.writing.begin() as session:
        pickup = acts.collect(session, now, here.personal_keys().random, found.id)
        pickup_acts.open_session(session, now, pickup, hashed(token), now + SECONDS)
    response = go("/pickup/certificates")
    remember(here, response, token)
    return response


def _paper(here: Office, public_id: str) -> PublicPaper:
    if len(public_id) > 40:
        raise Problem(404)
    with here.reading() as session:
        return legacy_public.by_public_id(session, public_id)


def _paper_page(
    request: Request, here: Office, paper: PublicPaper, faults: list[Fault] | None = None, *,
    name: str = "", last4: str = "",
) -> Response:  # fmt: skip
    today = shanghai_day(here.clock())
    with here.reading() as session:
        mask = masks.rule(today, policy(session))
        keeper = legacy_public.department(session, paper.province)
    refusal = legacy_signing.refusal(
        Paper(kind=paper.kind, number=paper.number, recorded=paper.recorded, images=0)
    )
    return here.pages.render(
        request, "public/registered.html", status=422 if faults else 200, paper=paper,
        masked=masks.name(paper.name, mask), faults=faults or [], name=name, last4=last4,
        keeper=None if keeper is None else keeper.name(today), phone=keeper and keeper.phone,
        refusal=refusal.reasons if refusal else (),
        is_over=paper.expires is not None and paper.expires < today,
    )  # fmt: skip


def _receipt(request: Request, here: Office, code: str, last4: str) -> Receipt | None:
    """The request that both facts open; a miss is counted like one at the pick-up."""
    same_origin(request)
    doors = [(PICKUP, hashed(address_of(request)))]
    _knock(request, here, doors)
    with here.reading() as session:
        found = legacy_public.receipt(session, here.personal_keys(), normal_code(code))
    typed = identity.normalise(last4).encode()
    is_right = hmac.compare_digest(typed, (found.last4 if found else "----").encode())
    if found is not None and is_right:
        return found
    _failed(here, doors, None if found is None else found.id)
    return None


def _receipt_form(
    request: Request, here: Office, faults: list[Fault] | None = None, code: str = "",
    last4: str = "",
) -> Response:  # fmt: skip
    return here.pages.render(
        request, "public/receipt.html", status=422 if faults else 200, faults=faults or [],
        code=code, last4=last4,
    )  # fmt: skip


def _receipt_page(
    request: Request, here: Office, found: Receipt, code: str, last4: str,
    faults: list[Fault] | None = None,
) -> Response:  # fmt: skip
    return here.pages.render(
        request, "public/receipt_state.html", found=found, code=code, last4=last4,
        faults=faults or [],
    )  # fmt: skip


def _attempt(here: Office, act: Callable[[Session], object]) -> list[Fault]:
    try:
        with here.writing.begin() as session:
            act(session)
    except RefusedError as error:
        return [Fault("", "", each) for each in error.reasons]
    return []


def _knock(request: Request, here: Office, doors: list[tuple[Door, bytes]]) -> None:
    now = here.clock()
    with here.reading() as session:
        until = [throttles.closed_until(session, door, caller, now) for door, caller in doors]
    opens = max((each for each in until if each is not None), default=None)
    if opens is not None:
        raise Problem(429, retry_after=opens - now)
    if not here.rates.hit(RATE, "receipt", address_of(request)):
        raise Problem(429, retry_after=60)


def _failed(here: Office, doors: list[tuple[Door, bytes]], request_id: int | None = None) -> None:
    with here.writing.begin() as session:
        for door, caller in doors:
            throttle_acts.failed(session, here.clock(), door, caller)
        if request_id is not None:
            acts.receipt_failed(session, request_id)
