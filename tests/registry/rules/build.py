"""An invented case that is granted, and ways to change one fact of it."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from registry.rules import identity, policy
from registry.rules.approval import Hands
from registry.rules.catalogue import LEVELS, Occupation
from registry.rules.eligibility import Case, Sitting
from registry.rules.examiners import Examiner, Grade, Member, Part
from registry.rules.identity import Identity
from registry.rules.organisations import Body, Scope, Site
from registry.rules.periods import Period

POLICY = policy.published()
ASSESSED = date(2026, 11, 20)
TODAY = date(2026, 11, 23)
ALL = frozenset(LEVELS)
ALWAYS = Period(date(2010, 1, 1))

CONCRETE = Occupation(
    code="6-29-01-03", name="混凝土工", levels=ALL, work_types=frozenset({"040", "041"}),
    confirmed=True, catalogue=(Period(date(2017, 9, 12), date(2020, 12, 31)),),
)  # fmt: skip
SCOPE = Scope(occupation=CONCRETE.code, levels=ALL, period=ALWAYS)
SITE = Site(
    number="11003001", province="32", name="示例站", serial="000001", accreditations=(SCOPE,)
)
BODY = Body(id="body.example", letter="Y", code="0000", filings=(SCOPE,))
REGISTRAR, CHECKER, APPROVER = 1, 2, 3


def citizen(serial: int = 1, born: str = "19900101") -> str:
    """An invented citizen number: area code 000000."""
    head = f"000000{born}{serial:03d}"
    return head + identity.check_character(head)


def examiner(number: int, **changes: Any) -> Examiner:
    """A senior examiner whose card, province and scope are right."""
    facts: dict[str, Any] = {
        "id": number, "person": 100 + number, "card": f"G3226{number:04d}", "grade": Grade.SENIOR,
        "province": "32", "card_period": ALWAYS, "scopes": (SCOPE,),
    }  # fmt: skip
    return Examiner(**{**facts, **changes})


def team(*examiners: Examiner, part: Part = Part.PRACTICE) -> tuple[Member, ...]:
    """A team of one part."""
    return tuple(Member(examiner=each, part=part) for each in examiners)


THREE = team(examiner(1), examiner(2), examiner(3))
HANDS = Hands(
    registrars=frozenset({REGISTRAR}), examiners=frozenset({101, 102, 103}),
    confirmed=frozenset({101, 102, 103}), checker=CHECKER, approver=APPROVER,
)  # fmt: skip
SITTING = Sitting(
    occupation=CONCRETE, assessed=ASSESSED, site=SITE, body=BODY, team=THREE, hands=HANDS,
    awarded=TODAY, on=TODAY,
)  # fmt: skip
CASE = Case(
    sitting=SITTING, level="4", work_type="040", name="张示例",
    identity=Identity("resident_id", citizen()), candidate=b"candidate",
    theory=Decimal(82), practice=Decimal("76.5"), review=None,
)  # fmt: skip


def case(**changes: Any) -> Case:
    """The granted case with some facts of the row or of its sitting changed."""
    of_sitting = {name: changes.pop(name) for name in list(changes) if hasattr(SITTING, name)}
    return replace(CASE, sitting=replace(SITTING, **of_sitting), **changes)
