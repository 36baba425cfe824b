"""Checks of a case's teams: size, qualification of each examiner, avoidance (回避)."""

from collections.abc import Iterator

from registry.rules.cases import PART_NAMES, Case, Finding, Sitting, level_name, part_rules
from registry.rules.decision import Reason, reason
from registry.rules.decision import ground as make_ground
from registry.rules.examiners import Examiner
from registry.rules.policy import Policy

_PARTS = ("practice", "review")
"""Parts that examiners judge; the theory is marked by a key."""


def team(case: Case, policy: Policy) -> Finding:
    """Whether each part had enough examiners, an odd number of persons."""
    day = case.sitting.assessed
    reasons = []
    sizes = []
    for part, rule in part_rules("teams", _PARTS, case.level, day, policy).items():
        persons = {member.examiner.person for member in case.sitting.team if member.part == part}
        size, least = len(persons), rule["least"]
        sizes.append(f"{part} {size}")
        if size < least:
            reasons.append(reason("team_too_small", part=PART_NAMES[part], size=size, least=least))
        elif rule["odd"] and size % 2 == 0:
            reasons.append(reason("team_even", part=PART_NAMES[part], size=size))
    return tuple(reasons) or make_ground("team", sizes=", ".join(sizes))


def examiners(case: Case, policy: Policy) -> Finding:
    """Whether every examiner of the team was qualified that day."""
    if case.sitting.occupation is None:
        return ()
    members = {member.examiner.id: member.examiner for member in case.sitting.team}
    reasons = tuple(
        found
        for examiner in members.values()
        for found in qualified(examiner, case.sitting, case.level, policy)
    )
    cards = ", ".join(sorted(examiner.card for examiner in members.values()))
    return reasons or make_ground("examiners_qualified", cards=cards)


def qualified(examiner: Examiner, sitting: Sitting, level: str, policy: Policy) -> Iterator[Reason]:
    """Every reason why this examiner was not qualified for the occupation and level that day."""
    assert sitting.occupation is not None  # an unknown occupation is refused by its own check
    code, day, card = sitting.occupation.code, sitting.assessed, examiner.card
    shown = {"card": card, "occupation": sitting.occupation.name, "level": level_name(level)}
    if not examiner.card_period.covers(day):
        yield reason("examiner_card_dates", card=card, date=day)
    if examiner.province != sitting.site.province:
        yield reason("examiner_province", card=card, province=sitting.site.province)
    if level not in policy.row("grades", day, grade=examiner.grade.value)["levels"]:
        yield reason("examiner_grade", card=card, level=level_name(level))
    if not any(scope.covers(code, level, day) for scope in examiner.scopes):
        yield reason("examiner_scope", **shown, date=day)
    if any(pause.covers(code, level, day) for pause in examiner.suspensions):
        yield reason("examiner_suspended", **shown, date=day)


def avoidance(case: Case, policy: Policy) -> Finding:
    """Whether nobody assessed a relative or a student, or confirms an own entry."""
    day = case.sitting.assessed
    avoided = {row["relation"]: row["zh"] for row in policy.rows("avoidance", day)}
    members = {member.examiner.id: member.examiner for member in case.sitting.team}
    reasons = [
        reason("examiner_related", card=members[relation.examiner].card,
               relation=avoided[relation.kind.value])
        for relation in case.relations
        if relation.candidate == case.candidate
        and relation.examiner in members
        and relation.kind.value in avoided
    ]  # fmt: skip
    staff = case.sitting.hands.registrars
    reasons += [
        reason("examiner_is_registrar", card=examiner.card)
        for examiner in members.values()
        if examiner.person in staff
    ]
    return tuple(reasons) or make_ground("avoidance", relations=", ".join(sorted(avoided)))
