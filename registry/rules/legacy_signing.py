"""Whether an existing certificate may get a signed version, and under which number.

A signed version is a reissue (补发): the same award by the same rules, under its original number
and day of award, with a signature that the paper never had. So the dated table of kinds must lead
to the very kind that the paper is, and the paper's number must be one of that kind's scheme and
agree with site, year and level. Nothing is renumbered: another number, or today's date, would make
a second award out of one. What no rule of ours could have issued stays in the register unsigned.
"""

from dataclasses import dataclass

from registry.rules import eligibility, lookup, numbering
from registry.rules.cases import Case, Finding
from registry.rules.decision import Decision, Reason, RefusedError, ground, reason
from registry.rules.legacy import KIND_NAMES, RECORDED_NAMES, LegacyKind, Recorded
from registry.rules.policy import Policy
from schemas.certificate import Kind

KINDS = {
    LegacyKind.QUALIFICATION: Kind.QUALIFICATION,
    LegacyKind.LEVEL: Kind.LEVEL,
    LegacyKind.TRAINING: Kind.TRAINING,
}
"""Sorts of paper that this registry's rules know a kind for."""

FIELD_NAMES = {
    "year": "年份", "year4": "年份", "site_number": "站点", "site": "站点", "province": "省份",
    "letter": "机构类别", "body": "机构代码", "level": "等级",
}  # fmt: skip
"""Fields of a number in words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """What the register knows of the paper, beside the case made from its file."""

    kind: LegacyKind
    number: str
    recorded: Recorded
    images: int
    """Scans of the paper that are on file."""


def decide(case: Case, paper: Paper, policy: Policy) -> Decision:
    """Granted with a ground from every check, or refused with every reason of every check."""

    def paper_is_known(_case: Case, _policy: Policy) -> Finding:
        return _paper(paper)

    def number_agrees(case: Case, policy: Policy) -> Finding:
        return _number(case, paper, policy)

    return eligibility.decide(case, policy, (*eligibility.FACTS, paper_is_known, number_agrees))


def refusal(paper: Paper) -> RefusedError | None:
    """Why no request can be made for such a paper at all, before anybody looks at its file."""
    reasons = [each for each in (_of_kind(paper), _of_state(paper)) if each is not None]
    return RefusedError(*reasons) if reasons else None


def _of_kind(paper: Paper) -> Reason | None:
    if paper.kind in KINDS:
        return None
    return reason("legacy_no_kind", kind=KIND_NAMES[paper.kind][0])


def _of_state(paper: Paper) -> Reason | None:
    if paper.recorded in (Recorded.IN_FORCE, Recorded.UNKNOWN):
        return None
    return reason("legacy_recorded_ended", state=RECORDED_NAMES[paper.recorded][0])


def _paper(paper: Paper) -> Finding:
    reasons = [each for each in (_of_kind(paper), _of_state(paper)) if each is not None]
    if not paper.images:
        reasons.append(reason("legacy_no_image"))
    return tuple(reasons) or ground("existing_certificate", kind=paper.kind.value)


def _number(case: Case, paper: Paper, policy: Policy) -> Finding:
    if case.sitting.occupation is None or paper.kind not in KINDS:
        return ()
    chosen = eligibility.kind(case, policy)
    if chosen.kind != KINDS[paper.kind]:
        return (
            reason("legacy_kind_differs", paper=KIND_NAMES[paper.kind][0], ruled=chosen.title,
                   date=case.sitting.assessed),
        )  # fmt: skip
    key = lookup.number_key(paper.number)
    printed = numbering.parse(chosen.scheme, key)
    if printed is None:
        return (reason("legacy_number_foreign", number=paper.number, kind=chosen.title),)
    stated = eligibility.number_fields(case)
    reasons = tuple(
        reason("legacy_number_disagrees", field=FIELD_NAMES.get(name, name), printed=printed[name],
               stated=stated.get(name, "--"))
        for name in chosen.scheme.fields
        if printed[name] != stated.get(name)
    )  # fmt: skip
    return reasons or ground("original_number", number=key, scheme=chosen.scheme.name)
