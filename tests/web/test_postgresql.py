"""Pages and API over PostgreSQL: all of these tests once more, over a copy of the same office."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.registry import backends
from tests.web.conftest import DATABASE

HERE = Path(__file__).parent


@pytest.mark.prove
@pytest.mark.skipif(backends.POSTGRES is None, reason="no PostgreSQL server is named")
def test_pages_and_api_over_postgresql() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-m", "not prove", str(HERE)],
        cwd=HERE.parents[1], env=os.environ | {DATABASE: "postgresql"}, text=True,
        capture_output=True, check=False, timeout=1800,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-4000:]
