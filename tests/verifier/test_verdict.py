"""Precedence as data: equal to the README's table, and never open."""

import inspect
import re
from dataclasses import FrozenInstanceError
from pathlib import Path

import pytest

from tests.world import World
from verifier import verdict
from verifier.report import CHECKS, Outcome, Report, Verdict
from verifier.report_draft import ReportDraft
from verifier.verdict import RULES, STEPS, STOPS, decide

README = (Path(verdict.__file__).parent / "README.md").read_text(encoding="utf-8")
GOOD = tuple(
    f"{check}.no_evidence" if check in ("logged", "catalogue", "authority") else f"{check}.ok"
    for check in CHECKS
)


def rows():
    """Code, line, outcome, verdicts, place in its row and stop mark, from the table of codes."""
    for text in README.splitlines():
        cells = [cell.strip() for cell in text.split("|")[1:-1]]
        if len(cells) == 6 and cells[2] in {outcome.value for outcome in Outcome}:
            line, codes, outcome, told, _, stop = cells
            for place, code in enumerate(re.findall(r"`([a-z_]+\.[a-z_]+)`", codes)):
                yield code, line, outcome, re.findall(r"`([^`]+)`", told), place, bool(stop)


TABLE = list(rows())


def test_the_readme_knows_every_code():
    told = {code for code, *_ in TABLE}
    general = {code for code in STEPS if code.endswith((".stopped", ".not_applicable"))}
    assert told == set(STEPS) - general


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row[0])
def test_the_readme_says_what_the_code_does(row):
    code, line, outcome, told, place, stops = row
    assert STEPS[code].outcome.value == outcome
    assert (code in STOPS) is stops
    rule = next((rule for rule in RULES if rule.code == code), None)
    if rule is None:
        assert not line
        return
    assert int(line) == rule.line
    spelt = f"{rule.verdict}: {rule.reason}" if rule.reason else str(rule.verdict)
    assert spelt in told or told[place] == rule.reason


def with_codes(*codes):
    by_check = {code.partition(".")[0]: code for code in codes}
    return tuple(by_check.get(check, good) for check, good in zip(CHECKS, GOOD, strict=True))


def test_all_good():
    assert decide(GOOD)[:2] == (Verdict.VALID, None)
    assert decide(GOOD, certificate=False)[:2] == (Verdict.GENUINE, None)


@pytest.mark.parametrize("first", range(len(RULES)))
def test_an_earlier_rule_wins(first):
    """Every pair of rules of different checks: the earlier one decides."""
    winner = RULES[first]
    check = winner.code.partition(".")[0]
    for loser in RULES[first + 1 :]:
        if loser.code.partition(".")[0] != check:
            found = decide(with_codes(winner.code, loser.code))
            assert found[:2] == (winner.verdict, winner.reason)


@pytest.mark.parametrize("check", CHECKS)
def test_no_stopped_check_is_open(check):
    needs = check not in ("issued", "logged", "catalogue", "authority")
    found = decide(with_codes(f"{check}.stopped"))[0]
    assert found is (Verdict.UNDETERMINED if needs else Verdict.VALID)


def test_steps_after_a_stop():
    steps = decide(("readable.ok", "trust.ok", "key.unknown"))[2]
    assert [step.check for step in steps] == list(CHECKS)
    assert {step.outcome for step in steps[3:]} == {Outcome.NOT_CHECKED}


@pytest.mark.parametrize(
    ("found", "reason", "status"),
    [
        ("valid", None, 0), ("genuine", None, 0), ("revoked", "revoked", 1),
        ("superseded", None, 1),
        ("suspended", None, 1), ("expired", None, 1), ("not_yet_valid", None, 1),
        ("forged", None, 1), ("untrusted_issuer", "unknown", 1),
        ("unrecognised", "other_registry", 1), ("unrecognised", "unreadable", 2),
        ("unrecognised", "newer", 2), ("undetermined", "no_trust", 2),
    ],
)  # fmt: skip
def test_exit_status(found, reason, status):
    report = Report(verdict=Verdict(found), reason=reason, form="qr", at=0, steps=())
    assert verdict.exit_status(report) == status


def test_a_report_put_together_equals_one_constructed():
    world = World()
    made = world.issue()
    for data in (made.text, made.json):
        report = world.check(data, world.publish())
        fields = {name: getattr(report, name) for name in Report.__slots__}
        assert type(report) is Report
        assert report == Report(**fields)
        assert hash(report.steps) == hash(Report(**fields).steps)
        with pytest.raises(FrozenInstanceError):
            report.verdict = Verdict.FORGED
    assert set(inspect.signature(ReportDraft).parameters) == set(Report.__slots__)
