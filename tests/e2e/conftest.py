"""One demonstration for all, built and served once."""

from collections.abc import Iterator

import httpx2
import pytest

from tests.e2e.demonstration import Demonstration, build


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Demonstration:
    """The built folder; tests read it and change nothing."""
    return build(tmp_path_factory.mktemp("demonstration") / "demo")


@pytest.fixture(scope="session")
def client(demo: Demonstration) -> Iterator[httpx2.Client]:
    """Asks the served demonstration."""
    with demo.served() as asker:
        yield asker
