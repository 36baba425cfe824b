"""Founding the sample registry: folder, keys, catalogue, bodies, sites, people with accounts."""

import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.orm import Session

from keys import ceremony, custody, plan, sealed, succession
from keys.sealed import Cost
from keys.signer import KeyPair
from registry.acts import (
    accounts,
    accreditation,
    catalogue,
    catalogue_data,
    examiners,
    organisations,
)
from registry.acts.accounts import Reach
from registry.acts.examiners import NewCard
from registry.acts.organisations import NewBody, NewSite
from registry.config import Config, write_settings
from registry.custody import store
from registry.custody.personal import Personal
from registry.demo import cast
from registry.demo.people import Person, people
from registry.queries import accounts as account_queries
from registry.queries import catalogue as catalogue_queries
from registry.records.organisations import BodyRole
from registry.records.schema import migrate
from registry.records.session import open_engine
from registry.rules import identity
from registry.rules.examiners import Grade
from registry.rules.permissions import Actor, Role
from schemas import dates
from schemas.certificate import Instant
from schemas.trust import Closed, Freshness, Key

COST = Cost(1, 8 * 2**20)
"""Sample keys are sealed cheaply: their passphrase lies beside them."""
HOLDERS = ("amber", "beryl", "coral")
"""Labels of the sample root holders."""


@dataclass(frozen=True, slots=True)
class Founded:
    """What the story needs to know of the founding."""

    config: Config
    personal: Personal
    actors: dict[str, Actor]
    """By sign-in name."""
    sites: dict[str, int]
    examiners: dict[str, Actor]
    """By card number."""


def folder(directory: Path, base: str, now: Instant) -> Config:
    """Write settings and passphrases, hold the key ceremony, put trust list 1 into the tree."""
    directory.mkdir(parents=True, exist_ok=True)
    for name in ("passphrase", "personal-passphrase"):
        path = directory / name
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(24) + "\n")
    write_settings(
        directory,
        {
            "base": base, "sample": True, "passphrase_file": "passphrase",
            "personal_passphrase_file": "personal-passphrase",
        },
    )  # fmt: skip
    config = Config.for_folder(directory)
    made = plan.Plan(
        base=base, holders=HOLDERS, threshold=2, bodies=tuple(_bodies()),
        start=dates.day_start(cast.BEGINNING),
        freshness=Freshness(trust=400 * 86_400, status=30 * 86_400), phone="000-0000-0000",
    )  # fmt: skip
    passphrase = custody.read_passphrase(directory / "passphrase")
    held = ceremony.run(made, directory, passphrase, now, os.urandom, cost=COST)
    (config.public / "trust").mkdir(parents=True)
    for name in ("1", "latest"):
        (config.public / "trust" / name).write_bytes(held.trust_list)
    store.create(config, "personal.1", cost=COST)
    migrate(open_engine(config.database_url))
    return config


def lose_a_key(config: Config, now: Instant) -> KeyPair:
    """Trust list 2: a former key of the first body, closed as stolen; answers the stolen key."""
    pair = KeyPair.generate(os.urandom)
    start = dates.day_start(cast.BEGINNING)
    former = Key(
        name="issuer.js.0", issuer="js", role="issuer", public=pair.public.raw, start=start,
        provinces=(cast.PROVINCES[0].prefix,), closed=Closed(why="stolen", at=now - 86_400),
    )  # fmt: skip
    passphrase = custody.read_passphrase(config.folder / "passphrase")
    host = config.base.partition("://")[2]
    holders = {
        name: sealed.open_file(
            config.folder / "custodians" / label / sealed.file_name(name), name, passphrase
        )
        for label in HOLDERS[:2]
        for name in (f"{host}/root/{label}",)
    }
    first = (config.public / "trust" / "1").read_bytes()
    second = succession.next_trust_list(
        first, config.root_note.read_bytes(), [succession.add_key(former)], holders, now
    )
    for name in ("2", "latest"):
        (config.public / "trust" / name).write_bytes(second)
    return pair


def _bodies() -> list[plan.Body]:
    bodies = []
    for each in cast.PROVINCES:
        bodies.append(
            plan.Body(
                id=each.issuer, zh=each.body[0], en=each.body[1], since=cast.BEGINNING,
                roles=("issuer",), provinces=(each.prefix,), phone=each.phone,
            )
        )  # fmt: skip
        bodies.append(
            plan.Body(
                id=f"{each.issuer}-jst", zh=each.department[0], en=each.department[1],
                since=cast.BEGINNING, roles=("authority",), provinces=(each.prefix,),
                phone=each.phone,
            )
        )  # fmt: skip
    return bodies


def found(session: Session, config: Config, personal: Personal, now: Instant) -> Founded:
    """Record everybody and everything at ``now``, before the first batch."""
    catalogue.load(session, now, catalogue_data.published())
    rows = catalogue_queries.for_rules(session)
    occupations = {row.code: number for number, row in rows.items()}
    bodies = _record_bodies(session, config, now)
    _policy(session, now)
    sites = {}
    for each in cast.SITES:
        sites[each.number] = organisations.record_site(
            session, None, now,
            NewSite(
                number=each.number, serial=each.serial, body=bodies[each.province],
                province=each.province, name_zh=each.zh + cast.MARK, name_en=f"{each.en} (sample)",
                host_kind=each.host, address="示例地址", phone="000-0000-0000",
            ),
        )  # fmt: skip
        for code, levels in each.scope:
            accreditation.accredit(
                session, None, now, sites[each.number], occupations[code], levels,
                cast.BEGINNING, None, "示例认定〔2019〕1号",
            )  # fmt: skip
    for code, levels in ((c, "54321") for c in occupations if c.startswith("6-29-")):
        has = sorted(rows[occupations[code]].levels & set(levels))
        accreditation.file(
            session, None, now, bodies["32"], occupations[code], has, cast.FILED, None,
            "示例备案〔2021〕1号",
        )  # fmt: skip
    actors = _officers(session, personal, now)
    teams = _examiners(session, personal, occupations, now)
    return Founded(config, personal, actors, sites, teams)


def _record_bodies(session: Session, config: Config, now: Instant) -> dict[str, int]:
    centre = organisations.record_body(
        session, None, now,
        NewBody(role=BodyRole.CENTRE, zh=cast.CENTRE[0], en=cast.CENTRE[1],
                from_on=cast.BEGINNING, url=config.base),
    )  # fmt: skip
    bodies = {}
    for each in cast.PROVINCES:
        department = organisations.record_body(
            session, None, now,
            NewBody(role=BodyRole.DEPARTMENT, zh=each.department[0], en=each.department[1],
                    from_on=cast.BEGINNING, url=config.base, issuer=f"{each.issuer}-jst",
                    province=each.code, phone=each.phone),
        )  # fmt: skip
        bodies[each.code] = organisations.record_body(
            session, None, now,
            NewBody(role=BodyRole.IMPLEMENTING, zh=each.body[0], en=each.body[1],
                    from_on=cast.BEGINNING, url=config.base, issuer=each.issuer,
                    key_name=f"issuer.{each.issuer}.1", letter=each.letter, code=each.body_code,
                    province=each.code, parent=centre, phone=each.phone,
                    appeal_body=each.appeal),
        )  # fmt: skip
        organisations.designate(
            session, None, now, department, bodies[each.code], cast.BEGINNING, "示例确定〔2019〕1号"
        )
    return bodies


def _policy(session: Session, now: Instant) -> None:
    organisations.add_policy_row(
        session, None, now, "training_numbers",
        {
            "province": "51", "layout": "PX{province:2}{year4:4}{site_number:8}{serial:5}",
            "months": 24, "first_day": "next_month", "from": cast.BEGINNING.isoformat(),
            "source": "sample setting of this demonstration",
            "confidence": "default, to be replaced by the published policy",
        },
    )  # fmt: skip


def _officers(session: Session, personal: Personal, now: Instant) -> dict[str, Actor]:
    registrars = [
        (f"site-{each.number}", f"示例登记员{each.number[-2:]}", "site_registrar", each.number)
        for each in cast.SITES
    ]
    persons = iter(people(len(cast.OFFICERS) + len(registrars), 5))
    actors = {}
    for name, person, role, province in cast.OFFICERS:
        reach = Reach(province=province)
        actors[name] = _account(session, personal, now, name, person, next(persons), role, reach)
    for name, person, role, site in registrars:
        actors[name] = _account(
            session, personal, now, name, person, next(persons), role, Reach(site=site)
        )
    return actors


def _examiners(
    session: Session, personal: Personal, occupations: dict[str, int], now: Instant
) -> dict[str, Actor]:
    found = {}
    persons = people(len(cast.EXAMINERS), 7)
    for each, person in zip(cast.EXAMINERS, persons, strict=True):
        actor = _account(
            session, personal, now, each.card.lower(), each.name, person, "examiner",
            Reach(province=each.province),
        )  # fmt: skip
        card = examiners.record_card(
            session, None, now,
            NewCard(
                person=actor.person, card=each.card, province=each.province,
                grade=Grade.SENIOR if each.senior else Grade.EXAMINER,
                from_on=cast.BEGINNING, until_on=cast.BEGINNING.replace(year=2029),
            ),
        )  # fmt: skip
        for code in each.occupations:
            levels = "54321" if each.senior else "543"
            examiners.give_scope(
                session, None, now, card, occupations[code], levels, cast.BEGINNING, None
            )
        found[each.card] = actor
    return found


def _account(
    session: Session, personal: Personal, now: Instant, sign_in: str, name: str, person: Person,
    role: str, reach: Reach,
) -> Actor:  # fmt: skip
    known = identity.Identity("resident_id", person.identity)
    someone = accounts.record_person(session, now, name, personal, known)
    account = accounts.open_account(session, None, now, someone, sign_in, cast.PASSWORD)
    accounts.grant(session, None, now, account, Role(role), reach)
    return account_queries.actor(session, account)
