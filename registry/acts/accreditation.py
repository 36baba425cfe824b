"""Accrediting a site, recording a body's filing. Rows are never changed afterwards."""

from collections.abc import Iterable
from datetime import date

from sqlalchemy import insert
from sqlalchemy.orm import Session

from registry.acts import audit
from registry.acts.permission import must
from registry.records.accreditation import Accreditation, Filing
from registry.records.errors import NotFoundError
from registry.records.organisations import Body, Site
from registry.rules.permissions import Act, Actor


def accredit(
    session: Session,
    actor: Actor | None,
    now: int,
    site_id: int,
    occupation_id: int,
    levels: Iterable[str],
    from_on: date,
    until_on: date | None,
    decision: str,
) -> None:
    """Record that a site may assess an occupation at some levels; last day inclusive.

    Raises:
        NotFoundError: no such site.
        RefusedError: not permitted.
    """
    site = session.get(Site, site_id)
    if site is None:
        raise NotFoundError("site", site_id)
    if actor is not None:
        must(actor, Act.EDIT_SITES, province=site.province, site=site.number)
    wanted = sorted(set(levels))
    session.execute(
        insert(Accreditation),
        [
            {
                "site_id": site_id, "occupation_id": occupation_id, "level": level,
                "from_on": from_on, "until_on": until_on, "decision": decision,
                "recorded_at": now,
            }
            for level in wanted
        ],
    )  # fmt: skip
    audit.record(
        session, actor, now, "accredit_site", f"site:{site_id}", occupation=occupation_id,
        levels=wanted, decision=decision,
    )  # fmt: skip


def file(
    session: Session,
    actor: Actor | None,
    now: int,
    body_id: int,
    occupation_id: int,
    levels: Iterable[str],
    from_on: date,
    until_on: date | None,
    source: str,
) -> None:
    """Record that a body is filed (备案) for an occupation at some levels; last day inclusive.

    Raises:
        NotFoundError: no such body.
        RefusedError: not permitted.
    """
    body = session.get(Body, body_id)
    if body is None:
        raise NotFoundError("body", body_id)
    if actor is not None:
        must(actor, Act.EDIT_SITES, province=body.province)
    wanted = sorted(set(levels))
    session.execute(
        insert(Filing),
        [
            {
                "body_id": body_id, "occupation_id": occupation_id, "level": level,
                "from_on": from_on, "until_on": until_on, "source": source, "recorded_at": now,
            }
            for level in wanted
        ],
    )  # fmt: skip
    audit.record(
        session, actor, now, "file_body", f"body:{body_id}", occupation=occupation_id,
        levels=wanted,
    )  # fmt: skip
