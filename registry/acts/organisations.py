"""Bodies, their names and designations, sites, and the office's own policy rows."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from registry.acts import audit
from registry.acts.permission import must
from registry.queries.policy import policy as whole_policy
from registry.records.errors import NotFoundError
from registry.records.organisations import (
    Body,
    BodyName,
    BodyRole,
    Designation,
    HostKind,
    PolicyRow,
    Site,
)
from registry.rules.decision import RefusedError, reason
from registry.rules.permissions import Act, Actor


@dataclass(frozen=True, slots=True, kw_only=True)
class NewBody:
    """A body to be recorded."""

    role: BodyRole
    zh: str
    en: str
    from_on: date
    url: str
    issuer: str | None = None
    key_name: str | None = None
    letter: str | None = None
    code: str | None = None
    province: str | None = None
    parent: int | None = None
    phone: str | None = None
    appeal_body: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewSite:
    """A site to be recorded."""

    number: str
    serial: str | None
    body: int
    province: str
    name_zh: str
    name_en: str
    host_kind: HostKind
    address: str | None = None
    phone: str | None = None


def record_body(session: Session, actor: Actor | None, now: int, new: NewBody) -> int:
    """Record a body under its first name; answers its record id.

    ``actor`` is None only while a registry is being set up.

    Raises:
        RefusedError: not permitted, or the issuer id is taken.
    """
    if actor is not None:
        must(actor, Act.EDIT_SITES, province=new.province)
    if new.issuer and session.scalar(select(Body.id).where(Body.issuer == new.issuer)):
        raise RefusedError(reason("number_taken", number=new.issuer))
    body = Body(
        role=new.role.value, issuer=new.issuer, key_name=new.key_name, letter=new.letter,
        code=new.code, province=new.province, parent_id=new.parent, successor_id=None,
        url=new.url, phone=new.phone, appeal_body_zh=new.appeal_body, recorded_at=now,
    )  # fmt: skip
    session.add(body)
    session.flush()
    session.add(BodyName(body_id=body.id, zh=new.zh, en=new.en, from_on=new.from_on, until_on=None))
    session.flush()
    audit.record(session, actor, now, "record_body", f"body:{body.id}", issuer=new.issuer)
    return body.id


def name_key(session: Session, actor: Actor | None, now: int, body: int, key_name: str) -> None:
    """Say which issuer key signs for a body from now on.

    Raises:
        NotFoundError: no such body.
        RefusedError: not permitted.
    """
    if actor is not None:
        must(actor, Act.EDIT_SITES)
    found = session.execute(
        update(Body).where(Body.id == body).values(key_name=key_name).returning(Body.id)
    ).all()
    if not found:
        raise NotFoundError("body", body)
    audit.record(session, actor, now, "name_key", f"body:{body}", key=key_name)


def designate(
    session: Session,
    actor: Actor | None,
    now: int,
    department: int,
    body: int,
    from_on: date,
    source: str,
) -> None:
    """Record that a department has designated the implementing body of its province.

    Raises:
        NotFoundError: no such department.
        RefusedError: not permitted.
    """
    found = session.get(Body, department)
    if found is None or found.province is None:
        raise NotFoundError("department", department)
    if actor is not None:
        must(actor, Act.EDIT_SITES, province=found.province)
    session.add(
        Designation(
            body_id=body, department_id=department, province=found.province, from_on=from_on,
            until_on=None, source=source, recorded_at=now,
        )
    )  # fmt: skip
    session.flush()
    audit.record(session, actor, now, "designate", f"body:{body}", department=department)


def record_site(session: Session, actor: Actor | None, now: int, new: NewSite) -> int:
    """Record a site; answers its record id.

    Raises:
        RefusedError: not permitted, or the number is taken.
    """
    if actor is not None:
        must(actor, Act.EDIT_SITES, province=new.province)
    if session.scalar(select(Site.id).where(Site.number == new.number)):
        raise RefusedError(reason("number_taken", number=new.number))
    site = Site(
        number=new.number, serial=new.serial, body_id=new.body, province=new.province,
        name_zh=new.name_zh, name_en=new.name_en, host_kind=new.host_kind.value,
        address=new.address, phone=new.phone, recorded_at=now, closed_at=None,
    )  # fmt: skip
    session.add(site)
    session.flush()
    audit.record(session, actor, now, "record_site", f"site:{site.id}", number=new.number)
    return site.id


def add_policy_row(
    session: Session, actor: Actor | None, now: int, table: str, row: dict[str, Any]
) -> str:
    """Add a row of the office's own to a policy table; answers the policy's new version.

    Args:
        session: a writing session.
        actor: an administrator; None only while a registry is being set up.
        now: UTC seconds.
        table: name of the policy table, e.g. ``training_numbers``.
        row: its columns with ``source`` and ``confidence``; dates as ISO text.

    Raises:
        PolicyError: the row has no source or confidence.
        RefusedError: not permitted.
    """
    if actor is not None:
        must(actor, Act.EDIT_CATALOGUE)
    record = PolicyRow(
        table=table, row=row, entered_by=None if actor is None else actor.person, recorded_at=now
    )
    session.add(record)
    session.flush()
    version = whole_policy(session).version
    audit.record(session, actor, now, "add_policy_row", f"policy:{record.id}", version=version)
    return version
