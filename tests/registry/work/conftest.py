"""A founded folder with keys, once; a worker over a copy of it for every test."""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from keys import custody
from keys.signer import Signer
from registry.work.context import Context
from tests.registry.conftest import Database
from tests.registry.office import Office
from tests.registry.work import workshop
from tests.registry.work.workshop import Clock


@dataclass
class Bench:
    """A database with an office, a folder with keys and a tree, and a worker over both."""

    office: Office
    database: Database
    folder: Path
    signers: dict[str, Signer]
    clock: Clock
    worker: Context

    def write(self, act: Callable[[Session], object]) -> object:
        """Do something in a transaction of its own."""
        with self.database.writing.begin() as session:
            return act(session)

    def another(self, **changes: object) -> Context:
        """A second worker over the same database and tree."""
        settings = workshop.config(self.folder, str(self.database.engine.url))
        return workshop.context(
            settings, self.clock, self.signers, engine=self.database.engine, **changes
        )


@pytest.fixture(scope="session")
def founded(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Signer]]:
    """Keys and trust list 1, made once."""
    folder = tmp_path_factory.mktemp("founded")
    workshop.keys(folder)
    return folder, dict(custody.open_folder(folder / "keys", workshop.PASSPHRASE))


@pytest.fixture
def bench(
    founded: tuple[Path, dict[str, Signer]], here: Office, database: Database, tmp_path: Path
) -> Iterator[Bench]:
    """A worker over a fresh copy of everything."""
    folder = tmp_path / "registry"
    shutil.copytree(founded[0], folder)
    clock = Clock()
    settings = workshop.config(folder, str(database.engine.url))
    worker = workshop.context(settings, clock, founded[1], engine=database.engine, chunk=4)
    yield Bench(here, database, folder, founded[1], clock, worker)
