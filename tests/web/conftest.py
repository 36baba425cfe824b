"""A registry in a fresh folder, and a browser without script before it."""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from fastapi import FastAPI
from sqlalchemy import Engine
from starlette.testclient import TestClient

from registry.app import create_app
from registry.config import Config
from registry.records.schema import migrate
from registry.records.session import open_engine, writing
from registry.work import copying
from tests.registry import backends, batches, office
from tests.registry.backends import Postgresql
from tests.registry.office import NOW, PASSWORD, PERSONAL
from tests.web import story

DATABASE = "HALLMARK_TEST_WEB"
"""Environment: ``postgresql`` runs the tests of pages and API over the server of the tests."""


@dataclass
class Clock:
    """Time as the tests set it."""

    now: int = NOW + 60

    def __call__(self) -> int:
        return self.now


@dataclass(frozen=True)
class Filled:
    """Bytes of a database with the invented office, and the record ids of what lies in it."""

    data: bytes
    draft: int
    submitted: int
    confirmed: int
    checked: int
    approved: int
    certificates: list[int]


@pytest.fixture(scope="session")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Filled:
    """An office with a batch at every step, made once."""
    path = tmp_path_factory.mktemp("filled") / "hallmark.db"
    engine = open_engine(f"sqlite:///{path}")
    migrate(engine)
    with writing(engine).begin() as session:
        here = office.build(session)
        made = {
            step: story.batch(session, here, step, 100 * number)
            for number, step in enumerate(story.STEPS, start=1)
        }
        certificates = batches.issued(session, here, 3)
    engine.dispose()
    return Filled(data=path.read_bytes(), certificates=certificates, **made)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="session")
def server(filled: Filled, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Postgresql | None]:
    """PostgreSQL with a copy of the office, where the tests are asked to run over it."""
    if os.environ.get(DATABASE) != "postgresql":
        yield None
        return
    folder = tmp_path_factory.mktemp("copied")
    (folder / "hallmark.db").write_bytes(filled.data)
    with backends.opened("postgresql", folder) as backend:
        assert isinstance(backend, Postgresql)
        backend.build(lambda engine: _copied(f"sqlite:///{folder / 'hallmark.db'}", engine))
        yield backend


def _copied(source: str, engine: Engine) -> None:
    copying.copy(source, engine.url.render_as_string(hide_password=False), lambda *_: None)


@pytest.fixture
def environment(
    tmp_path: Path, filled: Filled, server: Postgresql | None
) -> Iterator[dict[str, str]]:
    """A fresh copy of the office's database, as the environment names it."""
    if server is None:
        (tmp_path / "hallmark.db").write_bytes(filled.data)
        yield {}
        return
    with server.copy() as engine:
        yield {"HALLMARK_DATABASE_URL": engine.url.render_as_string(hide_password=False)}


@pytest.fixture
def app(tmp_path: Path, environment: dict[str, str], clock: Clock) -> Iterator[FastAPI]:
    (tmp_path / "public").mkdir()
    made = create_app(Config.for_folder(tmp_path, environment), clock, PERSONAL)
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


@pytest.fixture
def sign_in(browser: Callable[..., TestClient]) -> Callable[[str], TestClient]:
    """Makes a client whose cookie belongs to the account of that name."""

    def enter(name: str) -> TestClient:
        client = browser()
        answer = client.post("/console/sign-in", data={"name": name, "password": PASSWORD})
        assert answer.status_code == 200 and answer.url.path == "/console"
        return client

    return enter
