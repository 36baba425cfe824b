"""The browser verifier gives, for every case that it takes, the very report that Python gives."""

import json
import os
import subprocess
from functools import cache
from pathlib import Path

import pytest

from verifier.report import Verdict

ROOT = Path(__file__).resolve().parents[2]
CASES = ROOT / "tests" / "conformance" / "cases"
RUNNER = ROOT / "tests" / "conformance" / "run.mjs"

# The browser opens the newest trust list alone: a threshold of the pinned root's holders signed it.
# Only a walk from the first list, which no phone should make, notices that it follows another one.
WALKED = {"trust-forked"}

pytestmark = pytest.mark.node


def _takes(body: dict) -> bool:
    """The browser takes what a QR code says; all else goes to the server."""
    is_text = body["form"] == "qr" or (body["form"] == "unknown" and "input" in body)
    return is_text and not body["asked"] and body["name"] not in WALKED


def _cases() -> dict[str, Path]:
    paths = sorted(CASES.glob("*.json"))
    return {path.stem: path for path in paths if _takes(json.loads(path.read_text("utf-8")))}


@cache
def _answers() -> dict[str, dict]:
    command = ["node", str(RUNNER), *map(str, _cases().values())]
    environment = {**os.environ, "HALLMARK_VERIFIER": str(ROOT / "verifier" / "browser")}
    done = subprocess.run(command, env=environment, capture_output=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr.decode()
    answers = [json.loads(line) for line in done.stdout.decode().splitlines()]
    return {answer["name"]: answer for answer in answers}


def test_there_are_cases_of_every_verdict() -> None:
    expected = [json.loads(path.read_text("utf-8"))["expected"] for path in _cases().values()]
    assert {each["verdict"] for each in expected} == set(Verdict) - {"genuine"}
    assert len(expected) >= 90


@pytest.mark.parametrize("name", _cases())
def test_browser_reports_the_same(name: str) -> None:
    body = json.loads(_cases()[name].read_text("utf-8"))
    answer = _answers()[body["name"]]
    assert "error" not in answer, answer["error"]
    expected = body["expected"]["report"]
    if body["expected"]["steps"]["readable"] != "passed":
        # What cannot be read makes no request, so no trust list gives a telephone number.
        expected["phone"] = None
    assert answer["report"] == expected
