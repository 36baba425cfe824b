"""Every finding has a fact that brings it and one just beside that does not."""

from dataclasses import replace

import pytest

from registry.rules import findings
from registry.rules.findings import DAY, Facts, Failing, Level, ListOut, Present, judge

NOW = 1_795_320_000
WORKER = Present(
    name="here:1:aa", version="1", revision="0001", silent=5, step=None, step_seconds=0
)
LIST = ListOut(path="s/1", sequence=7, issued=NOW - 60, expires=NOW + DAY, due=NOW + 3540)
FAILING = Failing(
    step="publish", error="WorkError", why="no status key", count=3, seconds=12, is_over=False
)
FINE = Facts(
    now=NOW, program="1", lists=(LIST,), workers=(WORKER,), trust_expires=NOW + 30 * DAY,
    keys=(("status.1", NOW + 400 * DAY),), disks=(("var", 50, 100),),
)  # fmt: skip

CASES = {
    "database_away": (2, {"database": "ConnectionTimeout"}, {}),
    "tables": (2, {"revision": "newer"}, {}),
    "trust_list": (2, {"trust": "no root.note"}, {}),
    "trust_list_old": (2, {"trust_expires": NOW}, {"trust_expires": NOW + 8 * DAY}),
    "trust_list_ages": (1, {"trust_expires": NOW + 1}, {"trust_expires": NOW + 7 * DAY}),
    "list_expired": (
        2, {"lists": (replace(LIST, expires=NOW),)}, {"lists": (replace(LIST, expires=NOW + 1),)}
    ),
    "list_late": (
        1, {"lists": (replace(LIST, due=NOW - 61),)}, {"lists": (replace(LIST, due=NOW - 60),)}
    ),
    "no_worker": (
        2, {"workers": (replace(WORKER, silent=61),)}, {"workers": (replace(WORKER, silent=60),)}
    ),
    "worker_lost": (
        1, {"workers": (WORKER, replace(WORKER, silent=601))},
        {"workers": (WORKER, replace(WORKER, silent=600))},
    ),
    "step_slow": (
        1, {"workers": (replace(WORKER, step="publish", step_seconds=901),)},
        {"workers": (replace(WORKER, step="publish", step_seconds=900),)},
    ),
    "versions": (1, {"workers": (WORKER, replace(WORKER, version="0"))}, {"program": "1"}),
    "step_failing": (1, {"failing": (FAILING,)}, {"failing": (replace(FAILING, is_over=True),)}),
    "prepared_waits": (
        1, {"prepared": 1, "prepared_seconds": 601}, {"prepared": 9, "prepared_seconds": 600}
    ),
    "release_waits": (
        1, {"unreleased": 1, "unreleased_seconds": 121},
        {"unreleased": 9, "unreleased_seconds": 120},
    ),
    "held": (1, {"held": 1}, {"held": 0}),
    "key_ends": (
        1, {"keys": (("k", NOW + 60 * DAY - 1),)}, {"keys": (("k", NOW + 60 * DAY),)}
    ),
    "disk": (1, {"disks": (("var", 9, 100),)}, {"disks": (("var", 10, 100),)}),
    "public_differs": (1, {"compared": ((False, "s/1 is older"),)}, {"compared": ()}),
}  # fmt: skip
"""Code -> level, facts that bring it, facts that do not."""


def test_a_registry_that_is_well_has_nothing_to_tell() -> None:
    assert judge(FINE) == []


@pytest.mark.parametrize("code", CASES)
def test_each_finding_and_its_edge(code: str) -> None:
    level, bad, good = CASES[code]
    told = {each.code: each for each in judge(replace(FINE, **bad))}
    assert told[code].level == Level(level)
    assert told[code].what and told[code].todo
    assert code not in {each.code for each in judge(replace(FINE, **good))}


@pytest.mark.parametrize(
    ("code", "worse"),
    [
        ("key_ends", {"keys": (("k", NOW - 1),)}),
        ("disk", {"disks": (("var", 2, 100),)}),
        ("step_failing", {"failing": (replace(FAILING, seconds=301),)}),
        ("public_differs", {"compared": ((True, "the database is behind"),)}),
    ],
)
def test_what_has_gone_too_far_is_broken(code: str, worse: dict[str, object]) -> None:
    (found,) = judge(replace(FINE, **worse))
    assert (found.code, found.level) == (code, Level.BROKEN)


def test_the_worst_comes_first_and_a_lost_database_says_one_thing() -> None:
    told = judge(replace(FINE, database="away", held=2, workers=()))
    assert [each.code for each in told] == ["database_away", "held"]


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0, "0 s"), (119, "119 s"), (120, "2 min"), (7200, "2 h"), (172_800, "2 d")],
)
def test_spans_are_told_in_the_unit_of_a_person(seconds: int, said: str) -> None:
    assert findings.days(seconds) == said
