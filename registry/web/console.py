"""What the routes of the console share: who asks, and how a refusal comes back to its page."""

from collections.abc import Callable
from typing import Annotated, TypeAlias

from fastapi import Depends, Form, Path, Request
from sqlalchemy.orm import Session

from registry.rules.decision import Reason, RefusedError
from registry.rules.permissions import PERMISSIONS, Act, Actor
from registry.web.office import Office, office
from registry.web.pages import Fault
from registry.web.problems import Problem
from registry.web.visitors import Visitor, actor_of, officer, posted, visitor
from registry.web.words import mark

Here: TypeAlias = Annotated[Office, Depends(office)]
Officer: TypeAlias = Annotated[Visitor, Depends(officer)]
Text: TypeAlias = Annotated[str, Form(max_length=2000)]
RecordId: TypeAlias = Annotated[int, Path(ge=0, le=2**63 - 1)]
"""A record id in an address; a number that no database could hold is refused before it is asked."""


def attempt(
    here: Office, known: Visitor, token: str, act: Callable[[Session, Actor], object]
) -> list[Fault]:
    """Do one act in one transaction that also spends the form's token.

    Answers the refusals to show beside the form; none when it is done and committed.
    """
    try:
        with posted(here, known, token) as session:
            act(session, actor_of(known))
    except RefusedError as error:
        return faults_of(error.reasons)
    return []


def faults_of(reasons: tuple[Reason, ...]) -> list[Fault]:
    """Refusals as faults of a form."""
    return [Fault(reason.column or "", "", reason) for reason in reasons]


def holds(known: Visitor, act: Act) -> bool:
    """Whether any role of the visitor can do such an act somewhere: what a page offers.

    What is really allowed is decided by the act itself, with the place it touches.
    """
    actor = actor_of(known)
    return any(role in PERMISSIONS[act] for role in actor.roles)


def may_send_much(request: Request, here: Office) -> bool:
    """Whether whoever sends this may hand over files at all: asked before a long one is let in.

    A holder with a pick-up code is signed in too, and so is an officer who only looks.
    """
    known = visitor(request, here)
    if known is None or known.actor is None or known.must_choose:
        return False
    return holds(known, Act.IMPORT_BATCH) or holds(known, Act.IMPORT_LEGACY)


def need(known: Visitor, act: Act) -> Actor:
    """The actor, when any role can do such an act.

    Raises:
        Problem: 403 otherwise.
    """
    if not holds(known, act):
        raise Problem(403)
    return actor_of(known)


def whole(text: str, fault: str = mark("页面内容不完整，请重新打开。")) -> int:
    """A whole number that the page itself wrote into its form.

    Raises:
        Problem: 422 for anything else.
    """
    if not (text.isascii() and text.isdigit() and len(text) <= 15):
        raise Problem(422, fault)
    return int(text)
