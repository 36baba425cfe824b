"""Who sits at the other end: sessions on the server, one-time form tokens, same-origin posts."""

import hashlib
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import Depends, Request
from sqlalchemy.orm import Session
from starlette.responses import Response

from registry.acts import form_tokens
from registry.queries import accounts
from registry.rules.permissions import Actor, Role
from registry.web.office import Office, office
from registry.web.problems import Problem, SignInRequired
from registry.web.words import mark
from schemas.certificate import Instant

COOKIE = "hallmark"
SESSION_SECONDS = 8 * 3600
"""A working day; a session ends by itself after it."""
_CHOOSING = frozenset({"/console/account", "/console/account/password", "/console/sign-out"})
"""All that opens while a one-time password has not been replaced."""
FORM_SECONDS = 4 * 3600
"""How long a page with a form may stay open."""


@dataclass(frozen=True, slots=True)
class Visitor:
    """A person with an open session."""

    name: str
    sign_in_name: str | None
    actor: Actor | None
    """Set for an officer."""
    pickup: int | None
    """Set for a candidate who came with a pick-up code."""
    session_hash: bytes
    expires_at: Instant
    must_choose: bool = False
    """Came with a one-time password and may only choose another."""

    @property
    def roles(self) -> tuple[str, ...]:
        """Roles in their fixed order, for pages."""
        held = self.actor.roles if self.actor is not None else frozenset()
        return tuple(role.value for role in Role if role in held)


def hashed(token: str) -> bytes:
    """What the database knows of a token: with a copy of it nobody can sign in."""
    return hashlib.sha256(token.encode()).digest()


def visitor(request: Request, here: Annotated[Office, Depends(office)]) -> Visitor | None:
    """Whoever the cookie's session belongs to; also told to the page's header."""
    token = request.cookies.get(cookie_name(here))
    found = None
    if token and len(token) <= 100:
        with here.reading() as session:
            found = accounts.signed_in(session, hashed(token), here.clock())
    if found is None or token is None:
        return None
    known = Visitor(
        name=found.name, sign_in_name=found.sign_in_name, actor=found.actor, pickup=found.pickup,
        session_hash=hashed(token), expires_at=found.expires_at, must_choose=found.must_choose,
    )  # fmt: skip
    request.state.visitor = known
    return known


def officer(request: Request, known: Annotated[Visitor | None, Depends(visitor)]) -> Visitor:
    """A signed-in officer; others are sent to sign in, and come back afterwards."""
    if known is None or known.actor is None:
        back = request.url.path if request.method == "GET" else "/console"
        raise SignInRequired("/console/sign-in", back)
    if known.must_choose and request.url.path not in _CHOOSING:
        raise SignInRequired("/console/account", "/console")
    if request.method == "POST":
        same_origin(request)
    return known


def actor_of(known: Visitor) -> Actor:
    """The actor of an officer."""
    if known.actor is None:
        raise Problem(403)
    return known.actor


def same_origin(request: Request) -> None:
    """Refuse a form that another site posts in the visitor's name."""
    site = request.headers.get("sec-fetch-site", "same-origin")
    origin = request.headers.get("origin")
    if site not in ("same-origin", "none"):
        raise Problem(403, mark("这个请求来自别的网站，没有执行。"))
    if origin is not None and urlsplit(origin).netloc != request.headers.get("host"):
        raise Problem(403, mark("这个请求来自别的网站，没有执行。"))


def offer_form(here: Office, known: Visitor) -> str:
    """A new one-time token for the form of the page that is being made."""
    token = secrets.token_urlsafe(24)
    with here.writing.begin() as session:
        until = here.clock() + FORM_SECONDS
        form_tokens.offer_form(session, hashed(token), known.session_hash, until)
    return token


@contextmanager
def posted(here: Office, known: Visitor, token: str) -> Iterator[Session]:
    """One write transaction that spends the form's token and commits at its end.

    Whatever raises inside changes nothing, and leaves the token good for another attempt.

    Raises:
        Problem: 409 where the form was sent before, is too old, or is not this session's.
    """
    with here.writing.begin() as session:
        if not form_tokens.use_form(session, here.clock(), hashed(token), known.session_hash):
            raise Problem(409, mark("这一页已经提交过，或者放得太久了。请看最新内容再决定。"))
        yield session


def cookie_name(here: Office) -> str:
    """With https the name itself promises that only this host set it."""
    return f"__Host-{COOKIE}" if here.is_https else COOKIE


def remember(here: Office, response: Response, token: str) -> None:
    """Hand the session's token to the browser; no script can read it."""
    response.set_cookie(
        cookie_name(here), token, max_age=SESSION_SECONDS, httponly=True, samesite="lax",
        secure=here.is_https, path="/",
    )  # fmt: skip


def forget(here: Office, response: Response) -> None:
    """Take the token away."""
    response.delete_cookie(
        cookie_name(here), httponly=True, samesite="lax", secure=here.is_https, path="/"
    )
