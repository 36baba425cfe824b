"""``/pickup``: a holder takes the certificate with the code of a slip and the last four."""

import hmac
import secrets
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Depends, Form, Request
from starlette.responses import Response

from registry.acts import accounts as account_acts
from registry.acts import pickups as acts
from registry.acts import throttles as throttle_acts
from registry.queries import certificates, pickups, throttles
from registry.queries.certificates import IssuedCertificate
from registry.queries.policy import policy
from registry.queries.throttles import PICKUP
from registry.rules import identity
from registry.web import papers
from registry.web.callers import address_of
from registry.web.notices import go
from registry.web.office import Office, office
from registry.web.pages import Fault
from registry.web.problems import Problem, SignInRequired
from registry.web.visitors import (
    Visitor,
    forget,
    hashed,
    remember,
    same_origin,
    visitor,
)
from registry.web.words import mark

routes = APIRouter(include_in_schema=False)

Here = Annotated[Office, Depends(office)]
Text = Annotated[str, Form(max_length=60)]
SECONDS = 1800
"""How long the downloads stay open on a phone that may be passed on."""
_WRONG = mark("领取码和末四位对不上，或者领取码已经过期。请核对领取单，或找发单的站点。")


def holder(here: Here, known: Annotated[Visitor | None, Depends(visitor)]) -> int:
    """The result that this session's pick-up code opens."""
    if known is None or known.pickup is None:
        raise SignInRequired("/pickup", "/pickup/certificates")
    with here.reading() as session:
        return pickups.result(session, known.pickup, here.clock())


Holder = Annotated[int, Depends(holder)]


@routes.get("/pickup")
def pickup_form(request: Request, here: Here) -> Response:
    """The form."""
    return here.pages.render(request, "candidate/pickup.html", faults=[], code="", last4="")


@routes.post("/pickup")
def pick_up(request: Request, here: Here, code: Text = "", last4: Text = "") -> Response:
    """Open a short session for the holder; every miss is one answer."""
    same_origin(request)
    now, caller = here.clock(), hashed(address_of(request))
    with here.reading() as session:
        opens = throttles.closed_until(session, PICKUP, caller, now)
        if opens is not None:
            raise Problem(429, retry_after=opens - now)
        hashes = here.personal_keys().code_hashes(acts.normal_code(code))
        found = certificates.pickup(session, hashes, now)
    typed = identity.normalise(last4).encode()
    is_right = hmac.compare_digest(typed, (found.last4 if found else "----").encode())
    if found is None or not is_right:
        with here.writing.begin() as session:
            throttle_acts.failed(session, now, PICKUP, caller)
            if found is not None:
                acts.pickup_failed(session, found.id)
        return here.pages.render(
            request, "candidate/pickup.html", faults=[Fault("code", _WRONG)], code=code, last4=last4
        )
    token = secrets.token_urlsafe(32)
    with here.writing.begin() as session:
        acts.open_session(session, now, found.id, hashed(token), now + SECONDS)
    response = go("/pickup/certificates")
    remember(here, response, token)
    return response


@routes.get("/pickup/certificates")
def downloads(request: Request, here: Here, result: Holder) -> Response:
    """Every version that is out, newest first, with what can be downloaded."""
    with here.reading() as session:
        found = certificates.of_result(session, result)
    return here.pages.render(
        request, "candidate/downloads.html",
        versions=[
            {
                "facts": each.certificate.facts, "names": each.certificate.names,
                "state": each.state.name.lower(), "public_id": each.public_id,
            }
            for each in found
        ],
    )  # fmt: skip


@routes.get("/pickup/certificates/{version}/{kind}")
def download(version: int, kind: str, here: Here, result: Holder) -> Response:
    """One paper of one version."""
    found = _version(here, result, version)
    with here.reading() as session:
        photo = certificates.photo(session, found.id)
        rules = policy(session)
    paper = papers.make(kind, found, photo, here.config, rules)
    facts = found.certificate.facts
    name = quote(f"{facts.number}-v{facts.version}.{paper.ending}")
    headers = {
        "Content-Disposition": f"attachment; filename*=UTF-8''{name}",
        "Cache-Control": "no-store",
    }
    return Response(paper.data, media_type=paper.media_type, headers=headers)


@routes.post("/pickup/leave")
def leave(
    request: Request, here: Here, known: Annotated[Visitor | None, Depends(visitor)]
) -> Response:
    """End the session: the phone may belong to somebody else."""
    same_origin(request)
    if known is not None:
        with here.writing.begin() as session:
            account_acts.sign_out(session, None, here.clock(), known.session_hash)
    response = go("/pickup", "signed_out")
    forget(here, response)
    return response


def _version(here: Office, result: int, version: int) -> IssuedCertificate:
    with here.reading() as session:
        for each in certificates.of_result(session, result):
            if each.certificate.facts.version == version:
                return each
    raise Problem(404)
