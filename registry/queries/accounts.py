"""Who an account is, what it may do, and which session a token opens."""

from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.records.accounts import Account, AccountState, Grant, Person, WebSession
from registry.records.errors import NotFoundError
from registry.records.organisations import Site
from registry.rules.permissions import Actor, Role
from schemas.certificate import Instant


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a sign-in is checked against."""

    account: int
    person: int
    password_hash: str = field(repr=False)
    is_active: bool
    until: Instant | None
    """Until when a one-time password opens anything; None for one that its owner chose."""


@dataclass(frozen=True, slots=True)
class SignedIn:
    """An open session: an officer's, or a candidate's who came with a pick-up code."""

    actor: Actor | None
    name: str
    sign_in_name: str | None
    pickup: int | None
    expires_at: Instant
    must_choose: bool = False
    """Signed in with a one-time password: first of all another one is to be chosen."""


@dataclass(frozen=True, slots=True)
class AccountRow:
    """An account in the administrator's list."""

    id: int
    sign_in_name: str
    name: str
    state: str
    roles: tuple[str, ...]
    province: str | None
    site: str | None


def credentials(session: Session, sign_in_name: str) -> Credentials | None:
    """What to check a password against, or None; the caller answers both cases alike."""
    row = session.execute(
        select(
            Account.id,
            Account.person_id,
            Account.password_hash,
            Account.state,
            Account.password_until,
        ).where(Account.sign_in_name == sign_in_name)
    ).one_or_none()
    if row is None:
        return None
    return Credentials(
        row.id, row.person_id, row.password_hash, row.state == AccountState.ACTIVE,
        row.password_until,
    )  # fmt: skip


def actor(session: Session, account: int) -> Actor:
    """The actor of an active account with the roles in force.

    Raises:
        NotFoundError: no such account, or it is closed.
    """
    rows = session.execute(
        select(Account.person_id, Grant.role, Grant.province, Site.number, Site.province)
        .select_from(Account)
        .outerjoin(Grant, (Grant.account_id == Account.id) & Grant.ended_at.is_(None))
        .outerjoin(Site, Site.id == Grant.site_id)
        .where(Account.id == account, Account.state == AccountState.ACTIVE)
    ).all()
    if not rows:
        raise NotFoundError("account", account)
    return Actor(
        account=account,
        person=rows[0][0],
        roles=frozenset(Role(row[1]) for row in rows if row[1] is not None),
        province=next((row[2] or row[4] for row in rows if row[2] or row[4]), None),
        site=next((row[3] for row in rows if row[3]), None),
    )


def signed_in(session: Session, token_hash: bytes, now: Instant) -> SignedIn | None:
    """The open session of a token, or None when there is none or it is over."""
    row = session.execute(
        select(
            WebSession.account_id, WebSession.pickup_id, WebSession.expires_at,
            Account.sign_in_name, Account.state, Account.password_until, Person.name,
        )
        .outerjoin(Account, Account.id == WebSession.account_id)
        .outerjoin(Person, Person.id == Account.person_id)
        .where(
            WebSession.token_hash == token_hash,
            WebSession.ended_at.is_(None),
            WebSession.expires_at > now,
        )
    ).one_or_none()  # fmt: skip
    if row is None:
        return None
    if row.account_id is None:
        return SignedIn(None, "", None, row.pickup_id, row.expires_at)
    if row.state != AccountState.ACTIVE:
        return None
    who = actor(session, row.account_id)
    return SignedIn(
        who, row.name, row.sign_in_name, None, row.expires_at, row.password_until is not None
    )


def accounts(session: Session) -> tuple[AccountRow, ...]:
    """Every account with its roles in force, by sign-in name."""
    rows = session.execute(
        select(
            Account.id, Account.sign_in_name, Person.name, Account.state,
            Grant.role, Grant.province, Site.number,
        )
        .join(Person, Person.id == Account.person_id)
        .outerjoin(Grant, (Grant.account_id == Account.id) & Grant.ended_at.is_(None))
        .outerjoin(Site, Site.id == Grant.site_id)
        .order_by(Account.sign_in_name, Grant.id)
    ).all()  # fmt: skip
    grouped: dict[int, AccountRow] = {}
    for row in rows:
        before = grouped.get(row.id)
        roles = (before.roles if before else ()) + ((row.role,) if row.role else ())
        grouped[row.id] = AccountRow(
            row.id, row.sign_in_name, row.name, row.state, roles,
            row.province or (before.province if before else None),
            row.number or (before.site if before else None),
        )  # fmt: skip
    return tuple(grouped.values())
