"""An invented office, set up through the acts alone: a province, a site, every role."""

import random
from dataclasses import dataclass
from datetime import UTC, date, datetime

from sqlalchemy.orm import Session

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
from registry.custody.personal import Personal, PersonalKey
from registry.queries.accounts import actor
from registry.records.organisations import BodyRole, HostKind
from registry.rules import identity
from registry.rules.examiners import Grade
from registry.rules.identity import Identity
from registry.rules.permissions import Actor, Role

NOW = int(datetime(2026, 11, 23, 4, tzinfo=UTC).timestamp())
TODAY = date(2026, 11, 23)
ASSESSED = date(2026, 11, 20)
LONG_AGO = date(2016, 1, 1)
STEEL, CONCRETE = "6-29-01-04", "6-29-01-03"
SITE, OTHER_SITE = "32013001", "33013001"
CARDS = ("G32200001", "G32200002", "G32200003")
PASSWORD = "not-a-real-password"
PERSONAL = Personal((PersonalKey("personal.1", bytes(range(32))),), random.Random(7).randbytes)


@dataclass(frozen=True, slots=True)
class Office:
    """Record ids and actors."""

    centre: int
    body: int
    site: int
    steel: int
    concrete: int
    examiner_ids: tuple[int, ...]
    registrar: Actor
    examiners: tuple[Actor, ...]
    checker: Actor
    checker_twin: Actor
    """Another account of the checker's person, with the issuer's role."""
    issuer: Actor
    second_issuer: Actor
    stranger: Actor
    """A checker of another province."""
    administrator: Actor


def citizen(serial: int, born: str = "19900101") -> Identity:
    """An invented citizen: area code 000000."""
    head = f"000000{born}{serial:03d}"
    return Identity("resident_id", head + identity.check_character(head))


def build(session: Session) -> Office:
    """Set the office up."""
    catalogue.load(session, NOW, catalogue_data.published())
    steel = catalogue.occupation_id(session, STEEL)
    concrete = catalogue.occupation_id(session, CONCRETE)
    centre = _body(session, BodyRole.CENTRE, "示例中心", "Example Centre", issuer="centre")
    department = _body(session, BodyRole.DEPARTMENT, "示例厅", "Example Department", province="32")
    body = _body(
        session, BodyRole.IMPLEMENTING, "示例评价机构", "Example Body", issuer="jst-example",
        key_name="issuer.1", letter="S", code="0000", province="32", parent=department,
        appeal_body="示例复议机关",
    )  # fmt: skip
    organisations.designate(session, None, NOW, department, body, LONG_AGO, "示例文件1号")
    site = _site(session, SITE, "32", body, "000001")
    _site(session, OTHER_SITE, "33", body, "000002")
    levels = ("5", "4", "3", "2", "1")
    for occupation in (steel, concrete):
        accreditation.accredit(
            session, None, NOW, site, occupation, levels, LONG_AGO, None, "示例批准1号"
        )
        accreditation.file(session, None, NOW, body, occupation, levels, LONG_AGO, None, "示例")
    people = _examiners(session, (steel, concrete), levels)
    checker = _person(session, "甲审核")
    return Office(
        centre=centre, body=body, site=site, steel=steel, concrete=concrete,
        examiner_ids=tuple(each for each, _ in people),
        registrar=_account(session, _person(session, "甲登记"), "registrar", Role.SITE_REGISTRAR,
                           Reach(site=SITE)),
        examiners=tuple(
            _account(session, person, f"examiner{number}", Role.EXAMINER, Reach("32"))
            for number, (_, person) in enumerate(people, start=1)
        ),
        checker=_account(session, checker, "checker", Role.PROVINCIAL_CHECKER, Reach("32")),
        checker_twin=_account(session, checker, "twin", Role.PROVINCIAL_ISSUER, Reach("32")),
        issuer=_account(session, _person(session, "甲签发"), "issuer", Role.PROVINCIAL_ISSUER,
                        Reach("32")),
        second_issuer=_account(session, _person(session, "乙签发"), "issuer2",
                               Role.PROVINCIAL_ISSUER, Reach("32")),
        stranger=_account(session, _person(session, "外省审核"), "stranger",
                          Role.PROVINCIAL_CHECKER, Reach("33")),
        administrator=_account(session, _person(session, "甲管理"), "admin", Role.ADMINISTRATOR,
                               Reach()),
    )  # fmt: skip


def _body(session: Session, role: BodyRole, zh: str, en: str, **more: object) -> int:
    new = NewBody(role=role, zh=zh, en=en, from_on=LONG_AGO, url="https://body.example", **more)  # type: ignore[arg-type]
    return organisations.record_body(session, None, NOW, new)


def _site(session: Session, number: str, province: str, body: int, serial: str) -> int:
    new = NewSite(
        number=number, serial=serial, body=body, province=province, name_zh=f"示例站{serial}",
        name_en="Example Site", host_kind=HostKind.COLLEGE,
    )  # fmt: skip
    return organisations.record_site(session, None, NOW, new)


def _examiners(
    session: Session, occupations: tuple[int, ...], levels: tuple[str, ...]
) -> list[tuple[int, int]]:
    found = []
    for number, card in enumerate(CARDS, start=1):
        person = _person(session, f"考评{number}")
        new = NewCard(
            person=person, card=card, grade=Grade.SENIOR, province="32", from_on=LONG_AGO,
            until_on=date(2030, 12, 31),
        )  # fmt: skip
        examiner = examiners.record_card(session, None, NOW, new)
        for occupation in occupations:
            examiners.give_scope(session, None, NOW, examiner, occupation, levels, LONG_AGO, None)
        found.append((examiner, person))
    return found


def _person(session: Session, name: str) -> int:
    return accounts.record_person(session, NOW, name, PERSONAL)


def _account(session: Session, person: int, name: str, role: Role, reach: Reach) -> Actor:
    account = accounts.open_account(session, None, NOW, person, name, PASSWORD)
    accounts.grant(session, None, NOW, account, role, reach)
    return actor(session, account)
