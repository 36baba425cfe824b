"""Every ground of refusal, each by one changed fact of a case that is granted."""

import ast
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from registry.rules import eligibility, policy, teams
from registry.rules.certificates import Holding
from registry.rules.decision import Granted, Refused
from registry.rules.eligibility import Case
from registry.rules.examiners import Grade, Part, Relation, RelationKind
from registry.rules.identity import Identity
from registry.rules.organisations import Body, Scope, Suspension
from registry.rules.periods import Period
from schemas.certificate import State
from tests.registry.rules.build import (
    ALL,
    ALWAYS,
    ASSESSED,
    BODY,
    CASE,
    CONCRETE,
    HANDS,
    POLICY,
    SCOPE,
    SITE,
    THREE,
    TODAY,
    case,
    citizen,
    examiner,
    team,
)

DAY = Period(ASSESSED, ASSESSED)
BEFORE = Period(date(2015, 1, 1), date(2026, 11, 19))
AFTER = Period(date(2026, 11, 21))
OTHER = Scope(occupation="6-29-01-04", levels=ALL, period=ALWAYS)


def swapped(**changes: object) -> tuple[object, ...]:
    return team(examiner(1), examiner(2), examiner(3, **changes))


def holding(**changes: object) -> tuple[Holding, ...]:
    held = Holding(number="X", occupation=CONCRETE.code, level="4")
    return (replace(held, **changes),)


def relation(kind: RelationKind) -> tuple[Relation, ...]:
    return (Relation(examiner=2, candidate=b"candidate", kind=kind),)


REFUSED: list[tuple[str, Case]] = [
    ("occupation_not_in_catalogue", case(occupation=None)),
    ("occupation_unconfirmed", case(occupation=replace(CONCRETE, confirmed=False))),
    ("occupation_special", case(occupation=replace(CONCRETE, special_operation=True))),
    ("occupation_not_in_force", case(occupation=replace(CONCRETE, in_force=BEFORE))),
    ("level_not_in_occupation", case(occupation=replace(CONCRETE, levels=ALL - {"4"}))),
    ("work_type_not_in_occupation", case(work_type="020")),
    ("training_numbering_missing", case(body=replace(BODY, filings=()))),
    ("number_field_missing", case(site=replace(SITE, serial=None))),
    ("number_field_missing", case(body=replace(BODY, letter=None))),
    ("number_field_malformed", case(body=replace(BODY, code="12"))),
    ("date_in_future", case(assessed=date(2026, 11, 24), awarded=date(2026, 11, 24))),
    ("award_in_future", case(awarded=date(2026, 11, 24))),
    ("award_before_assessment", case(awarded=date(2026, 11, 19))),
    ("site_not_accredited", case(site=replace(SITE, accreditations=()))),
    ("site_not_accredited", case(site=replace(SITE, accreditations=(OTHER,)))),
    ("site_not_accredited",
     case(site=replace(SITE, accreditations=(replace(SCOPE, levels=ALL - {"4"}),)))),
    ("site_not_accredited",
     case(site=replace(SITE, accreditations=(replace(SCOPE, period=BEFORE),)))),
    ("site_not_accredited",
     case(site=replace(SITE, accreditations=(replace(SCOPE, period=AFTER),)))),
    ("site_suspended", case(site=replace(SITE, suspensions=(Suspension(period=DAY),)))),
    ("site_suspended",
     case(site=replace(SITE, suspensions=(
         Suspension(period=DAY, occupation=CONCRETE.code, levels=frozenset("4")),)))),
    ("site_removed", case(site=replace(SITE, removed=ASSESSED))),
    ("team_too_small", case(team=THREE[:1])),
    ("team_too_small", case(team=())),
    ("team_too_small", case(team=team(examiner(1), examiner(1), examiner(1)))),
    ("team_too_small", case(level="2", review=Decimal(70))),
    ("team_even", case(team=team(*(examiner(n) for n in range(1, 5))))),
    ("examiner_card_dates", case(team=swapped(card_period=BEFORE))),
    ("examiner_card_dates", case(team=swapped(card_period=AFTER))),
    ("examiner_province", case(team=swapped(province="33"))),
    ("examiner_grade",
     case(level="2", review=Decimal(70), team=(
         *swapped(grade=Grade.EXAMINER), *team(examiner(1), examiner(2), examiner(4),
                                              part=Part.REVIEW)))),
    ("examiner_scope", case(team=swapped(scopes=(OTHER,)))),
    ("examiner_scope", case(team=swapped(scopes=(replace(SCOPE, levels=frozenset("5")),)))),
    ("examiner_scope", case(team=swapped(scopes=(replace(SCOPE, period=BEFORE),)))),
    ("examiner_suspended", case(team=swapped(suspensions=(Suspension(period=DAY),)))),
    ("examiner_related", case(relations=relation(RelationKind.KIN))),
    ("examiner_related", case(relations=relation(RelationKind.STUDENT))),
    ("examiner_related", case(relations=relation(RelationKind.APPRENTICE))),
    ("examiner_is_registrar", case(hands=replace(HANDS, registrars=frozenset({101})))),
    ("score_missing", case(theory=None)),
    ("score_missing", case(level="1", review=None)),
    ("score_below", case(theory=Decimal("59.9"))),
    ("score_below", case(practice=Decimal(0))),
    ("score_below", case(level="2", review=Decimal("59.9"))),
    ("already_holds", case(holdings=holding())),
    ("already_holds", case(holdings=holding(state=State.SUSPENDED))),
    ("granted_already", case(holdings=holding(batch="26320000010001"))),
    ("name_not_normal", case(name="张 示例")),
    ("name_character", case(name="张\u200b示例")),
    ("person_incomplete", case(identity=None)),
    ("too_young", case(identity=Identity("resident_id", citizen(born="20101121")))),
    ("duty_open", case(hands=replace(HANDS, checker=None))),
    ("duty_open", case(hands=replace(HANDS, approver=None))),
    ("checker_approves", case(hands=replace(HANDS, approver=HANDS.checker))),
    ("registrar_decides", case(hands=replace(HANDS, checker=1))),
    ("registrar_decides", case(hands=replace(HANDS, approver=1))),
    ("examiner_decides", case(hands=replace(HANDS, checker=101))),
    ("examiner_decides", case(hands=replace(HANDS, approver=103))),
    ("not_all_confirmed", case(hands=replace(HANDS, confirmed=frozenset({101, 102})))),
]  # fmt: skip

GRANTED: list[tuple[str, Case]] = [
    ("as it stands", CASE),
    ("no work type", case(work_type=None)),
    ("assessed today", case(assessed=TODAY)),
    ("exactly sixty", case(theory=Decimal(60), practice=Decimal(60))),
    ("sixteen that day", case(identity=Identity("resident_id", citizen(born="20101120")))),
    ("passport says no age", case(identity=Identity("passport", "E12345678"))),
    ("suspension over", case(site=replace(SITE, suspensions=(Suspension(period=BEFORE),)))),
    ("other suspended", case(site=replace(SITE, suspensions=(
        Suspension(period=DAY, occupation="6-29-01-04"),
        Suspension(period=DAY, levels=frozenset("1")))))),
    ("removed later", case(site=replace(SITE, removed=date(2026, 11, 21)))),
    ("colleague is allowed", case(relations=relation(RelationKind.COLLEAGUE))),
    ("another's student", case(relations=(
        Relation(examiner=2, candidate=b"else", kind=RelationKind.KIN),
        Relation(examiner=9, candidate=b"candidate", kind=RelationKind.KIN)))),
    ("holds another level", case(holdings=holding(level="5"))),
    ("held one was revoked", case(holdings=holding(state=State.REVOKED))),
    ("held one has expired", case(holdings=holding(expired=True))),
    ("technician with review", case(level="2", review=Decimal(60), team=(
        *THREE, *team(examiner(1), examiner(2), examiner(3), part=Part.REVIEW)))),
    ("in the catalogue, unfiled", case(
        assessed=date(2020, 12, 31), body=Body(id="b"), site=replace(SITE, serial=None))),
]  # fmt: skip


@pytest.mark.parametrize(("code", "changed"), REFUSED, ids=[code for code, _ in REFUSED])
def test_refused(code: str, changed: Case) -> None:
    found = eligibility.decide(changed, POLICY)
    assert isinstance(found, Refused)
    assert code in {reason.code for reason in found.reasons}
    for reason in found.reasons:
        assert reason.sentence("zh") and reason.sentence("en") and reason.who


@pytest.mark.parametrize(("code", "changed"), REFUSED, ids=[code for code, _ in REFUSED])
def test_refused_for_nothing_unrelated(code: str, changed: Case) -> None:
    """One changed fact is refused for what follows from it, not for everything."""
    found = eligibility.decide(changed, POLICY)
    assert isinstance(found, Refused)
    assert len({reason.code for reason in found.reasons}) <= 3


@pytest.mark.parametrize(("name", "changed"), GRANTED, ids=[name for name, _ in GRANTED])
def test_granted(name: str, changed: Case) -> None:
    found = eligibility.decide(changed, POLICY)
    assert isinstance(found, Granted), [r.sentence("en") for r in found.reasons]
    assert found.policy == POLICY.version
    assert len(found.grounds) == len(eligibility.CHECKS)


def test_every_reason_of_the_module_is_reached() -> None:
    """No refusal ground of the module is without its row above."""
    source = "\n".join(Path(module.__file__).read_text("utf-8") for module in (eligibility, teams))
    written = {
        call.args[0].value
        for call in ast.walk(ast.parse(source))
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Name)
        and call.func.id == "reason"
        and isinstance(call.args[0], ast.Constant)
    }
    assert written <= {code for code, _ in REFUSED}


def test_all_reasons_are_told_at_once() -> None:
    found = eligibility.decide(
        case(site=replace(SITE, accreditations=()), theory=Decimal(1), team=THREE[:2]), POLICY
    )
    assert isinstance(found, Refused)
    assert {r.code for r in found.reasons} == {
        "site_not_accredited", "score_below", "team_too_small"
    }  # fmt: skip


@settings(deadline=None, max_examples=100)
@given(
    st.decimals(0, 100, places=1), st.decimals(0, 100, places=1), st.sampled_from("54321"),
    st.integers(0, 7),
)  # fmt: skip
def test_granted_only_when_passed_and_judged(
    theory: Decimal, practice: Decimal, level: str, size: int
) -> None:
    members = [examiner(number) for number in range(1, size + 1)]
    persons = frozenset(each.person for each in members)
    changed = case(
        theory=theory, practice=practice, level=level, review=Decimal(60),
        team=(*team(*members), *team(*members, part=Part.REVIEW)),
        hands=replace(HANDS, examiners=persons, confirmed=persons),
    )  # fmt: skip
    should = theory >= 60 and practice >= 60 and size >= 3 and size % 2 == 1
    assert isinstance(eligibility.decide(changed, POLICY), Granted) == should


@pytest.mark.parametrize(
    ("table", "part", "level"),
    [("passes", "theory", "4"), ("passes", "practice", "4"), ("passes", "review", "2"),
     ("teams", "practice", "4"), ("teams", "review", "2")],
)  # fmt: skip
def test_a_gap_in_the_policy_refuses(table: str, part: str, level: str) -> None:
    rows = [
        {**row, "levels": [each for each in row["levels"] if each != level]}
        if row["part"] == part
        else row
        for row in POLICY.tables[table]
    ]
    thinner = policy.build({**POLICY.tables, table: rows})
    found = eligibility.decide(case(level=level, review=Decimal(90)), thinner)
    assert isinstance(found, Refused)
    assert "setting_missing" in {reason.code for reason in found.reasons}
