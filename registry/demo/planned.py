"""The cast of the demonstration as a plan, such as any registry is founded from."""

from collections.abc import Iterator

from registry.acts import catalogue_data
from registry.demo import cast
from registry.demo.people import people
from registry.rules.examiners import Grade
from registry.rules.founding import (
    Account,
    Body,
    Designation,
    Examiner,
    Filing,
    Person,
    Plan,
    PolicyRow,
    Scope,
    Site,
)
from registry.rules.identity import RESIDENT, Identity
from registry.rules.permissions import Role

_ALL, _LOWER = "54321", "543"


def plan() -> Plan:
    """Everybody and everything before the first batch."""
    persons, accounts = _officers()
    teams, team_accounts, examiners = _examiners()
    return Plan(
        bodies=tuple(_bodies()),
        designations=tuple(
            Designation(
                department=f"{each.issuer}-jst", body=each.issuer, from_on=cast.BEGINNING,
                source="示例确定〔2019〕1号",
            )
            for each in cast.PROVINCES
        ),
        policy=(_training_numbers(),),
        sites=tuple(_sites()),
        filings=tuple(_filings()),
        persons=(*persons, *teams),
        accounts=(*accounts, *team_accounts),
        examiners=examiners,
    )  # fmt: skip


def _bodies() -> Iterator[Body]:
    yield Body(
        id="centre", role="centre", zh=cast.CENTRE[0], en=cast.CENTRE[1], from_on=cast.BEGINNING,
        signs=False,
    )  # fmt: skip
    for each in cast.PROVINCES:
        yield Body(
            id=f"{each.issuer}-jst", role="department", zh=each.department[0],
            en=each.department[1], from_on=cast.BEGINNING, province=each.code, phone=each.phone,
        )  # fmt: skip
        yield Body(
            id=each.issuer, role="implementing", zh=each.body[0], en=each.body[1],
            from_on=cast.BEGINNING, key=f"issuer.{each.issuer}.1", letter=each.letter,
            code=each.body_code, province=each.code, parent="centre", phone=each.phone,
            appeal_body=each.appeal,
        )  # fmt: skip


def _training_numbers() -> PolicyRow:
    return PolicyRow(
        table="training_numbers",
        row={
            "province": "51", "layout": "PX{province:2}{year4:4}{site_number:8}{serial:5}",
            "months": 24, "first_day": "next_month", "from": cast.BEGINNING.isoformat(),
            "source": "sample setting of this demonstration",
            "confidence": "default, to be replaced by the published policy",
        },
    )  # fmt: skip


def _sites() -> Iterator[Site]:
    issuers = {each.code: each.issuer for each in cast.PROVINCES}
    for each in cast.SITES:
        yield Site(
            number=each.number, serial=each.serial, body=issuers[each.province],
            province=each.province, zh=each.zh + cast.MARK, en=f"{each.en} (sample)",
            host=each.host.value, address="示例地址", phone="000-0000-0000",
            accreditations=tuple(
                Scope(
                    occupations=(code,), levels=levels, from_on=cast.BEGINNING,
                    source="示例认定〔2019〕1号",
                )
                for code, levels in each.scope
            ),
        )  # fmt: skip


def _filings() -> Iterator[Filing]:
    for each in catalogue_data.published().occupations:
        if each.key.startswith("6-29-") and each.levels:
            scope = Scope(
                occupations=(each.key,), levels="".join(sorted(each.levels)), from_on=cast.FILED,
                source="示例备案〔2021〕1号",
            )  # fmt: skip
            yield Filing(body="js", scope=scope)


def _officers() -> tuple[list[Person], list[Account]]:
    roles = [
        *((name, person, role, province, None) for name, person, role, province in cast.OFFICERS),
        *(
            (f"site-{each.number}", f"示例登记员{each.number[-2:]}", "site_registrar", None,
             each.number)
            for each in cast.SITES
        ),
    ]  # fmt: skip
    persons, accounts = [], []
    for known, row in zip(people(len(roles), 5), roles, strict=True):
        name, person, role, province, site = row
        persons.append(Person(id=name, name=person, identity=Identity(RESIDENT, known.identity)))
        accounts.append(
            Account(
                sign_in_name=name, person=name, roles=(Role(role),), province=province, site=site
            )
        )
    return persons, accounts


def _examiners() -> tuple[list[Person], list[Account], tuple[Examiner, ...]]:
    persons, accounts, examiners = [], [], []
    levels = {each.key: set(each.levels) for each in catalogue_data.published().occupations}
    for known, each in zip(people(len(cast.EXAMINERS), 7), cast.EXAMINERS, strict=True):
        name = each.card.lower()
        persons.append(Person(id=name, name=each.name, identity=Identity(RESIDENT, known.identity)))
        accounts.append(
            Account(sign_in_name=name, person=name, roles=(Role.EXAMINER,), province=each.province)
        )
        examiners.append(
            Examiner(
                card=each.card, person=name, province=each.province,
                grade=Grade.SENIOR if each.senior else Grade.EXAMINER,
                from_on=cast.BEGINNING, until_on=cast.BEGINNING.replace(year=2029),
                scopes=tuple(
                    Scope(
                        occupations=(code,), from_on=cast.BEGINNING,
                        levels="".join(sorted(levels[code] & set(_ALL if each.senior else _LOWER))),
                    )
                    for code in each.occupations
                ),
            )
        )  # fmt: skip
    return persons, accounts, tuple(examiners)
