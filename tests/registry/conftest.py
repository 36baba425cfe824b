"""Every database of the contract, with an office in it."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session, sessionmaker

from registry.records.schema import migrate
from registry.records.session import reading, writing
from tests.registry import backends, office
from tests.registry.backends import Postgresql, Sqlite
from tests.registry.office import Office


@dataclass(frozen=True, slots=True)
class Database:
    """One database of a test, with its makers of sessions."""

    engine: Engine
    reading: sessionmaker[Session]
    writing: sessionmaker[Session]


@dataclass(frozen=True, slots=True)
class Template:
    """A backend whose template holds this office."""

    backend: Sqlite | Postgresql
    office: Office


@pytest.fixture(scope="session", params=backends.NAMES)
def template(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Template]:
    """Build the office once per kind of database."""
    built: list[Office] = []

    def fill(engine: Engine) -> None:
        migrate(engine)
        with writing(engine).begin() as session:
            built.append(office.build(session))

    with backends.opened(request.param, tmp_path_factory.mktemp("databases")) as backend:
        backend.build(fill)
        yield Template(backend, built[0])


@pytest.fixture
def here(template: Template) -> Office:
    """The office."""
    return template.office


@pytest.fixture
def database(template: Template) -> Iterator[Database]:
    """A fresh copy of the office's database."""
    with template.backend.copy() as engine:
        yield Database(engine, reading(engine), writing(engine))


@pytest.fixture
def session(database: Database) -> Iterator[Session]:
    """A writing session that is rolled back unless the test commits."""
    with database.writing() as opened:
        yield opened
