"""Persons, accounts, roles and signed-in sessions."""

from dataclasses import dataclass

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from registry.acts import audit
from registry.acts.permission import must
from registry.custody import passwords
from registry.custody.personal import Personal
from registry.records.accounts import (
    Account,
    AccountState,
    FormToken,
    Grant,
    Person,
    WebSession,
)
from registry.records.errors import NotFoundError
from registry.records.organisations import Site
from registry.rules.decision import RefusedError, reason
from registry.rules.identity import Identity
from registry.rules.permissions import Act, Actor, Role


@dataclass(frozen=True, slots=True)
class Reach:
    """Where a role holds: a province, a site by number, or everywhere."""

    province: str | None = None
    site: str | None = None


def record_person(
    session: Session, now: int, name: str, personal: Personal, identity: Identity | None = None
) -> int:
    """The record id of a person; one with the same identity document is the same person."""
    if identity is not None:
        found = session.scalar(
            select(Person.id).where(Person.id_lookup.in_(personal.lookups(identity)))
        )
        if found is not None:
            return found
    person = Person(
        name=name,
        id_lookup=None if identity is None else personal.lookup(identity),
        id_lookup_key=None if identity is None else personal.current,
        recorded_at=now,
    )
    session.add(person)
    session.flush()
    return person.id


def open_account(
    session: Session,
    actor: Actor | None,
    now: int,
    person: int,
    sign_in_name: str,
    password: str,
    *,
    until: int | None = None,
) -> int:
    """Open an account of a person.

    Args:
        session: a writing session.
        actor: an administrator; None only while a registry is being set up.
        now: UTC seconds.
        person: record id.
        sign_in_name: unlike every other.
        password: at least :data:`registry.custody.passwords.LEAST` characters. Hashing takes a
            tenth of a second, which is borne here because accounts are opened rarely.
        until: makes it a one-time password: with it the owner can only choose another one, and
            from then on it opens nothing (UTC seconds).

    Raises:
        RefusedError: not permitted, the name is taken, or the password is too short.
    """
    if actor is not None:
        must(actor, Act.EDIT_ACCOUNTS)
    _long_enough(password)
    if session.scalar(select(Account.id).where(Account.sign_in_name == sign_in_name)):
        raise RefusedError(reason("sign_in_name_taken", name=sign_in_name))
    account = Account(
        person_id=person, sign_in_name=sign_in_name, password_hash=passwords.seal(password),
        state=AccountState.ACTIVE.value, created_at=now, password_changed_at=now,
        password_until=until,
    )  # fmt: skip
    session.add(account)
    session.flush()
    audit.record(session, actor, now, "open_account", f"account:{account.id}", person=person)
    return account.id


def grant(
    session: Session, actor: Actor | None, now: int, account: int, role: Role, reach: Reach
) -> None:
    """Give an account a role within a reach.

    Raises:
        NotFoundError: no such account or site.
        RefusedError: not permitted, or the account's other roles lie elsewhere.
    """
    if actor is not None:
        must(actor, Act.EDIT_ACCOUNTS)
    if session.get(Account, account) is None:
        raise NotFoundError("account", account)
    site = _site(session, reach.site)
    province = site.province if site is not None else reach.province
    for other in session.scalars(
        select(Grant).where(Grant.account_id == account, Grant.ended_at.is_(None))
    ):
        if (other.province, other.site_id) != (province, site.id if site else None):
            raise RefusedError(reason("scopes_differ"))
    session.add(
        Grant(
            account_id=account, role=role.value, province=province,
            site_id=site.id if site is not None else None,
            granted_by=None if actor is None else actor.account, granted_at=now, ended_at=None,
        )
    )  # fmt: skip
    session.flush()
    audit.record(
        session, actor, now, "grant_role", f"account:{account}", role=role.value,
        province=province, site=reach.site,
    )  # fmt: skip


def end_grant(session: Session, actor: Actor, now: int, account: int, role: Role) -> None:
    """End a role of an account.

    Raises:
        NotFoundError: the account has no such role.
        RefusedError: not permitted.
    """
    must(actor, Act.EDIT_ACCOUNTS)
    ended = session.execute(
        update(Grant)
        .where(Grant.account_id == account, Grant.role == role.value, Grant.ended_at.is_(None))
        .values(ended_at=now)
        .returning(Grant.id)
    ).all()
    if not ended:
        raise NotFoundError("role", role.value)
    audit.record(session, actor, now, "end_role", f"account:{account}", role=role.value)


def close_account(session: Session, actor: Actor, now: int, account: int) -> None:
    """Close an account and end its sessions.

    Raises:
        NotFoundError: no such open account.
        RefusedError: not permitted.
    """
    must(actor, Act.EDIT_ACCOUNTS)
    closed = session.execute(
        update(Account)
        .where(Account.id == account, Account.state == AccountState.ACTIVE)
        .values(state=AccountState.CLOSED.value)
        .returning(Account.id)
    ).all()
    if not closed:
        raise NotFoundError("account", account)
    _end_sessions(session, now, account)
    audit.record(session, actor, now, "close_account", f"account:{account}")


def change_password(session: Session, actor: Actor, now: int, password: str) -> None:
    """Change the actor's own password and end all sessions of the account.

    Raises:
        RefusedError: the password is too short, or the one-time password itself.
    """
    _long_enough(password)
    account = session.get_one(Account, actor.account)
    if account.password_until is not None and passwords.matches(account.password_hash, password):
        raise RefusedError(reason("password_same"))
    session.execute(
        update(Account)
        .where(Account.id == actor.account)
        .values(
            password_hash=passwords.seal(password), password_changed_at=now, password_until=None
        )
    )
    _end_sessions(session, now, actor.account)
    audit.record(session, actor, now, "change_password", f"account:{actor.account}")


def renew_password(
    session: Session, actor: Actor | None, now: int, account: int, password: str, until: int
) -> None:
    """Give an account a one-time password, for an owner who has lost theirs; its sessions end.

    Args:
        session: a writing session.
        actor: an administrator; None for whoever runs the registry's own commands.
        now: UTC seconds.
        account: record id.
        password: with it the owner can only choose another.
        until: UTC seconds; from then on it opens nothing.

    Raises:
        NotFoundError: no such open account.
        RefusedError: not permitted, or the password is too short.
    """
    if actor is not None:
        must(actor, Act.EDIT_ACCOUNTS)
    _long_enough(password)
    renewed = session.execute(
        update(Account)
        .where(Account.id == account, Account.state == AccountState.ACTIVE)
        .values(
            password_hash=passwords.seal(password), password_changed_at=now, password_until=until
        )
        .returning(Account.id)
    ).all()
    if not renewed:
        raise NotFoundError("account", account)
    _end_sessions(session, now, account)
    audit.record(session, actor, now, "renew_password", f"account:{account}", until=until)


def sign_in(session: Session, actor: Actor, now: int, token_hash: bytes, expires_at: int) -> None:
    """Open a session for an actor whose password has been checked outside the transaction."""
    session.add(
        WebSession(
            token_hash=token_hash, account_id=actor.account, pickup_id=None, created_at=now,
            seen_at=now, expires_at=expires_at, ended_at=None,
        )
    )  # fmt: skip
    session.flush()
    audit.record(session, actor, now, "sign_in", f"account:{actor.account}")


def sign_out(session: Session, actor: Actor | None, now: int, token_hash: bytes) -> None:
    """End a session; ending one that is over changes nothing."""
    ended = session.execute(
        update(WebSession)
        .where(WebSession.token_hash == token_hash, WebSession.ended_at.is_(None))
        .values(ended_at=now)
        .returning(WebSession.account_id)
    ).all()
    session.execute(delete(FormToken).where(FormToken.session_hash == token_hash))
    if ended and actor is not None:
        audit.record(session, actor, now, "sign_out", f"account:{actor.account}")


def _long_enough(password: str) -> None:
    if len(password) < passwords.LEAST:
        raise RefusedError(reason("password_too_short", least=passwords.LEAST))


def _site(session: Session, number: str | None) -> Site | None:
    if number is None:
        return None
    found = session.scalar(select(Site).where(Site.number == number))
    if found is None:
        raise NotFoundError("site", number)
    return found


def _end_sessions(session: Session, now: int, account: int) -> None:
    session.execute(
        update(WebSession)
        .where(WebSession.account_id == account, WebSession.ended_at.is_(None))
        .values(ended_at=now)
    )
