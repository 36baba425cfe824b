"""The cases on disk are what the makers write, and cover what they must."""

import json

import pytest

from tests.conformance import make
from verifier.verdict import RULES

CASES = list(make.cases())
NEEDS_PDF = {"readable.several", "readable.reader_missing", "signature.parts_disagree"}
NEEDS_STATEMENTS = {
    "catalogue.refused", "authority.refused", "catalogue.required", "authority.required",
}  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_regenerated(case):
    """Nothing drifts: the file is written again, byte for byte."""
    path = make.FOLDER / f"{case.name}.json"
    assert path.read_text(encoding="utf-8") == make.written(case)


def test_no_other_files():
    assert {path.stem for path in make.FOLDER.iterdir()} == {case.name for case in CASES}


def test_every_rule_decides_somewhere():
    decided = set()
    for path in make.FOLDER.glob("*.json"):
        expected = json.loads(path.read_text(encoding="utf-8"))["expected"]
        codes = set(expected["codes"].values())
        first = next((rule for rule in RULES if rule.code in codes), None)
        decided.add(first.code if first else expected["verdict"])
    wanted = {rule.code for rule in RULES} - NEEDS_PDF - NEEDS_STATEMENTS
    assert wanted | {"valid", "genuine"} <= decided
