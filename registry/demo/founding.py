"""Founding the sample registry: folder, keys, catalogue, bodies, sites, people with accounts."""

import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.orm import Session

from keys import ceremony, custody, plan, sealed, succession
from keys.sealed import Cost
from keys.signer import KeyPair
from registry.acts import founding as acts
from registry.acts.founding_record import FirstPassword
from registry.config import Config, write_settings
from registry.custody import store
from registry.custody.personal import Personal
from registry.demo import cast, planned
from registry.queries import accounts as account_queries
from registry.records.schema import migrate
from registry.records.session import open_engine
from registry.rules.permissions import Actor
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
    done = acts.found(
        session, now, personal, planned.plan(), url=config.base,
        # The demonstration tells its password on the screen; nobody has to choose another.
        password=lambda _: FirstPassword(cast.PASSWORD, None),
    )  # fmt: skip
    actors = {
        name: account_queries.actor(session, number) for name, number in done.accounts.items()
    }
    examiners = {card: actors[card.lower()] for card in done.examiners}
    officers = {name: actor for name, actor in actors.items() if actor not in examiners.values()}
    return Founded(config, personal, officers, dict(done.sites), examiners)
