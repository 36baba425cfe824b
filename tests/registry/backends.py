"""Databases for tests: a template is built once, every test gets a copy of its own."""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

from sqlalchemy import Engine, create_engine, make_url, text

from registry.records.session import open_engine

POSTGRES = os.environ.get("HALLMARK_TEST_POSTGRES")
"""URL of an empty PostgreSQL server's maintenance database; tests run there too when it is set."""

NAMES = ("sqlite", "postgresql") if POSTGRES else ("sqlite",)


class Sqlite:
    """Files in a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.numbers = folder, count(1)

    def build(self, fill: Callable[[Engine], None]) -> None:
        engine = open_engine(f"sqlite:///{self.folder / 'template.db'}")
        fill(engine)
        engine.dispose()  # the last connection folds the write-ahead log into the file

    @contextmanager
    def copy(self) -> Iterator[Engine]:
        path = self.folder / f"copy{next(self.numbers)}.db"
        shutil.copyfile(self.folder / "template.db", path)
        engine = open_engine(f"sqlite:///{path}")
        try:
            yield engine
        finally:
            engine.dispose()
            for file in self.folder.glob(f"{path.name}*"):
                file.unlink()

    @contextmanager
    def twin(self, url: str) -> Iterator[str]:
        """A copy of a database that nobody is connected to; answers its URL."""
        original = Path(url.removeprefix("sqlite:///"))
        name = f"twin{next(self.numbers)}.db"
        for file in original.parent.glob(f"{original.name}*"):
            shutil.copyfile(file, self.folder / file.name.replace(original.name, name))
        try:
            yield f"sqlite:///{self.folder / name}"
        finally:
            for file in self.folder.glob(f"{name}*"):
                file.unlink()

    @contextmanager
    def empty(self) -> Iterator[None]:
        """No database at all: a restore makes its own file."""
        yield None


class Postgresql:
    """Databases on one server, copied by the server."""

    def __init__(self, url: str) -> None:
        self.url = make_url(url)
        self.server = create_engine(self.url, isolation_level="AUTOCOMMIT")
        self.numbers, self.prefix = count(1), f"hallmark_test_{os.getpid()}"

    def build(self, fill: Callable[[Engine], None]) -> None:
        self._run(f"CREATE DATABASE {self.prefix} TEMPLATE template0 ENCODING 'UTF8'")
        engine = open_engine(self._url(self.prefix))
        fill(engine)
        engine.dispose()

    @contextmanager
    def copy(self) -> Iterator[Engine]:
        name = f"{self.prefix}_{next(self.numbers)}"
        self._run(f"CREATE DATABASE {name} TEMPLATE {self.prefix}")
        engine = open_engine(self._url(name))
        try:
            yield engine
        finally:
            engine.dispose()
            self._run(f"DROP DATABASE {name} WITH (FORCE)")

    @contextmanager
    def twin(self, url: str) -> Iterator[str]:
        """A copy of a database that nobody is connected to; answers its URL."""
        name = f"{self.prefix}_{next(self.numbers)}"
        self._run(f"CREATE DATABASE {name} TEMPLATE {make_url(url).database}")
        try:
            yield self._url(name)
        finally:
            self._run(f"DROP DATABASE {name} WITH (FORCE)")

    @contextmanager
    def empty(self) -> Iterator[str]:
        """URL of a database without any table."""
        name = f"{self.prefix}_empty{next(self.numbers)}"
        self._run(f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8'")
        try:
            yield self._url(name)
        finally:
            self._run(f"DROP DATABASE {name} WITH (FORCE)")

    def close(self) -> None:
        self._run(f"DROP DATABASE IF EXISTS {self.prefix} WITH (FORCE)")
        self.server.dispose()

    def _url(self, name: str) -> str:
        return self.url.set(database=name).render_as_string(hide_password=False)

    def _run(self, statement: str) -> None:
        with self.server.connect() as connection:
            connection.execute(text(statement))


@contextmanager
def opened(name: str, folder: Path) -> Iterator[Sqlite | Postgresql]:
    """The backend of that name."""
    if name == "sqlite":
        yield Sqlite(folder)
        return
    backend = Postgresql(POSTGRES or "")
    try:
        yield backend
    finally:
        backend.close()
