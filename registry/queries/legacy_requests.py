"""Requests for signed versions, as officers of the province see them."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, aliased

from registry.queries import scope
from registry.records.accounts import Person
from registry.records.errors import NotFoundError
from registry.records.legacy import LegacyChange, LegacyEntry, LegacyImport, LegacyRequest
from registry.rules.legacy_requests import OPEN, RequestState
from registry.rules.permissions import Actor, Role
from schemas.certificate import Instant


@dataclass(frozen=True, slots=True)
class RequestRow:
    """A request in a list and on its page."""

    id: int
    entry: int
    number: str
    holder: str
    last4: str
    state: str
    made_at: Instant
    facts: dict[str, Any] | None
    checks: tuple[str, ...]
    basis: str | None
    checked_by: int | None
    checker: str | None
    checked_at: Instant | None
    decider: str | None
    decided_at: Instant | None
    why: str | None
    importer: int


@dataclass(frozen=True, slots=True)
class Waiting:
    """How much waits for an officer in the register of existing certificates."""

    imports: int
    changes: int
    requests: int

    @property
    def any(self) -> bool:
        """Whether there is something to do."""
        return bool(self.imports or self.changes or self.requests)


def requests(
    session: Session, actor: Actor, limit: int = 100, before: int | None = None, *,
    is_open: bool = True,
) -> tuple[RequestRow, ...]:  # fmt: skip
    """Requests of the actor's province: open ones oldest first, or decided ones newest first."""
    wanted = _listed().where(scope.legacy(actor))
    if is_open:
        wanted = wanted.where(LegacyRequest.state.in_(OPEN)).order_by(LegacyRequest.id)
    else:
        wanted = wanted.where(LegacyRequest.state.not_in(OPEN)).order_by(LegacyRequest.id.desc())
    if before is not None:
        wanted = wanted.where(LegacyRequest.id < before)
    return tuple(_row(row) for row in session.execute(wanted.limit(limit)))


def request(session: Session, actor: Actor, request_id: int) -> RequestRow:
    """One request.

    Raises:
        NotFoundError: there is none, or none that this actor may see.
    """
    row = session.execute(
        _listed().where(scope.legacy(actor), LegacyRequest.id == request_id)
    ).one_or_none()
    if row is None:
        raise NotFoundError("legacy request", request_id)
    return _row(row)


def waiting(session: Session, actor: Actor) -> Waiting:
    """What waits for this actor: imports and proposals of others, and requests of the own step."""
    step = RequestState.WAITING if Role.PROVINCIAL_CHECKER in actor.roles else RequestState.CHECKED
    imports = select(func.count()).select_from(LegacyImport).where(
        scope.legacy_imports(actor), LegacyImport.state == "waiting",
        LegacyImport.imported_by != actor.person,
    )  # fmt: skip
    changes = (
        select(func.count())
        .select_from(LegacyChange)
        .join(LegacyEntry, LegacyEntry.id == LegacyChange.entry_id)
        .where(
            scope.legacy(actor), LegacyChange.decided.is_(None),
            LegacyChange.proposed_by != actor.person,
        )
    )  # fmt: skip
    asked = (
        select(func.count())
        .select_from(LegacyRequest)
        .join(LegacyEntry, LegacyEntry.id == LegacyRequest.entry_id)
        .where(scope.legacy(actor), LegacyRequest.state == step)
    )
    return Waiting(*(session.scalars(each).one() for each in (imports, changes, asked)))


def _listed() -> Select[*tuple[Any, ...]]:
    checker, decider = aliased(Person), aliased(Person)
    return (
        select(
            LegacyRequest.id, LegacyRequest.entry_id, LegacyEntry.number, LegacyEntry.name,
            LegacyEntry.last4, LegacyRequest.state, LegacyRequest.made_at, LegacyRequest.facts,
            LegacyRequest.checks, LegacyRequest.basis, LegacyRequest.checked_by, checker.name,
            LegacyRequest.checked_at, decider.name, LegacyRequest.decided_at, LegacyRequest.why,
            LegacyImport.imported_by,
        )
        .join(LegacyEntry, LegacyEntry.id == LegacyRequest.entry_id)
        .join(LegacyImport, LegacyImport.id == LegacyEntry.import_id)
        .outerjoin(checker, checker.id == LegacyRequest.checked_by)
        .outerjoin(decider, decider.id == LegacyRequest.decided_by)
    )  # fmt: skip


def _row(row: Any) -> RequestRow:
    values = list(row)
    values[8] = tuple(values[8] or ())
    return RequestRow(*values)
