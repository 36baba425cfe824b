"""Bodies, sites, examiners: for pages, and as the rules need them on a day."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.queries import catalogue, credit
from registry.records.accreditation import Accreditation, Filing
from registry.records.errors import NotFoundError
from registry.records.organisations import Body, BodyName, BodyRole, Site
from registry.rules import organisations as rules
from registry.rules.periods import Period
from schemas.certificate import Instant


@dataclass(frozen=True, slots=True)
class DatedName:
    """A body's name while it was in force."""

    zh: str
    en: str
    from_on: date
    until_on: date | None


@dataclass(frozen=True, slots=True)
class BodyRow:
    """A body with its names, oldest first."""

    id: int
    role: str
    issuer: str | None
    key_name: str | None
    province: str | None
    parent: int | None
    successor: int | None
    url: str
    phone: str | None
    appeal_body: str | None
    names: tuple[DatedName, ...]

    def name(self, on: date) -> DatedName:
        """The name in force on a day.

        Raises:
            NotFoundError: it had none that day.
        """
        for name in reversed(self.names):
            if name.from_on <= on and (name.until_on is None or on <= name.until_on):
                return name
        raise NotFoundError("name of body", self.id)


@dataclass(frozen=True, slots=True)
class AccreditationRow:
    """An accreditation as the directory shows it."""

    occupation: str
    occupation_name: str
    level: str
    from_on: date
    until_on: date | None


@dataclass(frozen=True, slots=True)
class SiteRow:
    """A site in the directory."""

    id: int
    number: str
    province: str
    name_zh: str
    name_en: str
    host_kind: str
    body: int
    address: str | None
    phone: str | None
    closed_at: Instant | None


def bodies(session: Session) -> dict[int, BodyRow]:
    """Every body by record id."""
    names: defaultdict[int, list[DatedName]] = defaultdict(list)
    for row in session.execute(
        select(BodyName.body_id, BodyName.zh, BodyName.en, BodyName.from_on, BodyName.until_on)
        .order_by(BodyName.from_on, BodyName.id)
    ):  # fmt: skip
        names[row.body_id].append(DatedName(row.zh, row.en, row.from_on, row.until_on))
    return {
        body.id: BodyRow(
            id=body.id, role=body.role, issuer=body.issuer, key_name=body.key_name,
            province=body.province, parent=body.parent_id, successor=body.successor_id,
            url=body.url, phone=body.phone, appeal_body=body.appeal_body_zh,
            names=tuple(names[body.id]),
        )
        for body in session.scalars(select(Body).order_by(Body.id))
    }  # fmt: skip


def centre(session: Session) -> BodyRow:
    """The national centre.

    Raises:
        NotFoundError: it has not been recorded.
    """
    return _only(row for row in bodies(session).values() if row.role == BodyRole.CENTRE)


def issuers(session: Session) -> tuple[BodyRow, ...]:
    """Bodies with an issuer id, in the order in which they were recorded."""
    return tuple(row for row in bodies(session).values() if row.issuer is not None)


def issuer(session: Session, issuer_id: str) -> BodyRow:
    """The body of an issuer id.

    Raises:
        NotFoundError: there is none.
    """
    return _only((row for row in issuers(session) if row.issuer == issuer_id), issuer_id)


def _only(rows: Iterable[BodyRow], name: str = "centre") -> BodyRow:
    for row in rows:
        return row
    raise NotFoundError("body", name)


def sites(session: Session, province: str | None = None) -> tuple[SiteRow, ...]:
    """The directory of sites, by number; of one province where it is given."""
    wanted = select(Site).order_by(Site.number)
    if province is not None:
        wanted = wanted.where(Site.province == province)
    return tuple(_site(site) for site in session.scalars(wanted))


def site(session: Session, number: str) -> SiteRow:
    """One site by its number.

    Raises:
        NotFoundError: there is none.
    """
    found = session.scalar(select(Site).where(Site.number == number))
    if found is None:
        raise NotFoundError("site", number)
    return _site(found)


def site_of(session: Session, site_id: int) -> SiteRow:
    """One site by its record id."""
    return _site(session.get_one(Site, site_id))


def accreditations(session: Session, site_id: int) -> tuple[AccreditationRow, ...]:
    """What a site is or was accredited for."""
    rows = session.execute(
        select(
            Accreditation.occupation_id, Accreditation.level,
            Accreditation.from_on, Accreditation.until_on,
        )
        .where(Accreditation.site_id == site_id)
        .order_by(Accreditation.occupation_id, Accreditation.level)
    ).all()  # fmt: skip
    known = catalogue.for_rules(session)
    return tuple(
        AccreditationRow(known[row[0]].code, known[row[0]].name, row[1], row[2], row[3])
        for row in rows
    )


def site_for_rules(
    session: Session, site_id: int, codes: dict[int, str], known_at: Instant
) -> rules.Site:
    """A site with its accreditations and pauses as they were known at an instant."""
    found = session.get_one(Site, site_id)
    standing = credit.of_sites(session, codes, known_at).get(site_id, credit.Standing())
    held = session.execute(
        select(
            Accreditation.occupation_id, Accreditation.level,
            Accreditation.from_on, Accreditation.until_on,
        ).where(Accreditation.site_id == site_id, Accreditation.recorded_at <= known_at)
    ).all()  # fmt: skip
    return rules.Site(
        number=found.number,
        province=found.province,
        name=found.name_zh,
        serial=found.serial,
        accreditations=scopes(held, codes),
        suspensions=standing.pauses,
        removed=standing.removed,
    )


def body_for_rules(
    session: Session, site_id: int, codes: dict[int, str], known_at: Instant
) -> rules.Body:
    """The assessing body that a site works for, with its filings known at an instant."""
    found = session.scalars(
        select(Body).join(Site, Site.body_id == Body.id).where(Site.id == site_id)
    ).one()
    filed = session.execute(
        select(
            Filing.occupation_id, Filing.level, Filing.from_on, Filing.until_on,
        ).where(Filing.body_id == found.id, Filing.recorded_at <= known_at)
    ).all()  # fmt: skip
    return rules.Body(
        id=found.issuer or "",
        letter=found.letter,
        code=found.code,
        filings=scopes(filed, codes),
    )


def scopes(rows: Iterable[Sequence[Any]], codes: dict[int, str]) -> tuple[rules.Scope, ...]:
    """Rows of occupation id, level, first and last day as scopes, levels joined by period."""
    joined: defaultdict[tuple[int, date, date | None], set[str]] = defaultdict(set)
    for row in rows:
        joined[row[0], row[2], row[3]].add(row[1])
    return tuple(
        rules.Scope(
            occupation=codes[occupation_id],
            levels=frozenset(levels),
            period=Period(from_on, until_on),
        )
        for (occupation_id, from_on, until_on), levels in joined.items()
    )


def _site(found: Site) -> SiteRow:
    return SiteRow(
        id=found.id, number=found.number, province=found.province, name_zh=found.name_zh,
        name_en=found.name_en, host_kind=found.host_kind, body=found.body_id,
        address=found.address, phone=found.phone, closed_at=found.closed_at,
    )  # fmt: skip
