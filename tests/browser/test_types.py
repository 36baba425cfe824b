"""The browser modules are typed by their comments; the type checker finds nothing."""

import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CHECKER = ROOT / "tests/node/node_modules/typescript/bin/tsc"


@pytest.mark.node
@pytest.mark.skipif(not CHECKER.exists(), reason="no type checker: run tests/node/install")
def test_types() -> None:
    done = subprocess.run(
        ["node", str(CHECKER), "--project", str(ROOT / "tests/browser/tsconfig.json")],
        capture_output=True, timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout.decode()
