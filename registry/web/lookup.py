"""``/lookup``: a certificate by two facts, ours or a registered paper; the page of one of ours."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from limits import RateLimitItemPerMinute
from starlette.responses import RedirectResponse, Response

from registry.acts import throttles as throttle_acts
from registry.queries import certificates, legacy_public, status, throttles
from registry.queries.certificates import IssuedCertificate
from registry.queries.policy import policy
from registry.queries.throttles import LOOK_UP, Door
from registry.rules import lookup, masks
from registry.rules.decision import Reason, RefusedError
from registry.web.callers import address_of
from registry.web.checking import Report, report_document
from registry.web.office import Office, office
from registry.web.pages import Fault
from registry.web.problems import Problem
from registry.web.visitors import hashed
from registry.web.words import mark
from schemas.dates import shanghai_day
from verifier.render import TEXTS, fill

routes = APIRouter(include_in_schema=False)

Here = Annotated[Office, Depends(office)]
Text = Annotated[str, Form(max_length=200)]
RATE = RateLimitItemPerMinute(30)
"""Questions from one address, right or wrong."""
LOOK_UP_NUMBER = Door("look_up_number", 20, 3600)
"""Misses about one number, from anywhere: the last four must not be tried out by many hands."""

_TOLD = ("sentence", "action")
_MALFORMED = {
    "证书编号": (
        "number",
        mark("证书编号写得不对，请照证书上的写：16 位数字、22 位字母加数字，或旧证原样。"),
    ),
    "末四位": ("last4", mark("末四位写得不对，请写证件号的最后四位。")),
}  # fmt: skip
"""Field as the rule names it -> field of the form and what to do."""


@routes.get("/lookup")
def lookup_form(request: Request, here: Here) -> Response:
    """The form."""
    return _form(request, here)


@routes.post("/lookup")
def look_up(
    request: Request, here: Here, number: Text = "", name: Text = "", last4: Text = ""
) -> Response:
    """Go to the certificate's page when every given fact fits; every miss is one answer."""
    doors = [(LOOK_UP, hashed(address_of(request)))]
    _knock(request, here, doors)
    try:
        question = lookup.question(number, name, last4)
    except RefusedError as error:
        faults = [_fault(each) for each in error.reasons]
        return _form(request, here, faults, number=number, name=name, last4=last4, status=422)
    doors.append((LOOK_UP_NUMBER, hashed(question.number)))
    _shut(here, doors)
    with here.reading() as session:
        # Both are asked whatever the first answers, so that time tells nothing.
        found = certificates.look_up(session, question)
        paper = legacy_public.look_up(session, question)
    if found is not None:
        return RedirectResponse(f"/c/{found.public_id}", 303)
    if paper is not None:
        return RedirectResponse(f"/registered/{paper.public_id}", 303)
    with here.writing.begin() as session:
        for door, caller in doors:
            throttle_acts.failed(session, here.clock(), door, caller)
    return _form(request, here, number=number, name=name, last4=last4, is_miss=True)


@routes.get("/c/{public_id}")
def certificate_page(public_id: str, request: Request, here: Here) -> Response:
    """State and content of one certificate, its holder masked; the link cannot be guessed."""
    if len(public_id) > 40:
        raise Problem(404)
    with here.reading() as session:
        found = certificates.by_public_id(session, public_id)
        history = status.history(session, found.id)
        mask = masks.rule(shanghai_day(here.clock()), policy(session))
    return here.pages.render(
        request, "public/certificate.html", report=_masked(here, found, mask), history=history,
        public_id=public_id, newer=found.newer,
    )  # fmt: skip


def _fault(told: Reason) -> Fault:
    """A refusal beside the field that it is about."""
    field, text = _MALFORMED.get(told.as_dict()["parameters"].get("field"), ("", ""))
    return Fault(field, text, None if text else told)


def _masked(here: Office, found: IssuedCertificate, mask: str) -> Report:
    report = report_document(
        here.evidence.current(), found.document, here.clock(), None, here.contact
    )
    if report["certificate"] is not None:
        facts = found.certificate.facts
        report["certificate"] |= {"name": masks.name(facts.name, mask), "last4": facts.last4}
    return report


def _knock(request: Request, here: Office, doors: list[tuple[Door, bytes]]) -> None:
    _shut(here, doors)
    if not here.rates.hit(RATE, "lookup", address_of(request)):
        raise Problem(429, retry_after=60)


def _shut(here: Office, doors: list[tuple[Door, bytes]]) -> None:
    now = here.clock()
    with here.reading() as session:
        until = [throttles.closed_until(session, door, caller, now) for door, caller in doors]
    opens = max((each for each in until if each is not None), default=None)
    if opens is not None:
        raise Problem(429, retry_after=opens - now)


def _form(
    request: Request, here: Office, faults: list[Fault] | None = None, *,
    number: str = "", name: str = "", last4: str = "", is_miss: bool = False, status: int = 200,
) -> Response:  # fmt: skip
    chosen = here.pages.words(request).language
    told = TEXTS["no_match"][chosen]
    return here.pages.render(
        request, "public/lookup.html", status=status, faults=faults or [], number=number,
        name=name, last4=last4, is_miss=is_miss, miss_icon=TEXTS["no_match"]["icon"],
        miss=[told["headline"], *(fill(told[part], here.contact) for part in _TOLD)],
    )  # fmt: skip
