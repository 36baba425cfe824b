"""From the codes of the checks to the verdict: the precedence table of ``verifier/README.md``.

The verdict is a function of the codes and of nothing else. :data:`RULES` lists, in order of
precedence, each code that decides something; the first that is among a report's codes wins.
"""

from dataclasses import dataclass
from functools import lru_cache

from verifier.report import CHECKS, Outcome, Report, Step, Verdict

_UNTRUSTED = Verdict.UNTRUSTED_ISSUER
_UNRECOGNISED = Verdict.UNRECOGNISED
_UNDETERMINED = Verdict.UNDETERMINED


@dataclass(frozen=True, slots=True)
class Rule:
    """One code that decides, with its line of the precedence table."""

    line: int
    code: str
    verdict: Verdict
    reason: str | None = None


RULES = (
    Rule(1, "readable.unreadable", _UNRECOGNISED, "unreadable"),
    Rule(1, "readable.several", _UNRECOGNISED, "unreadable"),
    Rule(1, "readable.unsigned", _UNRECOGNISED, "unreadable"),
    Rule(1, "readable.other_registry", _UNRECOGNISED, "other_registry"),
    Rule(1, "readable.newer", _UNRECOGNISED, "newer"),
    Rule(1, "readable.reader_missing", _UNDETERMINED, "reader_missing"),
    Rule(2, "trust.none", _UNDETERMINED, "no_trust"),
    Rule(2, "trust.spoilt", _UNDETERMINED, "trust_spoilt"),
    Rule(3, "key.unknown", _UNTRUSTED, "unknown"),
    Rule(3, "key.unknown_stale", _UNDETERMINED, "trust_stale"),
    Rule(4, "signature.bad", Verdict.FORGED),
    Rule(4, "signature.contradiction", Verdict.FORGED),
    Rule(4, "signature.parts_disagree", Verdict.FORGED, "parts_disagree"),
    Rule(4, "signature.foreign_proof", _UNRECOGNISED, "newer"),
    Rule(5, "scope.role", _UNTRUSTED, "out_of_scope"),
    Rule(5, "scope.kind", _UNTRUSTED, "out_of_scope"),
    Rule(5, "scope.province", _UNTRUSTED, "out_of_scope"),
    Rule(5, "scope.window", _UNTRUSTED, "out_of_scope"),
    Rule(6, "scope.stolen", _UNTRUSTED, "stolen"),
    Rule(6, "issued.differs", _UNTRUSTED, "never_issued"),
    Rule(6, "issued.absent", _UNTRUSTED, "never_issued"),
    Rule(7, "catalogue.refused", _UNTRUSTED, "not_accredited"),
    Rule(7, "authority.refused", _UNTRUSTED, "not_accredited"),
    Rule(8, "status.revoked", Verdict.REVOKED, "revoked"),
    Rule(8, "status.cancelled", Verdict.REVOKED, "cancelled"),
    Rule(8, "status.withdrawn", Verdict.REVOKED, "withdrawn"),
    Rule(8, "status.unknown_state", Verdict.REVOKED, "unknown_ground"),
    Rule(8, "status.superseded", Verdict.SUPERSEDED),
    Rule(8, "status.suspended", Verdict.SUSPENDED),
    Rule(9, "period.expired", Verdict.EXPIRED),
    Rule(9, "period.not_yet", Verdict.NOT_YET_VALID),
    Rule(10, "trust.stale", _UNDETERMINED, "trust_stale"),
    Rule(10, "signature.proof_missing", _UNDETERMINED, "proof_missing"),
    Rule(10, "status.foreign", _UNDETERMINED, "status_missing"),
    Rule(10, "status.missing", _UNDETERMINED, "status_missing"),
    Rule(10, "status.spoilt", _UNDETERMINED, "status_spoilt"),
    Rule(10, "status.rolled_back", _UNDETERMINED, "status_rolled_back"),
    Rule(10, "status.out_of_range", _UNDETERMINED, "status_missing"),
    Rule(10, "status.stale", _UNDETERMINED, "status_stale"),
    Rule(10, "issued.missing", _UNDETERMINED, "issued_missing"),
    Rule(10, "issued.spoilt", _UNDETERMINED, "issued_spoilt"),
    Rule(10, "issued.rolled_back", _UNDETERMINED, "issued_rolled_back"),
    Rule(10, "issued.stale", _UNDETERMINED, "issued_stale"),
    Rule(10, "issued.too_early", _UNDETERMINED, "issued_stale"),
    Rule(10, "logged.required", _UNDETERMINED, "required_check"),
    Rule(10, "catalogue.required", _UNDETERMINED, "required_check"),
    Rule(10, "authority.required", _UNDETERMINED, "required_check"),
)
"""Codes that decide, in order of precedence."""

STOPS = frozenset(rule.code for rule in RULES if rule.line <= 4)
"""Codes after which no later check runs."""

MUST_PASS = ("readable", "trust", "key", "signature", "scope", "period", "status")
"""Checks without which a certificate is never valid, whatever the rules say."""

_NOT_CHECKED = frozenset(
    ["readable.reader_missing", "signature.proof_missing", "issued.offline"]
    + [rule.code for rule in RULES if rule.line == 10 and rule.code != "trust.stale"]
    + [f"{check}.no_evidence" for check in ("logged", "catalogue", "authority")]
    + [f"{check}.{word}" for check in CHECKS for word in ("stopped", "not_applicable")]
)
_PASSED = frozenset(
    f"{check}.ok" for check in CHECKS if check not in ("logged", "catalogue", "authority")
)
_FAILED = frozenset(rule.code for rule in RULES) - _NOT_CHECKED


def _outcome(code: str) -> Outcome:
    if code in _PASSED:
        return Outcome.PASSED
    return Outcome.FAILED if code in _FAILED else Outcome.NOT_CHECKED


STEPS = {
    code: Step(code.partition(".")[0], _outcome(code), code)
    for code in sorted(_PASSED | _FAILED | _NOT_CHECKED)
}
"""Every code that exists, with its step."""

Decision = tuple[Verdict, str | None, tuple[Step, ...]]


def steps(codes: tuple[str, ...]) -> tuple[Step, ...]:
    """Return the eleven steps for the codes of the checks that ran; the rest were stopped."""
    rest = tuple(f"{check}.stopped" for check in CHECKS[len(codes) :])
    return tuple(STEPS[code] for code in codes + rest)


# Few combinations of codes occur, and the same ones again and again.
@lru_cache(maxsize=4096)
def decide(codes: tuple[str, ...], *, certificate: bool = True) -> Decision:
    """Return verdict, reason and steps for ``codes`` in the order of :data:`CHECKS`.

    ``certificate`` is False for lists, notes and trust lists, which are ``genuine`` at best.
    """
    taken = steps(codes)
    present = frozenset(codes)
    for rule in RULES:
        if rule.code in present:
            return rule.verdict, rule.reason, taken
    if not certificate:
        return Verdict.GENUINE, None, taken
    passed = {step.check for step in taken if step.outcome is Outcome.PASSED}
    if not passed.issuperset(MUST_PASS):
        # No rule names these codes, yet a needed check did not pass: never fail open.
        return Verdict.UNDETERMINED, "required_check", taken
    return Verdict.VALID, None, taken


def exit_status(report: Report) -> int:
    """Return the command's exit status for one report: 0 good, 1 a clear no, 2 cannot say."""
    if report.verdict in (Verdict.VALID, Verdict.GENUINE):
        return 0
    if report.verdict is Verdict.UNDETERMINED:
        return 2
    if report.verdict is Verdict.UNRECOGNISED and report.reason != "other_registry":
        return 2
    return 1
