"""Signing in and out, and one's own password."""

import secrets
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from starlette.responses import Response

from registry.acts import accounts as acts
from registry.acts import throttles as throttle_acts
from registry.custody import passwords
from registry.queries import accounts, throttles
from registry.queries.throttles import SIGN_IN, SIGN_IN_ADDRESS, Door
from registry.rules.decision import RefusedError
from registry.web.callers import address_of
from registry.web.notices import go
from registry.web.office import Office, office
from registry.web.pages import Fault, local_path
from registry.web.problems import Problem
from registry.web.visitors import (
    SESSION_SECONDS,
    Visitor,
    actor_of,
    forget,
    hashed,
    offer_form,
    officer,
    posted,
    remember,
    same_origin,
)
from registry.web.words import mark

routes = APIRouter(prefix="/console", include_in_schema=False)

Here = Annotated[Office, Depends(office)]
Officer = Annotated[Visitor, Depends(officer)]
Text = Annotated[str, Form(max_length=200)]
_WRONG = mark("登录名或密码不对。")
_OVER = mark("这个一次性密码已经过期。请让系统管理员给您换一个。")


@routes.get("/sign-in")
def sign_in_form(request: Request, here: Here, next: str = "/console") -> Response:
    """The form."""
    return _form(request, here, next)


@routes.post("/sign-in")
def sign_in(
    request: Request, here: Here, name: Text = "", password: Text = "", next: Text = "/console"
) -> Response:
    """Open a session. A wrong name and a wrong password look and last the same."""
    same_origin(request)
    now = here.clock()
    doors = ((SIGN_IN, hashed(name)), (SIGN_IN_ADDRESS, hashed(address_of(request))))
    _knock(here, doors)
    with here.reading() as session:
        found = accounts.credentials(session, name)
    # Checked outside any transaction: it takes a tenth of a second on purpose.
    is_right = passwords.matches(found.password_hash if found else None, password)
    if found is None or not is_right or not found.is_active:
        with here.writing.begin() as session:
            for door, caller in doors:
                throttle_acts.failed(session, now, door, caller)
        return _form(request, here, next, name, [Fault("name", _WRONG)])
    if found.until is not None and now > found.until:
        return _form(request, here, next, name, [Fault("password", _OVER)])
    token = secrets.token_urlsafe(32)
    with here.writing.begin() as session:
        throttle_acts.succeeded(session, SIGN_IN, hashed(name))
        actor = accounts.actor(session, found.account)
        acts.sign_in(session, actor, now, hashed(token), now + SESSION_SECONDS)
    response = go(local_path(next))
    remember(here, response, token)
    return response


@routes.post("/sign-out")
def sign_out(request: Request, here: Here, known: Officer) -> Response:
    """End the session; no token, for leaving twice does no harm."""
    with here.writing.begin() as session:
        acts.sign_out(session, known.actor, here.clock(), known.session_hash)
    response = go("/console/sign-in", "signed_out")
    forget(here, response)
    return response


@routes.get("/account")
def account(request: Request, here: Here, known: Officer) -> Response:
    """Who one is here, and the form for a new password."""
    return _account(request, here, known)


@routes.post("/account/password")
def change_password(
    request: Request, here: Here, known: Officer,
    token: Text = "", old: Text = "", new: Text = "", again: Text = "",
) -> Response:  # fmt: skip
    """A new password; every session of the account ends."""
    faults = _password_faults(here, known, old, new, again)
    if not faults:
        try:
            with posted(here, known, token) as session:
                acts.change_password(session, actor_of(known), here.clock(), new)
        except RefusedError as error:
            faults = [Fault("new", "", reason) for reason in error.reasons]
    if faults:
        return _account(request, here, known, faults)
    response = go("/console/sign-in", "password_changed")
    forget(here, response)
    return response


def _knock(here: Office, doors: tuple[tuple[Door, bytes], ...]) -> None:
    now = here.clock()
    with here.reading() as session:
        until = [throttles.closed_until(session, door, caller, now) for door, caller in doors]
    opens = max((each for each in until if each is not None), default=None)
    if opens is not None:
        raise Problem(429, mark("试错的次数太多，请过一会儿再试。"), retry_after=opens - now)


def _password_faults(here: Office, known: Visitor, old: str, new: str, again: str) -> list[Fault]:
    with here.reading() as session:
        found = accounts.credentials(session, known.sign_in_name or "")
    if not passwords.matches(found.password_hash if found else None, old):
        return [Fault("old", mark("现在的密码不对。"))]
    return [] if new == again else [Fault("again", mark("两次输入的新密码不一样。"))]


def _form(
    request: Request, here: Office, next: str, name: str = "", faults: list[Fault] | None = None
) -> Response:
    return here.pages.render(
        request, "console/sign_in.html", status=401 if faults else 200,
        next=local_path(next), name=name, faults=faults or [],
    )  # fmt: skip


def _account(
    request: Request, here: Office, known: Visitor, faults: list[Fault] | None = None
) -> Response:
    return here.pages.render(
        request, "console/account.html", status=422 if faults else 200,
        faults=faults or [], form_token=offer_form(here, known), least=passwords.LEAST,
    )  # fmt: skip
