"""A registry in a fresh folder, and a browser without script before it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from registry.app import create_app
from registry.config import Config
from registry.records.schema import migrate
from registry.records.session import open_engine

NOW = 1_795_320_000
"""2026-11-22T04:00:00Z, noon in Shanghai."""


@dataclass
class Clock:
    """Time as the tests set it."""

    now: int = NOW

    def __call__(self) -> int:
        return self.now


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """Bytes of a migrated database without a row, made once."""
    path = tmp_path_factory.mktemp("empty") / "hallmark.db"
    engine = open_engine(f"sqlite:///{path}")
    migrate(engine)
    engine.dispose()
    return path.read_bytes()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def app(tmp_path: Path, empty_database: bytes, clock: Clock) -> Iterator[FastAPI]:
    (tmp_path / "hallmark.db").write_bytes(empty_database)
    (tmp_path / "public").mkdir()
    made = create_app(Config.for_folder(tmp_path), clock)
    yield made
    made.state.closing.close()


@pytest.fixture
def browser(app: FastAPI) -> Callable[..., TestClient]:
    """Makes clients with a cookie jar each, so that two people can sit before one registry."""

    def make(**options: object) -> TestClient:
        options = {"base_url": "http://127.0.0.1:8000", "raise_server_exceptions": False} | options
        return TestClient(app, **options)  # type: ignore[arg-type]

    return make


@pytest.fixture
def client(browser: Callable[..., TestClient]) -> TestClient:
    return browser()
