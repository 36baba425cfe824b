"""Whether one result may become a certificate: every ground checked, every refusal named.

The checks are an ordered table run by one function. Each answers with the ground that it found or
with all its reasons; a refusal carries the reasons of every check, so that one return of the batch
can mend them all.
"""

from collections.abc import Callable

from registry.rules import approval, identity, kinds, names, numbering, teams
from registry.rules.approval import Step
from registry.rules.cases import PART_NAMES, Case, Finding, Sitting, level_name, part_rules
from registry.rules.catalogue import issuable
from registry.rules.certificates import Holding
from registry.rules.decision import Decision, Granted, Ground, Reason, Refused, RefusedError, reason
from registry.rules.decision import ground as make_ground
from registry.rules.policy import Policy
from registry.rules.spellings import score_text
from schemas.certificate import State

__all__ = [
    "CHECKS", "FACTS", "Case", "Check", "Sitting", "decide", "kind", "number_fields",
]  # fmt: skip

Check = Callable[[Case, Policy], Finding]


def decide(case: Case, policy: Policy, checks: tuple[Check, ...] | None = None) -> Decision:
    """Granted with a ground from every check, or refused with every reason of every check.

    Args:
        case: the row.
        policy: the policy in force.
        checks: other checks than :data:`CHECKS`, for another way to a certificate.
    """
    grounds: list[Ground] = []
    reasons: list[Reason] = []
    for check in CHECKS if checks is None else checks:
        try:
            found = check(case, policy)
        except RefusedError as refused:
            found = refused.reasons
        if isinstance(found, Ground):
            grounds.append(found)
        else:
            reasons.extend(each for each in found if each not in reasons)
    return Refused(tuple(reasons)) if reasons else Granted(tuple(grounds), policy.version)


def kind(case: Case, policy: Policy) -> kinds.Choice:
    """The kind of certificate and all that follows from it, as of the assessment date.

    Raises:
        RefusedError: the occupation is unknown, or the province has no numbering for training.
    """
    sitting = case.sitting
    if sitting.occupation is None:
        raise RefusedError(reason("occupation_not_in_catalogue"))
    return kinds.choose(
        sitting.occupation, case.level, sitting.body, sitting.site.province, sitting.assessed,
        policy,
    )  # fmt: skip


def number_fields(case: Case) -> dict[str, str]:
    """What the number of this case's certificate is composed from."""
    sitting = case.sitting
    return numbering.fields_of(
        site=sitting.site.number, site_serial=sitting.site.serial, province=sitting.site.province,
        letter=sitting.body.letter, body=sitting.body.code, level=case.level,
        awarded=sitting.awarded,
    )  # fmt: skip


def _occupation(case: Case, policy: Policy) -> Finding:
    occupation = case.sitting.occupation
    if occupation is None:
        return (reason("occupation_not_in_catalogue"),)
    reasons: list[Reason] = []
    if refusal := issuable(occupation):
        reasons.append(refusal)
    if occupation.in_force and not occupation.in_force.covers(case.sitting.assessed):
        reasons.append(
            reason("occupation_not_in_force", occupation=occupation.name,
                   date=case.sitting.assessed)
        )  # fmt: skip
    if case.level not in occupation.levels:
        reasons.append(
            reason("level_not_in_occupation", "level", level=level_name(case.level),
                   occupation=occupation.name)
        )  # fmt: skip
    if case.work_type is not None and case.work_type not in occupation.work_types:
        reasons.append(
            reason("work_type_not_in_occupation", "work_type", work_type=case.work_type,
                   occupation=occupation.name)
        )  # fmt: skip
    return tuple(reasons) or make_ground("occupation", code=occupation.code, level=case.level)


def _kind(case: Case, policy: Policy) -> Finding:
    return kind(case, policy).ground


def _numbering(case: Case, policy: Policy) -> Finding:
    if case.sitting.occupation is None:
        return ()
    chosen = kind(case, policy)
    # Composing the first number of the range shows every unset field before anything is prepared.
    numbering.compose(chosen.scheme, number_fields(case), 1)
    return make_ground("numbering", scheme=chosen.scheme.name, kind=int(chosen.kind))


def _dates(case: Case, policy: Policy) -> Finding:
    sitting = case.sitting
    reasons = []
    if sitting.assessed > sitting.on:
        reasons.append(
            reason("date_in_future", "assessed", date=sitting.assessed, today=sitting.on)
        )
    if sitting.awarded > sitting.on:
        reasons.append(reason("award_in_future", date=sitting.awarded, today=sitting.on))
    if sitting.awarded < sitting.assessed:
        reasons.append(
            reason("award_before_assessment", date=sitting.awarded, assessed=sitting.assessed)
        )
    return tuple(reasons) or make_ground(
        "dates", assessed=sitting.assessed, awarded=sitting.awarded
    )


def _site(case: Case, policy: Policy) -> Finding:
    site, occupation, day = case.sitting.site, case.sitting.occupation, case.sitting.assessed
    if occupation is None:
        return ()
    shown = {"site": site.number, "occupation": occupation.name, "level": level_name(case.level)}
    reasons = []
    if site.removed is not None and day >= site.removed:
        reasons.append(reason("site_removed", site=site.number, date=site.removed))
    for pause in site.suspensions:
        if pause.covers(occupation.code, case.level, day):
            reasons.append(reason("site_suspended", **shown, date=day))
            break
    held = [a for a in site.accreditations if a.covers(occupation.code, case.level, day)]
    if not held:
        reasons.append(reason("site_not_accredited", **shown, date=day))
    return tuple(reasons) or make_ground(
        "site_accredited", site=site.number, since=held[0].period.first
    )


def _passed(case: Case, policy: Policy) -> Finding:
    day = case.sitting.assessed
    reasons, marks = [], []
    parts = ("theory", "practice", "review")
    for part, rule in part_rules("passes", parts, case.level, day, policy).items():
        score = {"theory": case.theory, "practice": case.practice, "review": case.review}[part]
        if score is None:
            reasons.append(reason("score_missing", part, part=PART_NAMES[part]))
        elif score < rule["least"]:
            reasons.append(
                reason("score_below", part, part=PART_NAMES[part], score=score_text(score),
                       least=rule["least"])
            )  # fmt: skip
        else:
            marks.append(f"{part} {rule['least']}")
    return tuple(reasons) or make_ground("passed", marks=", ".join(marks))


def _holdings(case: Case, policy: Policy) -> Finding:
    occupation = case.sitting.occupation
    if occupation is None:
        return ()
    held = [
        _duplicate(holding, occupation.name, case.level)
        for holding in case.holdings
        if (holding.occupation, holding.level) == (occupation.code, case.level)
        and holding.state in (State.VALID, State.SUSPENDED)
        and not holding.expired
    ]  # fmt: skip
    return tuple(held) or make_ground("no_duplicate", occupation=occupation.code, level=case.level)


def _duplicate(holding: Holding, occupation: str, level: str) -> Reason:
    named = {"occupation": occupation, "level": level_name(level)}
    if holding.batch is not None:
        return reason("granted_already", batch=holding.batch, **named)
    return reason("already_holds", number=holding.number, **named)


def _person(case: Case, policy: Policy) -> Finding:
    reasons = []
    if names.normalise(case.name) != case.name:
        reasons.append(reason("name_not_normal", "name"))
    if case.identity is None:
        return (*reasons, reason("person_incomplete", "identity"))
    least = policy.limit("minimum_age", case.sitting.assessed)
    years = identity.age(case.identity, case.sitting.assessed)
    if years is not None and years < least:
        reasons.append(reason("too_young", "identity", age=years, least=least))
    return tuple(reasons) or make_ground("person", identity=case.identity.kind)


def _four_eyes(case: Case, policy: Policy) -> Finding:
    hands = case.sitting.hands
    reasons: list[Reason] = []
    for step, person in ((Step.CHECK, hands.checker), (Step.APPROVE, hands.approver)):
        if person is None:
            reasons.append(reason("duty_open", duty=step.value))
            continue
        found = approval.may_take(step, person, hands, policy.version)
        if isinstance(found, Refused):
            reasons.extend(found.reasons)
    team = {member.examiner.person for member in case.sitting.team}
    if missing := team - hands.confirmed:
        reasons.append(reason("not_all_confirmed", missing=len(missing)))
    return tuple(reasons) or make_ground("four_eyes", confirmed=len(team))


CHECKS: tuple[Check, ...] = (
    _occupation, _kind, _numbering, _dates, _site, teams.team, teams.examiners, teams.avoidance,
    _passed, _holdings, _person, _four_eyes,
)  # fmt: skip
"""Every check, in the order in which grounds and reasons are listed."""

FACTS: tuple[Check, ...] = (
    _occupation, _kind, _numbering, _dates, _site, _passed, _holdings, _person,
)  # fmt: skip
"""The checks that look at what was assessed, where and when, and not at who stood by it here."""
